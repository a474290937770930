"""Finds the paragraph levels of a section of US regulation: (a) > (1) > (i) > (A) > italic (1) > italic (i)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge.model import Part
from knowledge.parse.numbering import Path, Scope, alone, jumped, taken
from knowledge.parse.paragraph import DASHED, ITALIC, TITLE, Mark, after_marks, defined, marks_of, plain
from knowledge.parse.tree import Pinpoint

_ALTERNATE = re.compile(r"\*?(?P<name>Alternate [IVX]{1,5})\b[.,]?\*?\s*\(")
_END = re.compile(r"\(End of (?:clause|provision)\)")
_WAITS = (":", "—", "–")


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a paragraph stands, after those before it: readings that part late share all that came before."""

    at: Pinpoint
    before: "_Found | None" = None


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a section so far: the open scopes, how odd it is, where its paragraphs stand, if any defines."""

    outer: Scope
    inner: Scope | None = None
    oddity: int = 0
    found: _Found | None = None
    defines: bool = False


def levels(paragraphs: Sequence[str], section: str) -> list[Pinpoint] | None:
    """Return where each paragraph of a section stands, None when its numbering does not add up.

    Italics are written with asterisks: they alone tell the fifth level from the second, and a defined term from a
    title. A paragraph without a mark is cited by the section, since it may belong to any list before it. Where the
    numbering can be read in two ways, as "(i)" after "(h)(2)" can, what comes after decides; else a paragraph is cited
    by what both ways share.
    """
    readings = [_Reading(Scope((section,)))]
    for text in paragraphs:
        readings = _best(after for one in readings for after in _after(one, text, section))
        if not readings:
            return None
    closed = [replace(one, oddity=one.oddity + alone(one.outer) + alone(one.inner)) for one in readings]
    least = min(one.oddity for one in closed)
    agreed, *others = (one.found for one in closed if one.oddity <= least + 1)
    for other in others:
        agreed = _shared(agreed, other)
    places = []
    while agreed:
        places.append(agreed.at)
        agreed = agreed.before
    return places[::-1]


def _best(readings: Iterable[_Reading]) -> list[_Reading]:
    """Return the readings that are hardly odder than the best; those that go on alike become one."""
    alike: dict[tuple[Scope, Scope | None], _Reading] = {}
    for one in readings:
        key = (one.outer, one.inner)
        known = alike.get(key)
        if known is None or one.oddity < known.oddity:
            alike[key] = one
        elif one.oddity == known.oddity:
            alike[key] = replace(known, found=_shared(known.found, one.found), defines=known.defines or one.defines)
    least = min((one.oddity for one in alike.values()), default=0)
    return [one for one in alike.values() if one.oddity <= least + 1]


def _shared(one: _Found | None, other: _Found | None) -> _Found | None:
    """Return for each paragraph the place that two readings have in common."""
    apart = []
    while one is not other and one and other:
        apart.append(one.at if one.at == other.at else Pinpoint(_common(one.at.path, other.at.path)))
        one, other = one.before, other.before
    for at in reversed(apart):
        one = _Found(at, one)
    return one


def _common(one: Path, other: Path) -> Path:
    length = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    return one[: min(len(one), len(other)) if length is None else length]


def _after(reading: _Reading, text: str, section: str) -> Iterator[_Reading]:
    """Yield the ways in which a reading goes on with a paragraph."""
    marks = marks_of(text)
    if not marks:
        led = list(_led(reading, text)) if reading.defines else []
        yield from led or [_unmarked(reading, text, section)]
        return
    term = defined(after_marks(text))
    for scope, inner, oddity in _scopes(reading, marks):
        named = term if term and not scope.term else ""
        at = Pinpoint(scope.path, Part.DEFINITION if named or scope.term else Part.BODY, named or scope.term)
        after = jumped(scope, marks[-1].until)
        yield _Reading(
            reading.outer if inner else after,
            Scope(scope.path, term) if named else (after if inner else None),
            reading.oddity + oddity + bool(term and scope.term),  # a term within a term's own points is odd
            _Found(at, reading.found),
            reading.defines or bool(term),
        )


def _led(reading: _Reading, text: str) -> Iterator[_Reading]:
    """Yield the ways to go on among definitions with a term whose own list begins in its line: "*Person*—(1) Means"."""
    title = TITLE.match(text)
    marks = marks_of(text[title.end() :]) if title and title["end"] == "—" else []
    if not title or not marks:
        return
    term = plain(title["words"]).strip()
    for inner, odd in taken(Scope((*reading.outer.path, f'"{term}"'), term), marks):
        found = _Found(Pinpoint(inner.path, Part.DEFINITION, term), reading.found)
        yield _Reading(reading.outer, inner, reading.oddity + odd + alone(reading.inner), found, defines=True)


def _unmarked(reading: _Reading, text: str, section: str) -> _Reading:
    """Go on with a paragraph without a mark: an alternate, a term's definition, or words that belong anywhere."""
    alternate = _ALTERNATE.match(text)
    if alternate or _END.match(text):
        outer = Scope((section, alternate["name"]), anywhere=True) if alternate else Scope((section,))
        oddity = reading.oddity + alone(reading.inner) + alone(reading.outer)
        return _Reading(outer, None, oddity, _Found(Pinpoint(outer.path), reading.found), reading.defines)
    oddity = reading.oddity + alone(reading.inner)
    if term := defined(text) or (defined(text, DASHED) if reading.defines else ""):
        inner = Scope((*reading.outer.path, f'"{term}"'), term)
        found = _Found(Pinpoint(inner.path, Part.DEFINITION, term), reading.found)
        return _Reading(reading.outer, inner, oddity, found, defines=True)
    base = reading.outer.base
    found = _Found(Pinpoint(base), reading.found)
    waits = text.rstrip(" *").endswith(_WAITS) and (reading.inner or reading.outer.lists)
    if waits or (reading.inner and text.startswith(ITALIC)):
        return _Reading(reading.outer, Scope(base, hidden=True), oddity, found, reading.defines)
    return replace(reading, found=found)


def _scopes(reading: _Reading, marks: Sequence[Mark]) -> Iterator[tuple[Scope, bool, int]]:
    """Yield (scope that takes the marks, whether it is a term's own, oddity): a term's numbering goes before a new list."""
    outer, inner = reading.outer, reading.inner
    goes_on = [(scope, False, odd + alone(inner)) for scope, odd in taken(outer, marks, begins=inner is None)]
    within = [(scope, True, odd) for scope, odd in taken(inner, marks)] if inner else []
    if inner and not goes_on and not within:
        goes_on = [(scope, False, odd + alone(inner)) for scope, odd in taken(outer, marks)]
    yield from (*within, *goes_on)
