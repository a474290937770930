"""Opens editions for their readers: the live one for each question, an earlier one for the past."""

from datetime import date
from threading import Lock

from knowledge.access import opens
from knowledge.cited import Names
from knowledge.model import Edition
from knowledge.reading import Reading
from knowledge.snapshot import Parts, Snapshot
from knowledge.store.forward import document_number
from knowledge.store.ledger import Shelf
from knowledge.store.shelves import Opened


class Searcher:
    """Opens editions for reading; safe to share between threads."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._snapshots: dict[tuple[int, frozenset[str]], Snapshot] = {}
        self._lock = Lock()

    def open(self, labels: frozenset[str]) -> None:
        """Load the live edition and the vector store, so that the first question does not wait for them."""
        self.at(labels).find("open")

    def first_day(self) -> date | None:
        """Return the day of the oldest edition that is kept."""
        first = self._parts.ledger.first()
        return first.published_at.date() if first else None

    def at(self, labels: frozenset[str], day: date | None = None) -> Reading:
        """Return the live edition as these access labels see it; raise NothingPublished before the first.

        With a `day` it is the edition that was in service on it, and the live one where none was yet.
        """
        ledger = self._parts.ledger
        live = ledger.require_live()
        edition = (ledger.edition_on(day) if day else None) or live
        key = (edition.number, labels)
        with self._lock:
            known = self._snapshots.get(key)
        if known is None or known.live != (edition.number == live.number):
            # Outside the lock: an old edition's indexes may have to be built, and live questions must not wait for that.
            known = self._load(edition, labels, live=edition.number == live.number)
            with self._lock:
                kept = {other: one for other, one in self._snapshots.items() if other[0] == live.number}
                self._snapshots = {**kept, key: known}
        return Reading(self._parts, known, labels)

    def _load(self, edition: Edition, labels: frozenset[str], *, live: bool) -> Snapshot:
        ledger = self._parts.ledger
        shelves = tuple(
            (shelf, self._opened(shelf, edition.embedder))
            for shelf in ledger.shelves(edition.number)
            if opens(shelf.visibility, labels)
        )
        documents = tuple(ledger.documents(edition.number, labels))
        names = Names(documents, ledger.definitions(edition.number, labels))
        numbers = {document_number(document.id): document for document in documents}
        return Snapshot(edition, shelves, documents, names, live, numbers)

    def _opened(self, shelf: Shelf, embedder: str) -> Opened:
        """Open a shelf, building it from the ledger first where this machine does not have it."""
        material, shelves = self._parts.material, self._parts.shelves
        if not shelves.present(shelf.name):
            keys = material.members(shelf.name)
            versions, _ = material.holding(keys)
            entries = material.entries(versions, keys)
            shelves.write(shelf.name, entries, material.vectors(embedder, [entry.text_hash for entry in entries]))
        return shelves.open(shelf.name)
