"""The labelled answer sets: gold that exists, deciding words that stand in it, questions of their own, halves alike."""

import json
from collections import Counter

import pytest

from knowledge import parse
from knowledge.chunk import chunk
from knowledge.describe import describe
from knowledge.model import SourceSpec
from knowledge.sources.starter import SPEC, starter
from tests import sets

NAMES = ("answers", "answers_law")
ACTS = SourceSpec("acts", "folder", "acts", visibility="public")


def rows(name):
    return [json.loads(line) for line in (sets.DATA / f"{name}.jsonl").read_text("utf-8").splitlines()]


def starter_files():
    source = starter()
    return [(ref.name, source.fetch(ref).content) for ref in source.list().refs], SPEC


def acts(shared):
    folder = shared / "sources" / "eu" / "eurlex-html"
    return [(name, (folder / name).read_bytes()) for name in sets.EU_ACTS], ACTS


@pytest.fixture(scope="module", params=NAMES)
def labelled(request):
    """A set's rows and the passages that they are labelled on."""
    law = request.param == "answers_law"
    files, spec = acts(request.getfixturevalue("shared")) if law else starter_files()
    read = [(name, parse.read(content, name)[0]) for name, content in files]
    return rows(request.param), [
        passage for name, parsed in read for passage in chunk(describe(parsed, name, spec), parsed)
    ]


def stands_under(citation, gold):
    return citation == gold or (citation.startswith(gold) and not citation[len(gold)].isalnum())


def flat(text):
    return " ".join(text.casefold().split())


def test_each_gold_citation_is_that_of_a_passage_or_stands_above_one(labelled):
    asked, passages = labelled
    citations = {passage.citation for passage in passages}
    assert [
        (row["id"], gold)
        for row in asked
        for gold in row["gold"]
        if not any(stands_under(citation, gold) for citation in citations)
    ] == []


def test_each_deciding_word_stands_in_a_gold_passage(labelled):
    asked, passages = labelled
    texts = {
        row["id"]: [flat(one.text) for one in passages if any(stands_under(one.citation, gold) for gold in row["gold"])]
        for row in asked
        if row["must"]
    }
    assert [
        (row["id"], must)
        for row in asked
        for must in row["must"]
        if not any(flat(must) in text for text in texts[row["id"]])
    ] == []


def test_ids_and_questions_are_unique_also_against_the_questions_there_were():
    asked = [row for name in NAMES for row in rows(name)]
    questions = [flat(row["question"]) for row in asked]
    before = {flat(json.loads(line)["question"]) for line in sets.STARTER.read_text("utf-8").splitlines()}
    assert [id_ for id_, count in Counter(row["id"] for row in asked).items() if count > 1] == []
    assert [question for question, count in Counter(questions).items() if count > 1 or question in before] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_row_without_gold_is_unanswerable_and_has_no_deciding_word(name):
    asked = rows(name)
    assert all((row["kind"] == "unanswerable") == (not row["gold"]) for row in asked)
    assert not any(row["must"] for row in asked if not row["gold"])


@pytest.mark.parametrize("name", NAMES)
def test_both_halves_have_the_same_mix(name):
    halves = {half: [row for row in rows(name) if row["split"] == half] for half in ("dev", "held_out")}
    assert sum(map(len, halves.values())) == len(rows(name))
    dev, held = (Counter(row["kind"] for row in half) for half in halves.values())
    assert all(abs(dev[kind] - held[kind]) <= 3 for kind in dev | held)
    assert abs(dev.total() - held.total()) <= 3
