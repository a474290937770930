"""What a follow-up takes from its thread, and what it puts in another's place."""

import pytest

from knowledge.cited import Names
from knowledge.evidence import Turn
from knowledge.model import Document, Kind
from knowledge.thread import follow

KNOWN = Names(
    [
        Document("kev", "Exploited vulnerabilities", "CISA KEV", "BOD 26-04", Kind.LIST, "US", "public", aliases=("patch deadline", "SBOM")),
        Document("gdpr", "General Data Protection Regulation", "GDPR", "Regulation (EU) 2016/679", Kind.REGULATION, "EU", "public"),
        Document("dora", "Digital Operational Resilience Act", "DORA", "Regulation (EU) 2022/2554", Kind.REGULATION, "EU", "public"),
    ]
)  # fmt: skip


def after(first, second, *more):
    turns = [first, second, *more]
    return follow(turns[-1], [Turn(turn) for turn in turns[:-1]], KNOWN)


def test_a_follow_up_takes_the_subject_it_leaves_out_and_its_own_words_count_more():
    query = after("Can we host customer data on Alibaba Cloud?", "who has to approve it?")
    assert [vendor.group for vendor in query.vendors] == ["Alibaba"]
    assert query.weights["approv"] > query.weights["host"] > 0


def test_a_vendor_in_anothers_place_drops_the_other():
    query = after("Can we buy Hikvision cameras?", "what about Dahua?")
    assert [vendor.name for vendor in query.vendors] == ["Dahua"]
    assert "hikvis" not in query.weights
    assert "camera" in query.weights
    assert "Hikvision" not in query.text


def test_an_instrument_in_anothers_place_drops_the_other_and_its_article():
    query = after("What does Art. 33 GDPR say about notification?", "and DORA?")
    assert query.named == ("dora",)
    assert query.pins == ()
    assert "gdpr" not in query.weights
    assert "notif" in query.weights


def test_a_place_in_anothers_place_drops_the_other():
    query = after("May we send data to India?", "and to China?")
    assert "india" not in query.weights
    assert "china" in query.weights
    assert "data" in query.weights


def test_an_amount_and_a_level_take_the_place_of_others():
    query = after("Who approves 40,000 euro for a vendor rated low?", "and 300k rated moderate?")
    assert "300k" in query.weights
    assert not {"40", "000", "low"} & query.weights.keys()
    assert "euro" in query.weights


def test_the_subject_of_the_first_question_reaches_the_third():
    query = after("Can we host customer data on Alibaba Cloud?", "who has to approve it?", "how long does that take?")
    assert [vendor.group for vendor in query.vendors] == ["Alibaba"]
    assert query.weights["host"] > 0


@pytest.mark.parametrize(
    "text",
    [
        "Which due diligence documents must a supplier of cotton show before the first order?",
        "Does the FCC Covered List name any Chinese camera makers?",
        "Which clauses does DORA require in ICT contracts?",
    ],
)
def test_a_whole_question_is_read_alone(text):
    assert after("Can we host customer data on Alibaba Cloud?", text) == follow(text, (), KNOWN)


def test_a_question_after_nothing_but_empty_messages_is_read_alone():
    assert follow("and for health data?", [Turn(" "), Turn("")], KNOWN) == follow("and for health data?", (), KNOWN)


def test_words_that_only_keep_the_talk_going_count_less_than_a_subject():
    query = after("Can we host customer data on Alibaba Cloud?", "suppose they say it is only backups though?")
    assert query.weights["suppos"] < query.weights["backup"]
    assert query.weights["host"] > 0


def test_what_a_follow_up_says_is_kept_apart_from_what_its_thread_adds():
    query = after("Can we host customer data on Alibaba Cloud?", "who has to approve it?")
    assert query.lean is not None
    assert set(query.lean.alone.own) < set(query.own)
    assert follow("who has to approve it?", (), KNOWN).lean is None


def test_a_description_that_a_document_is_known_by_leaves_the_instrument_named_before():
    assert "gdpr" in after("What does the GDPR say about breaches?", "and what is the patch deadline?").weights


@pytest.mark.parametrize("text", ["SBOM?", "under DORA?"])
def test_a_question_that_is_no_sentence_leans_even_where_it_names_something(text):
    assert "breach" in after("What must a vendor report after a breach?", text).weights


def test_a_department_is_no_pronoun():
    text = "How much notice does IT security need before the contract with a vendor ends?"
    assert after("Can we host customer data on Alibaba Cloud?", text) == follow(text, (), KNOWN)


@pytest.mark.parametrize(
    ("text", "near"), [("how fast must that be?", ("dora",)), ("and in the UK?", ()), ("what does our policy say?", ())]
)
def test_another_law_or_our_own_does_not_stay_with_what_the_last_answer_cited(text, near):
    assert follow(text, [Turn("When must a bank report an incident?", ("dora",))], KNOWN).near == near
