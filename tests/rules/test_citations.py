"""The hand-checked citations: each was read off its source, and ours must be the same or coarser, never another."""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from knowledge import parse
from knowledge.chunk import chunk
from knowledge.describe import describe
from knowledge.model import Document, Passage, SourceSpec
from knowledge.parse.tree import Parsed

ROWS = [
    json.loads(row)
    for row in (Path(__file__).parent.parent / "data" / "citations.jsonl").read_text("utf-8").splitlines()
]
SPEC = SourceSpec("law", "folder", "")


@cache
def read(path: Path) -> tuple[tuple[Parsed, Document, tuple[Passage, ...]], ...]:
    found = []
    for parsed in parse.read(path.read_bytes(), path.name):
        document = describe(parsed, path.name, SPEC)
        found.append((parsed, document, chunk(document, parsed)))
    return tuple(found)


def squeezed(text: str) -> str:
    return " ".join(text.split())


def coarser(ours: str, gold: str) -> bool:
    """Tell whether a citation is the gold one or a beginning of it that ends where one of its elements does."""
    return ours == gold or (gold.startswith(ours) and re.match(r"[( ]", gold[len(ours) :]) is not None)


def cited(shared: Path, row: dict[str, str]) -> list[str]:
    documents = read(shared / "sources" / row["file"])
    return [one.citation for _, _, passages in documents for one in passages if row["text"] in squeezed(one.text)]


def test_there_are_enough_of_them():
    assert len(ROWS) >= 60


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["citation"])
def test_a_citation_is_the_one_that_was_read_off_the_source_or_coarser(shared, row):
    found = cited(shared, row)
    assert found, "no passage holds the words"
    assert all(coarser(one, row["citation"]) for one in found), found


def test_nearly_all_are_exact(shared):
    exact = sum(row["citation"] in cited(shared, row) for row in ROWS)
    assert exact >= 0.9 * len(ROWS), exact


@pytest.mark.parametrize("file", sorted({row["file"] for row in ROWS}))
def test_every_passage_is_a_slice_under_a_citation_of_its_document(shared, file):
    for parsed, document, passages in read(shared / "sources" / file):
        assert len({one.id for one in passages}) == len(passages)
        words = set(parsed.text.split())
        for one in passages:
            assert parsed.text[one.start : one.end] == one.text
            assert one.citation.startswith(parsed.prefix or document.short)
            assert len(one.text) <= 1_500
            assert set(one.context.split()) <= words
