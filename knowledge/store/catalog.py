"""The catalogue of configured sources, kept in the ledger's database."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.model import Kind, SourceSpec
from knowledge.store import schema
from knowledge.store.database import aware

LIST = "list"
"""The type of a source that is a screening list: it has parties and no documents."""
OWNERS = "gleif"
"""The type of a source that is a register of owners: it has neither."""


@dataclass(frozen=True, slots=True)
class Note:
    """When a source was last checked, when that last went well, and what went wrong since."""

    checked_at: datetime | None
    good_at: datetime | None
    error: str


class Catalog:
    """Reads and writes the configured sources; every method is one short transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> list[SourceSpec]:
        """Return the configured sources by name."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(schema.sources).order_by(schema.sources.c.name)).mappings().all()
        return [
            SourceSpec(
                row["name"], row["type"], row["at"], Kind(row["kind"]) if row["kind"] else None,
                row["jurisdiction"], row["visibility"], row["owner"], row["every"],
            )
            for row in rows
        ]  # fmt: skip

    def documents(self) -> list[SourceSpec]:
        """Return the configured sources that have documents, by name."""
        return [spec for spec in self.all() if spec.type not in {LIST, OWNERS}]

    def lists(self) -> list[SourceSpec]:
        """Return the configured screening lists by name, which is the list's id."""
        return [spec for spec in self.all() if spec.type == LIST]

    def owners(self) -> list[SourceSpec]:
        """Return the configured registers of owners, by name."""
        return [spec for spec in self.all() if spec.type == OWNERS]

    def add(self, spec: SourceSpec) -> bool:
        """Keep a source; return False when the name is taken."""
        row = {**asdict(spec), "kind": spec.kind.value if spec.kind else None, "cursor": ""}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(schema.sources).values(**row))
        except IntegrityError:
            return False
        return True

    def remove(self, name: str) -> bool:
        """Forget a source and what was read of it; its documents leave with the next refresh. False when there is none."""
        with self._engine.begin() as connection:
            connection.execute(delete(schema.reads).where(schema.reads.c.source == name))
            return connection.execute(delete(schema.sources).where(schema.sources.c.name == name)).rowcount > 0

    def note(self, name: str, error: str) -> None:
        """Record that a source was checked now, and what went wrong if anything did."""
        now = datetime.now(UTC)
        values = {"checked_at": now, "error": error or None} | ({} if error else {"good_at": now})
        self._set(name, **values)

    def notes(self) -> dict[str, Note]:
        """Return what is known of each source's last checks."""
        columns = schema.sources.c
        with self._engine.connect() as connection:
            rows = connection.execute(select(columns.name, columns.checked_at, columns.good_at, columns.error)).all()
        return {name: Note(aware(checked), aware(good), error or "") for name, checked, good, error in rows}

    def cursor(self, name: str) -> str:
        """Return where the last published listing of a source ended; empty before the first."""
        with self._engine.connect() as connection:
            found = connection.execute(select(schema.sources.c.cursor).where(schema.sources.c.name == name)).scalar()
        return found or ""

    def move(self, name: str, cursor: str) -> None:
        """Keep where a listing ended, once what it named is published."""
        self._set(name, cursor=cursor)

    def due(self, now: datetime) -> list[str]:
        """Return the sources whose schedule says that they should be read again by now."""
        notes = self.notes()
        return [
            spec.name for spec in self.all() if spec.every and _is_due(notes[spec.name].checked_at, spec.every, now)
        ]

    def _set(self, name: str, **values: object) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(schema.sources).where(schema.sources.c.name == name).values(**values))


def _is_due(checked: datetime | None, every: int, now: datetime) -> bool:
    return checked is None or now - checked >= timedelta(minutes=every)
