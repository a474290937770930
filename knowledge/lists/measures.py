"""Says what a listing entails on a day: measures with their dates, read from `measures.yaml`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from knowledge import yamls
from knowledge.party import Force, Measure, Reach

BESIDE: Mapping[str, tuple[str, ...]] = {"bis-entity-list": ("bis-affiliates-rule",)}
"""Measures that carry another one on to affiliates, and so belong beside it on a card."""


def measure(key: str, day: date) -> Measure:
    """Return a measure as it stands on a day; KeyError for an id that no row has."""
    return standing(measures()[key], day)


def standing(rows: Sequence[Measure], day: date) -> Measure:
    """Return which of a measure's rows holds on a day: before the next one's first day UPCOMING, after all of them ENDED."""
    for row in rows:
        if (row.valid_from or date.min) <= day <= (row.valid_to or date.max):
            return row
    later = next((row for row in rows if row.valid_from and row.valid_from > day), None)
    return replace(later, force=Force.UPCOMING) if later else replace(rows[-1], force=Force.ENDED)


@cache
def measures() -> dict[str, tuple[Measure, ...]]:
    """Return the rows of every measure by its id, in the order of their days."""
    rows = [_row(row) for row in yamls.read(files("knowledge.lists").joinpath("measures.yaml").read_text("utf-8"))]
    keys = dict.fromkeys(row.id for row in rows)
    return {key: tuple(sorted((row for row in rows if row.id == key), key=_first)) for key in keys}


def _first(row: Measure) -> date:
    return row.valid_from or date.min


def _row(row: Mapping[str, Any]) -> Measure:
    return Measure(
        id=row["id"],
        title=row["title"],
        category=row["category"],
        effect=row["effect"],
        reach=Reach(row["reach"]),
        force=Force(row.get("force", Force.IN_FORCE)),
        authority=row["authority"],
        url=row["url"],
        valid_from=row.get("from"),
        valid_to=row.get("to"),
    )
