"""What a drafter reads of the passages found: within a budget of characters, each kind of source and each article in turn."""

import re
from collections.abc import Iterable, Sequence

from knowledge.evidence import Hit
from knowledge.model import Passage

BUDGET = 4_000
"""Characters of a context, opening words apart (shared notes on sources: recall is compared at this budget)."""
SHARE = 0.3
"""Which share of the budget one article may take before every other one that was found has had its turn."""
EXPANDED = 2_500
"""Characters up to which the best article is read whole (the same notes: the best one only; expanding all costs recall)."""
_POINTS = re.compile(r"(?:\([^()\s]{1,6}\))+(?:-\([^()\s]{1,6}\))?$")
_WORD = re.compile(r"\w+")


def article(passage: Passage) -> str:
    """Return the article or section of a passage: its citation without points, within its document."""
    return f"{passage.document_id} {_POINTS.sub('', passage.citation)}"


def pack(hits: Sequence[Hit], budget: int = BUDGET) -> tuple[Hit, ...]:
    """Return the hits that fit the budget, in their order; a text that stands in two sources is taken once.

    The best hit of each role comes first, so that law, policy and news about one thing all get in. Then no article takes
    more than SHARE of the budget, and what is left goes to the best hits that had been passed over.
    """
    taken: dict[str, Hit] = {}
    used: dict[str, int] = {}
    texts: set[str] = set()
    left = budget
    for most in (SHARE * budget, budget):
        for hit in (*_leaders(hits), *hits):
            size, where, text = len(hit.passage.text), article(hit.passage), _folded(hit.passage.text)
            if hit.passage.id in taken or text in texts or size > left:
                continue
            if used.get(where, 0) and used[where] + size > most:
                continue
            taken[hit.passage.id] = hit
            used[where] = used.get(where, 0) + size
            texts.add(text)
            left -= size
    return tuple(hit for hit in hits if hit.passage.id in taken)


def beside(best: Passage, others: Iterable[Passage], budget: int = EXPANDED) -> tuple[Passage, ...]:
    """Return what stands in the article of the best passage and is not it, nearest first, as far as the budget goes."""
    own = [other for other in others if article(other) == article(best) and other.id != best.id]
    chosen: list[Passage] = []
    left = budget - len(best.text)
    for other in sorted(own, key=lambda other: (abs(other.start - best.start), other.start)):
        if len(other.text) > left:
            break  # with a gap it would be read as if nothing stood between
        chosen.append(other)
        left -= len(other.text)
    return tuple(chosen)


def _leaders(hits: Sequence[Hit]) -> list[Hit]:
    first: dict[str, Hit] = {}
    for hit in hits:
        if hit.passage.binding:
            first.setdefault(hit.role, hit)
    return list(first.values())


def _folded(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))
