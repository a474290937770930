"""Questions that a document says its provisions answer: they lead there, and never past a provision that is cited."""

import json

import pytest

from bot import build
from bot.model import Outcome
from bot.settings import Settings
from knowledge.asked import KNOWN, LIFT, SAME, lift
from knowledge.model import SourceSpec
from knowledge.refresh import refresh
from knowledge.store.rows import facts, restore
from tests.flows.asking import ask

CLAUSES = """
1.1 Quarterly lunches with counterparties need a declaration to the ethics desk.

1.2 Hospitality above EUR 60 per head must be declined.
"""
OTHER = "# Canteen\n\n1.1 Lunches in the canteen cost EUR 6 a day.\n"
EVERYDAY = "somebody wants to take me out for a steak, ok?"


@pytest.fixture
def read(tmp_path):
    def make(front: str) -> build.Library:
        place = tmp_path / "own"
        place.mkdir()
        (place / "gifts.md").write_text(f"---\nshort: GIFTS\n{front}---\n# Gifts\n{CLAUSES}", "utf-8")
        (place / "canteen.md").write_text(OTHER, "utf-8")
        opened = build.library(Settings(CAVEAT_HOME=tmp_path / "home"))
        opened.catalog.add(SourceSpec("own", "folder", str(place)))
        report = refresh(opened.refresher, ["own"])
        assert not report.failed
        return opened

    return make


def found(library: build.Library, words: str) -> list[str]:
    hits = library.searcher.at(frozenset({"public", "staff"})).find(words).hits
    return [hit.passage.citation for hit in hits]


def test_a_question_like_one_that_a_provision_answers_finds_it_first(read):
    library = read(
        'asked:\n  "GIFTS §1.2": ["can a supplier take me out for a steak", "how expensive may a dinner be"]\n'
    )
    assert found(library, EVERYDAY)[0] == "GIFTS §1.2"
    assert found(library, "GIFTS §1.1: somebody wants to take me out for a steak")[0] == "GIFTS §1.1"
    (document,) = (one for one in library.searcher.at(frozenset({"public", "staff"})).documents if one.short == "GIFTS")
    assert restore(json.loads(json.dumps(facts(document)))) == document


def test_documents_that_say_nothing_of_questions_stay_the_versions_they_were(read):
    library = read("")
    (document,) = (one for one in library.searcher.at(frozenset({"public", "staff"})).documents if one.short == "GIFTS")
    assert "asked" not in facts(document)


@pytest.mark.parametrize(
    "front",
    [
        "asked: yes",
        "asked: {x: [" + "what, " * 51 + "]}",
        'asked:\n  "GIFTS §1.2": what',
        'asked:\n  "GIFTS §1.2": [""]',
    ],
)
def test_questions_in_another_form_are_refused_and_named(tmp_path, front):
    place = tmp_path / "own"
    place.mkdir()
    (place / "gifts.md").write_text(f"---\n{front}\n---\n# Gifts\n{CLAUSES}", "utf-8")
    opened = build.library(Settings(CAVEAT_HOME=tmp_path / "home"))
    opened.catalog.add(SourceSpec("own", "folder", str(place)))
    report = refresh(opened.refresher)
    assert [failure.error for failure in report.failed] == ["these fields hold values that are not allowed: asked"]


def test_a_match_lifts_from_where_questions_are_alike_to_where_they_are_the_same():
    assert lift(KNOWN) == lift(0.0) == 0
    assert lift(SAME) == lift(1.8) == pytest.approx(LIFT * (SAME - KNOWN))


def test_every_question_of_the_starter_knowledge_stands_at_a_citation_that_is_there(library):
    reading = library.searcher.at(frozenset({"public", "staff"}))
    for document in reading.documents:
        cited = {citation for _, citation in library.ledger.cited_in(reading.edition, [document.id], reading._labels)}
        assert {citation for citation, _ in document.asked} <= cited, document.id
        assert document.asked, document.id


async def test_a_mere_pronoun_without_a_thread_is_asked_back_and_small_words_are_not_told_missing(desk):
    answer = await ask(desk, "are we allowed to use them?")
    assert answer.outcome is Outcome.UNCLEAR
    assert "“them”" in answer.summary
    answer = await ask(
        desk, "Hikvision cameras at the plant gate this morning in Kazakhstan, problem for the Pentagon job?"
    )
    told = " ".join(answer.unknowns)
    assert "Kazakhstan" in told
    assert "morning" not in told
    assert "gate" not in told
