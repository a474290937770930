"""How alike two names are: the signs of one comparison, and the one function and the one threshold that judge them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from knowledge.names.align import Aligned, align
from knowledge.names.forms import Form
from knowledge.names.table import table

VERSION = 1
"""Goes up with any change to the signs, the weights or the threshold; what was judged before is not comparable."""
THRESHOLD = 0.5
"""From here two names may be one party."""
STRONG = 0.9
"""From here they probably are."""
ACRONYM = 4
"""Letters up to which a name is an acronym, which is another one with any other letter."""
GENERIC, PLACE = 0.35, 0.6
"""What a word that describes a trade and a word for a place count beside a proper name's 1."""
SIGNS = (
    "extra_left", "extra_right", "damage", "letters", "family", "place", "number", "first", "length", "trade", "named",
)  # fmt: skip
"""What is weighed, each between 0 and 1 but for the length, by `tests/fit_names.py`."""
WEIGHTS = (-1.608, -0.598, -8.562, 5.342, -6.770, -4.714, -3.242, 1.891, -1.191, -4.752, -1.649)
BIAS = -0.751
_SAME_CORE = 0.98
_OTHER_FORM = 0.75
"""What the same core with another legal form scores: a caveat for a person to judge, or a listed firm would be missed."""
_MOST = 0.97
_UNREAD = 0.4
"""What names in Chinese, Japanese or Korean characters score when they differ: one character makes another firm."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Two names side by side: `score` between 0 and 1, and which words agree and which are left."""

    score: float
    aligned: Aligned
    family_differs: bool


@lru_cache(maxsize=65536)
def weight(word: str) -> float:
    """Return what a word of a core tells of its firm."""
    if word in table().generic:
        return GENERIC
    return PLACE if (word,) in table().places else 1.0


def compare(asked: Form, listed: Form) -> Compared:
    """Return how alike an asked name and a listed one are."""
    aligned = align(asked.core, listed.core)
    differs = legally_different(asked, listed)
    return Compared(_score(asked, listed, aligned, family=differs), aligned, differs)


def legally_different(asked: Form, listed: Form) -> bool:
    """Whether both names say their legal form, and no family of forms holds both; Co. and Ltd. go with any."""
    families = asked.legal - {"open"}, listed.legal - {"open"}
    return all(families) and not families[0] & families[1]


def _score(asked: Form, listed: Form, aligned: Aligned, *, family: bool) -> float:
    if asked.script and listed.script:
        return 1.0 if asked.script == listed.script else _UNREAD
    if not asked.core or not listed.core:
        return 0.0
    if asked.full == listed.full:
        return 1.0
    if asked.key == listed.key and not family:
        return _SAME_CORE
    if asked.key == listed.key and "body" not in asked.legal ^ listed.legal:
        return _OTHER_FORM
    most = _UNREAD if min(len(asked.key), len(listed.key)) <= ACRONYM else _MOST
    return min(most, judged(signs(asked, listed, aligned, family=family)))


def judged(signs: tuple[float, ...]) -> float:
    """Return the probability that signs in the order of SIGNS are those of one party."""
    drawn = BIAS + sum(weight * sign for weight, sign in zip(WEIGHTS, signs, strict=True))
    return 1 / (1 + math.exp(-drawn))


def signs(asked: Form, listed: Form, aligned: Aligned, *, family: bool) -> tuple[float, ...]:
    """Return the signs of a comparison in the order of SIGNS."""
    left, right = asked.core, listed.core
    whole_left, whole_right = sum(map(weight, left)), sum(map(weight, right))
    damage = sum(min(weight(a), weight(b)) * (1 - alike) for a, b, alike in aligned.pairs)
    return (
        sum(map(weight, aligned.left)) / whole_left,
        sum(map(weight, aligned.right)) / whole_right,
        2 * damage / (whole_left + whole_right),
        _letters(asked, listed),
        float(family),
        float(bool(places(aligned.left) and places(aligned.right))),
        float(bool(asked.numbers) != bool(listed.numbers)),
        OSA.normalized_similarity(left[0], right[0]),
        math.log(1 + min(len(asked.key), len(listed.key))),
        max(_trade(aligned.left) / len(left), _trade(aligned.right) / len(right)),
        max(_named(aligned.left) / whole_left, _named(aligned.right) / whole_right),
    )


@lru_cache(maxsize=65536)
def places(words: tuple[str, ...]) -> frozenset[str]:
    """Return the countries that words name or whose places they name."""
    known = table().places
    return frozenset(known[run] for run in _runs(words) if run in known)


@lru_cache(maxsize=65536)
def placeless(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words that are no part of a place's name."""
    known = table().places
    named = {word for run in _runs(words) if run in known for word in run}
    return tuple(word for word in words if word not in named)


def nondescript(name: Form) -> bool:
    """Whether a name is nothing but a place, a legal form or one common word, which stand for no firm by themselves."""
    if name.script or name.words in table().legal:
        return not name.script
    return not placeless(name.core) or (len(name.core) == 1 and weight(name.core[0]) < 1)


def _runs(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return (words[start : start + size] for size in (1, 2, 3) for start in range(len(words) - size + 1))


def _letters(asked: Form, listed: Form) -> float:
    """Return the likeness of the whole names without spaces, in their order or in that of the alphabet."""
    straight = OSA.normalized_similarity(asked.key, listed.key)
    if len(asked.core) == 1 or len(listed.core) == 1:
        return straight
    return max(straight, OSA.normalized_similarity("".join(sorted(asked.core)), "".join(sorted(listed.core))))


def _trade(words: tuple[str, ...]) -> int:
    return sum(word in table().generic for word in words)


def _named(words: tuple[str, ...]) -> int:
    return sum(weight(word) == 1 and not word.isdecimal() for word in words)
