"""Matches a question with the questions that a document says its provisions answer, in the words of those who ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

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


@dataclass(frozen=True, slots=True)
class Match:
    """The known question of a passage that is nearest to what was asked, and how near: 0 to 1.8, 0 without any."""

    text: str = ""
    near: float = 0.0

    @property
    def lift(self) -> float:
        """The log-odds by which the passage stands further up."""
        return LIFT * max(0.0, min(self.near, SAME) - KNOWN)


NONE = Match()


@dataclass(slots=True)
class Known:
    """Remembers the vectors and terms of known questions, which every question meets again; safe to share between threads."""

    embedder: Embedder
    _held: dict[str, tuple[Matrix, frozenset[str]]] = field(default_factory=dict)

    def matches(
        self, text: str, rarity: Mapping[str, float], found: Mapping[str, tuple[Passage, Document]]
    ) -> dict[str, Match]:
        """Return the match of each passage, by id, that has known questions; `rarity` is that of the question's terms."""
        asked = {id_: dict(document.asked).get(passage.citation, ()) for id_, (passage, document) in found.items()}
        self._learn([one for several in asked.values() for one in several])
        vector = self.embedder.embed([text])[0]
        whole = sum(rarity.values()) or 1.0
        return {
            id_: max((self._match(one, vector, rarity, whole) for one in several), key=lambda match: match.near)
            for id_, several in asked.items()
            if several
        }

    def _match(self, known: str, vector: Matrix, rarity: Mapping[str, float], whole: float) -> Match:
        own, words = self._held[known]
        both = [word for word in words if word in rarity]
        shares = HELD * sum(rarity[word] for word in both) / whole + FULL * len(both) / max(1, len(words))
        return Match(known, max(0.0, float(own @ vector)) + shares)

    def _learn(self, texts: Sequence[str]) -> None:
        new = [one for one in dict.fromkeys(texts) if one not in self._held]
        if len(self._held) + len(new) > _MOST:
            self._held = {one: self._held[one] for one in texts if one in self._held}
        vectors = self.embedder.embed(new) if new else np.zeros((0, 0), np.float32)
        for one, vector in zip(new, vectors, strict=True):
            self._held[one] = (vector, frozenset(terms(one)))
