"""The catalogue of configured sources, kept in the ledger's database."""

from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.model import Kind, SourceSpec
from knowledge.store import schema


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
                row["jurisdiction"], row["visibility"], row["owner"],
            )
            for row in rows
        ]  # fmt: skip

    def add(self, spec: SourceSpec) -> bool:
        """Keep a source; return False when the name is taken."""
        row = {**asdict(spec), "kind": spec.kind.value if spec.kind else None}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(schema.sources).values(**row))
        except IntegrityError:
            return False
        return True

    def remove(self, name: str) -> bool:
        """Forget a source; its documents leave with the next refresh. Return False when there is none."""
        with self._engine.begin() as connection:
            return connection.execute(delete(schema.sources).where(schema.sources.c.name == name)).rowcount > 0

    def note(self, name: str, error: str) -> None:
        """Record that a source was checked now, and what went wrong if anything did."""
        with self._engine.begin() as connection:
            connection.execute(
                update(schema.sources)
                .where(schema.sources.c.name == name)
                .values(checked_at=datetime.now(UTC), error=error or None)
            )

    def notes(self) -> dict[str, tuple[datetime | None, str]]:
        """Return when each source was last checked and its last error."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(schema.sources.c.name, schema.sources.c.checked_at, schema.sources.c.error)
            ).all()
        return {name: (checked_at, error or "") for name, checked_at, error in rows}
