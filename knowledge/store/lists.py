"""The lists in service, to be screened against: fetched readings, the shipped ones beside them, and how each list stands."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from knowledge.lists import gates
from knowledge.lists.catalogue import LISTS, Source, source
from knowledge.lists.statutory import shipped
from knowledge.party import ListRead, Party
from knowledge.screened import ListState, Loaded
from knowledge.store.books import Book, Books, making
from knowledge.store.pairs import Pairs
from knowledge.store.parties import Parties, Reading

SHIPPED = "shipped"
"""The format of a list that comes with Caveat, and is in service until it is fetched."""

Serving = Mapping[str, Reading]


@dataclass(frozen=True, slots=True)
class Lists:
    """What screening asks; the same index stays open until other readings are put into service.

    `pairs` are the company's own brands, read anew for each view.
    """

    parties: Parties
    books: Books
    pairs: Pairs | None = None

    def loaded(self, day: date) -> Loaded:
        """Return all lists in service as one view that never changes; it blocks, and builds the index where there is none."""
        serving = self.parties.serving()
        here = self.books.present(name(serving))
        book = self.book(serving)
        if not here:  # a machine that only reads builds books too, and nobody else sweeps them
            self.books.sweep({name(serving), name(self.parties.taken())})
        names = book.names.beside(self.pairs.rows()) if self.pairs else book.names
        return Loaded(names, book.party, self._states(serving, day))

    def states(self, day: date) -> tuple[ListState, ...]:
        """Return how each known list stands on a day, those in service first."""
        return self._states(self.parties.serving(), day)

    def book(self, serving: Serving) -> Book:
        """Return the index over these readings and the shipped lists that none of them replaces."""
        return self.books.open(name(serving), self._entries(serving))

    def _entries(self, serving: Serving) -> Iterator[tuple[str, Party]]:
        for read in shipped():
            if read.list_id not in serving:
                yield from ((read.list_id, party) for party in read.parties)
        for list_id, reading in serving.items():
            yield from ((list_id, party) for party in self.parties.of(reading))

    def _states(self, serving: Serving, day: date) -> tuple[ListState, ...]:
        failures = self.parties.failures()
        ids = dict.fromkeys(known.list_id for known in LISTS)
        found = [_state(list_id, serving.get(list_id), failures.get(list_id, ""), day) for list_id in ids]
        return tuple(sorted(found, key=lambda state: not state.loaded))


def name(serving: Serving) -> str:
    """Return the name of the index over these readings: another one for other readings, shipped lists or code."""
    taken = sorted((one.list_id, one.number, one.sha256) for one in serving.values())
    return hashlib.sha256(json.dumps([making(), _shipped(), taken]).encode()).hexdigest()[:32]


def ours(list_id: str) -> ListRead | None:
    """Return a list as it ships with Caveat, None for one that does not."""
    return next((read for read in shipped() if read.list_id == list_id), None)


@cache
def _shipped() -> list[str]:
    return [f"{read.list_id}:{gates.digest(party)}" for read in shipped() for party in read.parties]


def _state(list_id: str, reading: Reading | None, failure: str, day: date) -> ListState:
    known, read = source(list_id), ours(list_id)
    url = next(iter(known.addresses.values()), "")
    if reading is not None:
        return ListState(
            list_id, known.title, known.publisher, url, reading.rows, reading.snapshot, reading.read_at,
            _stale(known, reading.current_on, day), reading.gap, failure, current_on=reading.current_on,
        )  # fmt: skip
    if read is not None:
        stale = _stale(source(list_id, SHIPPED), read.snapshot, day)
        return ListState(
            list_id, known.title, known.publisher, url, read.rows, read.snapshot, None, stale, read.gap, failure, shipped=True
        )  # fmt: skip
    return ListState(list_id, known.title, known.publisher, url, failure=failure)


def _stale(known: Source, current_on: date | None, day: date) -> bool:
    """Tell whether a list is older on a day than it may be; one without any day counts as stale."""
    return current_on is None or (day - current_on).days > known.stale_after_days
