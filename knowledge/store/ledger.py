"""The ledger as it is asked: which editions there are, what each holds, and what its readers may read of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, case, func, select

from knowledge.access import opens
from knowledge.errors import NothingPublished
from knowledge.model import Document, Edition, Passage
from knowledge.ports import Matrix
from knowledge.report import Failure
from knowledge.store import schema
from knowledge.store.paging import pages
from knowledge.store.remembered import Remembered
from knowledge.store.rows import read_edition, read_passage, restore


@dataclass(frozen=True, slots=True)
class Held:
    """Which version of a document an edition holds, and where it came from."""

    version_id: str
    source: str
    ref: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """A shelf of an edition: name of segment and index, who may read it, how many passages, and their mean vector.

    `dead` gives, by entry key, the ids of the passages that it was built with and that the edition no longer has.
    """

    name: str
    visibility: str
    passages: int
    centroid: Matrix
    dead: Mapping[str, str] = field(default_factory=dict)


REMEMBERED = 50_000_000
"""Characters of the texts of versions that are kept in memory."""


class Ledger:
    """Answers from the ledger and writes nothing; `Versions`, `Material` and `Publishing` do, each its part."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._remembered = Remembered[tuple[Document, str]](REMEMBERED)

    def live(self) -> Edition | None:
        """Return the published edition, None before the first."""
        with self._engine.connect() as connection:
            row = (
                connection.execute(
                    select(schema.editions).join(schema.pointer, schema.pointer.c.number == schema.editions.c.number)
                )
                .mappings()
                .first()
            )
        return read_edition(dict(row)) if row else None

    def require_live(self) -> Edition:
        """Return the published edition; raise NothingPublished before the first."""
        edition = self.live()
        if edition is None:
            raise NothingPublished("no edition has been published yet")
        return edition

    def edition_on(self, day: date) -> Edition | None:
        """Return the edition that was in service at the end of a day (UTC), None before the first."""
        live = self.live()
        if live is None:
            return None
        end = datetime.combine(day + timedelta(days=1), time(), UTC)
        query = (
            select(schema.editions)
            .where(schema.editions.c.published_at < end, schema.editions.c.number <= live.number)
            .order_by(schema.editions.c.number.desc())
            .limit(1)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return read_edition(dict(row)) if row else None

    def first(self) -> Edition | None:
        """Return the oldest edition that is kept."""
        with self._engine.connect() as connection:
            row = (
                connection.execute(select(schema.editions).order_by(schema.editions.c.number).limit(1))
                .mappings()
                .first()
            )
        return read_edition(dict(row)) if row else None

    def open_now(self, document_ids: Iterable[str], labels: frozenset[str]) -> set[str]:
        """Return which documents these access labels may read today, whatever older versions said.

        The version in service tells it; of a document that left, the one that the latest edition had, else the newest. A
        version that comes back is not stored again, so the time when it was added does not tell that it holds again.
        """
        newest: dict[str, str] = {}
        table, holds = schema.versions.c, schema.edition_versions.c
        live = select(schema.pointer.c.number).scalar_subquery()
        with self._engine.connect() as connection:
            for page in pages(sorted(set(document_ids))):
                query = (
                    select(table.document_id, table.visibility)
                    .outerjoin(schema.edition_versions, holds.version_id == table.version_id)
                    .where(table.document_id.in_(page))
                    .group_by(table.version_id, table.document_id, table.visibility, table.added_at)
                    .order_by(
                        func.coalesce(func.max(case((holds.number == live, 1), else_=0)), 0),
                        func.coalesce(func.max(holds.number), -1),
                        table.added_at,
                    )
                )
                newest.update(connection.execute(query).all())
        return {document for document, visibility in newest.items() if opens(visibility, labels)}

    def report(self, number: int) -> list[Failure]:
        """Return what failed in the last refresh that found or made an edition."""
        return [Failure(**failure) for failure in self._report(number).get("failed", [])]

    def _report(self, number: int) -> dict[str, Any]:
        with self._engine.connect() as connection:
            kept = connection.execute(select(schema.editions.c.report).where(schema.editions.c.number == number))
            return kept.scalar() or {}

    def held(self, number: int | None) -> dict[str, Held]:
        """Return what an edition holds, by document id; empty for None."""
        if number is None:
            return {}
        columns = (schema.versions.c.document_id, schema.versions.c.version_id, schema.versions.c.source)
        query = (
            select(*columns, schema.versions.c.ref)
            .join(schema.edition_versions, schema.edition_versions.c.version_id == schema.versions.c.version_id)
            .where(schema.edition_versions.c.number == number)
        )
        with self._engine.connect() as connection:
            return {
                document: Held(version, source, ref) for document, version, source, ref in connection.execute(query)
            }

    def shelves(self, number: int) -> tuple[Shelf, ...]:
        """Return the shelves of an edition by visibility, the largest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(schema.shelves).where(schema.shelves.c.number == number)).mappings().all()
        found = [
            Shelf(
                row["name"], row["visibility"], row["passages"],
                np.frombuffer(row["centroid"], dtype="<f4").astype(np.float32), row["dead"],
            )
            for row in rows
        ]  # fmt: skip
        return tuple(sorted(found, key=lambda shelf: (shelf.visibility, -shelf.passages, shelf.name)))

    def previous(self) -> int | None:
        """Return the number of the edition that the live one replaced; None for the first."""
        live = self.live()
        return self._report(live.number).get("previous") if live else None

    def kept_shelves(self) -> set[str]:
        """Return the shelf names of the live edition and the one before it: all others may be dropped."""
        live = self.live()
        if live is None:
            return set()
        numbers = [live.number, *(number for number in (self.previous(),) if number is not None)]
        with self._engine.connect() as connection:
            names = connection.execute(select(schema.shelves.c.name).where(schema.shelves.c.number.in_(numbers)))
            return set(names.scalars())

    def passages(self, number: int, ids: Sequence[str], labels: frozenset[str]) -> dict[str, tuple[Passage, Document]]:
        """Return the asked passages that this edition holds and these access labels may read; others are absent."""
        found: dict[str, tuple[Passage, Document]] = {}
        for page in pages(ids):
            rows = select(schema.passages).where(schema.passages.c.passage_id.in_(page))
            with self._engine.connect() as connection:
                passages = [dict(row) for row in connection.execute(rows).mappings()]
                versions = self._versions(connection, number, {row["version_id"] for row in passages}, labels)
            for row in passages:
                if row["version_id"] in versions:
                    document, text = versions[row["version_id"]]
                    slice_ = text[row["start"] : row["end"]]
                    found[row["passage_id"]] = (read_passage(row, document.id, slice_), document)
        return found

    def _versions(
        self, connection: Connection, number: int, ids: set[str], labels: frozenset[str]
    ) -> dict[str, tuple[Document, str]]:
        """Return those of these versions that an edition holds and these labels may read, each with its text.

        Looked up by key: joined to the passages, SQLite would walk the whole edition for each of them. Who may read is
        asked every time; what a version says never changes, so the last ones read are remembered.
        """
        table, holds = schema.versions.c, schema.edition_versions.c
        access = (
            select(table.version_id, table.visibility)
            .join(schema.edition_versions, holds.version_id == table.version_id)
            .where(holds.number == number, holds.version_id.in_(ids))
        )
        readable = [key for key, visibility in connection.execute(access) if opens(visibility, labels)]
        found = {key: known for key in readable if (known := self._remembered.get(key))}
        missing = [key for key in readable if key not in found]
        if missing:
            query = select(table.version_id, table.facts, table.text).where(table.version_id.in_(missing))
            for key, kept, text in connection.execute(query):
                found[key] = (restore(kept), text)
                self._remembered.put(key, found[key], len(text))
        return found

    def cited_in(self, number: int, document_ids: Sequence[str], labels: frozenset[str]) -> list[tuple[str, str]]:
        """Return (passage id, citation) of all passages of these documents that the access labels may read."""
        table, parts = schema.versions.c, schema.passages.c
        query = (
            select(parts.passage_id, parts.citation, table.visibility)
            .join(schema.versions, table.version_id == parts.version_id)
            .join(schema.edition_versions, schema.edition_versions.c.version_id == table.version_id)
            .where(schema.edition_versions.c.number == number, table.document_id.in_(document_ids))
        )
        with self._engine.connect() as connection:
            return [(id_, cited) for id_, cited, visibility in connection.execute(query) if opens(visibility, labels)]

    def definitions(self, number: int, labels: frozenset[str]) -> list[tuple[str, str]]:
        """Return (term, passage id) of every definition of an edition that these access labels may read."""
        table, parts = schema.versions.c, schema.passages.c
        query = (
            select(parts.term, parts.passage_id, table.visibility)
            .join(schema.versions, table.version_id == parts.version_id)
            .join(schema.edition_versions, schema.edition_versions.c.version_id == table.version_id)
            .where(schema.edition_versions.c.number == number, parts.term != "")
        )
        with self._engine.connect() as connection:
            return [(term, id_) for term, id_, visibility in connection.execute(query) if opens(visibility, labels)]

    def documents(self, number: int, labels: frozenset[str]) -> list[Document]:
        """Return the facts of all documents of an edition that these access labels may read, by id."""
        query = (
            select(schema.versions.c.facts)
            .join(schema.edition_versions, schema.edition_versions.c.version_id == schema.versions.c.version_id)
            .where(
                schema.edition_versions.c.number == number,
                schema.versions.c.visibility.in_(self._readable(number, labels)),
            )
            .order_by(schema.versions.c.document_id)
        )
        with self._engine.connect() as connection:
            return [restore(kept) for kept in connection.execute(query).scalars()]

    def _readable(self, number: int, labels: frozenset[str]) -> list[str]:
        """Return which visibilities of an edition these access labels may read."""
        query = (
            select(schema.versions.c.visibility)
            .join(schema.edition_versions, schema.edition_versions.c.version_id == schema.versions.c.version_id)
            .where(schema.edition_versions.c.number == number)
            .distinct()
        )
        with self._engine.connect() as connection:
            return sorted(one for one in connection.execute(query).scalars() if opens(one, labels))
