"""Finds the paragraph levels of a section of US regulation: (a) > (1) > (i) > (A) > italic (1) > italic (i)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge.model import Part
from knowledge.parse.tree import Pinpoint

ITALIC = "*"
"""What stands before and after a run of italics."""
_STAR = "∗"
"""What stands for an asterisk of the text itself while italics are marked."""
_MARK = re.compile(r"\((?P<slant>\*?)(?P<value>[a-z]{1,7}|\d{1,3}|[A-Z]{1,2})(?P=slant)\)\s*")
_REFERS = re.compile(
    r"(?:(?:or|and|through|to|[-–—,])\s*\(\w{1,5}\)(?:\(\w{1,5}\))*\s*)?"
    r"of (?:this|that|the) (?:section|paragraph|part|subpart|clause|provision|chapter|title|order|definition|subsection)\b"
)
"""What makes a mark at the beginning of a paragraph a reference: "(b) of this section applies"."""
_RANGE = re.compile(r"(?:through|and|to|[-–—,])\s*\((?P<slant>\*?)(?P<value>\w{1,7})(?P=slant)\)\s*\[Reserved")
_TITLE = re.compile(r"\*(?P<words>[^*]{1,200})\*\s*(?P<end>[.:—–-]?)\s*")
_LATER = (
    r"(?:\s*(?:\([^)]{1,80}\)|,?\s*or\s+(?:\*[^*]{1,120}\*|[“\"][^”\"]{1,120}[”\"])))*[\s,]*"
    r"(?:(?:as (?:defined|used|described|that term)|when used|for (?:the )?purposes? of|with respect to)\b[^;:*]{0,200}?[\s,])?"
    r"(?:(?:shall |must )?means?\b|has\b|have\b|includes?\b|is\b|are\b|refers?\b)"
)
"""What comes after a term that is being defined: "…, as defined in …, means", "has the same meaning"."""
_NAMED = r"(?:\*(?P<slanted>[^*]{1,200})\*|(?:[Tt]he terms? )?[“\"](?P<quoted>[^”\"]{1,120})[”\"])"
_TERM = re.compile(rf"{_NAMED}(?={_LATER}|[\s,]*as (?:defined|used|described)\b[^;:*]{{0,120}}—\s*$)")
_DASHED = re.compile(rf"{_NAMED}(?=[\s,]*—\s*$)")
"""A term whose definition is a list, or a title: only among other definitions can it be told."""
_ALTERNATE = re.compile(r"\*?(?P<name>Alternate [IVX]{1,5})\b[.,]?\*?\s*\(")
_END = re.compile(r"\(End of (?:clause|provision)\)")
_WAITS = (":", "—", "–")

Path = tuple[str, ...]


def _roman(number: int) -> str:
    tens, ones = divmod(number, 10)
    return "x" * tens + ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")[ones]


_ROMAN = tuple(map(_roman, range(1, 40)))


@dataclass(frozen=True, slots=True)
class _Mark:
    """A paragraph's mark; `until` is the last of several that one paragraph reserves: "(b)-(d) [Reserved]"."""

    value: str
    slant: bool = False
    until: str = ""

    @property
    def levels(self) -> tuple[int, ...]:
        """The levels at which it can stand, outermost first: "(i)" is a letter or a numeral."""
        if self.value.isdigit():
            return (5,) if self.slant else (2,)
        if self.value.isupper():
            return (4,)
        if self.slant:
            return (6,) if self.value in _ROMAN else ()
        letter = len(self.value) <= 2 and len(set(self.value)) == 1
        return ((1,) if letter else ()) + ((3,) if self.value in _ROMAN else ())


@dataclass(frozen=True, slots=True)
class _Scope:
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
        return self.base if self.hidden else (*self.base, *(f"({mark})" for _, mark in self.lists))


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a paragraph stands, after those before it: readings that part late share all that came before."""

    at: Pinpoint
    before: "_Found | None" = None


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a section so far: the open scopes, how odd it is, where its paragraphs stand, if any defines."""

    outer: _Scope
    inner: _Scope | None = None
    oddity: int = 0
    found: _Found | None = None
    defines: bool = False


def plain(text: str) -> str:
    """Return a paragraph without the asterisks that stand for italics, with those of its own."""
    return text.replace(ITALIC, "").replace(_STAR, "*")


def starred(text: str) -> str:
    """Return words in which an asterisk cannot be mistaken for the beginning of italics."""
    return text.replace("*", _STAR)


def prescribes(text: str) -> bool:
    """Tell whether a paragraph only says where a clause is to be inserted."""
    return re.match(r"As prescribed (?:in|at|by|under) ", text) is not None


def levels(paragraphs: Sequence[str], section: str) -> list[Pinpoint] | None:
    """Return where each paragraph of a section stands, None when its numbering does not add up.

    Italics are written with asterisks: they alone tell the fifth level from the second, and a defined term from a
    title. A paragraph without a mark is cited by the section, since it may belong to any list before it. Where the
    numbering can be read in two ways, as "(i)" after "(h)(2)" can, what comes after decides; else a paragraph is cited
    by what both ways share.
    """
    readings = [_Reading(_Scope((section,)))]
    for text in paragraphs:
        readings = _best(after for one in readings for after in _after(one, text, section))
        if not readings:
            return None
    closed = [replace(one, oddity=one.oddity + _alone(one.outer) + _alone(one.inner)) for one in readings]
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
    alike: dict[tuple[_Scope, _Scope | None], _Reading] = {}
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
    marks = _marks(text)
    if not marks:
        led = list(_led(reading, text)) if reading.defines else []
        yield from led or [_unmarked(reading, text, section)]
        return
    term = _defined(_unmarked_words(text))
    for scope, inner, oddity in _scopes(reading, marks):
        named = term if term and not scope.term else ""
        at = Pinpoint(scope.path, Part.DEFINITION if named or scope.term else Part.BODY, named or scope.term)
        after = _jumped(scope, marks[-1].until)
        yield _Reading(
            reading.outer if inner else after,
            _Scope(scope.path, term) if named else (after if inner else None),
            reading.oddity + oddity + bool(term and scope.term),  # a term within a term's own points is odd
            _Found(at, reading.found),
            reading.defines or bool(term),
        )


def _led(reading: _Reading, text: str) -> Iterator[_Reading]:
    """Yield the ways to go on among definitions with a term whose own list begins in its line: "*Person*—(1) Means"."""
    title = _TITLE.match(text)
    marks = _marks(text[title.end() :]) if title and title["end"] == "—" else []
    if not title or not marks:
        return
    term = plain(title["words"]).strip()
    for inner, odd in _taken(_Scope((*reading.outer.path, f'"{term}"'), term), marks):
        found = _Found(Pinpoint(inner.path, Part.DEFINITION, term), reading.found)
        yield _Reading(reading.outer, inner, reading.oddity + odd + _alone(reading.inner), found, defines=True)


def _unmarked(reading: _Reading, text: str, section: str) -> _Reading:
    """Go on with a paragraph without a mark: an alternate, a term's definition, or words that belong anywhere."""
    alternate = _ALTERNATE.match(text)
    if alternate or _END.match(text):
        outer = _Scope((section, alternate["name"]), anywhere=True) if alternate else _Scope((section,))
        oddity = reading.oddity + _alone(reading.inner) + _alone(reading.outer)
        return _Reading(outer, None, oddity, _Found(Pinpoint(outer.path), reading.found), reading.defines)
    oddity = reading.oddity + _alone(reading.inner)
    if term := _defined(text) or (_defined(text, _DASHED) if reading.defines else ""):
        inner = _Scope((*reading.outer.path, f'"{term}"'), term)
        found = _Found(Pinpoint(inner.path, Part.DEFINITION, term), reading.found)
        return _Reading(reading.outer, inner, oddity, found, defines=True)
    base = reading.outer.base
    found = _Found(Pinpoint(base), reading.found)
    waits = text.rstrip(" *").endswith(_WAITS) and (reading.inner or reading.outer.lists)
    if waits or (reading.inner and text.startswith(ITALIC)):
        return _Reading(reading.outer, _Scope(base, hidden=True), oddity, found, reading.defines)
    return replace(reading, found=found)


def _scopes(reading: _Reading, marks: Sequence[_Mark]) -> Iterator[tuple[_Scope, bool, int]]:
    """Yield (scope that takes the marks, whether it is a term's own, oddity): a term's numbering goes before a new list."""
    outer, inner = reading.outer, reading.inner
    goes_on = [(scope, False, odd + _alone(inner)) for scope, odd in _taken(outer, marks, begins=inner is None)]
    within = [(scope, True, odd) for scope, odd in _taken(inner, marks)] if inner else []
    if inner and not goes_on and not within:
        goes_on = [(scope, False, odd + _alone(inner)) for scope, odd in _taken(outer, marks)]
    yield from (*within, *goes_on)


def _taken(scope: _Scope, marks: Sequence[_Mark], *, begins: bool = True) -> Iterator[tuple[_Scope, int]]:
    """Yield the scope with the marks taken in, in every way in which they fit; `begins` where the first may begin a list."""
    found = [(scope, 0)]
    for index, mark in enumerate(marks):
        found = [
            (after, odd + more) for one, odd in found for after, more in _take(one, mark, begins=begins or index > 0)
        ]
    yield from found


def _take(scope: _Scope, mark: _Mark, *, begins: bool) -> Iterator[tuple[_Scope, int]]:
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


def _jumped(scope: _Scope, until: str) -> _Scope:
    """Return a scope with its last list at the last of the marks that one paragraph reserves."""
    return replace(scope, lists=(*scope.lists[:-1], (scope.lists[-1][0], until))) if until and scope.lists else scope


def _alone(scope: _Scope | None) -> int:
    """Return how many open lists have but their first mark: a list of one is odd."""
    return sum(value == _first(level) for level, value in scope.lists) if scope else 0


def _marks(text: str) -> list[_Mark]:
    """Return the marks that a paragraph begins with, also after an italic title: "(a) *Scope.* (1)", "(c) *Use*—(1)"."""
    marks: list[_Mark] = []
    rest = text
    while found := _MARK.match(rest):
        mark = _Mark(found["value"], bool(found["slant"]))
        if marks[-1:] != [mark]:  # some renditions print a mark twice
            marks.append(mark)
        rest = rest[found.end() :]
        title = _TITLE.match(rest)
        if title and _MARK.match(rest[title.end() :]):
            rest = rest[title.end() :]
    if _REFERS.match(rest):
        return []
    if marks and (reserved := _RANGE.match(rest)):
        marks[-1] = replace(marks[-1], until=reserved["value"])
    return marks


def _unmarked_words(text: str) -> str:
    """Return a paragraph's words after its marks."""
    while found := _MARK.match(text):
        text = text[found.end() :]
    return text


def _defined(text: str, form: re.Pattern[str] = _TERM) -> str:
    """Return the term that a text begins to define, nothing where its italics are a title's: "*Scope.* This"."""
    found = form.match(text)
    term = (found["slanted"] or found["quoted"]).strip().rstrip(",").strip() if found else ""
    return "" if term.endswith((".", ":", "—", ";")) else plain(term)


def _first(level: int) -> str:
    return {1: "a", 2: "1", 3: "i", 4: "A", 5: "1", 6: "i"}[level]


def _next(level: int, last: str) -> str:
    if level in {2, 5}:
        return str(int(last) + 1) if last.isdigit() else ""
    if level in {3, 6}:
        return _ROMAN[_ROMAN.index(last) + 1] if last in _ROMAN[:-1] else ""
    if last[-1] in "zZ":
        return ("a" if last.islower() else "A") * (len(last) + 1)
    return chr(ord(last[0]) + 1) * len(last)
