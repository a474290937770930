"""The audit log: what administrators did, kept in order and never changed."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from knowledge.store import schema
from knowledge.store.database import aware


@dataclass(frozen=True, slots=True)
class Deed:
    """One action: `who` of which `team` did `what` on which `subject` by which `door`, and its `outcome` in words.

    `key` identifies the event, so that it is written once; `made_at` is in UTC.
    """

    key: str
    door: str
    who: str
    team: str
    what: str
    subject: str
    outcome: str
    made_at: datetime


class Deeds:
    """Adds to the log and reads it; the database refuses to change or to remove what stands in it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, deed: Deed) -> bool:
        """Write an action down; False, and nothing changes, where its event is written down already."""
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(schema.deeds).values(**asdict(deed)))
        except IntegrityError:
            if self.find(deed.key) is None:
                raise
            return False
        return True

    def find(self, key: str) -> Deed | None:
        """Return what an event did."""
        return next(iter(self._read(schema.deeds.c.key == key)), None)

    def all(self) -> list[Deed]:
        """Return every action, the oldest first."""
        return self._read(schema.deeds.c.n > 0)

    def _read(self, chosen: Any) -> list[Deed]:
        columns = [schema.deeds.c[name] for name in Deed.__slots__]
        query = select(*columns).where(chosen).order_by(schema.deeds.c.n)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [Deed(**{**row, "made_at": aware(row["made_at"]) or datetime.now(UTC)}) for row in rows]
