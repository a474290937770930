"""What the search does beyond words: provisions by their number, definitions, degraded parts, one edition for each reading."""

import pytest

from bot import build
from bot.settings import Settings
from knowledge.cited import Pin

STAFF = frozenset({"public", "staff"})


@pytest.mark.parametrize(
    ("question", "citation"),
    [
        ("What does Art. 28(2) GDPR say?", "GDPR Art. 28(2)"),
        ("what does POL-02 §3.1 require", "POL-02 §3.1"),
        ("Explain GDPR Article 48", "GDPR Art. 48"),
        ("DORA 30: anything on article 29?", "DORA Art. 29"),
        ("is 15 CFR 791.200 about penalties?", "15 CFR 791.200"),
        ("what does DORA 29(1) or GDPR 28(2) say", "GDPR Art. 28(2)"),
        ("NYDFS: what is 23 NYCRR 500.17(c)?", "23 NYCRR 500.17(c)"),
    ],
)
def test_a_provision_that_is_named_by_its_number_comes_first(library, question, citation):
    assert library.searcher.at(STAFF).find(question, 5).hits[0].passage.citation == citation


@pytest.mark.parametrize(
    ("pin", "citation", "within"),
    [
        (Pin("art.", "28"), "GDPR Art. 28(2)", True),
        (Pin("art.", "28", "(3)(a)"), "GDPR Art. 28(3)(a)(i)", True),
        (Pin("art.", "28", "(3)"), "GDPR Art. 28(4)", False),
        (Pin("art.", "28"), "GDPR Art. 128", False),
        (Pin("art.", "28"), "NIS2 Art. 6(28)", False),
        (Pin("art.", "28"), "GDPR Recital 28", False),
        (Pin("recital", "83"), "GDPR Recital 83", True),
        (Pin("recital", "83"), "GDPR Art. 83", False),
        (Pin("annex", "III"), "AI Act Annex III point 6", True),
        (Pin("annex", "I"), "AI Act Annex III", False),
        (Pin("", "3.1"), "POL-02 §3.1", True),
        (Pin("", "3.1"), "POL-02 §3.10", False),
        (Pin("", "3"), "POL-02 §3.1", False),
        (Pin("cfr", "791.2"), "15 CFR 791.200", False),
        (Pin("far", "52.204-25"), "48 CFR 52.204-25(b)", True),
        (Pin("far", "52.204-2"), "48 CFR 52.204-25(b)", False),
    ],
)
def test_a_pin_holds_its_provision_and_the_parts_of_it(pin, citation, within):
    assert pin.within(citation) is within


def test_a_number_without_a_document_that_is_named_pins_nothing(library):
    reading = library.searcher.at(STAFF)
    weighed, _, _ = reading.weigh(reading.understand("what does article 28 say about processors"))
    assert not weighed.column("pinned").any()


def test_the_foremost_passages_do_not_depend_on_how_many_are_asked_for(library):
    reading = library.searcher.at(STAFF)
    many = reading.find("Who approves a critical vendor?", 60).hits
    few = reading.find("Who approves a critical vendor?", 5).hits
    assert [hit.passage.id for hit in few] == [hit.passage.id for hit in many[:5]]


@pytest.mark.parametrize("text", ["", "?", "the of and", "\u0e01\u0e02", "x" * 4_000, "(28)(a)" * 50])
def test_no_question_is_too_odd_to_search_for(library, text):
    evidence = library.searcher.at(STAFF).find(text)
    assert all(0 <= hit.score <= 1 for hit in evidence.hits)


def test_ids_that_the_vector_store_made_up_are_passed_over(home):
    """What Chroma answers is untrusted: a segment of the right name whose ids are strange must not harm a search."""
    library = build.library(Settings(CAVEAT_HOME=home))
    (shelf, *_) = library.ledger.shelves(library.ledger.require_live().number)
    matrix = library.refresher.shop.embedder.embed(["a processor must notify a breach", "who approves an exception"])
    library.segments.drop(shelf.name)
    library.segments.write(shelf.name, ["zzzzzzzzzzzzzzzz", "0"], matrix)
    evidence = library.searcher.at(STAFF).find("Who approves an exception?")
    assert evidence.hits
    assert {hit.passage.id for hit in evidence.hits}.isdisjoint({"zzzzzzzzzzzzzzzz", "0"})
