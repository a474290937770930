"""Screening lists to a new index: fetch each, hold it against the one in service, publish what passes, keep what does not."""

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from knowledge.errors import ListRefused, SourceRefused, SourceUnreachable
from knowledge.lists import gates
from knowledge.lists.gates import Difference
from knowledge.model import SourceSpec
from knowledge.party import ListRead, Party
from knowledge.report import Failure, Progress, Watcher
from knowledge.sources.http import Http
from knowledge.sources.listed import Collected, collect
from knowledge.store.catalog import Catalog
from knowledge.store.lists import Lists, name, ours
from knowledge.store.parties import Parties, Reading

NOTHING = Difference((), (), ())
REASONS = 3
"""How many reasons of the gates are told."""
_TRIPPED = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What a reader of a list stumbles with over a format that nobody has seen yet."""


class Came(StrEnum):
    """What came of a list's reading."""

    TAKEN = "taken"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    """It is not configured any more; where it ships with Caveat, the shipped one is in service again."""


@dataclass(frozen=True, slots=True)
class ListChange:
    """What a refresh did to one list; `difference` is by ref, over the organisations only.

    `reading` is what is in service afterwards, None where nothing fetched is. `failure` is a clause that says why the new
    one was refused, and what stays; empty otherwise.
    """

    list_id: str
    came: Came
    reading: Reading | None
    difference: Difference = NOTHING
    failure: str = ""


@dataclass(frozen=True, slots=True)
class ListReport:
    """What a refresh did to each list that it looked at."""

    lists: tuple[ListChange, ...]
    seconds: float

    @property
    def failed(self) -> tuple[Failure, ...]:
        """The lists that could not be had or were refused."""
        return tuple(Failure(one.list_id, "", one.failure) for one in self.lists if one.failure)


@dataclass(frozen=True, slots=True)
class Lister:
    """Everything a refresh of lists works with; `lease` keeps such refreshes apart, `now` says when, in UTC."""

    lease: Callable[[], AbstractContextManager[None]]
    catalog: Catalog
    lists: Lists
    http: Http
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def parties(self) -> Parties:
        """Where the readings are kept."""
        return self.lists.parties


def refresh_lists(work: Lister, only: Iterable[str] = (), watch: Watcher = lambda _: None) -> ListReport:
    """Refresh all configured lists, or those named in `only`, and put what was taken into service at once.

    Raises RefreshRunning, or ListsUnavailable when the index could not be written. A list that fails stays as it was last
    taken. A killed refresh leaves in service what was; the next one goes on from the lists that it had taken.
    """
    began, names = time.monotonic(), frozenset(only)
    with work.lease(), closing(work.http):
        specs = work.catalog.lists()
        chosen = [spec for spec in specs if not names or spec.name in names]
        changes = []
        for number, spec in enumerate(chosen, 1):
            watch(Progress("read", number, len(chosen), spec.name))
            changes.append(_refreshed(work, spec))
        changes += _withdrawn(work, {spec.name for spec in specs})
        _serve(work, watch)
    return ListReport(tuple(changes), round(time.monotonic() - began, 3))


def _refreshed(work: Lister, spec: SourceSpec) -> ListChange:
    before = work.parties.taken().get(spec.name)
    try:
        change = _taken(work, collect(spec, work.http), spec, before)
    except (ListRefused, SourceRefused, SourceUnreachable) as refused:
        return _refused(work, spec, before, str(refused))
    work.catalog.note(spec.name, "")
    return change


def _taken(work: Lister, came: Collected, spec: SourceSpec, before: Reading | None) -> ListChange:
    """Take a list that passes its gates; raise ListRefused with their reasons otherwise."""
    now = work.now()
    read = _read(came)
    current_on = min(read.snapshot or came.dated or now.date(), now.date()) if came.copy else now.date()
    if before is not None and before.sha256 == came.sha256 and _same(work, before, read):
        work.parties.confirm(before, now, current_on)
        return ListChange(spec.name, Came.UNCHANGED, work.parties.taken()[spec.name])
    shape = work.parties.shape(before) if before else None
    if reasons := gates.refusals(shape, read, least=came.source.least):
        more = f" There are {len(reasons) - REASONS} more reasons." if len(reasons) > REASONS else ""
        raise ListRefused(" ".join(reasons[:REASONS]) + more)
    difference = gates.difference(_known(work, spec.name, before), gates.organisations(read).parties)
    reading = work.parties.take(read, came.sha256, now, current_on)
    return ListChange(spec.name, Came.TAKEN, reading, difference)


def _read(came: Collected) -> ListRead:
    try:
        return came.source.read(came.files)
    except _TRIPPED as error:
        raise ListRefused("its files could not be read as this list; the format may have changed") from error


def _same(work: Lister, before: Reading, read: ListRead) -> bool:
    """Tell whether the same files still read the same: our own reader may have learned more since."""
    kept = gates.difference(work.parties.of(before), gates.organisations(read).parties)
    return kept == NOTHING and before.gap == read.gap


def _known(work: Lister, list_id: str, before: Reading | None) -> Iterable[Party]:
    """Return the organisations of a list that are in service: fetched, shipped or none."""
    if before is not None:
        return work.parties.of(before)
    read = ours(list_id)
    return read.parties if read else ()


def _refused(work: Lister, spec: SourceSpec, before: Reading | None, reason: str) -> ListChange:
    """Record why a list was not taken, and say what stays."""
    clause = reason.rstrip(".")
    first = clause.split(" ")[0]
    lower = clause[:1].lower() + clause[1:] if first.istitle() else clause
    upper = clause[:1].upper() + clause[1:] if first.isalpha() else clause
    work.parties.fail(spec.name, f"{upper}.", work.now())
    words = f"{lower}; {_stays(spec.name, before)}"
    work.catalog.note(spec.name, words)
    return ListChange(spec.name, Came.REFUSED, before, failure=words)


def _stays(list_id: str, before: Reading | None) -> str:
    if before is None:
        return "what ships with Caveat stays in service" if ours(list_id) else "nothing of this list is in service"
    read = f"read on {_day(before.read_at.date())}"
    return f"the list of {_day(before.snapshot)}, {read}, stays in service" if before.snapshot else f"the list {read} stays in service"  # fmt: skip


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _withdrawn(work: Lister, configured: set[str]) -> list[ListChange]:
    """Take out the lists that are not configured any more."""
    gone = sorted(work.parties.taken().keys() - configured)
    for list_id in gone:
        work.parties.withdraw(list_id)
    return [ListChange(list_id, Came.WITHDRAWN, None) for list_id in gone]


def _serve(work: Lister, watch: Watcher) -> None:
    """Build the index over what was taken last, then point readers at it; the one before stays for those who read it."""
    taken, serving = work.parties.taken(), work.parties.serving()
    parties = sum(one.parties for one in taken.values())
    watch(Progress("write", 0, parties))
    work.lists.book(taken)
    watch(Progress("write", parties, parties))
    if name(taken) != name(serving):
        work.parties.serve(taken.values())
    work.lists.books.sweep({name(taken), name(serving)})
