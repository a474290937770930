"""One edition as one reader sees it, for one question: what is understood, found, and read of it."""

import itertools
import re
import time
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from knowledge.asked import nearest
from knowledge.context import article, beside
from knowledge.evidence import Evidence, Hit, Turn
from knowledge.fusion import Weighed
from knowledge.looking import Looking, elapsed
from knowledge.model import Document, Passage
from knowledge.ordering import Texts, foremost, ordered
from knowledge.ports import Embedder, Matrix
from knowledge.query import Lean, Query
from knowledge.rank import Measure, concept_terms
from knowledge.snapshot import Parts, Snapshot
from knowledge.spans import span
from knowledge.store.entry import embedded
from knowledge.thread import follow, nearest_apart
from knowledge.widened import joined
from knowledge.words import terms

BESIDE = 0.5
"""What the rest of the best article is worth beside the passage that was found in it."""
CLOSEST = 8
"""Among how many of the passages found a follow-up's own words must find something like them."""
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")


class Reading:
    """One edition as one reader sees it, for one question: all of its steps see the same passages, whatever is published."""

    def __init__(self, parts: Parts, snapshot: Snapshot, labels: frozenset[str]) -> None:
        self._parts = parts
        self._snapshot = snapshot
        self._labels = labels
        self.looking = Looking(parts, snapshot, labels)

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
            timings_ms={**timings, "texts": elapsed(weighing, done), "search": elapsed(began, done)},
        )

    def weigh(self, query: Query) -> tuple[Weighed, tuple[str, ...], dict[str, float]]:
        """Return the passages found with their signs, what was degraded, and the milliseconds of each step."""
        return self.looking.weigh(query)

    def measure(self, query: Query) -> Measure:
        """Return what ranking needs to know about the terms and texts, over what the reader may see."""
        words = concept_terms(query)
        absent = self._snapshot.absent(words)
        embedder = self._parts.words  # what the answerable signs were fitted with, and never far
        vector = embedder.embed([query.text])[0]
        return Measure(
            rarity=self._snapshot.rarity("body", words),
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
        absent = self._snapshot.absent({word for one in lean.asked for way in one.ways for word in way})
        missing = [one for one in lean.asked if all(set(way) & absent for way in one.ways)]
        bound = nearest_apart(lean, missing)
        if not bound:
            return False
        embedder = self._parts.words
        texts = [hit.passage.text for hit in hits[:CLOSEST]]
        return float((embedder.embed(texts) @ embedder.embed([lean.alone.text])[0]).max()) < bound

    def _hits(self, query: Query, weighed: Weighed, limit: int, *, asked: bool) -> tuple[Hit, ...]:
        found = foremost(weighed, limit)
        texts = self.texts(list(found.rows))
        near = self._near_known(query, texts) if asked and not found.cites else {}
        read = Texts(texts, near, self._plain(query.text, texts))
        return ordered(query, found, read, self._snapshot.edition.published_at.date())[:limit]

    def _near_known(self, query: Query, texts: Mapping[str, tuple[Passage, Document]]) -> dict[str, float]:
        """Return how near the known questions of passages are to this one, with its thread or by itself."""
        best: dict[str, float] = {}
        if not any(document.asked for _, document in texts.values()):
            return best
        for said in (query.text, query.lean.alone.text) if query.lean else (query.text,):
            rarity = self._snapshot.rarity("body", terms(said))
            for id_, near in nearest(self._parts.words, said, rarity, texts).items():
                best[id_] = max(near, best.get(id_, 0.0))
        return best

    def beside(self, best: Hit) -> tuple[Hit, ...]:
        """Return the rest of the best hit's article, as far as a drafter should read it; scored behind the hit itself."""
        cited = self._parts.ledger.cited_in(self._snapshot.edition.number, [best.document.id], self._labels)
        where = article(best.passage).removeprefix(f"{best.document.id} ")
        texts = self.texts([id_ for id_, citation in cited if citation.startswith(where)])
        others = beside(best.passage, (passage for passage, _ in texts.values()))
        return tuple(Hit(other, best.document, score=best.score * BESIDE) for other in others)

    def _plain(self, text: str, texts: Mapping[str, tuple[Passage, Document]]) -> dict[str, float]:
        """Return each text's cosine by the embedder that ships, where the edition's vectors are of another one."""
        words = self._parts.words
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


def _nearness(embedder: Embedder, words: Sequence[str], texts: Sequence[str]) -> Matrix:
    """Return, by text and word, the highest cosine of the word and any word of the text."""
    within = [_WORD.findall(text.lower()) for text in texts]
    every = list(dict.fromkeys(itertools.chain.from_iterable(within)))
    near = np.zeros((len(texts), len(words)), np.float32)
    if not every:
        return near
    alike = embedder.embed(every) @ embedder.embed([word.lower() for word in words]).T
    at = {word: n for n, word in enumerate(every)}
    lengths = np.asarray([len(one) for one in within])
    held = lengths > 0
    begins = (np.cumsum(lengths) - lengths)[held]
    near[held] = np.maximum.reduceat(alike[[at[word] for one in within for word in one]], begins, axis=0)
    return near
