"""A question to its evidence: lexical and dense search over the shelves the asker may read, fused by score."""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from threading import Lock

from knowledge.access import opens
from knowledge.errors import VectorsUnavailable
from knowledge.model import Document, Edition, Evidence, Hit, Passage, Wording
from knowledge.ports import Embedder, Matrix, Segments
from knowledge.query import Query, understand
from knowledge.rank import Measure, concept_terms
from knowledge.store.exact import ExactVectors
from knowledge.store.ledger import Ledger, Shelf
from knowledge.store.lexical import FIELDS, LexicalIndex, idf
from knowledge.store.shelves import Shelves
from knowledge.words import denied

DEEP = 200
"""How many hits each part brings into the fusion."""
WEIGHTS = {"body": 1.0, "pairs": 0.3, "header": 0.35, "dense": 0.6}
"""What each part's normalised score counts (shared notes on retrieval); `header` doubles when the question names something."""
NAMED_BONUS = 0.25
"""Added for a passage of a document that the question names."""
PINNED_BONUS = 0.5
"""Added when its citation is the article or section that the question names."""

DENIED_BONUS = 0.15
"""Added when a passage denies what the question denies ("must not engage"): stop words are lost to every other part."""
STEP = 1e-6
"""By how much a summary stands behind the official text."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """One edition as one kind of reader sees it."""

    edition: Edition
    shelves: tuple[tuple[Shelf, LexicalIndex], ...]
    documents: tuple[Document, ...]
    live: bool


@dataclass(frozen=True, slots=True)
class _Parts:
    """What every reading works with."""

    ledger: Ledger
    shelves: Shelves
    segments: Segments
    exact: ExactVectors
    embedder: Embedder


class Reading:
    """One edition as one reader sees it, for one question: all of its steps see the same passages, whatever is published."""

    def __init__(self, parts: _Parts, snapshot: _Snapshot, labels: frozenset[str]) -> None:
        self._parts = parts
        self._snapshot = snapshot
        self._labels = labels

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents of the edition that the reader may see."""
        return self._snapshot.documents

    def understand(self, text: str) -> Query:
        """Read a question against the documents of the edition."""
        return understand(text, self._snapshot.documents)

    def find(self, text: str, limit: int = 60) -> Evidence:
        """Read a question and search for it."""
        return self.search(self.understand(text), limit)

    def search(self, query: Query, limit: int = 60) -> Evidence:
        """Return the best passages that the reader may see.

        When the vector store fails, the vectors come from the ledger; when those cannot be had, the search is lexical
        only and the evidence says so.
        """
        began = time.perf_counter()
        scores: dict[str, dict[str, float]] = {}
        for field in FIELDS:
            weights = query.pairs if field == "pairs" else query.weights
            _put(scores, field, _over_best(self._lexical(field, weights)))
        lexical_done = time.perf_counter()
        degraded: tuple[str, ...] = ()
        try:
            found, mean, degraded = self.nearest(query.text)
            _put(scores, "dense", _over_mean(found, mean))
            _put(scores, "cosine", dict(found))
        except VectorsUnavailable:
            degraded = ("vectors",)
        dense_done = time.perf_counter()
        hits = self._hits(query, scores, limit)
        done = time.perf_counter()
        return Evidence(
            edition=self._snapshot.edition.number,
            hits=hits,
            degraded=degraded,
            timings_ms={
                "lexical": _ms(began, lexical_done), "dense": _ms(lexical_done, dense_done), "texts": _ms(dense_done, done),
            },
        )  # fmt: skip

    def measure(self, query: Query) -> Measure:
        """Return what ranking needs to know about the terms and texts, over what the reader may see."""
        words = concept_terms(query)
        absent = {
            word for word in words
            if not any(index.frequency(field, word) for _, index in self._snapshot.shelves for field in ("body", "header"))
        }  # fmt: skip
        embedder = self._parts.embedder
        vector = embedder.embed([query.text])[0]
        return Measure(
            rarity=_rarity(self._snapshot, "body", words),
            absent=frozenset(absent),
            likeness=lambda texts: (
                [max(0.0, float(score)) for score in embedder.embed(texts) @ vector] if texts else []
            ),
        )

    def nearest(self, text: str) -> tuple[list[tuple[str, float]], float, tuple[str, ...]]:
        """Return the nearest passages with their cosine, the mean cosine of all passages, and what was degraded."""
        parts, snapshot, edition = self._parts, self._snapshot, self._snapshot.edition
        vector = parts.embedder.embed([text])[0]
        if edition.embedder != parts.embedder.name or not float(abs(vector).max(initial=0.0)):
            return [], 0.0, ()
        found: list[tuple[str, float]] = []
        degraded: tuple[str, ...] = ()
        for shelf, _ in snapshot.shelves:
            if not snapshot.live:  # the vector store keeps no shelves of old editions
                found += parts.exact.nearest(edition, shelf, vector, DEEP)
                continue
            try:
                found += _alive(shelf, partial(parts.segments.nearest, shelf.name, vector))
            except VectorsUnavailable:
                degraded = ("vector store",)
                found += parts.exact.nearest(edition, shelf, vector, DEEP)
        return found, _mean(snapshot, vector), degraded

    def _lexical(self, field: str, weights: dict[str, float]) -> list[tuple[str, float]]:
        rarity = _rarity(self._snapshot, field, weights)
        found: list[tuple[str, float]] = []
        for shelf, index in self._snapshot.shelves:
            found += _alive(shelf, partial(index.best, field, weights, rarity=rarity))
        return found

    def _hits(self, query: Query, scores: dict[str, dict[str, float]], limit: int) -> tuple[Hit, ...]:
        weights = dict(WEIGHTS)
        if query.named or query.vendors:
            weights["header"] *= 2
        fused = {
            id_: sum(weight * parts.get(part, 0.0) for part, weight in weights.items()) for id_, parts in scores.items()
        }
        total = sum(weights.values())
        best = sorted(fused, key=lambda id_: (-fused[id_], id_))[: limit * 2]
        denial = denied(query.text)
        hits = [
            Hit(
                passage,
                document,
                score=fused[id_] / total + _bonus(query, document, passage.citation) + _denies(denial, passage.text),
                lexical=scores[id_].get("body", 0.0),
                pairs=scores[id_].get("pairs", 0.0),
                dense=scores[id_].get("dense", 0.0),
                cosine=scores[id_].get("cosine", 0.0),
            )
            for id_, (passage, document) in self._texts(best).items()
        ]
        return tuple(sorted(_officials_first(hits), key=lambda hit: (-hit.score, hit.passage.id))[:limit])

    def _texts(self, ids: Sequence[str]) -> dict[str, tuple[Passage, Document]]:
        """Return the passages from the ledger; the past does not show what its newest version hides."""
        ledger = self._parts.ledger
        texts = ledger.passages(self._snapshot.edition.number, ids, self._labels)
        if self._snapshot.live:
            return texts
        open_now = ledger.open_now((document.id for _, document in texts.values()), self._labels)
        return {id_: found for id_, found in texts.items() if found[1].id in open_now}


class Searcher:
    """Opens editions for reading; safe to share between threads."""

    def __init__(
        self, ledger: Ledger, shelves: Shelves, segments: Segments, exact: ExactVectors, embedder: Embedder
    ) -> None:
        self._parts = _Parts(ledger, shelves, segments, exact, embedder)
        self._snapshots: dict[tuple[int, frozenset[str]], _Snapshot] = {}
        self._lock = Lock()

    def open(self, labels: frozenset[str]) -> None:
        """Load the live edition and the vector store, so that the first question does not wait for them."""
        self.at(labels).nearest("open")

    def first_day(self) -> date | None:
        """Return the day of the oldest edition that is kept."""
        first = self._parts.ledger.first()
        return first.published_at.date() if first else None

    def at(self, labels: frozenset[str], day: date | None = None) -> Reading:
        """Return the live edition as these access labels see it; raise NothingPublished before the first.

        With a `day` it is the edition that was in service on it, and the live one where none was yet.
        """
        ledger = self._parts.ledger
        live = ledger.require_live()
        edition = (ledger.edition_on(day) if day else None) or live
        key = (edition.number, labels)
        with self._lock:
            known = self._snapshots.get(key)
        if known is None or known.live != (edition.number == live.number):
            # Outside the lock: an old edition's indexes may have to be built, and live questions must not wait for that.
            known = self._load(edition, labels, live=edition.number == live.number)
            with self._lock:
                kept = {other: one for other, one in self._snapshots.items() if other[0] == live.number}
                self._snapshots = {**kept, key: known}
        return Reading(self._parts, known, labels)

    def _load(self, edition: Edition, labels: frozenset[str], *, live: bool) -> _Snapshot:
        ledger = self._parts.ledger
        shelves = tuple(
            (shelf, self._index(shelf)) for shelf in ledger.shelves(edition.number) if opens(shelf.visibility, labels)
        )
        return _Snapshot(edition, shelves, tuple(ledger.documents(edition.number, labels)), live)

    def _index(self, shelf: Shelf) -> LexicalIndex:
        """Open a shelf's index, building it from the ledger first where this machine does not have it."""
        ledger, shelves = self._parts.ledger, self._parts.shelves
        if not shelves.present(shelf.name):
            keys = ledger.members(shelf.name)
            versions, _ = ledger.holding(keys)
            shelves.write(shelf.name, ledger.entries(versions, keys))
        return shelves.open(shelf.name)


def _alive(shelf: Shelf, best: Callable[[int], list[tuple[str, float]]]) -> list[tuple[str, float]]:
    """Return the best DEEP passages of a shelf that are not dead, asking for more where the dead crowd them out."""
    dead = set(shelf.dead.values())
    limit = min(shelf.passages, DEEP + min(len(dead), DEEP))
    while True:
        asked = best(limit)
        found = [(id_, score) for id_, score in asked if id_ not in dead]
        if len(found) >= DEEP or len(asked) < limit or limit >= shelf.passages:
            return found[:DEEP]
        limit = min(shelf.passages, limit * 4)


def _denies(denial: frozenset[str], text: str) -> float:
    return DENIED_BONUS if denial and denial & denied(text) else 0.0


def _officials_first(hits: Sequence[Hit]) -> list[Hit]:
    """Put our own summary of a provision behind the official text of the same provision, where both were found."""
    official = {hit.passage.citation: hit.score for hit in hits if hit.document.wording is Wording.OFFICIAL}
    return [
        replace(hit, score=min(hit.score, official[hit.passage.citation] - STEP))
        if hit.document.wording is Wording.SUMMARY and hit.passage.citation in official
        else hit
        for hit in hits
    ]


def _bonus(query: Query, document: Document, citation: str) -> float:
    """Return what a hit gains for being of a document, or the very provision, that the question names."""
    named = document.id in query.named
    pinned = (named or not query.named) and any(_holds_pin(citation, f"{number}{rest}") for number, rest in query.pins)
    return (NAMED_BONUS if named else 0.0) + (PINNED_BONUS if pinned else 0.0)


def _holds_pin(citation: str, pin: str) -> bool:
    """Tell whether a citation holds this number as a whole: 28 is in "Art. 28(2)", not in "Art. 128"."""
    return re.search(rf"(?<![\w.]){re.escape(pin)}(?!\w)", citation) is not None


def _rarity(snapshot: _Snapshot, field: str, words: Iterable[str]) -> dict[str, float]:
    indexes = [index for _, index in snapshot.shelves]
    size = sum(index.size for index in indexes)
    return {word: idf(size, sum(index.frequency(field, word) for index in indexes)) for word in words}


def _mean(snapshot: _Snapshot, vector: Matrix) -> float:
    total = sum(shelf.passages for shelf, _ in snapshot.shelves)
    return sum(float(shelf.centroid @ vector) * shelf.passages for shelf, _ in snapshot.shelves) / max(1, total)


def _over_best(found: Sequence[tuple[str, float]]) -> dict[str, float]:
    best = max((score for _, score in found), default=0.0)
    return {id_: score / best for id_, score in found} if best > 0 else {}


def _over_mean(found: Sequence[tuple[str, float]], mean: float) -> dict[str, float]:
    span = max((score for _, score in found), default=0.0) - mean
    return {id_: (score - mean) / span for id_, score in found} if span > 0 else {}


def _put(scores: dict[str, dict[str, float]], part: str, found: dict[str, float]) -> None:
    for id_, score in found.items():
        scores.setdefault(id_, {})[part] = score


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1000, 2)
