"""Matches a question with the questions that a document says its provisions answer, in the words of those who ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from knowledge.model import Document, Passage
from knowledge.ports import Embedder, Matrix
from knowledge.words import terms

HELD, FULL = 0.5, 0.3
"""What the share of the question's words in a known one counts beside their cosine, and the share of its words in the question."""
KNOWN = 0.6
"""The match from which a known question says more than that it is a question."""
SAME = 0.95
"""The match from which two questions count as the same: sharing still more words, such as a law's name, says no more."""
LIFT = 12.0
"""Log-odds for each point of a match above KNOWN, by which its passage stands further up.

Both were chosen on our first questions and the dev half of those written blind; shares from 8 to 20 do as well.
"""
_MOST = 50_000


def lift(near: float) -> float:
    """Return the log-odds by which a passage stands further up whose nearest known question is this near."""
    return LIFT * max(0.0, min(near, SAME) - KNOWN)


@dataclass(slots=True)
class Known:
    """Remembers the vectors and terms of known questions, which every question meets again; safe to share between threads."""

    embedder: Embedder
    _held: dict[str, tuple[Matrix, frozenset[str]]] = field(default_factory=dict)

    def nearest(
        self, text: str, rarity: Mapping[str, float], found: Mapping[str, tuple[Passage, Document]]
    ) -> dict[str, float]:
        """Return how near the nearest known question of each passage is, by id: 0 to 1.8, only of passages that have any.

        `rarity` is that of the question's terms.
        """
        asked = {id_: dict(document.asked).get(passage.citation, ()) for id_, (passage, document) in found.items()}
        held = self._learned({one for several in asked.values() for one in several})
        vector = self.embedder.embed([text])[0]
        return {
            id_: max(_near(*held[one], vector, rarity) for one in several) for id_, several in asked.items() if several
        }

    def _learned(self, texts: set[str]) -> dict[str, tuple[Matrix, frozenset[str]]]:
        """Return what is known of these questions; another thread may forget them meanwhile."""
        held = {one: known for one in texts if (known := self._held.get(one)) is not None}
        new = sorted(texts - held.keys())
        fresh = {
            one: (vector, frozenset(terms(one))) for one, vector in zip(new, self.embedder.embed(new), strict=True)
        }
        if len(self._held) + len(fresh) > _MOST:
            self._held = {}
        self._held.update(fresh)
        return held | fresh


def _near(own: Matrix, words: frozenset[str], vector: Matrix, rarity: Mapping[str, float]) -> float:
    both = [word for word in words if word in rarity]
    held = sum(rarity[word] for word in both) / (sum(rarity.values()) or 1.0)
    return max(0.0, float(own @ vector)) + HELD * held + FULL * len(both) / max(1, len(words))
