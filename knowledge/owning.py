"""A screening with the vendor's owners: a listed parent makes the vendor an affiliate whose path of ownership is evidenced."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from knowledge.names.grade import Grade
from knowledge.owner import Ownership, Path, dated, named, told
from knowledge.screened import Found, Loaded, Screened
from knowledge.screening import screen

_GRADES = tuple(Grade)
_SURE = frozenset({Grade.CONFIRMED, Grade.PROBABLE})
"""Grades of a parent's own match: at one remove a merely possible one would be noise."""


def owned(screened: Screened, ownership: Ownership, loaded: Loaded, day: date) -> Screened:
    """Return a screening with the listed owners of the vendor, each as an affiliate whose path of ownership is evidenced.

    Where several entities bear the name, a listed owner of one of them stays a possible affiliate.
    """
    if screened.refused or not ownership.paths:
        return screened
    evidenced = len(ownership.entities) == 1
    found = {_id(one): one for one in screened.found}
    for path in ownership.paths:
        for parent in screen(loaded, f"{path.end.name} | {path.end.lei}", path.end.country, day).found:
            if parent.grade in _SURE:
                tied = _tied(parent, told(path, ownership.of), evidenced=evidenced)
                found[_id(tied)] = _surer(found.get(_id(tied)), tied)
    return replace(
        screened,
        found=tuple(sorted(found.values(), key=lambda one: _GRADES.index(one.grade))),
        background=(*screened.background, *_background(ownership)),
    )


def _background(ownership: Ownership) -> Iterator[str]:
    if len(ownership.entities) > 1:
        names = "; ".join(map(named, ownership.entities))
        yield f"GLEIF ({dated(ownership.of)}) knows several companies of this name: {names}; a country or an LEI tells which is meant"
    whole: dict[str, Path] = {}
    for path in ownership.paths:
        if path.start.lei not in whole or len(path.steps) > len(whole[path.start.lei].steps):
            whole[path.start.lei] = path
    yield from (told(path, ownership.of) for path in whole.values())


def _tied(parent: Found, reason: str, *, evidenced: bool) -> Found:
    return replace(parent, grade=Grade.AFFILIATE, owned=evidenced, reasons=(reason, *parent.reasons))


def _surer(known: Found | None, tied: Found) -> Found:
    """Return the surer of a match by its name and a tie by ownership; of two ties the evidenced one, with all reasons."""
    if known is None or known.grade is Grade.POSSIBLE:
        return tied
    if known.grade is Grade.AFFILIATE:
        return replace(known, owned=known.owned or tied.owned, reasons=_once((*tied.reasons[:1], *known.reasons)))
    return known


def _once(reasons: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reasons))


def _id(found: Found) -> tuple[str, str]:
    return found.list_id, found.party.ref
