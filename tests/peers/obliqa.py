"""Reads ObliQA (arXiv 2409.05677), cuts samples of it and scores rankings, with nothing but the standard library."""

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DEPTH = 10

Key = tuple[int, str]
"""What gold names: a document's number and a passage's in it. Fifteen keys of the set stand for two to seven rows."""
Ranked = tuple[Sequence[Key], frozenset[Key]]
"""The keys that a search found, best first, and the gold ones."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A row of a document that is not empty; its id is the only thing that no other row has."""

    id: str
    key: Key
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the passages that answer it."""

    text: str
    gold: frozenset[Key]


def read_passages(folder: Path) -> list[Passage]:
    """Read `folder/*.json`, the documents in the order of their numbers."""
    rows = (row for file in _documents(folder) for row in json.loads(file.read_text("utf-8")))
    return [Passage(row["ID"], _key(row), row["Passage"]) for row in rows if row["Passage"].strip()]


def read_questions(file: Path) -> list[Question]:
    """Read a split's file."""
    rows = json.loads(file.read_text("utf-8"))
    return [Question(row["Question"], frozenset(map(_key, row["Passages"]))) for row in rows]


def sample(folder: Path, file: Path, place: Path, documents: int | None, questions: int | None) -> tuple[Path, Path]:
    """Write the first documents, and the first questions whose gold lies in them, in the set's own form."""
    cut = place / "documents"
    cut.mkdir()
    for one in _documents(folder)[:documents]:
        (cut / one.name).write_bytes(one.read_bytes())
    there = {passage.key for passage in read_passages(cut)}
    rows = [row for row in json.loads(file.read_text("utf-8")) if set(map(_key, row["Passages"])) <= there]
    asked = place / "questions.json"
    asked.write_text(json.dumps(rows[:questions]), "utf-8")
    return cut, asked


def measured(ranked: Sequence[Ranked]) -> dict[str, float]:
    """Return the means over all questions of Recall@10, MAP@10 (over min(gold, 10)) and nDCG@10 (binary gains)."""
    rows = [_measures(found, gold) for found, gold in ranked]
    names = ("recall@10", "map@10", "ndcg@10")
    return {name: round(statistics.fmean(row[at] for row in rows), 4) for at, name in enumerate(names)}


def _measures(found: Sequence[Key], gold: frozenset[Key]) -> tuple[float, float, float]:
    right = [key in gold for key in list(dict.fromkeys(found))[:DEPTH]]
    possible = min(len(gold), DEPTH)
    precisions = [sum(right[: at + 1]) / (at + 1) for at, one in enumerate(right) if one]
    gain = sum(1 / math.log2(at + 2) for at, one in enumerate(right) if one)
    best = sum(1 / math.log2(at + 2) for at in range(possible))
    return sum(right) / len(gold), sum(precisions) / possible, gain / best


def _documents(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"), key=lambda file: int(file.stem))


def _key(row: dict) -> Key:
    return row["DocumentID"], row["PassageID"]
