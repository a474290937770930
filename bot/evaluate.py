"""Measures retrieval through the production search: a published question set, or questions of one's own with their gold."""

import json
import math
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import SecretStr

from bot import build
from bot.errors import EvaluationRefused
from bot.settings import Settings
from knowledge.fusion import COLUMNS, Weighed, scores
from knowledge.model import Document, Kind, Passage, Version
from knowledge.reading import Reading
from knowledge.shelving import shelve

LABELS = frozenset({"public"})
CUTS = (1, 5, 10, 20)
"""Ranks at which a question's hits are counted."""
LONGEST_LIST = 60

Key = tuple[int, str]
"""A passage of ObliQA: its document's number and its own."""
Ranked = list[tuple[Sequence[Key], frozenset[Key]]]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with the citations that answer it."""

    question: str
    gold: tuple[str, ...]
    category: str = ""


@dataclass(slots=True)
class Tally:
    """Hits at each of CUTS and the mean reciprocal rank, over the questions counted so far."""

    questions: int = 0
    hits: dict[int, int] = field(default_factory=lambda: dict.fromkeys(CUTS, 0))
    reciprocal: float = 0.0

    def count(self, rank: int | None) -> None:
        """Count a question by the rank of its first gold passage, 0 for the first; None when there was none."""
        self.questions += 1
        if rank is not None:
            self.reciprocal += 1 / (rank + 1)
            for cut in CUTS:
                self.hits[cut] += rank < cut

    def shares(self) -> dict[str, float]:
        """Return hit@k and MRR."""
        total = max(1, self.questions)
        return {
            "questions": self.questions,
            **{f"hit@{cut}": round(count / total, 4) for cut, count in self.hits.items()},
            "mrr": round(self.reciprocal / total, 4),
        }


def read_labelled(file: Path) -> list[Labelled]:
    """Read lines of `{question, gold: [citation...], category}`; lines without gold are left out."""
    rows = []
    for number, line in enumerate(_text(file).splitlines(), 1):
        try:
            row = json.loads(line)
            asked = Labelled(str(row["question"]), tuple(map(str, row["gold"])), str(row.get("category", "")))
        except (ValueError, KeyError, TypeError) as error:
            raise EvaluationRefused(f"line {number} of {file.name} is no row of question, gold and category") from error
        if asked.gold:
            rows.append(asked)
    return rows


def questions(reading: Reading, rows: Sequence[Labelled]) -> dict[str, Any]:
    """Search for every question; a hit is a passage whose citation equals, lies under or contains a gold one."""
    overall, by_category = Tally(), dict[str, Tally]()
    for row in rows:
        hits = reading.find(row.question, LONGEST_LIST).hits
        rank = next((n for n, hit in enumerate(hits) if answers(hit.passage.citation, row.gold)), None)
        overall.count(rank)
        by_category.setdefault(row.category or "none", Tally()).count(rank)
    return {**overall.shares(), "categories": {name: tally.shares() for name, tally in sorted(by_category.items())}}


def answers(citation: str, gold: Sequence[str]) -> bool:
    """Tell whether a citation equals or lies under a gold one, or contains it: Art. 28(3)(a) lies under Art. 28."""
    return any(_under(citation, one) or _under(one, citation) for one in gold)


def _under(citation: str, above: str) -> bool:
    return citation == above or (citation.startswith(above) and not citation[len(above)].isalnum())


@dataclass(frozen=True, slots=True)
class ObliQA:
    """The questions of ObliQA (arXiv 2409.05677) and the rows of its documents that are not empty."""

    rows: Mapping[int, Sequence[tuple[str, str]]]
    questions: Sequence[tuple[str, frozenset[Key]]]

    @property
    def passages(self) -> int:
        """How many rows there are."""
        return sum(map(len, self.rows.values()))


def read_obliqa(folder: Path, file: Path) -> ObliQA:
    """Read `folder/*.json` (DocumentID, PassageID, Passage) and a file of questions with their gold passages."""
    try:
        files = sorted(folder.glob("*.json"), key=lambda one: (len(one.stem), one.stem))
        read: dict[int, list[tuple[str, str]]] = {}
        for one in files:
            for row in json.loads(_text(one)):
                if str(row["Passage"]).strip():
                    read.setdefault(int(row["DocumentID"]), []).append((str(row["PassageID"]), str(row["Passage"])))
        asked = [
            (
                str(row["Question"]),
                frozenset((int(one["DocumentID"]), str(one["PassageID"])) for one in row["Passages"]),
            )
            for row in json.loads(_text(file))
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise EvaluationRefused("these files are not in the form of ObliQA's documents and questions") from error
    if not read or not asked:
        raise EvaluationRefused(f"there are no documents in {folder.name} or no questions in {file.name}")
    return ObliQA(read, asked)


def versions(data: ObliQA) -> Iterator[tuple[Version, dict[str, Key]]]:
    """Yield each document with its rows as passages, and which row each passage is."""
    for number, rows in data.rows.items():
        name = f"ObliQA {number}"
        document = Document(f"obliqa:{number}", name, name, name, Kind.REGULATION, "", "public", source="obliqa")
        passages, keys, at = [], dict[str, Key](), 0
        for place, (row, text) in enumerate(rows):
            id_ = f"{number:05d}-{place:06d}"
            passages.append(Passage(id_, document.id, f"{name} {row}", "", text, at, at + len(text)))
            keys[id_] = (number, row)
            at += len(text) + 1
        yield Version(document, str(number), "\n".join(text for _, text in rows), tuple(passages)), keys


def retrieval(data: ObliQA, settings: Settings, *, ablate: bool = False) -> dict[str, Any]:
    """Publish the rows as an edition of their own and search it for every question.

    Recall@10, MAP@10 (over min(gold, 10)) and nDCG@10 with binary gains, by document and passage number.
    """
    with tempfile.TemporaryDirectory() as place:
        library = build.library(settings.model_copy(update={"home": Path(place), "database_url": SecretStr("")}))
        began = time.perf_counter()
        keys = publish(library, data)
        indexed = time.perf_counter() - began
        reading = library.searcher.at(LABELS)
        reading.find("open")
        disk = sum(one.stat().st_size for one in Path(place).rglob("*") if one.is_file())
        ranked: Ranked = []
        times = []
        staged: dict[str, Ranked] = {}
        for text, gold in data.questions:
            started = time.perf_counter()
            hits = reading.find(text).hits
            times.append((time.perf_counter() - started) * 1000)
            ranked.append(([keys[hit.passage.id] for hit in hits], gold))
            if ablate:
                weighed, _, _ = reading.weigh(reading.understand(text))
                for name, order in stages(weighed):
                    staged.setdefault(name, []).append(([keys[weighed.ids[row]] for row in order], gold))
        times.sort()
        result: dict[str, Any] = {
            **measured(ranked), "questions": len(ranked), "passages": data.passages, "embedder": settings.embedder,
            "index_seconds": round(indexed, 2), "p50_ms": round(statistics.median(times), 2),
            "p95_ms": round(times[int(len(times) * 0.95)], 2),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "disk_mb": round(disk / 1e6, 1),
        }  # fmt: skip
    if ablate:
        result["ablation"] = {name: measured(one) for name, one in staged.items()}
    return result


def publish(library: build.Library, data: ObliQA) -> dict[str, Key]:
    """Publish the rows through the production ledger and shelves; return which row each passage is."""
    work = library.refresher
    keys: dict[str, Key] = {}
    kept = []
    for version, own in versions(data):
        keys |= own
        kept.append(version)
    ids = work.library.versions.keep(kept)
    shelves = shelve(work.shop, None, frozenset(), frozenset(ids), lambda _: None)
    work.publishing.publish(
        number=work.publishing.next_number(), embedder=work.shop.embedder.name,
        dimensions=work.shop.embedder.dimensions, version_ids=sorted(ids), shelves=shelves, starter="", failed=(),
    )  # fmt: skip
    return keys


_STAGES: tuple[tuple[str, dict[str, float]], ...] = (
    ("words (BM25)", {"body": 1.0}),
    ("+ pairs of words", {"body": 1.0, "pairs": 0.3}),
    ("+ vectors", {"body": 1.0, "pairs": 0.3, "dense": 0.3}),
    ("vectors alone", {"dense": 1.0}),
)
GROUPS = {
    "pairs and windows": ("pairs", "within_6", "within_12", "lead"),
    "vectors": ("dense",),
    "alike words": ("alike", "alike_missing"),
    "the document's other passages": ("document_best", "document_mean", "document_share", "neighbour"),
    "length": ("length",),
}


def stages(weighed: Weighed) -> Iterator[tuple[str, list[int]]]:
    """Yield the order of the passages after each stage, and of the network when a group of signs tells it nothing."""
    for name, weights in _STAGES:
        yield name, _order(sum((weight * weighed.column(sign) for sign, weight in weights.items()), np.zeros(1)))
    yield "+ the network over all signs", _order(scores(weighed))
    for name, silent in GROUPS.items():
        columns = [COLUMNS.index(sign) for sign in silent]
        matrix = weighed.matrix.copy()
        matrix[:, columns] = matrix[:, columns].mean(axis=0, keepdims=True) if len(matrix) else 0
        yield f"without {name}", _order(scores(Weighed(weighed.ids, matrix)))


def _order(values: Any) -> list[int]:
    return [int(row) for row in np.argsort(-values, kind="stable")[:LONGEST_LIST]]


def measured(ranked: Ranked) -> dict[str, float]:
    """Return the means over all questions."""
    rows = [_measures(keys, gold) for keys, gold in ranked]
    return {
        name: round(statistics.fmean(row[at] for row in rows), 4)
        for at, name in enumerate(("recall@10", "map@10", "ndcg@10"))
    }


def _measures(keys: Sequence[Key], gold: frozenset[Key]) -> tuple[float, float, float]:
    first = list(dict.fromkeys(keys))[:10]
    right = [key in gold for key in first]
    possible = min(len(gold), 10)
    precisions = [sum(right[: at + 1]) / (at + 1) for at, one in enumerate(right) if one]
    gain = sum(1 / math.log2(at + 2) for at, one in enumerate(right) if one)
    best = sum(1 / math.log2(at + 2) for at in range(possible))
    return sum(right) / len(gold), sum(precisions) / possible, gain / best


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationRefused(f"{file.name} cannot be read") from error
