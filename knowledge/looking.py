"""Looks for the passages that may bear on a question, by words, headers and vectors, and says how each meets it."""

import heapq
import re
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from knowledge.errors import VectorsUnavailable
from knowledge.following import Readings, followed
from knowledge.fusion import BASE, Found, Numbers, Weighed, scaled, scores
from knowledge.ports import Matrix
from knowledge.query import Lean, Query
from knowledge.snapshot import Parts, Snapshot
from knowledge.spans import span
from knowledge.store.forward import Asked, document_number
from knowledge.store.ledger import Shelf
from knowledge.words import terms

DEEP = 200
"""How many passages a shelf's words bring."""
BY_HEADER = 80
"""How many its headers bring."""
NEAR = 120
"""How many its vectors bring."""
FINDING = {"body": 1.0, "pairs": 0.3}
"""What the fields count when the index looks for passages; they are weighed exactly afterwards."""
WEIGHED = 220
"""How many of the passages found are weighed, over all shelves."""
BY_ITSELF = 100
"""How many of those that a follow-up's own words find are weighed beside those that it finds with its thread."""

_AHEAD = ThreadPoolExecutor(4, thread_name_prefix="vectors")
"""Asks the vector store while the lexical indexes are read."""


@dataclass(slots=True)
class _Finds:
    """What was found on one shelf: scores by words and by headers, and what is near by its vector."""

    by_words: dict[str, float]
    by_header: dict[str, float]
    near: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Marks:
    """The passages that the question cites, and those that define its terms."""

    pinned: frozenset[str]
    defined: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sought:
    """What looking for one question found, and when: `kept` are the passages worth weighing, by shelf."""

    asked: Asked
    finds: Mapping[str, _Finds]
    marks: _Marks
    mean: float
    kept: Mapping[str, Sequence[str]] = field(default_factory=dict)
    degraded: tuple[str, ...] = ()
    lexical_at: float = 0.0
    dense_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Looking:
    """Looks into one edition for one reader."""

    parts: Parts
    snapshot: Snapshot
    labels: frozenset[str]

    def weigh(self, query: Query) -> tuple[Weighed, tuple[str, ...], dict[str, float]]:
        """Return the passages found with their signs, what was degraded, and the milliseconds of each step."""
        began = time.perf_counter()
        found = self.sought(query)
        if query.lean and query.lean.alone.own:
            weighed, readings = self.readings(query, query.lean, found)
            weighed = replace(weighed, fused=followed(query.lean, readings))
        else:
            weighed = scaled(self.signs(query, found, found.kept))
        done = time.perf_counter()
        timings = {
            "lexical": elapsed(began, found.lexical_at), "dense": elapsed(found.lexical_at, found.dense_at),
            "weigh": elapsed(found.dense_at, done),
        }  # fmt: skip
        return weighed, found.degraded, timings

    def sought(self, query: Query, most: int = WEIGHED) -> Sought:
        """Look for a question's passages by words, headers and vectors, and choose those worth weighing."""
        vector = self._vector(query.text)
        near = _AHEAD.submit(self._nearest, vector)
        with span("search words"):
            asked, finds = self._asked(query, vector), self._lexical(query)
        lexical_at = time.perf_counter()
        degraded: tuple[str, ...] = ()
        mean = 0.0
        try:
            with span("search vectors", {"db.system.name": "chroma", "db.operation.name": "query"}):
                nearest, mean, degraded = near.result()
            for name, ids in nearest.items():
                finds[name].near |= ids
        except VectorsUnavailable:
            degraded = ("vectors",)
        dense_at = time.perf_counter()
        with span("weigh"):
            marks = _Marks(self._pinned(query), frozenset(query.defined))
            kept = self._foremost(asked, finds, marks, mean, most)
        return Sought(asked, finds, marks, mean, kept, degraded, lexical_at, dense_at)

    def readings(self, query: Query, lean: Lean, found: Sought) -> tuple[Weighed, Readings]:
        """Return what a follow-up finds with its thread and by itself, and how each of its readings scores that."""
        alone = self.sought(lean.alone, BY_ITSELF)
        kept = {name: list(dict.fromkeys((*here, *alone.kept[name]))) for name, here in found.kept.items()}
        passages = self.signs(query, found, kept)
        weighed = scaled(passages, len(passages.ids))
        documents = dict(zip(passages.ids, passages.documents.tolist(), strict=True))

        def odds(read: Query, by: Sought) -> Numbers:
            other = scaled(self.signs(read, by, kept), len(passages.ids))
            at = dict(zip(other.ids, scores(other).tolist(), strict=True))
            return np.asarray([at[id_] for id_ in weighed.ids], np.float32)

        return weighed, Readings(
            whole=scores(weighed),
            own=odds(lean.alone, alone),
            before=odds(lean.before, self._passed(lean.before)),
            documents=[self.snapshot.numbers[documents[id_]] for id_ in weighed.ids],
        )

    def signs(self, query: Query, found: Sought, kept: Mapping[str, Sequence[str]]) -> Found:
        """Weigh passages of each shelf by how they meet a question."""
        asked, finds, marks = found.asked, found.finds, found.marks
        named = {document_number(id_) for id_ in (*query.named, *query.near)}
        ids: list[str] = []
        signs: dict[str, list[Numbers]] = {}
        documents, places = [], []
        for shelf, opened in self.snapshot.shelves:
            here = kept[shelf.name]
            if not here:
                continue
            rows = opened.forward.rows(here)
            document, place = opened.forward.place(rows)
            ids += here
            documents.append(document)
            places.append(place)
            header = finds[shelf.name].by_header
            own = opened.forward.signs(rows, asked)
            own["header"] = np.asarray([header.get(id_, 0.0) for id_ in here], np.float32)
            own["named"] = np.asarray([number in named for number in document.tolist()], np.float32)
            own["pinned"] = np.asarray([id_ in marks.pinned for id_ in here], np.float32)
            own["defines"] = np.asarray([id_ in marks.defined for id_ in here], np.float32) * (
                1.0 if query.defining else 0.3
            )
            for sign, values in own.items():
                signs.setdefault(sign, []).append(values)
        if not ids:
            return Found((), {}, np.zeros(0, np.int64), np.zeros(0, np.int64), found.mean)
        return Found(
            tuple(ids), {sign: np.concatenate(values) for sign, values in signs.items()},
            np.concatenate(documents), np.concatenate(places), found.mean,
        )  # fmt: skip

    def _passed(self, query: Query) -> Sought:
        """Return a question to weigh given passages by, without looking for any, nor in headers."""
        vector = self._vector(query.text)
        finds = {shelf.name: _Finds({}, {}) for shelf, _ in self.snapshot.shelves}
        marks = _Marks(self._pinned(query), frozenset(query.defined))
        mean = self.snapshot.mean(vector) if len(vector) else 0.0
        return Sought(self._asked(query, vector), finds, marks, mean)

    def _asked(self, query: Query, vector: Matrix) -> Asked:
        """Return the question as passages are weighed by it."""
        snapshot = self.snapshot
        words = tuple(query.weights)
        rarity = snapshot.rarity("body", words)
        of_pairs = snapshot.rarity("pairs", query.pairs)
        surface = {term: word for word in re.findall(r"\w+", query.text.lower()) for term in terms(word)}
        return Asked(
            terms=words,
            weights=np.asarray([query.weights[word] for word in words], np.float32),
            rarity=np.asarray([rarity[word] for word in words], np.float32),
            own=len(query.own),
            likeness=self.parts.words.embed([surface.get(word, word) for word in query.own]),
            pairs={
                (first, second): weight * of_pairs[f"{first}_{second}"]
                for (first, second), weight in ((pair.split("_", 1), weight) for pair, weight in query.pairs.items())
            },
            vector=vector,
            length=snapshot.length,
            parts=tuple(tuple(words.index(word) for word in part if word in query.own) for part in query.parts),
        )

    def _vector(self, text: str) -> Matrix:
        """Return the question's vector; an empty one where there is none for this edition."""
        if self.snapshot.edition.embedder != self.parts.embedder.name:
            return np.zeros(0, np.float32)
        try:
            return np.asarray(self.parts.embedder.embed([text])[0], np.float32)
        except VectorsUnavailable:
            return np.zeros(0, np.float32)

    def _nearest(self, vector: Matrix) -> tuple[dict[str, set[str]], float, tuple[str, ...]]:
        """Return the nearest passages by shelf, the mean cosine of all passages, and what was degraded."""
        parts, snapshot, edition = self.parts, self.snapshot, self.snapshot.edition
        if not len(vector):
            raise VectorsUnavailable("there is no vector of this question for this edition")
        if not float(abs(vector).max()):
            return {}, 0.0, ()
        found: dict[str, set[str]] = {}
        degraded: tuple[str, ...] = ()
        for shelf, _ in snapshot.shelves:
            if not snapshot.live:  # the vector store keeps no shelves of old editions
                near = parts.exact.nearest(edition, shelf, vector, NEAR)
            else:
                try:
                    near = _alive(shelf, NEAR, partial(parts.segments.nearest, shelf.name, vector))
                except VectorsUnavailable:
                    degraded = ("vector store",)
                    near = parts.exact.nearest(edition, shelf, vector, NEAR)
            found[shelf.name] = {id_ for id_, _ in near}
        return found, snapshot.mean(vector), degraded

    def _lexical(self, query: Query) -> dict[str, _Finds]:
        """Return what is found by its words and by its headers, by shelf."""
        fields = {"body": query.weights, "pairs": query.pairs}
        looked = {
            field: {term: FINDING[field] * weight for term, weight in weights.items()}
            for field, weights in fields.items()
        }
        rarity = {field: self.snapshot.rarity(field, weights) for field, weights in fields.items()}
        header = {"header": query.weights}
        of_header = {"header": self.snapshot.rarity("header", query.weights)}
        return {
            shelf.name: _Finds(
                dict(_alive(shelf, DEEP, partial(opened.lexical.best, looked, rarity=rarity))),
                dict(_alive(shelf, BY_HEADER, partial(opened.lexical.best, header, rarity=of_header))),
            )
            for shelf, opened in self.snapshot.shelves
        }

    def _foremost(
        self, asked: Asked, finds: Mapping[str, _Finds], marks: _Marks, mean: float, most: int
    ) -> dict[str, list[str]]:
        """Return, by shelf, the passages worth weighing: the best by the index's own scores and their cosines, and the marked."""
        must = marks.pinned | marks.defined
        best = max((max(one.by_words.values(), default=0.0) for one in finds.values()), default=0.0) or 1.0
        head = max((max(one.by_header.values(), default=0.0) for one in finds.values()), default=0.0) or 1.0
        rough: list[tuple[float, str, str]] = []
        kept: dict[str, list[str]] = {}
        for shelf, opened in self.snapshot.shelves:
            one, dead = finds[shelf.name], set(shelf.dead.values())
            kept[shelf.name] = sorted(opened.forward.holding(must) - dead)
            # What the vector store names is not trusted: only what the shelf holds is looked at.
            here = sorted(one.by_words.keys() | one.by_header.keys() | opened.forward.holding(one.near))
            cosines = opened.forward.cosines(opened.forward.rows(here), asked.vector) if here else ()
            rough += [
                (
                    BASE["body"] * one.by_words.get(id_, 0.0) / best
                    + BASE["header"] * one.by_header.get(id_, 0.0) / head
                    + BASE["dense"] * (float(cosine) - mean),
                    id_,
                    shelf.name,
                )
                for id_, cosine in zip(here, cosines, strict=True)
            ]
        for _, id_, name in heapq.nsmallest(most, rough, key=lambda one: (-one[0], one[1])):
            if id_ not in must:
                kept[name].append(id_)
        return kept

    def _pinned(self, query: Query) -> frozenset[str]:
        """Look up the provisions that the question cites, in the documents that it names."""
        if not query.pins or not query.named:
            return frozenset()
        snapshot = self.snapshot
        cited = self.parts.ledger.cited_in(snapshot.edition.number, query.named, self.labels)
        return frozenset(id_ for id_, citation in cited if any(pin.within(citation) for pin in query.pins))


def _alive(shelf: Shelf, wanted: int, best: Callable[[int], list[tuple[str, float]]]) -> list[tuple[str, float]]:
    """Return the best passages of a shelf that are not dead, asking for more where the dead crowd them out."""
    dead = set(shelf.dead.values())
    limit = min(shelf.passages, wanted + min(len(dead), wanted))
    while True:
        asked = best(limit)
        found = [(id_, score) for id_, score in asked if id_ not in dead]
        if len(found) >= wanted or len(asked) < limit or limit >= shelf.passages:
            return found[:wanted]
        limit = min(shelf.passages, limit * 4)


def elapsed(start: float, end: float) -> float:
    """Return the milliseconds between two readings of the clock, with two decimals."""
    return round((end - start) * 1000, 2)
