"""The register of owners on disk: built once from a golden copy beside the one in service, then swapped in as a whole."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import uuid4

from knowledge.errors import ListRefused
from knowledge.lists import gleif
from knowledge.lists.gleif import Copy
from knowledge.names.asked import Asked
from knowledge.names.forms import Form, form
from knowledge.names.score import legally_different
from knowledge.owner import Entity, Ownership, paths

MOST = 4
"""Entities of one name that are told; a name of more tells none of them."""
HEIGHT = 8
"""Steps that are gone upwards."""
LEAST = 0.8
"""The share of the entities in service that a new copy must have, or it is refused."""
_FILE = "owners.db"
_TABLES = """
CREATE TABLE about (of TEXT NOT NULL);
CREATE TABLE entities (lei TEXT PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE names (key TEXT NOT NULL, lei TEXT NOT NULL, name TEXT NOT NULL);
CREATE TABLE ties (child TEXT NOT NULL, kind TEXT NOT NULL, parent TEXT NOT NULL);
"""
_INDEXES = "CREATE INDEX names_by_key ON names (key); CREATE INDEX ties_by_child ON ties (child);"


@dataclass(frozen=True, slots=True)
class Register:
    """How large the register in service is, and the day that it is of."""

    of: date
    entities: int
    ties: int


class Owners:
    """The register of one state folder. Readers open the file that is in service; it never changes, a new one takes its name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / _FILE

    def register(self) -> Register | None:
        """Return what is in service, None where nothing was loaded."""
        if not self._file.is_file():
            return None
        return _register(self._file)

    def load(self, copy: Copy) -> Register:
        """Build the register from a golden copy and put it into service; raise ListRefused, and nothing changes, where it fails."""
        before = self.register()
        self._folder.mkdir(parents=True, exist_ok=True)
        made = self._folder / f"{_FILE}.{uuid4().hex}"
        try:
            with closing(sqlite3.connect(made)) as connection, connection:
                _fill(connection, copy)
            register = _register(made)
            if not register.ties:
                raise ListRefused("no relationship of the copy is between entities that it has")
            if before and register.entities < before.entities * LEAST:
                raise ListRefused(
                    f"the copy has {register.entities} entities with owners, where {before.entities} are in service"
                )
            made.replace(self._file)
        finally:
            made.unlink(missing_ok=True)
        return register

    def withdraw(self) -> None:
        """Take the register out of service; nothing where there is none."""
        self._file.unlink(missing_ok=True)

    def of(self, asked: Asked) -> Ownership:
        """Return what the register knows of a vendor as it was typed: by its LEI, else by its exact name but for the legal form."""
        if asked.refused or not self._file.is_file():
            return Ownership(None)
        with _reading(self._file) as read:
            (of,) = read.execute("SELECT of FROM about").fetchone()
            found = list(_entities(read, asked))
            if not 0 < len(found) <= MOST:
                return Ownership(date.fromisoformat(of))
            found_paths = [path for entity in found for path in paths(entity, *_above(read, entity))]
        return Ownership(date.fromisoformat(of), tuple(found), tuple(found_paths))


@contextmanager
def _reading(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as connection:
        yield connection


def _register(file: Path) -> Register:
    with _reading(file) as read:
        (of,) = read.execute("SELECT of FROM about").fetchone()
        (entities,) = read.execute("SELECT count(*) FROM entities").fetchone()
        (ties,) = read.execute("SELECT count(*) FROM ties").fetchone()
    return Register(date.fromisoformat(of), entities, ties)


def _fill(connection: sqlite3.Connection, copy: Copy) -> None:
    connection.executescript(_TABLES)
    connection.execute("INSERT INTO about VALUES (?)", (copy.of.isoformat(),))
    connection.executemany("INSERT INTO ties VALUES (?, ?, ?)", gleif.consolidated(copy.ties))
    tied = {lei for row in connection.execute("SELECT child, parent FROM ties") for lei in row}
    for entity, others in gleif.entities(copy.entities, tied):
        connection.execute(
            "INSERT OR REPLACE INTO entities VALUES (?, ?, ?)", (entity.lei, entity.name, entity.country)
        )
        rows = {(key, entity.lei, name) for name in (entity.name, *others) for key in _keys(form(name))}
        connection.executemany("INSERT INTO names VALUES (?, ?, ?)", sorted(rows))
    connection.execute(
        "DELETE FROM ties WHERE child NOT IN (SELECT lei FROM entities) OR parent NOT IN (SELECT lei FROM entities)"
    )
    connection.executescript(_INDEXES)


def _keys(wanted: Form) -> set[str]:
    return {key for key in (wanted.key, wanted.script) if key}


def _entities(read: sqlite3.Connection, asked: Asked) -> Iterator[Entity]:
    """Yield the entities that a name may be; the number alone decides where it is an LEI."""
    if asked.identifier is not None and asked.identifier.scheme == "lei":
        row = read.execute(
            "SELECT lei, name, country FROM entities WHERE lei = ?", (asked.identifier.value,)
        ).fetchone()
        yield from [Entity(*row)] if row else []
        return
    wanted, met = form(asked.name), set()
    if wanted.disguised:
        return
    query = "SELECT e.lei, e.name, e.country, n.name FROM names n JOIN entities e ON e.lei = n.lei WHERE n.key = ? ORDER BY e.lei"
    for key in sorted(_keys(wanted)):
        for lei, name, country, known in read.execute(query, (key,)):
            elsewhere = asked.country and country and asked.country != country
            if lei not in met and not elsewhere and not legally_different(wanted, form(known)):
                met.add(lei)
                yield Entity(lei, name, country)


def _above(read: sqlite3.Connection, start: Entity) -> tuple[list[tuple[str, str, str]], dict[str, Entity]]:
    """Return the relationships above an entity and the entities that they lead to."""
    found: list[tuple[str, str, str]] = []
    entities: dict[str, Entity] = {}
    level = {start.lei}
    for _ in range(HEIGHT):
        rows = [
            row
            for lei in sorted(level)
            for row in read.execute("SELECT child, kind, parent FROM ties WHERE child = ?", (lei,))
        ]
        found += rows
        level = {parent for _, _, parent in rows} - entities.keys() - {start.lei}
        for lei in sorted(level):
            row = read.execute("SELECT lei, name, country FROM entities WHERE lei = ?", (lei,)).fetchone()
            if row:
                entities[lei] = Entity(*row)
        if not level:
            break
    return found, entities
