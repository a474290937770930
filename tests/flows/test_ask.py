"""A question to its answer, without a language model, over the starter knowledge."""

import hashlib
from datetime import date
from importlib.metadata import version

import pytest

from bot import build
from bot.desk import answer_id
from bot.ground import Grounds, check
from bot.model import Asker, Claim, DraftClaim, Level, Outcome, Place
from bot.receipt import as_json
from bot.risk import assess
from bot.rubric import ours
from bot.settings import Settings
from knowledge.model import Kind, Role, SourceSpec, Standing
from knowledge.refresh import refresh
from knowledge.vendors import known_vendors
from tests.flows.asking import ANN, GUEST, TERMINAL, ask, cited

HOSTING = "Can we host EU customer data on Alibaba Cloud?"


async def test_the_first_question_names_probe_transfer_rules_and_approval(desk):
    answer = await ask(desk, HOSTING)
    assert answer.outcome is Outcome.ANSWERED
    assert answer.rung == "R1"
    news = [claim for claim in answer.claims if claim.document.standing is Standing.ALLEGATION]
    assert any(claim.document.published == date(2022, 1, 18) and "Alibaba" in claim.quote for claim in news)
    assert "18 Jan 2022" in answer.summary
    assert "allegation, not a finding" in answer.summary
    assert any(claim.role is Role.LAW and claim.passage.citation.startswith("GDPR") for claim in answer.claims)
    assert any(claim.role is Role.POLICY and "approved in writing" in claim.quote for claim in answer.claims)


async def test_an_allegation_alone_decides_nothing(desk):
    answer = await ask(desk, HOSTING)
    reported = [claim for claim in answer.claims if claim.document.standing is Standing.ALLEGATION]
    alibaba = [vendor for vendor in known_vendors() if vendor.name == "Alibaba Cloud"]
    risk = assess(reported, [1] * len(reported), alibaba, ours())
    assert (risk.level, [one.name for one in risk.findings]) == (Level.UNKNOWN, ["alleged"])


async def test_every_claim_stands_verbatim_in_its_passage(desk):
    for question in (HOSTING, "Can we buy Hikvision cameras?", "How long does an exception last?"):
        for claim in (await ask(desk, question)).claims:
            assert claim.passage.text[claim.start : claim.end] == claim.quote
            assert claim.quote.endswith(claim.text)


async def test_what_decides_about_the_vendor_comes_first_and_reports_last(desk):
    answer = await ask(desk, HOSTING)
    assert [claim.passage.citation for claim in answer.claims][:2] == [
        "Section 1260H list, edition of 8 June 2026", "POL-02 §3.1",
    ]  # fmt: skip
    assert answer.claims[-1].role is Role.NEWS
    banned = await ask(desk, "May we install Kaspersky?")
    assert "must not be bought, installed or used" in banned.claims[0].quote


async def test_an_answer_fits_on_a_screen(desk):
    for question in (HOSTING, "How soon must a processor report a breach?", "May we install Kaspersky?"):
        answer = await ask(desk, question)
        assert len(answer.claims) <= 2 or sum(len(claim.quote) for claim in answer.claims) <= 1_000


async def test_a_question_about_no_named_vendor_is_asked_back_with_vendors_that_the_asker_may_read_about(desk):
    answer = await ask(desk, "Is this vendor sanctioned?")
    assert answer.outcome is Outcome.UNCLEAR
    assert answer.choices
    assert not answer.claims


async def test_a_vendor_without_a_purpose_gets_what_is_known_and_questions_that_narrow_it(desk):
    answer = await ask(desk, "Can we use Huawei Cloud?")
    assert not answer.refused
    assert "May we use Huawei Cloud under a US federal contract?" in answer.choices


async def test_a_refusal_names_what_was_searched_what_is_near_and_whom_to_ask(desk):
    answer = await ask(desk, "phone number of our security desk?")
    assert answer.refused
    assert "I searched" in answer.reason
    assert "10 policies" in answer.reason
    assert answer.sources
    assert any("who owns POL-" in step.text for step in answer.next_steps)
    guest = await ask(desk, "phone number of our security desk?", GUEST)
    assert "polic" not in guest.reason.lower()
    assert not guest.next_steps


async def test_next_steps_come_from_policy_and_name_its_owner(desk):
    answer = await ask(desk, HOSTING)
    by_number = {source.n: source for source in answer.sources}
    assert any("Chief Information Security Officer, who owns POL-02" in step.text for step in answer.next_steps)
    assert all(by_number[step.source].document.role is Role.POLICY for step in answer.next_steps)


async def test_what_no_source_shows_is_said_and_not_answered(desk):
    answer = await ask(desk, "Has Alibaba Cloud been convicted of espionage?")
    assert answer.refused
    assert "do not show" in answer.summary
    assert "“convicted”" in answer.summary
    assert "Alibaba" in answer.summary
    assert all("Alibaba" in f"{s.passage.text} {s.document.vendors}" for s in answer.sources)


@pytest.mark.parametrize(
    "question",
    ["Who won the 2018 World Cup?", "How do I bake bread?", "What is the capital of France?", "asdf qwer zxcv"],
)
async def test_a_question_off_the_subject_is_refused_without_sources(desk, question):
    answer = await ask(desk, question)
    assert answer.outcome is Outcome.REFUSED
    assert answer.claims == ()
    assert answer.sources == ()
    assert "no source" in answer.summary


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ("hello", Outcome.GREETING),
        ("Thanks!", Outcome.GREETING),
        ("", Outcome.EMPTY),
        ("<@U012AB3CD>", Outcome.EMPTY),
        ("\u200b\u202e  ", Outcome.EMPTY),
        ("🎉🎉😀", Outcome.UNREADABLE),
        ("???", Outcome.UNREADABLE),
        ("我们可以在阿里云上存储欧盟客户数据吗？", Outcome.LANGUAGE),
        ("Можно ли хранить данные клиентов ЕС?", Outcome.LANGUAGE),
        ("word " * 4_000, Outcome.TOO_LONG),
    ],
)
async def test_what_is_no_question_gets_a_fitting_reply_and_no_sources(desk, message, outcome):
    answer = await ask(desk, message)
    assert answer.outcome is outcome
    assert answer.summary
    assert answer.sources == ()
    assert answer.edition is None


async def test_a_question_in_chinese_is_answered_in_chinese_that_the_sources_are_english(desk):
    assert (await ask(desk, "我们可以在阿里云上存储欧盟客户数据吗？")).summary.startswith("我的知识库是英文的")


async def test_who_is_not_staff_sees_no_policy_and_no_trace_of_one(desk):
    answer = await ask(desk, HOSTING, asker=GUEST)
    assert not any(source.document.role is Role.POLICY for source in answer.sources)
    assert "POL-" not in str(as_json(answer))


async def test_a_place_that_strangers_read_shows_no_policy_even_to_staff(desk):
    answer = await ask(desk, HOSTING, asker=ANN, place=Place("shared channel", frozenset({"public"})))
    assert all(source.document.visibility == "public" for source in answer.sources)


@pytest.fixture
def desk_with_secret(home, tmp_path):
    """A desk over the starter knowledge and one document that only the group legal may read."""
    place = tmp_path / "secret"
    place.mkdir()
    (place / "note.md").write_text(
        "# Settlement note on Alibaba Cloud\n\n1.1 Alibaba Cloud must not host EU customer data of project Kestrel.\n",
        "utf-8",
    )
    settings = Settings(CAVEAT_HOME=home)
    library = build.library(settings)
    library.catalog.add(SourceSpec("secret", "folder", str(place), Kind.POLICY, visibility="group:legal"))
    refresh(library.refresher)
    return build.desk(settings, library)


async def test_a_group_document_is_for_its_group_only(desk_with_secret):
    question = "Can we host EU customer data of project Kestrel on Alibaba Cloud?"
    lawyer = Asker("lea", staff=True, groups=frozenset({"legal"}))
    assert "Kestrel" in str([claim.quote for claim in (await ask(desk_with_secret, question, asker=lawyer)).claims])
    for asker, place in (
        (ANN, TERMINAL),
        (GUEST, TERMINAL),
        (lawyer, Place("channel", frozenset({"public", "staff"}))),
    ):
        shown = as_json(await ask(desk_with_secret, question, asker=asker, place=place))
        assert "Settlement" not in str(shown)
        assert "must not host EU customer data of project" not in str(shown)


async def test_a_hidden_document_reads_exactly_like_one_that_does_not_exist(desk_with_secret, desk):
    for question in (
        "Can we host EU customer data of project Kestrel on Alibaba Cloud?",
        "What is project Kestrel?",
        HOSTING,
    ):
        with_it, without = [as_json(await ask(one, question, key=question)) for one in (desk_with_secret, desk)]
        for varying in ("timings_ms", "edition"):
            with_it.pop(varying)
            without.pop(varying)
        assert str(with_it).replace("edition 2", "edition 1") == str(without)


async def test_a_question_as_of_a_day_knows_nothing_published_later(desk):
    early = await ask(desk, HOSTING, as_of=date(2022, 1, 17))
    late = await ask(desk, HOSTING, as_of=date(2022, 1, 19))
    assert all(source.document.published <= date(2022, 1, 17) for source in early.sources)
    assert any(source.document.published == date(2022, 1, 18) for source in late.sources)


async def test_the_same_event_gets_the_same_answer_id_and_one_receipt(desk, library):
    before = library.receipts.count()
    first = await ask(desk, HOSTING, key="event-1")
    second = await ask(desk, HOSTING, key="event-1")
    assert first.id == second.id == answer_id("event-1")
    assert library.receipts.count() == before + 1


async def test_a_receipt_freezes_what_was_shown(desk, library):
    answer = await ask(desk, HOSTING)
    kept = library.receipts.find(answer.id)
    assert kept["claims"] == as_json(answer)["claims"]
    for place, claim in zip(kept["quoted"], answer.claims, strict=True):
        assert place == {"start": claim.start, "end": claim.end, "opening": claim.opening}
    assert kept["edition"] == answer.edition
    assert (kept["asker"], kept["place"]) == ("ann", {"name": "terminal", "shared": False})
    assert kept["readable"] == ["public", "staff"]
    assert (kept["model"], kept["caveat"], kept["before"]) == (None, version("caveat"), [])
    for source in answer.sources:
        assert kept["passages"][source.passage.id]["sha256"] == hashlib.sha256(source.passage.text.encode()).hexdigest()


async def test_the_json_of_an_answer_has_the_contract_s_keys(desk):
    body = as_json(await ask(desk, HOSTING))
    assert set(body) >= {
        "answer_id", "question", "edition", "as_of", "rung", "refused", "reason", "level", "summary", "claims",
        "unknowns", "next_steps", "conflicts", "sources", "dropped", "timings_ms",
    }  # fmt: skip
    assert set(body["claims"][0]) >= {"text", "role", "quote", "passage_id", "source"}
    assert set(body["sources"][0]) >= {
        "n", "document_id", "passage_id", "citation", "title", "kind", "jurisdiction", "published", "in_force_from",
        "applies_from", "status", "url", "evidence_url",
    }  # fmt: skip
    assert [source["n"] for source in body["sources"]] == list(range(1, len(body["sources"]) + 1))


async def test_what_the_extractor_drafts_passes_the_gate(desk):
    answer = await ask(desk, HOSTING)
    grounds = Grounds({s.passage.id: (s.passage, s.document) for s in answer.sources}, HOSTING)
    for claim in answer.claims:
        assert isinstance(check(DraftClaim(claim.text, claim.passage.id, claim.quote), grounds), Claim)


async def test_a_vendor_is_known_by_its_brand_its_group_and_its_own_script(desk):
    for name in ("Aliyun", "Alibaba Group", "阿里云 Alibaba"):
        answer = await ask(desk, f"Can we host EU customer data on {name}?")
        assert any("Alibaba" in claim.quote for claim in answer.claims), name


async def test_a_named_article_leads(desk):
    assert cited(await ask(desk, "What does DORA Art. 30(3) require?"))[0].startswith("DORA Art. 30(3)")
    assert cited(await ask(desk, "What does GDPR Article 28(2) say about sub-processors?"))[0] == "GDPR Art. 28(2)"


async def test_whether_a_vendor_is_on_a_list_is_answered_from_lists_and_leads_to_the_check(desk):
    listed = await ask(desk, "Is ZTE on any list?")
    assert listed.claims[0].role is Role.LIST
    assert "vendor-check ZTE" in listed.unknowns[-1]
    unknown = await ask(desk, "Is Siemens on any sanctions list?")
    assert unknown.refused
    assert "vendor-check Siemens" in unknown.unknowns[-1]


async def test_what_a_term_means_is_answered_by_what_defines_it(desk):
    answer = await ask(desk, "What counts as a critical or important function?")
    assert "EBA Guidelines" in answer.claims[0].text


async def test_a_rule_that_does_not_apply_yet_is_said_to(desk):
    answer = await ask(desk, "When does the EU forced labour regulation apply?")
    assert "14 December 2027" in answer.claims[0].quote
    assert "not yet applicable" in answer.claims[0].note


async def test_an_empty_knowledge_base_is_said_to_be_empty(tmp_path):
    settings = Settings(CAVEAT_HOME=tmp_path)
    answer = await ask(build.desk(settings, build.library(settings)), HOSTING, place=TERMINAL)
    assert answer.outcome is Outcome.UNAVAILABLE
    assert answer.rung == "R5"
    assert "refresh" in answer.summary
