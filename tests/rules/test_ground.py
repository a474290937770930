"""Every check of the gate, with a claim that only it drops."""

import json
import re
import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.addresses import _ADDRESS
from bot.ground import LONGEST_CLAIM, Grounds, check, sift
from bot.model import Claim, DraftClaim
from knowledge.model import Document, Kind, Passage, Standing
from knowledge.vendors import known_vendors
from tests.rules.corpus import passages, sentences
from tests.rules.properties import PROPERTY
from tests.servers.model import LINKS

LAW = Document(
    "eu.test", "Test Act", "TEST", "Regulation (EU) 2022/2554", Kind.REGULATION, "EU", "public",
    published=date(2022, 12, 27), aliases=("Test Act",),
)  # fmt: skip
TEXT = (
    "Under Article 28(2), a financial entity must notify the authority within 72 hours of an ICT incident, unless the"
    " vendor Acme Cloud has already done so. A vendor may keep SBOMs up to 5 years. Fines reach EUR 20 million. The"
    " vendor must not move data to Chinese servers before 5 March 2026."
)
PASSAGE = Passage("p1", LAW.id, "TEST Art. 28(1)-(2)", "Notices", TEXT, 0, len(TEXT))
NEWS = replace(LAW, id="news", kind=Kind.NEWS, standing=Standing.ALLEGATION, short="Reuters", citation="Reuters")
REPORT = (
    "According to Reuters, the regulator is investigating whether Alibaba Cloud moved customer data to other servers."
)
ALLEGED = Passage("p2", NEWS.id, "Reuters, 18 Jan 2022", "", REPORT, 0, len(REPORT))
ALIBABA = next(vendor for vendor in known_vendors() if vendor.name == "Alibaba Cloud")
GROUNDS = Grounds({"p1": (PASSAGE, LAW), "p2": (ALLEGED, NEWS)}, "What about Globex?", (ALIBABA,))
NOTIFY, KEEP, FINES, MOVE = TEXT.split(". ")
CLAIM = "A financial entity must notify the authority within 72 hours of an ICT incident, unless Acme Cloud has already done so."


def _check(text, quote=NOTIFY, passage="p1"):
    return check(DraftClaim(text, passage, quote), GROUNDS)


def test_a_true_claim_passes_with_its_quote_widened_to_the_whole_sentence():
    claim = _check(CLAIM, quote="must notify the authority within 72 hours")
    assert isinstance(claim, Claim)
    assert claim.quote == f"{NOTIFY}." == TEXT[claim.start : claim.end]


DROPPED = {
    "id": DraftClaim(CLAIM, "p9", NOTIFY),
    "text": DraftClaim(f"{CLAIM}\u202e", "p1", NOTIFY),
    "link": DraftClaim(f"{CLAIM[:-1]}, see evil.example.", "p1", NOTIFY),
    "quote": DraftClaim(CLAIM, "p1", NOTIFY.replace("must", "may")),
    "number": DraftClaim(CLAIM.replace("72", "73"), "p1", NOTIFY),
    "name": DraftClaim(CLAIM.replace("Acme", "Hooli"), "p1", NOTIFY),
    "negation": DraftClaim(CLAIM.replace("must notify", "must not notify"), "p1", NOTIFY),
    "modality": DraftClaim(CLAIM.replace("must", "may"), "p1", NOTIFY),
    "doubt": DraftClaim("The regulator found that Alibaba Cloud moved customer data to other servers.", "p2", REPORT),
    "condition": DraftClaim("A vendor may keep SBOMs up to 5 years only.", "p1", KEEP),
    "bound": DraftClaim("A vendor may keep SBOMs at least 5 years.", "p1", KEEP),
    "cover": DraftClaim("Penalties imposed upon wrongdoers hover around EUR 20 million.", "p1", FINES),
    "role": DraftClaim("Alibaba Cloud complies because a vendor may keep SBOMs up to 5 years.", "p1", KEEP),
}
GROUNDS_WITH_VENDOR = replace(GROUNDS, question="Does Alibaba Cloud comply?")


@pytest.mark.parametrize("why", set(DROPPED) - {"condition"})
def test_each_check_drops_a_claim_that_no_other_drops(why):
    assert check(DROPPED[why], GROUNDS_WITH_VENDOR) == why


def test_a_claim_that_loses_a_condition_but_not_its_negations_is_dropped():
    text = "It may sign where asked if the board agrees with the plan."
    passage = replace(PASSAGE, id="p3", text=text)
    grounds = Grounds({"p3": (passage, LAW)}, "")
    assert check(DraftClaim("It may sign with the plan of the board.", "p3", text), grounds) == "condition"


@pytest.mark.parametrize(
    "text",
    [
        "Under Art. 28(2), a financial entity has to notify the authority no later than 72 hours after an ICT incident, unless Acme Cloud has already done so.",
        "Financial entities must notify the authority within seventy-two hours of an ICT incident, unless Acme Cloud’s team has already done so.",
        "Regulation (EU) 2022/2554 obliges a financial entity to notify the authority within 72 hours of an ICT incident, unless Acme Cloud has done so.",
        "Notifying the authority is required within 72 hours of an ICT incident, unless the Acme-Cloud vendor has done so.",
    ],
)
def test_a_faithful_claim_in_other_words_passes(text):
    assert isinstance(_check(text), Claim)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("A vendor may keep an SBOM up to five years.", KEEP),
        ("Vendors may keep their SBOMs up to 5 years.", KEEP),
        ("Fines reach €20m.", FINES),
        ("Fines reach 20 million euros.", FINES),
        ("The vendor is prohibited from moving data to servers in China before March 5, 2026.", MOVE),
        ("No data may be moved to Chinese servers before 5 March 2026.", MOVE),
    ],
)
def test_names_and_figures_in_other_spellings_pass(text, quote):
    assert isinstance(_check(text, quote), Claim)


@pytest.mark.parametrize(
    ("text", "quote", "why"),
    [
        ("Under Article 28(1), the authority must be notified within 72 hours unless done.", NOTIFY, "number"),
        ("Under Article 28(3), the authority must be notified within 72 hours unless done.", NOTIFY, "number"),
        ("Fines reach USD 20 million.", FINES, "number"),
        ("A vendor may keep SBOMs up to 5 months.", KEEP, "number"),
        ("A vendor may keep BOMs up to 5 years.", KEEP, "name"),
        ("Hooli may keep SBOMs up to 5 years.", KEEP, "name"),
        ("A Hooli-based vendor may keep SBOMs up to 5 years.", KEEP, "name"),
        ("The vendor must not move data to Russian servers before 5 March 2026.", MOVE, "name"),
        ("The vendor must not move data to Chinese servers before 5 March 2027.", MOVE, "number"),
        ("The vendor must not move data to Chinese servers after 5 March 2026.", MOVE, "bound"),
    ],
)
def test_a_changed_fact_is_dropped(text, quote, why):
    assert _check(text, quote) == why


def test_a_name_of_the_question_may_be_used():
    assert isinstance(_check("Globex, a vendor, may keep SBOMs up to 5 years.", KEEP), Claim)


def test_a_whole_sentence_of_the_source_passes():
    assert isinstance(_check(f"{MOVE}", MOVE), Claim)


def test_a_part_of_a_sentence_that_lost_its_not_is_dropped():
    assert (
        _check("The vendor must move data to Chinese servers before 5 March 2026.", "move data to Chinese servers")
        == "negation"
    )


def test_a_not_just_before_the_quote_counts():
    assert (
        _check("Move data to Chinese servers before 5 March 2026.", "move data to Chinese servers before") == "negation"
    )


def test_an_explanation_may_be_left_out():
    text = "The bank must keep a register, because a contract cannot replace supervision."
    grounds = Grounds({"p1": (replace(PASSAGE, text=text), LAW)}, "")
    assert isinstance(check(DraftClaim("The bank must keep a register.", "p1", text), grounds), Claim)


def test_an_explanation_that_is_kept_is_checked():
    text = "The bank must keep a register, because a contract cannot replace supervision."
    grounds = Grounds({"p1": (replace(PASSAGE, text=text), LAW)}, "")
    false = "The bank must keep a register, because a contract can replace supervision."
    assert check(DraftClaim(false, "p1", text), grounds) == "negation"


def test_an_allegation_never_becomes_guilt():
    text = "According to Reuters, the regulator is investigating whether Alibaba Cloud illegally moved customer data."
    assert check(DraftClaim(text, "p2", REPORT), GROUNDS) == "role"


def test_guilt_that_the_report_itself_speaks_of_may_be_told():
    report = "The regulator neither confirmed nor denied the alleged review of Alibaba Cloud in public."
    grounds = Grounds({"p2": (replace(ALLEGED, text=report), NEWS)}, "")
    claim = DraftClaim("The regulator neither confirmed nor denied an alleged review of Alibaba Cloud.", "p2", report)
    assert isinstance(check(claim, grounds), Claim)


@pytest.mark.parametrize("text", ["", "   ", "x" * (LONGEST_CLAIM + 1), "Fines\x00 reach", "Fines\u3164 reach", "Fines\u200b reach"])  # fmt: skip
def test_a_text_that_is_empty_too_long_or_hides_something_is_dropped(text):
    assert _check(text, FINES) == "text"


def test_white_space_in_a_claim_is_folded():
    assert _check("Fines  reach\n EUR\u00a020 million.", FINES).text == "Fines reach EUR 20 million."


def test_claims_are_counted_by_the_check_that_dropped_them_and_kept_once():
    drafts = [DROPPED["id"], DROPPED["id"], DraftClaim(FINES, "p1", FINES), DraftClaim(f"{FINES}.", "p1", FINES)]
    sifted = sift(drafts, GROUNDS)
    assert [claim.text for claim in sifted.claims] == [FINES]
    assert sifted.dropped == {"id": 2, "repeated": 1}


@PROPERTY
@given(st.text(), st.text(), st.sampled_from(["p1", "p2", ""]))
def test_whatever_is_kept_stands_in_its_passage(text, quote, passage):
    kept = check(DraftClaim(text, passage, quote), GROUNDS)
    assert isinstance(kept, str) or kept.passage.text[kept.start : kept.end] == kept.quote


@PROPERTY
@given(st.sampled_from(sentences(8)), st.text(min_size=1, max_size=30))
def test_no_text_put_into_a_true_sentence_brings_a_link_through(sentence, more):
    text = f"{sentence.text} {more} http://evil.example"
    assert check(DraftClaim(text, sentence.passage.id, sentence.text), Grounds(passages(), "")) in {"link", "text"}


def _linked(text):
    return check(DraftClaim(text, "p1", FINES), GROUNDS) == "link"


def test_no_text_of_the_corpus_is_taken_for_a_link():
    texts = [one.text for one in sentences()] + [passage.citation for passage, _ in passages().values()]
    texts += [passage.heading for passage, _ in passages().values()] + [d.title for _, d in passages().values()]
    assert [text for text in texts if _ADDRESS.search(text)] == []


@pytest.mark.parametrize(
    "text",
    ["ISO/IEC 27001:2022", "ISO27001:2022", "Art.28(2) and s.54", "e.g. the U.S. Dept.", "[1997] UKHL 1", "S.p.A. and N.V.",
     "SAM.gov", "the 1:1 ratio", "and/or", "C-311/18", "Q&A; R&D", "fewer than 5 and more than 3"],
)  # fmt: skip
def test_ordinary_text_is_no_link(text):
    assert not _linked(text)


@pytest.mark.parametrize("link", LINKS)
def test_every_form_of_link_is_seen(link):
    assert _linked(f"Fines reach, see {link} there")
    assert _linked(link)


@pytest.mark.parametrize(
    "link",
    ["evil.top", "EVIL.COM", "evil。com", "ｅｖｉｌ．ｃｏｍ", "http：／／evil", "evil.gov/login", "sam-gov.gov", "\\\\evil\\share", "@here",
     "localhost", "::1", "fe80:0:0:0:1", "0xcb007107", "&#106;avascript", "<img src=x", "[1]", "[x] (y)", "s3://b"],
)  # fmt: skip
def test_rarer_forms_of_link_are_seen(link):
    assert _linked(f"Fines reach {link} there")


@pytest.mark.parametrize("name", ["patt_urls", "patt_ip_obfuscations"])
def test_every_attack_address_is_seen(shared, name):
    place = shared / "attacks" / "ssrf" / f"{name}.jsonl"
    if not place.exists():
        pytest.skip("the attack data is not here")
    urls = [json.loads(line)["url"] for line in place.read_text().splitlines()]
    assert [url for url in urls if not _linked(f"Fines {url}"[:LONGEST_CLAIM])] == []


def test_every_attack_markup_with_a_link_is_seen(shared):
    place = shared / "attacks" / "html" / "dompurify_expect.mjs"
    if not place.exists():
        pytest.skip("the attack data is not here")
    raw = place.read_text(encoding="utf-8")
    rows = json.loads(re.sub(r",\s*\]$", "]", raw[raw.index("[") : raw.rindex("]") + 1]))
    held = re.compile(r"https?:|javascript:|data:|//|\bhref|\bsrc\b|<a\b|<img|www\.", re.IGNORECASE)
    payloads = [row["payload"] for row in rows if held.search(row["payload"])]
    assert len(payloads) > 100
    assert [
        payload for payload in payloads if check(DraftClaim(payload, "p1", FINES), GROUNDS) not in {"link", "text"}
    ] == []
    assert [payload for payload in payloads if not _ADDRESS.search(payload)] == []


@pytest.mark.parametrize(
    "piece", ["a", "-a", "9", "(1)", "1 or ", "May ", "must also ", "no ", "A.", "1,234", "twenty ", "must, a"]
)
def test_no_text_makes_the_checks_slow(piece):
    began = time.process_time()
    _check((piece * LONGEST_CLAIM)[:LONGEST_CLAIM], FINES)
    assert time.process_time() - began < 0.5
