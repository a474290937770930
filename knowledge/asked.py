"""Matches a question with the questions that a document says its provisions answer, in the words of those who ask."""

from collections.abc import Mapping
from functools import lru_cache

from knowledge.model import Document, Passage
from knowledge.ports import Embedder
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


def lift(near: float) -> float:
    """Return the log-odds by which a passage stands further up whose nearest known question is this near."""
    return LIFT * max(0.0, min(near, SAME) - KNOWN)


def nearest(
    embedder: Embedder, text: str, rarity: Mapping[str, float], found: Mapping[str, tuple[Passage, Document]]
) -> dict[str, float]:
    """Return how near the nearest known question of each passage is, by id: 0 to 1.8, only of passages that have any.

    `rarity` is that of the question's terms; the embedder had better remember the known ones, which every question meets again.
    """
    asked = {id_: dict(document.asked).get(passage.citation, ()) for id_, (passage, document) in found.items()}
    known = list(dict.fromkeys(one for several in asked.values() for one in several))
    if not known:
        return {}
    likeness = embedder.embed(known) @ embedder.embed([text])[0]
    total = sum(rarity.values()) or 1.0
    near = {
        one: max(0.0, like) + _shared(one, rarity, total) for one, like in zip(known, likeness.tolist(), strict=True)
    }
    return {id_: max(near[one] for one in several) for id_, several in asked.items() if several}


def _shared(known: str, rarity: Mapping[str, float], total: float) -> float:
    """Return what the words count that both questions have."""
    words = _words(known)
    both = words & rarity.keys()
    return HELD * sum(rarity[word] for word in both) / total + FULL * len(both) / max(1, len(words))


@lru_cache(50_000)
def _words(text: str) -> frozenset[str]:
    return frozenset(terms(text))
