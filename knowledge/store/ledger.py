"""The ledger: the one true record of texts, access, vectors and editions."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, case, delete, func, insert, select, update

from knowledge.access import opens
from knowledge.errors import NothingPublished
from knowledge.model import Document, Edition, Kind, Part, Passage, Standing, Status, Version, Wording
from knowledge.ports import Matrix
from knowledge.report import Failure
from knowledge.store import schema
from knowledge.store.entry import Entry
from knowledge.store.remembered import Remembered

_DATES = ("published", "in_force_from", "applies_from", "ends_on", "as_of", "review_due", "transposition_by")
_PAGE = 500
"""Ids per query, below every database's limit on parameters."""


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
    """Reads and writes the ledger; every method is one short transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._remembered = Remembered[tuple[Document, str]](REMEMBERED)

    # Editions

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
        return _edition(dict(row)) if row else None

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
        return _edition(dict(row)) if row else None

    def first(self) -> Edition | None:
        """Return the oldest edition that is kept."""
        with self._engine.connect() as connection:
            row = (
                connection.execute(select(schema.editions).order_by(schema.editions.c.number).limit(1))
                .mappings()
                .first()
            )
        return _edition(dict(row)) if row else None

    def open_now(self, document_ids: Iterable[str], labels: frozenset[str]) -> set[str]:
        """Return which documents these access labels may read today, whatever older versions said.

        The version in service tells it; of a document that left, the one that the latest edition had, else the newest. A
        version that comes back is not stored again, so the time when it was added does not tell that it holds again.
        """
        newest: dict[str, str] = {}
        table, holds = schema.versions.c, schema.edition_versions.c
        live = select(schema.pointer.c.number).scalar_subquery()
        with self._engine.connect() as connection:
            for page in _pages(sorted(set(document_ids))):
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

    def documents_of(self, version_ids: Sequence[str]) -> dict[str, str]:
        """Return the document of each of these versions that is kept."""
        found: dict[str, str] = {}
        with self._engine.connect() as connection:
            for page in _pages(version_ids):
                query = select(schema.versions.c.version_id, schema.versions.c.document_id)
                found.update(connection.execute(query.where(schema.versions.c.version_id.in_(page))).all())
        return found

    def visibilities_of(self, version_ids: Sequence[str]) -> dict[str, str]:
        """Return who may read each of these versions."""
        found: dict[str, str] = {}
        with self._engine.connect() as connection:
            for page in _pages(version_ids):
                query = select(schema.versions.c.version_id, schema.versions.c.visibility)
                found.update(connection.execute(query.where(schema.versions.c.version_id.in_(page))).all())
        return found

    def report(self, number: int) -> list[Failure]:
        """Return what failed in the last refresh that found or made an edition."""
        return [Failure(**failure) for failure in self._report(number).get("failed", [])]

    def keep_report(self, number: int, failed: Sequence[Failure]) -> None:
        """Replace what is known to have failed, for a refresh that had nothing to publish."""
        report = {**self._report(number), "failed": [asdict(failure) for failure in failed]}
        with self._engine.begin() as connection:
            connection.execute(update(schema.editions).where(schema.editions.c.number == number).values(report=report))

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

    def members(self, name: str) -> frozenset[str]:
        """Return the keys of the entries that a shelf was built from; none for one of which nothing is known."""
        with self._engine.connect() as connection:
            kept = connection.execute(
                select(schema.shelf_members.c.members).where(schema.shelf_members.c.name == name)
            ).scalar()
        return frozenset(kept[at : at + 16].hex() for at in range(0, len(kept), 16)) if kept else frozenset()

    def keep_members(self, name: str, keys: Iterable[str]) -> None:
        """Keep what a shelf is built from; its name says the same, so the same shelf kept again changes nothing."""
        row = {"name": name, "members": b"".join(bytes.fromhex(key) for key in sorted(keys))}
        with self._engine.begin() as connection:
            connection.execute(delete(schema.shelf_members).where(schema.shelf_members.c.name == name))
            connection.execute(insert(schema.shelf_members).values(**row))

    def rows(self, keys: Iterable[str]) -> list[tuple[str, str]]:
        """Return (passage id, text hash) of the entries of these keys, by passage id."""
        found: dict[str, str] = {}
        with self._engine.connect() as connection:
            for page in _pages(sorted(set(keys))):
                query = select(schema.passages.c.passage_id, schema.passages.c.text_hash)
                found.update(connection.execute(query.where(schema.passages.c.entry_key.in_(page))).all())
        return sorted(found.items())

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

    # Texts

    def keep_versions(self, versions: Sequence[Version]) -> list[str]:
        """Store versions with their passages, each once, in transactions of a page; return their ids in order."""
        by_id = {version_key(version): version for version in versions}
        for page in _pages(list(by_id)):
            with self._engine.begin() as connection:
                known = select(schema.versions.c.version_id).where(schema.versions.c.version_id.in_(page))
                stored = set(connection.execute(known).scalars())
                new = [(key, by_id[key]) for key in page if key not in stored]
                rows = [row for key, version in new for row in _passage_rows(key, version)]
                if new:
                    connection.execute(insert(schema.versions), [_version_row(key, version) for key, version in new])
                if rows:
                    connection.execute(insert(schema.passages), rows)
        return list(by_id)

    def entries(self, version_ids: Sequence[str], keys: frozenset[str] | None = None) -> list[Entry]:
        """Return what shelves must hold of these versions, or only those of these keys, by passage id."""
        found: dict[str, Entry] = {}
        for page in _pages(version_ids):
            query = select(schema.versions).where(schema.versions.c.version_id.in_(page))
            parts = select(schema.passages).where(schema.passages.c.version_id.in_(page))
            with self._engine.connect() as connection:
                versions = {
                    row["version_id"]: (row["text"], restore(row["facts"]))
                    for row in connection.execute(query).mappings()
                }
                for row in connection.execute(parts).mappings():
                    if keys is None or row["entry_key"] in keys:
                        text, document = versions[row["version_id"]]
                        entry = _entry(document, dict(row), text[row["start"] : row["end"]])
                        found[entry.key] = entry
        return sorted(found.values(), key=lambda entry: entry.passage_id)

    def keys(self, version_ids: Sequence[str]) -> dict[str, set[str]]:
        """Return, per visibility, the keys of the entries of these versions."""
        found: dict[str, set[str]] = {}
        with self._engine.connect() as connection:
            for page in _pages(version_ids):
                query = (
                    select(schema.versions.c.visibility, schema.passages.c.entry_key)
                    .join(schema.versions, schema.versions.c.version_id == schema.passages.c.version_id)
                    .where(schema.passages.c.version_id.in_(page))
                )
                for visibility, key in connection.execute(query):
                    found.setdefault(visibility, set()).add(key)
        return found

    def count(self, version_ids: Sequence[str]) -> dict[str, int]:
        """Return, per visibility, how many passages these versions have."""
        found: dict[str, int] = {}
        with self._engine.connect() as connection:
            for page in _pages(version_ids):
                query = (
                    select(schema.versions.c.visibility, func.count())
                    .join(schema.passages, schema.passages.c.version_id == schema.versions.c.version_id)
                    .where(schema.versions.c.version_id.in_(page))
                    .group_by(schema.versions.c.visibility)
                )
                for visibility, number in connection.execute(query):
                    found[visibility] = found.get(visibility, 0) + number
        return found

    def cited(self, version_ids: Sequence[str]) -> dict[str, str]:
        """Return the citation of each passage of these versions, by passage id."""
        found: dict[str, str] = {}
        with self._engine.connect() as connection:
            for page in _pages(version_ids):
                query = select(schema.passages.c.passage_id, schema.passages.c.citation)
                found.update(connection.execute(query.where(schema.passages.c.version_id.in_(page))).all())
        return found

    def holding(self, keys: Iterable[str]) -> tuple[list[str], dict[str, str]]:
        """Return versions that hold entries of these keys, one for each key, and the passage id of each key."""
        versions: dict[str, str] = {}
        passages: dict[str, str] = {}
        table = schema.passages.c
        with self._engine.connect() as connection:
            for page in _pages(sorted(set(keys))):
                query = select(table.entry_key, table.version_id, table.passage_id).where(table.entry_key.in_(page))
                for key, version, passage in connection.execute(query):
                    versions[key], passages[key] = version, passage
        return sorted(set(versions.values())), passages

    def passages(self, number: int, ids: Sequence[str], labels: frozenset[str]) -> dict[str, tuple[Passage, Document]]:
        """Return the asked passages that this edition holds and these access labels may read; others are absent."""
        found: dict[str, tuple[Passage, Document]] = {}
        for page in _pages(ids):
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

    # Vectors

    def missing_vectors(self, embedder: str, hashes: Iterable[str]) -> set[str]:
        """Return the text hashes for which this embedder has no vector yet."""
        wanted = sorted(set(hashes))
        known: set[str] = set()
        with self._engine.connect() as connection:
            for page in _pages(wanted):
                known.update(
                    connection.execute(
                        select(schema.vectors.c.text_hash).where(
                            schema.vectors.c.embedder == embedder, schema.vectors.c.text_hash.in_(page)
                        )
                    ).scalars()
                )
        return set(wanted) - known

    def keep_vectors(self, embedder: str, hashes: Sequence[str], matrix: Matrix) -> None:
        """Store vectors as little-endian float32."""
        rows = [
            {"embedder": embedder, "text_hash": key, "vector": np.asarray(row, dtype="<f4").tobytes()}
            for key, row in zip(hashes, matrix, strict=True)
        ]
        if rows:
            with self._engine.begin() as connection:
                connection.execute(insert(schema.vectors), rows)

    def vectors(self, embedder: str, hashes: Sequence[str]) -> Matrix:
        """Return the vectors of these text hashes, in their order; raise KeyError when one is missing."""
        kept: dict[str, bytes] = {}
        with self._engine.connect() as connection:
            for page in _pages(sorted(set(hashes))):
                query = select(schema.vectors.c.text_hash, schema.vectors.c.vector).where(
                    schema.vectors.c.embedder == embedder, schema.vectors.c.text_hash.in_(page)
                )
                kept.update((key, vector) for key, vector in connection.execute(query))
        if not hashes:
            return np.zeros((0, 0), dtype=np.float32)
        return np.stack([np.frombuffer(kept[key], dtype="<f4") for key in hashes]).astype(np.float32)

    # Publishing

    def publish(  # noqa: PLR0913 - one transaction writes all of this or nothing
        self,
        *,
        number: int,
        embedder: str,
        dimensions: int,
        version_ids: Sequence[str],
        shelves: Sequence[Shelf],
        starter: str,
        failed: Sequence[Failure],
    ) -> Edition:
        """Write an edition and move the pointer to it, in one transaction."""
        edition = Edition(
            number,
            datetime.now(UTC),
            embedder,
            len(version_ids),
            sum(shelf.passages - len(shelf.dead) for shelf in shelves),
            starter,
        )
        with self._engine.begin() as connection:
            previous = connection.execute(select(schema.pointer.c.number)).scalar()
            connection.execute(
                insert(schema.editions).values(
                    number=number,
                    published_at=edition.published_at,
                    embedder=embedder,
                    dimensions=dimensions,
                    documents=edition.documents,
                    passages=edition.passages,
                    starter=starter,
                    report={"previous": previous, "failed": [asdict(failure) for failure in failed]},
                )
            )
            if version_ids:
                connection.execute(
                    insert(schema.edition_versions), [{"number": number, "version_id": key} for key in version_ids]
                )
            if shelves:
                connection.execute(
                    insert(schema.shelves),
                    [
                        {
                            "number": number, "visibility": shelf.visibility, "name": shelf.name,
                            "passages": shelf.passages, "centroid": shelf.centroid.astype("<f4").tobytes(),
                            "dead": dict(shelf.dead),
                        }
                        for shelf in shelves
                    ],
                )  # fmt: skip
            _bury(connection, previous, number)
            _point(connection, number)
        return edition

    def point_to(self, number: int) -> bool:
        """Move the pointer to an earlier edition that is still complete; return False when there is none."""
        with self._engine.begin() as connection:
            known = connection.execute(
                select(schema.editions.c.number).where(schema.editions.c.number == number)
            ).first()
            if known:
                _point(connection, number)
        return known is not None

    def next_number(self) -> int:
        """Return the number that the next edition gets."""
        with self._engine.connect() as connection:
            return (connection.execute(select(func.max(schema.editions.c.number))).scalar() or 0) + 1


def version_key(version: Version) -> str:
    """Hash everything that a version says, so that the same state of a document is stored once."""
    passages = [
        (p.id, p.start, p.end, str(p.part), p.term, p.page, p.applies_from, p.ends_on) for p in version.passages
    ]
    body = json.dumps(
        [facts(version.document), version.text, passages], sort_keys=True, ensure_ascii=False, default=str
    )
    return hashlib.sha256(body.encode()).hexdigest()[:32]


def header(document: Document, passage: Mapping[str, Any]) -> str:
    """Return what a passage is found by beside its words: citation, headings, names and vendors."""
    parts = (passage["citation"], passage["heading"], document.title, document.short, document.citation)
    return " | ".join((*parts, *document.aliases, *document.vendors))


def facts(document: Document) -> dict[str, Any]:
    """Return a document as plain JSON."""
    kept = asdict(document)
    if not document.asked:
        del kept["asked"]  # so that versions from before there were any stay the same
    for name in _DATES:
        kept[name] = kept[name].isoformat() if kept[name] else None
    return kept


def restore(kept: Mapping[str, Any]) -> Document:
    """Return the document that `facts` wrote."""
    values = dict(kept)
    for name in _DATES:
        values[name] = date.fromisoformat(values[name]) if values.get(name) else None
    for name in ("aliases", "vendors", "topics", "supersedes", "flags"):
        values[name] = tuple(values.get(name, ()))
    values["asked"] = tuple((citation, tuple(questions)) for citation, questions in values.get("asked", ()))
    values["kind"] = Kind(values["kind"])
    values["status"] = Status(values["status"])
    values["wording"] = Wording(values["wording"])
    values["standing"] = Standing(values["standing"]) if values["standing"] else None
    return Document(**values)


def _version_row(version_id: str, version: Version) -> dict[str, Any]:
    document = version.document
    return {
        "version_id": version_id, "document_id": document.id, "source": document.source, "ref": version.ref,
        "visibility": document.visibility, "facts": facts(document), "text": version.text, "added_at": datetime.now(UTC),
    }  # fmt: skip


def _passage_rows(version_id: str, version: Version) -> list[dict[str, Any]]:
    rows = []
    for passage in version.passages:
        row = {
            "version_id": version_id, "passage_id": passage.id, "citation": passage.citation,
            "heading": passage.heading, "start": passage.start, "end": passage.end, "context": passage.context,
            "part": passage.part.value, "term": passage.term, "page": passage.page,
            "applies_from": passage.applies_from, "ends_on": passage.ends_on,
        }  # fmt: skip
        entry = _entry(version.document, row, passage.text)
        rows.append({**row, "text_hash": entry.text_hash, "entry_key": entry.key})
    return rows


def _entry(document: Document, row: Mapping[str, Any], text: str) -> Entry:
    found_by = header(document, row)
    found_by = f"{found_by} | {row['context']}" if row["context"] else found_by
    return Entry(row["passage_id"], row["heading"], text, found_by, document.id, row["start"])


def read_passage(row: Mapping[str, Any], document_id: str, text: str) -> Passage:
    """Return the passage of a row of the table."""
    return Passage(
        row["passage_id"], document_id, row["citation"], row["heading"], text, row["start"], row["end"],
        context=row["context"], part=Part(row["part"]), term=row["term"], page=row["page"],
        applies_from=row["applies_from"], ends_on=row["ends_on"],
    )  # fmt: skip


def _edition(row: Mapping[str, Any]) -> Edition:
    published = row["published_at"]
    if published.tzinfo is None:
        published = published.replace(tzinfo=UTC)
    return Edition(row["number"], published, row["embedder"], row["documents"], row["passages"], row["starter"])


def _bury(connection: Any, previous: int | None, number: int) -> None:
    """Put up tombstones for the documents that the edition before had and this one has not."""
    held = select(schema.versions.c.document_id, schema.versions.c.version_id).join(
        schema.edition_versions, schema.edition_versions.c.version_id == schema.versions.c.version_id
    )
    now = select(schema.versions.c.document_id).join(
        schema.edition_versions, schema.edition_versions.c.version_id == schema.versions.c.version_id
    )
    gone = held.where(
        schema.edition_versions.c.number == previous,
        schema.versions.c.document_id.not_in(now.where(schema.edition_versions.c.number == number)),
    )
    rows = [
        {"document_id": document, "number": number, "version_id": version}
        for document, version in connection.execute(gone)
    ]
    if rows:
        connection.execute(insert(schema.tombstones), rows)


def _point(connection: Any, number: int) -> None:
    moved = connection.execute(update(schema.pointer).where(schema.pointer.c.id == 1).values(number=number))
    if moved.rowcount == 0:
        connection.execute(insert(schema.pointer).values(id=1, number=number))


def _pages(items: Sequence[str]) -> Iterable[list[str]]:
    return (list(items[start : start + _PAGE]) for start in range(0, len(items), _PAGE))
