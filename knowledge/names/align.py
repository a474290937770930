"""Finds which words of two names belong to each other: the same, run together, or misspelled."""

from dataclasses import dataclass

from rapidfuzz.distance import OSA

LEAST = 0.6
"""Two words less alike than this are different words."""
SHORTEST = 4
"""Words of fewer letters are equal or different."""

Pair = tuple[str, str, float]


@dataclass(frozen=True, slots=True)
class Aligned:
    """Pairs of words with their likeness, and the words without a partner on each side, in their order."""

    pairs: tuple[Pair, ...]
    left: tuple[str, ...]
    right: tuple[str, ...]


def align(left: tuple[str, ...], right: tuple[str, ...]) -> Aligned:
    """Pair equal words first, then neighbours that are one word on the other side, then the likest."""
    rest_left, rest_right = list(left), list(right)
    pairs: list[Pair] = []
    for word in left:
        if word in rest_right:
            rest_left.remove(word)
            rest_right.remove(word)
            pairs.append((word, word, 1.0))
    if rest_left and rest_right:
        pairs += _joined(rest_left, rest_right)
        pairs += _joined(rest_right, rest_left)
        pairs += _near(rest_left, rest_right)
    return Aligned(tuple(pairs), tuple(rest_left), tuple(rest_right))


def _joined(parts: list[str], wholes: list[str]) -> list[Pair]:
    """Take from both sides the first neighbours that together are a word of the other side."""
    for size in (2, 3):
        for start in range(len(parts) - size + 1):
            whole = "".join(parts[start : start + size])
            if whole in wholes:
                wholes.remove(whole)
                del parts[start : start + size]
                return [(whole, whole, 1.0)]
    return []


def _near(left: list[str], right: list[str]) -> list[Pair]:
    """Take from both sides the words that are most alike; numbers are never nearly the same."""
    rated = sorted(
        (
            (-OSA.normalized_similarity(a, b), i, j)
            for i, a in enumerate(left)
            for j, b in enumerate(right)
            if min(len(a), len(b)) >= SHORTEST and not (a.isdecimal() or b.isdecimal())
        ),
    )
    pairs: dict[int, tuple[int, float]] = {}
    taken = set[int]()
    for unlike, i, j in rated:
        if -unlike >= LEAST and i not in pairs and j not in taken:
            pairs[i] = (j, -unlike)
            taken.add(j)
    found = [(left[i], right[j], alike) for i, (j, alike) in pairs.items()]
    left[:] = [word for i, word in enumerate(left) if i not in pairs]
    right[:] = [word for j, word in enumerate(right) if j not in taken]
    return found
