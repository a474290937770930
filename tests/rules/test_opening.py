"""A point of a list is shown, and judged, with the words that it hangs on."""

from dataclasses import replace
from datetime import date

import pytest

from bot.ground import Grounds, check
from bot.model import Claim, DraftClaim, Source
from bot.slack.blocks import quoted
from bot.words import says_more, standing
from knowledge.model import Document, Kind, Passage

TEXT = "(1) A service that connects to the facilities of a third party, such as backhaul or roaming."
LATER = "It must be reported within 10 days of its beginning."
OPENING = "This clause does not prohibit contractors from providing—"
LAW = Document("far", "FAR 52.204-25", "FAR 52.204-25", "48 CFR 52.204-25", Kind.REGULATION, "US", "public")
POINT = Passage("p1", LAW.id, "48 CFR 52.204-25(c)(1)", "Exceptions", TEXT, 0, len(TEXT), context=OPENING)


def judged(text: str, passage: Passage = POINT, quote: str = TEXT):
    return check(DraftClaim(text, passage.id, quote), Grounds({passage.id: (passage, LAW)}, "May we use roaming?"))


def test_a_point_that_is_quoted_brings_the_words_that_it_hangs_on():
    claim = judged(TEXT)
    assert isinstance(claim, Claim)
    assert claim.text == f"{OPENING} {TEXT}"
    assert claim.quote == TEXT
    assert not says_more(claim)


def test_an_exception_cannot_be_turned_into_a_prohibition():
    turned = (
        "The clause prohibits contractors from providing a service that connects to the facilities of a third party."
    )
    assert judged(turned) in {"negation", "modality"}


def test_what_the_opening_words_say_may_be_said():
    said = "This clause does not prohibit contractors from providing a service that connects to the facilities of a third party."
    assert isinstance(judged(said), Claim)
    assert not isinstance(judged(said, replace(POINT, context="")), Claim)


def test_a_later_sentence_of_a_point_stands_by_itself():
    passage = replace(POINT, text=f"{TEXT}\n\n{LATER}", end=len(TEXT) + 2 + len(LATER))
    claim = judged(LATER, passage, LATER)
    assert (claim.opening, claim.text) == ("", LATER)


def test_opening_words_alone_are_no_claim():
    assert not isinstance(judged(OPENING), Claim)


def test_slack_shows_the_opening_words_before_the_quote():
    (quote,) = (
        part for part in quoted(judged(TEXT), Source(1, POINT, LAW))["elements"] if part["type"] == "rich_text_quote"
    )
    assert [element["text"] for element in quote["elements"]] == [f"{OPENING} ", TEXT]


@pytest.mark.parametrize(
    ("own", "document", "day", "words"),
    [
        (date(2027, 8, 2), date(2026, 8, 2), date(2026, 11, 25), "not yet applicable: it applies from 2 Aug 2027"),
        (date(2025, 2, 2), date(2026, 8, 2), date(2025, 6, 1), ""),
        (None, date(2026, 8, 2), date(2025, 6, 1), "not yet applicable: it applies from 2 Aug 2026"),
    ],
)
def test_a_provision_s_own_date_goes_before_its_document_s(own, document, day, words):
    assert standing(replace(LAW, applies_from=document), replace(POINT, applies_from=own), day) == words
