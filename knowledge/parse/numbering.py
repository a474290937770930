"""Counts the paragraphs of US regulation: which lists are open, and in which ways a paragraph's marks go on with them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge.parse.paragraph import ROMAN, Mark

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """A run of numbering: what its paths begin with, and the open lists in it as (level, last mark).

    A `hidden` one hangs on a paragraph whose own place is not known: all in it is cited by its base. One that begins
    `anywhere` stands for a part of another text, as an alternate of a clause does.
    """

    base: Path
    term: str = ""
    lists: tuple[tuple[int, str], ...] = ()
    hidden: bool = False
    anywhere: bool = False

    @property
    def path(self) -> Path:
        """The path of the paragraph that was counted last."""
        return self.base if self.hidden else (*self.base, *(f"({mark})" for _, mark in self.lists))


def taken(scope: Scope, marks: Sequence[Mark], *, begins: bool = True) -> Iterator[tuple[Scope, int]]:
    """Yield (scope with the marks taken in, oddity) for every way in which they fit; `begins` where the first may begin a list."""
    found = [(scope, 0)]
    for index, mark in enumerate(marks):
        found = [
            (after, odd + more) for one, odd in found for after, more in _take(one, mark, begins=begins or index > 0)
        ]
    yield from found


def _take(scope: Scope, mark: Mark, *, begins: bool) -> Iterator[tuple[Scope, int]]:
    lists = scope.lists
    for level in mark.levels:
        for index, (known, last) in enumerate(lists):
            if known == level and mark.value == _next(level, last):
                left = sum(value == _first(below) for below, value in lists[index + 1 :])
                yield replace(scope, lists=(*lists[:index], (level, mark.value))), left
        deepest = lists[-1][0] if lists else 0
        first = mark.value == _first(level) or (scope.anywhere and not lists and level == 1)
        if begins and first and level > deepest:
            skipped = 1 if lists and level > deepest + 1 else 0
            yield replace(scope, lists=(*lists, (level, mark.value))), skipped


def jumped(scope: Scope, until: str) -> Scope:
    """Return a scope with its last list at the last of the marks that one paragraph reserves."""
    return replace(scope, lists=(*scope.lists[:-1], (scope.lists[-1][0], until))) if until and scope.lists else scope


def alone(scope: Scope | None) -> int:
    """Return how many open lists have but their first mark: a list of one is odd."""
    return sum(value == _first(level) for level, value in scope.lists) if scope else 0


def _first(level: int) -> str:
    return {1: "a", 2: "1", 3: "i", 4: "A", 5: "1", 6: "i"}[level]


def _next(level: int, last: str) -> str:
    if level in {2, 5}:
        return str(int(last) + 1) if last.isdigit() else ""
    if level in {3, 6}:
        return ROMAN[ROMAN.index(last) + 1] if last in ROMAN[:-1] else ""
    if last[-1] in "zZ":
        return ("a" if last.islower() else "A") * (len(last) + 1)
    return chr(ord(last[0]) + 1) * len(last)
