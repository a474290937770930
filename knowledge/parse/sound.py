"""Checks a reading before it is cut: a section whose numbering does not add up is cited as a whole, never by a guess."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from knowledge.parse.tree import Parsed, Shape, Unit, pin

LONGEST = 60_000
"""Characters of one paragraph: more is a parser that has swallowed a document."""
_MARK = re.compile(r"\((\d{1,3}[a-z]?|[a-z]{1,5}|[A-Z]{1,2})\)\s|(\d{1,3}[a-z]?)\.\s")
_ELEMENT = re.compile(r"(?:point |para\. )?\(?([0-9]{1,3}|[A-Za-z]{1,6})([A-Za-z]{0,2})\)?")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}

Path = tuple[str, ...]


def sound(parsed: Parsed) -> Parsed:
    """Return a reading in which every path can be trusted, flagged where some could not.

    The first mark of a paragraph must be on its path, else its section is cited as one; marks on one level must go up,
    else what they stand under is cited as one, as where a paragraph has two lists that both begin with (a).
    """
    units = list(_paragraphs(parsed.units))
    doubtful = _doubtful(parsed.text, units)
    flags = parsed.flags
    if any(unit.end - unit.start > LONGEST for unit in units):
        flags = (*flags, "oversized")
    if not doubtful:
        return parsed if flags == parsed.flags else replace(parsed, flags=flags)
    flags = (*flags, f"coarsened:{','.join(sorted(map(pin, doubtful)))}"[:200])
    return replace(parsed, units=tuple(_coarser(unit, doubtful) for unit in parsed.units), flags=flags)


def _paragraphs(units: Sequence[Unit]) -> Iterator[Unit]:
    for unit in units:
        if unit.shape is Shape.PARAGRAPH and unit.pinpoint.path:
            yield unit
        yield from _paragraphs(unit.children)


def _doubtful(text: str, units: Sequence[Unit]) -> set[Path]:
    """Return the places below which a rule is broken."""
    found: set[Path] = set()
    last: dict[Path, str] = {}
    for unit in units:
        path = unit.pinpoint.path
        mark = _MARK.match(text, unit.start, unit.end)
        if mark and len(path) > 1 and not _stands(mark[1] or mark[2], path):
            found.add(path[:1])
        for depth in range(1, len(path)):
            above, element = path[:depth], path[depth]
            before = last.get(above)
            if before is not None and before != element and not _after(before, element):
                found.add(above)
            last[above] = element
            if before != element:
                last = {
                    known: mark
                    for known, mark in last.items()
                    if known[: depth + 1] != path[: depth + 1] or len(known) <= depth
                }
    return found


def _stands(mark: str, path: Path) -> bool:
    """Tell whether a mark is on a path, in whatever way it is written there."""
    return any(element.strip("().").rpartition(" ")[2] == mark for element in path)


def _after(before: str, element: str) -> bool:
    """Tell whether one element can follow another: higher of its kind, or of another kind altogether."""
    one, other = _ELEMENT.fullmatch(before), _ELEMENT.fullmatch(element)
    if not one or not other:
        return True  # names, such as defined terms, have no order
    if one[1].isdigit() != other[1].isdigit():
        return True
    if one[1].isdigit():
        return (int(one[1]), one[2].lower()) < (int(other[1]), other[2].lower())
    first, second = f"{one[1]}{one[2]}".lower(), f"{other[1]}{other[2]}".lower()
    if (len(first), first) < (len(second), second) or 0 < _roman(first) < _roman(second):
        return True
    # Letters that were put in later: (d), (da), (e) and, before the first, (za), (zb), (a).
    return len(first) > len(second) and (first[0] < second[0] or first[0] == "z")


def _roman(text: str) -> int:
    if not set(text) <= _ROMAN.keys():
        return 0
    values = [_ROMAN[letter] for letter in text]
    return sum(-value if value < max(values[at:]) else value for at, value in enumerate(values))


def _coarser(unit: Unit, doubtful: set[Path]) -> Unit:
    children = tuple(_coarser(child, doubtful) for child in unit.children)
    path = unit.pinpoint.path
    place = next((path[:length] for length in range(1, len(path)) if path[:length] in doubtful), path)
    return replace(unit, children=children, pinpoint=replace(unit.pinpoint, path=place))
