"""Joins what a question finds with what other words for the same find."""

from collections.abc import Sequence
from dataclasses import replace

from knowledge.evidence import Evidence, Hit

OWN, BOTH, OTHER = 0.2, 0.5, 0.3
"""What a passage's score counts by the question as it was asked, by it with the other words, and by those alone.

Chosen by hand on the blind questions and one set of threads with a language model's words: several shares did as well, and
each reading alone did worse. Passages that only one reading finds stay.
"""


def joined(own: Evidence, both: Evidence, other: Evidence, limit: int) -> Evidence:
    """Return the best passages of three searches for one question, the best one's score 1 again."""
    score: dict[str, float] = {}
    found: dict[str, Hit] = {}
    for share, evidence in ((OWN, own), (BOTH, both), (OTHER, other)):
        for hit in evidence.hits:
            score[hit.passage.id] = score.get(hit.passage.id, 0.0) + share * hit.score
            found.setdefault(hit.passage.id, hit)
    best = max(score.values(), default=1.0)
    first = sorted(found.values(), key=lambda hit: (-score[hit.passage.id], hit.passage.id))[:limit]
    return replace(
        own,
        hits=tuple(replace(hit, score=score[hit.passage.id] / best) for hit in first),
        degraded=tuple(dict.fromkeys((*own.degraded, *both.degraded, *other.degraded))),
        timings_ms={**own.timings_ms, "widened": _took((both, other))},
    )


def _took(searches: Sequence[Evidence]) -> float:
    return round(sum(one.timings_ms.get("search", 0.0) for one in searches), 2)
