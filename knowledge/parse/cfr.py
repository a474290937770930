"""Finds the paragraph levels of a section of US regulation: (a) > (1) > (i) > (A) > italic (1) > italic (i)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from knowledge.model import Part
from knowledge.parse.tree import Pinpoint

_MARK = re.compile(r"\((?P<slant>\*?)(?P<value>[a-z]{1,5}|\d{1,3}|[A-Z]{1,2})(?P=slant)\)\s*")
_RUN = re.compile(r"\*(?P<words>[^*]{2,160})\*\s*")
_TERM = re.compile(
    r"\*(?P<term>[^*]{2,120})\*(?=[\s,(]+(?:means?\b|has\b|have\b|includes?\b|is\b|are\b|refers?\b|or\b|\())"
)
_ROMAN = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx xxi xxii xxiii xxiv xxv".split()

Path = tuple[str, ...]


@dataclass(slots=True)
class _Scope:
    """A run of numbering: what its paths begin with, and the open lists in it as (level, last mark)."""

    base: Path
    term: str = ""
    lists: list[tuple[int, str]] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return (*self.base, *(f"({mark})" for _, mark in self.lists))


def plain(text: str) -> str:
    """Return a paragraph without the asterisks that stand for italics."""
    return text.replace("*", "")


def levels(paragraphs: Sequence[str], section: str) -> list[Pinpoint] | None:
    """Return where each paragraph of a section stands, None when its numbering does not add up.

    Italics are written with asterisks: they alone tell the fifth level from the second, and a defined term from a
    title. A paragraph without a mark is cited by the section, since it may belong to any list before it.
    """
    outer = _Scope((section,))
    inner: _Scope | None = None
    found: list[Pinpoint] = []
    for text in paragraphs:
        term = _TERM.match(text)
        marks = _marks(text)
        if term and not marks:
            inner = _Scope((*outer.path, f'"{term["term"].strip().rstrip(",")}"'), term["term"].strip())
            found.append(Pinpoint(inner.path, Part.DEFINITION, inner.term))
            continue
        if not marks:
            found.append(Pinpoint((section,)))
            continue
        if inner is not None and not _continues(inner, marks[0], outer):
            inner = None
        scope = inner or outer
        for mark in marks:
            if not _take(scope, mark):
                return None
        part = Part.DEFINITION if inner else Part.BODY
        found.append(Pinpoint(scope.path, part, scope.term))
        inner = _ended(scope, text) or inner
    return found


def _ended(scope: _Scope, text: str) -> _Scope | None:
    """Return the scope of a term that a paragraph defines after its own mark: "(a) *Vendor* means"."""
    rest = text
    while mark := _MARK.match(rest):
        rest = rest[mark.end() :]
    term = _TERM.match(rest)
    return _Scope(scope.path, term["term"].strip()) if term and not scope.term else None


def _marks(text: str) -> list[tuple[bool, str]]:
    """Return the marks that a paragraph begins with, also after an italic title: "(a) *Scope.* (1)"."""
    marks: list[tuple[bool, str]] = []
    rest = text
    while mark := _MARK.match(rest):
        found = (bool(mark["slant"]), mark["value"])
        if marks[-1:] != [found]:  # some renditions print a mark twice
            marks.append(found)
        rest = rest[mark.end() :]
        title = _RUN.match(rest)
        if title and title["words"].rstrip().endswith((".", "—", ":")) and _MARK.match(rest[title.end() :]):
            rest = rest[title.end() :]
    return marks


def _continues(inner: _Scope, mark: tuple[bool, str], outer: _Scope) -> bool:
    """Tell whether a mark still belongs to a term's own numbering: it does unless only the outer one goes on with it."""
    for level, last in reversed(inner.lists):
        if mark[1] == _next(level, last) and level in _kinds(mark):
            return True
    goes_on = any(mark[1] == _next(level, last) and level in _kinds(mark) for level, last in outer.lists)
    return not goes_on and any(_first(level) == mark[1] for level in _kinds(mark))


def _take(scope: _Scope, mark: tuple[bool, str]) -> bool:
    """Take a mark into the open lists, the nearest fitting way first; tell whether it fits at all."""
    kinds = _kinds(mark)
    value = mark[1]
    lists = scope.lists
    if lists and lists[-1][0] in kinds and value == _next(*lists[-1]):
        lists[-1] = (lists[-1][0], value)
        return True
    deepest = lists[-1][0] if lists else 0
    if deepest + 1 in kinds and value == _first(deepest + 1):
        lists.append((deepest + 1, value))
        return True
    for index in range(len(lists) - 2, -1, -1):
        level, last = lists[index]
        if level in kinds and value == _next(level, last):
            del lists[index + 1 :]
            lists[index] = (level, value)
            return True
    for level in sorted(kinds):
        if level > deepest and value == _first(level):
            lists.append((level, value))
            return True
    return False


def _kinds(mark: tuple[bool, str]) -> set[int]:
    slant, value = mark
    if value.isdigit():
        return {5} if slant else {2}
    if value.isupper():
        return {4}
    if slant:
        return {6} if value in _ROMAN else set()
    return ({3} if value in _ROMAN else set()) | ({1} if len(value) <= 2 and len(set(value)) == 1 else set())


def _first(level: int) -> str:
    return {1: "a", 2: "1", 3: "i", 4: "A", 5: "1", 6: "i"}.get(level, "")


def _next(level: int, last: str) -> str:
    if level in {2, 5}:
        return str(int(last) + 1)
    if level in {3, 6}:
        return _ROMAN[_ROMAN.index(last) + 1] if last in _ROMAN[:-1] else ""
    if last[-1] in "zZ":
        return ("a" if last.islower() else "A") * (len(last) + 1)
    return chr(ord(last[0]) + 1) * len(last)
