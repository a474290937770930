"""Where sources differ: figures and permissions about the same, in different documents."""

from dataclasses import replace
from datetime import date

import pytest

from bot.conflict import conflicts
from bot.model import Claim
from knowledge.model import Document, Kind, Passage, Wording

DOCUMENT = Document("d", "Title", "D", "D", Kind.REGULATION, "EU", "public", published=date(2020, 1, 1))


def claim(quote, document="one", kind=Kind.REGULATION, **facts):
    passage = Passage("p", document, "D 1", "", quote, 0, len(quote))
    return Claim(quote, quote, passage, replace(DOCUMENT, id=document, kind=kind, **facts), 0, len(quote))


TELL = "A vendor must notify the customer of a personal data breach within {}."


def test_a_different_deadline_is_shown_with_what_binds():
    law, policy = claim(TELL.format("72 hours")), claim(TELL.format("24 hours"), "two", Kind.POLICY)
    (one,) = conflicts([law, policy], [1, 2])
    assert one.differs == "[1] says 72 hours, [2] says 24 hours"
    assert one.precedence == "The law [1] binds; company policy [2] may ask for more, never for less."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (TELL.format("72 hours"), TELL.format("three days")),
        (
            TELL.format("72 hours"),
            TELL.format("10 working days").replace("personal data breach", "price rise at renewal"),
        ),
        (TELL.format("72 hours"), TELL.format("the time that the contract names")),
    ],
)
def test_what_agrees_or_is_about_something_else_is_no_conflict(one, other):
    assert conflicts([claim(one), claim(other, "two")], [1, 2]) == ()


def test_one_document_does_not_differ_from_itself():
    assert conflicts([claim(TELL.format("72 hours")), claim(TELL.format("24 hours"))], [1, 2]) == ()


def test_forbidding_and_allowing_the_same_is_a_conflict_and_the_newer_goes_before():
    old = claim("A vendor may store customer data outside the Union.", published=date(2019, 1, 1))
    new = claim("A vendor must not store customer data outside the Union.", "two", published=date(2025, 1, 1))
    (one,) = conflicts([old, new], [1, 2])
    assert one.differs == "[1] allows what [2] forbids"
    assert one.precedence == "[2] is the newer one; check that [1] still holds."


def test_the_official_text_goes_before_a_summary():
    official = claim(TELL.format("72 hours"))
    summary = claim(TELL.format("48 hours"), "two", wording=Wording.SUMMARY)
    assert (
        conflicts([summary, official], [1, 2])[0].precedence
        == "[2] goes before: it is the official text, [1] a summary."
    )
