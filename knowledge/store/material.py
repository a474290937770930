"""What shelves are made of: the entries of versions, their vectors, and which of them stand on which shelf."""

from collections.abc import Iterable, Sequence

import numpy as np
from sqlalchemy import Engine, delete, func, insert, select

from knowledge.ports import Matrix
from knowledge.store import schema
from knowledge.store.entry import Entry
from knowledge.store.paging import pages
from knowledge.store.rows import read_entry, restore


class Material:
    """Reads and keeps what shelves are made of; every method is one short transaction, or one for each page of ids."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

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

    def keys(self, version_ids: Sequence[str]) -> dict[str, set[str]]:
        """Return, per visibility, the keys of the entries of these versions."""
        found: dict[str, set[str]] = {}
        with self._engine.connect() as connection:
            for page in pages(version_ids):
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
            for page in pages(version_ids):
                query = (
                    select(schema.versions.c.visibility, func.count())
                    .join(schema.passages, schema.passages.c.version_id == schema.versions.c.version_id)
                    .where(schema.versions.c.version_id.in_(page))
                    .group_by(schema.versions.c.visibility)
                )
                for visibility, number in connection.execute(query):
                    found[visibility] = found.get(visibility, 0) + number
        return found

    def holding(self, keys: Iterable[str]) -> tuple[list[str], dict[str, str]]:
        """Return versions that hold entries of these keys, one for each key, and the passage id of each key."""
        versions: dict[str, str] = {}
        passages: dict[str, str] = {}
        table = schema.passages.c
        with self._engine.connect() as connection:
            for page in pages(sorted(set(keys))):
                query = select(table.entry_key, table.version_id, table.passage_id).where(table.entry_key.in_(page))
                for key, version, passage in connection.execute(query):
                    versions[key], passages[key] = version, passage
        return sorted(set(versions.values())), passages

    def rows(self, keys: Iterable[str]) -> list[tuple[str, str]]:
        """Return (passage id, text hash) of the entries of these keys, by passage id."""
        found: dict[str, str] = {}
        with self._engine.connect() as connection:
            for page in pages(sorted(set(keys))):
                query = select(schema.passages.c.passage_id, schema.passages.c.text_hash)
                found.update(connection.execute(query.where(schema.passages.c.entry_key.in_(page))).all())
        return sorted(found.items())

    def entries(self, version_ids: Sequence[str], keys: frozenset[str] | None = None) -> list[Entry]:
        """Return what shelves must hold of these versions, or only those of these keys, by passage id."""
        found: dict[str, Entry] = {}
        for page in pages(version_ids):
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
                        entry = read_entry(dict(row), document, text[row["start"] : row["end"]])
                        found[entry.key] = entry
        return sorted(found.values(), key=lambda entry: entry.passage_id)

    def vectors(self, embedder: str, hashes: Sequence[str]) -> Matrix:
        """Return the vectors of these text hashes, in their order; raise KeyError when one is missing."""
        kept: dict[str, bytes] = {}
        with self._engine.connect() as connection:
            for page in pages(sorted(set(hashes))):
                query = select(schema.vectors.c.text_hash, schema.vectors.c.vector).where(
                    schema.vectors.c.embedder == embedder, schema.vectors.c.text_hash.in_(page)
                )
                kept.update((key, vector) for key, vector in connection.execute(query))
        if not hashes:
            return np.zeros((0, 0), dtype=np.float32)
        return np.stack([np.frombuffer(kept[key], dtype="<f4") for key in hashes]).astype(np.float32)

    def missing_vectors(self, embedder: str, hashes: Iterable[str]) -> set[str]:
        """Return the text hashes for which this embedder has no vector yet."""
        wanted = sorted(set(hashes))
        known: set[str] = set()
        with self._engine.connect() as connection:
            for page in pages(wanted):
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
