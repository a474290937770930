"""What a drafter reads of the passages found: within a budget of characters, siblings joined, no article before its turn."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.model import Hit, Passage

BUDGET = 4_000
"""Characters of a context, opening words included (shared notes on sources: recall is compared at this budget)."""
SHARE = 0.3
"""Which share of the budget one article may take before every other one that was found has had its turn."""
_POINTS = re.compile(r"(?:\([^()\s]{1,6}\))+(?:-\([^()\s]{1,6}\))?$")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The passages of one article, in reading order: `hits` were found, `beside` stand between or next to them."""

    article: str
    hits: tuple[Hit, ...]
    beside: tuple[Passage, ...] = ()

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All of its passages, in reading order."""
        return tuple(sorted((*(hit.passage for hit in self.hits), *self.beside), key=lambda one: one.start))


def article(passage: Passage) -> str:
    """Return the article or section of a passage: its citation without points, within its document."""
    return f"{passage.document_id} {_POINTS.sub('', passage.citation)}"


def pack(hits: Sequence[Hit], budget: int = BUDGET) -> tuple[Hit, ...]:
    """Return the hits that fit the budget, in their order.

    No article takes more than SHARE of it at first, so that law, policy and news about one thing all get in; what is
    left goes to the best hits that had been passed over.
    """
    taken: dict[str, Hit] = {}
    used: dict[str, int] = {}
    left = budget
    for most in (SHARE * budget, budget):
        for hit in hits:
            size, where = len(hit.passage.context) + len(hit.passage.text), article(hit.passage)
            if hit.passage.id in taken or size > left or (used.get(where, 0) and used[where] + size > most):
                continue
            taken[hit.passage.id] = hit
            used[where] = used.get(where, 0) + size
            left -= size
    return tuple(hit for hit in hits if hit.passage.id in taken)
