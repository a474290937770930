"""One edition as one reader sees it, for one question: what is found in it, weighed by many signs, with its texts."""

import heapq
import math
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from knowledge.asked import Known, lift
from knowledge.context import article, beside
from knowledge.errors import VectorsUnavailable
from knowledge.following import Readings, followed
from knowledge.fusion import BASE, Found, Numbers, Weighed, scaled, scores
from knowledge.model import UNBINDING, Document, Edition, Evidence, Hit, Kind, Passage, Status, Turn, Wording
from knowledge.ports import Embedder, Matrix, Segments
from knowledge.query import Lean, Names, Query
from knowledge.rank import Measure, concept_terms
from knowledge.spans import span
from knowledge.store.entry import embedded
from knowledge.store.exact import ExactVectors
from knowledge.store.forward import Asked, document_number
from knowledge.store.ledger import Ledger, Shelf
from knowledge.store.lexical import idf
from knowledge.store.shelves import Opened, Shelves
from knowledge.thread import follow, nearest_apart
from knowledge.widened import joined
from knowledge.words import denied, terms

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
SPARE = 20
"""How many passages beyond those asked for are read, since what their texts say may still move them up."""
SPREAD = 5.0
"""By how much log-odds a score falls by a factor of e."""
DENIED_BONUS = 0.5
"""Log-odds for a passage that denies what the question denies ("must not engage"): stop words are lost to every other part."""
LIFT = 0.5
"""Log-odds by which the very provision that the question cites, in the document it names, stands before all others."""
UNBINDING_LOSS = 2.0
"""Log-odds that a recital, preamble or note stands behind the law, unless the question asks for one."""
FADED = {
    Status.REPEALED: 1.5, Status.WITHDRAWN: 1.5, Status.SUPERSEDED: 1.5, Status.EXPIRED: 1.5, Status.DRAFT: 0.7,
    Status.PROPOSED: 0.7,
}  # fmt: skip
"""Log-odds that a text loses which holds no more or not yet; on a day in the past it is left out or kept by its dates."""
NEWS_YEAR, NEWS_MOST = 0.1, 0.6
"""Log-odds that a report loses for each year of its age, and at most."""
BESIDE = 0.5
"""What the rest of the best article is worth beside the passage that was found in it."""
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
CLOSEST = 8
"""Among how many of the passages found a follow-up's own words must find something like them."""
STEP = 1e-6
"""By how much a summary stands behind the official text."""

_AHEAD = ThreadPoolExecutor(4, thread_name_prefix="vectors")
"""Asks the vector store while the lexical indexes are read."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One edition as one kind of reader sees it; `numbers` are its documents by their number in the forward indexes."""

    edition: Edition
    shelves: tuple[tuple[Shelf, Opened], ...]
    documents: tuple[Document, ...]
    names: Names
    live: bool
    numbers: Mapping[int, Document]

    @property
    def length(self) -> float:
        """The mean length of a passage in terms."""
        size = sum(opened.lexical.size for _, opened in self.shelves)
        return sum(opened.forward.length for _, opened in self.shelves) / max(1, size)


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
class Parts:
    """What every reading works with."""

    ledger: Ledger
    shelves: Shelves
    segments: Segments
    exact: ExactVectors
    embedder: Embedder
    known: Known


class Reading:
    """One edition as one reader sees it, for one question: all of its steps see the same passages, whatever is published."""

    def __init__(self, parts: Parts, snapshot: Snapshot, labels: frozenset[str]) -> None:
        self._parts = parts
        self._snapshot = snapshot
        self._labels = labels

    @property
    def edition(self) -> int:
        """The number of the edition."""
        return self._snapshot.edition.number

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents of the edition that the reader may see."""
        return self._snapshot.documents

    def understand(self, text: str, before: Sequence[Turn] = ()) -> Query:
        """Read a question against the documents of the edition, after the questions `before` it in its thread."""
        return follow(text, before, self._snapshot.names)

    def find(self, text: str, limit: int = 60) -> Evidence:
        """Read a question and search for it."""
        return self.search(self.understand(text), limit)

    def ask(self, text: str, before: Sequence[Turn], limit: int = 60) -> tuple[Query, Evidence]:
        """Read a question in its thread and search for it; one that has nothing to do with the thread is read alone."""
        return self.seek(self.understand(text, before), limit)

    def seek(self, query: Query, limit: int = 60) -> tuple[Query, Evidence]:
        """Search for a question as it was read, and read it alone where it has nothing to do with its thread."""
        evidence = self.search(query, limit)
        if query.lean is None or not self._apart(query.lean, evidence.hits):
            return query, evidence
        alone = self.understand(query.lean.alone.text)
        return alone, self.search(alone, limit)

    def widened(self, query: Query, own: Evidence, words: Sequence[str], limit: int = 60) -> Evidence:
        """Return what was found for a question together with what it finds in other words for the same; `own` is its own search."""
        others = ", ".join(words)
        both, other = self.understand(f"{query.text} {others}"), self.understand(others)
        return joined(own, self.search(both, limit), self.search(other, limit), limit)

    def search(self, query: Query, limit: int = 60, *, asked: bool = True) -> Evidence:
        """Return the best passages that the reader may see; with `asked` false nothing is compared with known questions.

        When the vector store fails, the vectors come from the ledger; when those cannot be had, the search is lexical
        only and the evidence says so.
        """
        began = time.perf_counter()
        with span("search", {"caveat.edition": self.edition, "caveat.shelves": len(self._snapshot.shelves)}) as traced:
            weighed, degraded, timings = self.weigh(query)
            weighing = time.perf_counter()
            with span("search texts", {"db.operation.name": "select", "db.collection.name": "passages"}):
                hits = self._hits(query, weighed, limit, asked=asked)
            traced.note({"caveat.hits": len(hits), "caveat.degraded": ", ".join(degraded)})
        done = time.perf_counter()
        return Evidence(
            edition=self._snapshot.edition.number,
            hits=hits,
            degraded=degraded,
            timings_ms={**timings, "texts": _ms(weighing, done), "search": _ms(began, done)},
        )

    def weigh(self, query: Query) -> tuple[Weighed, tuple[str, ...], dict[str, float]]:
        """Return the passages found with their signs, what was degraded, and the milliseconds of each step."""
        began = time.perf_counter()
        found = self.sought(query)
        if query.lean and query.lean.alone.own:
            weighed, readings = self.readings(query, query.lean, found)
            weighed = replace(weighed, fused=followed(query.lean, readings))
        else:
            weighed = scaled(self._signs(query, found, found.kept))
        done = time.perf_counter()
        timings = {
            "lexical": _ms(began, found.lexical_at), "dense": _ms(found.lexical_at, found.dense_at),
            "weigh": _ms(found.dense_at, done),
        }  # fmt: skip
        return weighed, found.degraded, timings

    def sought(self, query: Query, most: int = WEIGHED) -> "Sought":
        """Look for a question's passages by words, headers and vectors, and choose those worth weighing."""
        asked = self._asked(query)
        near = _AHEAD.submit(self._nearest, asked.vector)
        with span("search words"):
            finds = self._lexical(query)
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

    def measure(self, query: Query) -> Measure:
        """Return what ranking needs to know about the terms and texts, over what the reader may see."""
        words = concept_terms(query)
        absent = self._absent(words)
        embedder = self._parts.shelves.words  # what the answerable signs were fitted with, and never far
        vector = embedder.embed([query.text])[0]
        return Measure(
            rarity=_rarity(self._snapshot, "body", words),
            absent=absent,
            likeness=lambda texts: (
                [max(0.0, float(score)) for score in embedder.embed(texts) @ vector] if texts else []
            ),
            nearness=partial(_nearness, embedder),
        )

    def _apart(self, lean: Lean, hits: Sequence[Hit]) -> bool:
        """Tell whether a question that was read as a follow-up has nothing to do with its thread."""
        if not hits:
            return False
        absent = self._absent({word for one in lean.asked for way in one.ways for word in way})
        missing = [one for one in lean.asked if all(set(way) & absent for way in one.ways)]
        bound = nearest_apart(lean, missing)
        if not bound:
            return False
        embedder = self._parts.shelves.words
        texts = [hit.passage.text for hit in hits[:CLOSEST]]
        return float((embedder.embed(texts) @ embedder.embed([lean.alone.text])[0]).max()) < bound

    def _absent(self, words: Iterable[str]) -> frozenset[str]:
        """Return those of these terms that nothing holds which the reader may see."""
        indexes = [opened.lexical for _, opened in self._snapshot.shelves]
        fields = ("body", "header")
        return frozenset(
            word for word in words if not any(one.frequency(field, word) for one in indexes for field in fields)
        )

    def _nearest(self, vector: Matrix) -> tuple[dict[str, set[str]], float, tuple[str, ...]]:
        """Return the nearest passages by shelf, the mean cosine of all passages, and what was degraded."""
        parts, snapshot, edition = self._parts, self._snapshot, self._snapshot.edition
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
        return found, _mean(snapshot, vector), degraded

    def _lexical(self, query: Query) -> dict[str, "_Finds"]:
        """Return what is found by its words and by its headers, by shelf."""
        fields = {"body": query.weights, "pairs": query.pairs}
        looked = {
            field: {term: FINDING[field] * weight for term, weight in weights.items()}
            for field, weights in fields.items()
        }
        rarity = {field: _rarity(self._snapshot, field, weights) for field, weights in fields.items()}
        header = {"header": query.weights}
        of_header = {"header": _rarity(self._snapshot, "header", query.weights)}
        return {
            shelf.name: _Finds(
                dict(_alive(shelf, DEEP, partial(opened.lexical.best, looked, rarity=rarity))),
                dict(_alive(shelf, BY_HEADER, partial(opened.lexical.best, header, rarity=of_header))),
            )
            for shelf, opened in self._snapshot.shelves
        }

    def _asked(self, query: Query) -> Asked:
        """Return the question as passages are weighed by it."""
        parts, snapshot = self._parts, self._snapshot
        words = tuple(query.weights)
        rarity = _rarity(snapshot, "body", words)
        of_pairs = _rarity(snapshot, "pairs", query.pairs)
        surface = {term: word for word in re.findall(r"\w+", query.text.lower()) for term in terms(word)}
        return Asked(
            terms=words,
            weights=np.asarray([query.weights[word] for word in words], np.float32),
            rarity=np.asarray([rarity[word] for word in words], np.float32),
            own=len(query.own),
            likeness=parts.shelves.words.embed([surface.get(word, word) for word in query.own]),
            pairs={
                (first, second): weight * of_pairs[f"{first}_{second}"]
                for (first, second), weight in ((pair.split("_", 1), weight) for pair, weight in query.pairs.items())
            },
            vector=self._vector(query.text),
            length=snapshot.length,
            parts=tuple(tuple(words.index(word) for word in part if word in query.own) for part in query.parts),
        )

    def _vector(self, text: str) -> Matrix:
        """Return the question's vector; an empty one where there is none for this edition."""
        if self._snapshot.edition.embedder != self._parts.embedder.name:
            return np.zeros(0, np.float32)
        try:
            return np.asarray(self._parts.embedder.embed([text])[0], np.float32)
        except VectorsUnavailable:
            return np.zeros(0, np.float32)

    def readings(self, query: Query, lean: Lean, found: "Sought") -> tuple[Weighed, Readings]:
        """Return what a follow-up finds with its thread and by itself, and how each of its readings scores that."""
        alone = self.sought(lean.alone, BY_ITSELF)
        kept = {name: list(dict.fromkeys((*here, *alone.kept[name]))) for name, here in found.kept.items()}
        passages = self._signs(query, found, kept)
        weighed = scaled(passages, len(passages.ids))
        documents = dict(zip(passages.ids, passages.documents.tolist(), strict=True))

        def odds(read: Query, by: "Sought") -> Numbers:
            other = scaled(self._signs(read, by, kept), len(passages.ids))
            at = dict(zip(other.ids, scores(other).tolist(), strict=True))
            return np.asarray([at[id_] for id_ in weighed.ids], np.float32)

        return weighed, Readings(
            whole=scores(weighed),
            own=odds(lean.alone, alone),
            before=odds(lean.before, self._passed(lean.before)),
            documents=[self._snapshot.numbers[documents[id_]] for id_ in weighed.ids],
        )

    def _passed(self, query: Query) -> "Sought":
        """Return a question to weigh given passages by, without looking for any, nor in headers."""
        asked = self._asked(query)
        finds = {shelf.name: _Finds({}, {}) for shelf, _ in self._snapshot.shelves}
        marks = _Marks(self._pinned(query), frozenset(query.defined))
        return Sought(asked, finds, marks, _mean(self._snapshot, asked.vector) if len(asked.vector) else 0.0)

    def _signs(self, query: Query, found: "Sought", kept: Mapping[str, Sequence[str]]) -> Found:
        """Weigh passages of each shelf by how they meet a question."""
        asked, finds, marks = found.asked, found.finds, found.marks
        named = {document_number(id_) for id_ in (*query.named, *query.near)}
        ids: list[str] = []
        signs: dict[str, list[Numbers]] = {}
        documents, places = [], []
        for shelf, opened in self._snapshot.shelves:
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

    def _foremost(
        self, asked: Asked, finds: Mapping[str, "_Finds"], marks: "_Marks", mean: float, most: int
    ) -> dict[str, list[str]]:
        """Return, by shelf, the passages worth weighing: the best by the index's own scores and their cosines, and the marked."""
        must = marks.pinned | marks.defined
        best = max((max(one.by_words.values(), default=0.0) for one in finds.values()), default=0.0) or 1.0
        head = max((max(one.by_header.values(), default=0.0) for one in finds.values()), default=0.0) or 1.0
        rough: list[tuple[float, str, str]] = []
        kept: dict[str, list[str]] = {}
        for shelf, opened in self._snapshot.shelves:
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
        snapshot = self._snapshot
        cited = self._parts.ledger.cited_in(snapshot.edition.number, query.named, self._labels)
        return frozenset(id_ for id_, citation in cited if any(pin.within(citation) for pin in query.pins))

    def _hits(self, query: Query, weighed: Weighed, limit: int, *, asked: bool) -> tuple[Hit, ...]:
        odds = _lifted(scores(weighed), weighed.column("pinned") > 0)
        order = np.argsort(-odds, kind="stable")[: limit + SPARE]
        row = {weighed.ids[at]: int(at) for at in order}
        denial = denied(query.text)
        texts = self.texts(list(row))
        pinned = weighed.column("pinned") > 0
        near = self._near_known(query, texts) if asked and not pinned.any() else {}
        explains = re.search(r"\b(?:recitals?|preamble|notes?)\b", query.text, re.IGNORECASE) is not None
        value = {
            id_: float(odds[row[id_]])
            + lift(near.get(id_, 0.0))
            + (DENIED_BONUS if denial and denial & denied(passage.text) else 0.0)
            - self._faded(document)
            - (UNBINDING_LOSS if passage.part in UNBINDING and not (explains or pinned[row[id_]]) else 0.0)
            for id_, (passage, document) in texts.items()
        }
        best = max(value.values(), default=0.0)
        columns = {name: weighed.column(name) for name in ("body", "pairs", "dense", "cosine")}
        plain = self._plain(query.text, texts)
        hits = [
            Hit(
                passage,
                document,
                score=math.exp((value[id_] - best) / SPREAD),
                lexical=float(columns["body"][row[id_]]),
                pairs=float(columns["pairs"][row[id_]]),
                dense=float(columns["dense"][row[id_]]),
                cosine=plain.get(id_, float(columns["cosine"][row[id_]])),
                asked=near.get(id_, 0.0),
            )
            for id_, (passage, document) in texts.items()
        ]
        return tuple(sorted(_officials_first(hits), key=lambda hit: (-hit.score, hit.passage.id))[:limit])

    def _near_known(self, query: Query, texts: Mapping[str, tuple[Passage, Document]]) -> dict[str, float]:
        """Return how near the known questions of passages are to this one, with its thread or by itself."""
        best: dict[str, float] = {}
        if not any(document.asked for _, document in texts.values()):
            return best
        for said in (query.text, query.lean.alone.text) if query.lean else (query.text,):
            rarity = _rarity(self._snapshot, "body", terms(said))
            for id_, near in self._parts.known.nearest(said, rarity, texts).items():
                best[id_] = max(near, best.get(id_, 0.0))
        return best

    def _faded(self, document: Document) -> float:
        """Return the log-odds that a document loses for its status, and a report for its age when the edition came out."""
        loss = FADED.get(document.status, 0.0)
        if document.kind is Kind.NEWS and document.published:
            years = (self._snapshot.edition.published_at.date() - document.published).days / 365
            loss += min(NEWS_MOST, max(0.0, years) * NEWS_YEAR)
        return loss

    def beside(self, best: Hit) -> tuple[Hit, ...]:
        """Return the rest of the best hit's article, as far as a drafter should read it; scored behind the hit itself."""
        cited = self._parts.ledger.cited_in(self._snapshot.edition.number, [best.document.id], self._labels)
        where = article(best.passage).removeprefix(f"{best.document.id} ")
        texts = self.texts([id_ for id_, citation in cited if citation.startswith(where)])
        others = beside(best.passage, (passage for passage, _ in texts.values()))
        return tuple(Hit(other, best.document, score=best.score * BESIDE) for other in others)

    def _plain(self, text: str, texts: Mapping[str, tuple[Passage, Document]]) -> dict[str, float]:
        """Return each text's cosine by the embedder that ships, where the edition's vectors are of another one."""
        words = self._parts.shelves.words
        if self._snapshot.edition.embedder == words.name or not texts:
            return {}
        said = words.embed([embedded(passage.heading, passage.text) for passage, _ in texts.values()])
        return dict(zip(texts, map(float, said @ words.embed([text])[0]), strict=True))

    def texts(self, ids: Sequence[str]) -> dict[str, tuple[Passage, Document]]:
        """Return the passages from the ledger; the past does not show what its newest version hides."""
        ledger = self._parts.ledger
        texts = ledger.passages(self._snapshot.edition.number, ids, self._labels)
        if self._snapshot.live:
            return texts
        open_now = ledger.open_now((document.id for _, document in texts.values()), self._labels)
        return {id_: found for id_, found in texts.items() if found[1].id in open_now}


def _lifted(odds: Numbers, pinned: NDArray[np.bool_]) -> Numbers:
    """Put what is pinned before everything else, in its own order and close to it."""
    if not pinned.any() or pinned.all():
        return odds
    own = odds[pinned]
    lifted = odds.copy()
    lifted[pinned] = odds[~pinned].max() + LIFT + (own - own.min()) / max(float(np.ptp(own)), 1.0)
    return lifted


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


def _officials_first(hits: Sequence[Hit]) -> list[Hit]:
    """Put our own summary of a provision behind the official text of the same provision, where both were found."""
    official = {hit.passage.citation: hit.score for hit in hits if hit.document.wording is Wording.OFFICIAL}
    return [
        replace(hit, score=min(hit.score, official[hit.passage.citation] - STEP))
        if hit.document.wording is Wording.SUMMARY and hit.passage.citation in official
        else hit
        for hit in hits
    ]


def _rarity(snapshot: Snapshot, field: str, words: Iterable[str]) -> dict[str, float]:
    indexes = [opened.lexical for _, opened in snapshot.shelves]
    size = sum(index.size for index in indexes)
    return {word: idf(size, sum(index.frequency(field, word) for index in indexes)) for word in words}


def _mean(snapshot: Snapshot, vector: Matrix) -> float:
    total = sum(shelf.passages for shelf, _ in snapshot.shelves)
    return sum(float(shelf.centroid @ vector) * shelf.passages for shelf, _ in snapshot.shelves) / max(1, total)


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1000, 2)


def _nearness(embedder: Embedder, words: Sequence[str], texts: Sequence[str]) -> Matrix:
    """Return, by text and word, the highest cosine of the word and any word of the text."""
    within = [list(dict.fromkeys(_WORD.findall(text.lower()))) for text in texts]
    every = list(dict.fromkeys(word for one in within for word in one))
    alike = embedder.embed([word.lower() for word in words]) @ embedder.embed(every).T
    at = {word: n for n, word in enumerate(every)}
    rows = [alike[:, [at[word] for word in one]].max(axis=1) if one else np.zeros(len(words)) for one in within]
    return np.asarray(rows, np.float32)
