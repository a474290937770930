"""Books of parties on disk: one immutable folder for each set of list readings, with their names and each party by its id."""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from knowledge.errors import ListsUnavailable
from knowledge.names.find import Names
from knowledge.names.index import NameIndex, Row
from knowledge.party import Party, PartyKind
from knowledge.store.building import build, leftovers
from knowledge.store.packed import opened, packed

Entries = Iterable[tuple[str, Party]]
"""Parties with the ids of their lists."""

_ROOM = Path(__file__).parent.parent
_MAKING = ("store/books.py", "store/packed.py", "party.py", "names/*.py", "names/*.yaml")
_NAMES, _BODIES = "names", "bodies"


class Book:
    """Reads one folder; its arrays and names stay on the disk and are paged in as they are used."""

    def __init__(self, folder: Path) -> None:
        def array(name: str) -> Any:
            return np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))

        self._hashes, self._starts, self._ends = array("hashes"), array("starts"), array("ends")
        self._bodies = np.asarray(np.memmap(folder / _BODIES, dtype=np.uint8, mode="r"))
        if len(self._ends) and int(self._ends.max()) != len(self._bodies):
            raise ValueError("the book of parties is not whole")
        self.names = Names.open(folder / _NAMES)
        """The names of its parties, to be asked."""

    def party(self, key: str) -> tuple[str, Party]:
        """Return the list and the party of an id; KeyError for one that is not here."""
        hashed = np.uint64(_hash(key))
        at = int(np.searchsorted(self._hashes, hashed))
        while at < len(self._hashes) and self._hashes[at] == hashed:
            list_id, party = opened(self._bodies[self._starts[at] : self._ends[at]].tobytes())
            if party_key(list_id, party) == key:
                return list_id, party
            at += 1
        raise KeyError(key)


class Books:
    """Builds, opens and removes books; the one that was opened last stays open, and who holds an older one keeps it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: tuple[str, Book] | None = None
        self._lock = Lock()

    def open(self, name: str, entries: Entries) -> Book:
        """Return a book, built from `entries` when this machine has none of this name that can be read.

        Raises ListsUnavailable when it can be neither read nor built.
        """
        with self._lock:
            if self._last is None or self._last[0] != name:
                self._last = (name, self._opened(name, entries))
            return self._last[1]

    def _opened(self, name: str, entries: Entries) -> Book:
        place = self._folder / name
        try:
            if not _readable(place):
                build(place, lambda unfinished: _write(unfinished, entries), _readable)
            return Book(place)
        except (OSError, ValueError) as error:
            raise ListsUnavailable(
                "the index of the screening lists cannot be written or read: is there room in the state folder?"
                " The lists are kept in the database as they were"
            ) from error

    def present(self, name: str) -> bool:
        """Tell whether a book of this name is on this machine."""
        return (self._folder / name).is_dir()

    def sweep(self, kept: set[str]) -> None:
        """Remove every book that is not in `kept`; a process that has one open reads it to its end."""
        for place in leftovers(self._folder, kept):
            shutil.rmtree(place, ignore_errors=True)


def party_key(list_id: str, party: Party) -> str:
    """Return the id of a party: its list's id, a colon, and its `ref`."""
    return f"{list_id}:{party.ref}"


@cache
def making() -> str:
    """Hash the code and tables that a book is made by, so that none made by others is read."""
    total = hashlib.sha256()
    for pattern in _MAKING:
        for path in sorted(_ROOM.glob(pattern)):
            total.update(path.read_bytes())
    return total.hexdigest()


def _write(place: Path, entries: Entries) -> None:
    """Write bodies as they come, index their names, then say where each body is, in the order of the hashes of their ids."""
    (place / _NAMES).mkdir(parents=True)
    hashes: list[int] = []
    ends = [0]
    with (place / _BODIES).open("wb") as bodies:

        def rows() -> Iterator[Row]:
            for list_id, party in entries:
                key = party_key(list_id, party)
                hashes.append(_hash(key))
                ends.append(ends[-1] + bodies.write(packed(list_id, party)))
                if party.kind is PartyKind.ORGANISATION:
                    yield Row(key, party.names, party.countries, party.identifiers)

        NameIndex.build(rows(), place / _NAMES)
        bodies.flush()
        os.fsync(bodies.fileno())
    hashed, bounds = np.array(hashes, dtype=np.uint64), np.array(ends, dtype=np.int64)
    order = np.argsort(hashed, kind="stable")
    for name, found in (("hashes", hashed), ("starts", bounds[:-1]), ("ends", bounds[1:])):
        np.save(place / f"{name}.npy", found[order])


def _readable(place: Path) -> bool:
    try:
        Book(place)
    except (OSError, ValueError):
        return False
    return True


def _hash(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest())
