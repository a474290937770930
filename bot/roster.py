"""The vendors of a file that somebody hands over in a chat: read from its table or named in its text, and checked."""

import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.batch import COUNTRY, NAMED, Vendor, code_of, row_of
from bot.card import Card
from bot.model import LEVELS, Level, VendorCheck
from bot.naming import LONGEST, vendors_in
from bot.naming import MOST as MOST_NAMED
from knowledge.parse.tree import Parsed, Shape, Unit
from knowledge.screened import Loaded

MOST = 100
"""Vendors of one file that are checked in a chat; the terminal checks ten thousand."""
SECONDS = 75.0
"""After which no further vendor is begun: whoever asked waits, and the job's deadline is near."""
SLICES = 8
"""How many stretches of a text, as long as one message, are searched for names."""
GRAVEST = 5
Check = Callable[[VendorCheck], Awaitable[Card]]


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a file's vendors: a row for each that was checked, of so many that it names."""

    rows: tuple[dict[str, Any], ...]
    named: int

    @property
    def gravest(self) -> list[dict[str, Any]]:
        """The rows that are worst, at most GRAVEST of them, without those of which nothing is known."""
        known = [row for row in self.rows if row["level"] not in {"", Level.UNKNOWN.value, Level.LOW.value}]
        return sorted(known, key=lambda row: -LEVELS.index(Level(row["level"])))[:GRAVEST]


def vendors_of(found: Sequence[Parsed]) -> list[Vendor]:
    """Return the vendors of a table: a column that is headed as one of names, or its only one; none where there is neither."""
    rows = [row for parsed in found for row in _rows(parsed)]
    headed = [row for row in rows if any(NAMED.fullmatch(head) for head, _ in row)]
    if headed:
        told = [(_cell(row, NAMED), _cell(row, COUNTRY)) for row in headed]
    elif rows and all(len(row) == 1 for row in rows):
        names = [f"{head}: {cell}" if head else cell for row in rows for head, cell in row]
        told = [(name, "") for name in names if not NAMED.fullmatch(name)]
    else:
        told = []
    once = dict.fromkeys((name, code_of(country)) for name, country in told if name)
    return [Vendor(n, name, country) for n, (name, country) in enumerate(once, 1)]


def named_in(text: str, loaded: Loaded) -> tuple[str, ...]:
    """Return the vendors that a longer text names, in its order; at most as many as of a message."""
    found: dict[str, None] = {}
    for at in range(0, min(len(text), SLICES * LONGEST), LONGEST):
        found.update(dict.fromkeys(vendors_in(text[at : at + LONGEST], loaded)))
        if len(found) >= MOST_NAMED:
            break
    return tuple(found)[:MOST_NAMED]


async def checked(vendors: Sequence[Vendor], asked: VendorCheck, check: Check) -> Report:
    """Check vendors one after the other, each under a key of its own, within the bounds of a chat."""
    began = time.monotonic()
    rows: list[dict[str, Any]] = []
    for vendor in vendors[:MOST]:
        if time.monotonic() - began > SECONDS:
            break
        one = replace(asked, key=f"{asked.key}:{vendor.n}", name=vendor.name, country=vendor.country)
        rows.append(row_of(vendor, await check(one)))
    return Report(tuple(rows), len(vendors))


def told(report: Report, name: str) -> str:
    """Return in a few sentences what was checked, with which results, and what was not."""
    done, counts = len(report.rows), Counter(row["level"] or "not searchable" for row in report.rows)
    order = [level.value for level in reversed(LEVELS)]
    levels = sorted(counts.items(), key=lambda one: order.index(one[0]) if one[0] in order else len(order))
    said = ", ".join(f"{count} {level}" for level, count in levels)
    words = f"I checked {done} {'vendor' if done == 1 else 'vendors'} of {name}: {said}."
    if report.named > done:
        words += (
            f" The other {report.named - done} were not checked: up to {MOST} are at once here. Attach the rest as a file of its"
            " own, or have an administrator run caveat check --file."
        )
    return words


def _rows(parsed: Parsed) -> Iterator[list[tuple[str, str]]]:
    """Yield the rows of a table as it was parsed, each as (heading, cell); the heading is empty where there is none."""
    where: tuple[str, ...] = ()
    row: list[tuple[str, str]] = []
    for unit in _leaves(parsed.units):
        if unit.pinpoint.path != where and row:
            yield row
            row = []
        where = unit.pinpoint.path
        head, found, cell = parsed.text[unit.start : unit.end].partition(": ")
        row.append((head, cell.strip()) if found else ("", head.strip()))
    if row:
        yield row


def _leaves(units: Sequence[Unit]) -> Iterator[Unit]:
    for unit in units:
        if unit.shape is Shape.PARAGRAPH:
            yield unit
        yield from _leaves(unit.children)


def _cell(row: Sequence[tuple[str, str]], wanted: re.Pattern[str]) -> str:
    return next((cell for head, cell in row if wanted.fullmatch(head)), "")
