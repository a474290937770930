"""The vendors that people watch: what the last look at each saw, and what it found different from the look before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.store import schema
from knowledge.store.database import aware


@dataclass(frozen=True, slots=True)
class Watch:
    """A vendor that somebody watches; `back` is how a door reaches the watcher, None for the terminal.

    `look` names the state of lists and editions that was looked at last, `seen` is what the vendor's card said then, plain
    JSON. `news` are the differences that the last look with any found, as sentences, and `news_at` when.
    """

    id: str
    watcher: str
    vendor: str
    country: str
    back: Mapping[str, Any] | None
    since: datetime
    look: str
    seen: Mapping[str, Any]
    news: Sequence[str] = ()
    news_at: datetime | None = None


class Watches:
    """Keeps watches; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, watch: Watch) -> bool:
        """Keep a watch; False, and nothing changes, where it is kept already."""
        row = {name: getattr(watch, name) for name in Watch.__slots__}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(schema.watches).values(**{**row, "news": list(watch.news)}))
        except IntegrityError:
            if self.find(watch.id) is None:
                raise
            return False
        return True

    def find(self, watch_id: str) -> Watch | None:
        """Return a watch by its id."""
        return next(iter(self._read(schema.watches.c.id == watch_id)), None)

    def of(self, watcher: str) -> list[Watch]:
        """Return what somebody watches, the oldest first."""
        return self._read(schema.watches.c.watcher == watcher)

    def due(self, look: str) -> list[Watch]:
        """Return the watches that have not been looked at in this state, the oldest first."""
        return self._read(schema.watches.c.look != look)

    def looked(self, before: Watch, look: str, seen: Mapping[str, Any], news: Sequence[str]) -> bool:
        """Keep what a look saw and found; False where another has looked since `before` was read, then nothing is kept."""
        columns = schema.watches.c
        values: dict[str, Any] = {"look": look, "seen": dict(seen)}
        if news:
            values |= {"news": list(news), "news_at": datetime.now(UTC)}
        change = update(schema.watches).where(columns.id == before.id, columns.look == before.look).values(**values)
        with self._engine.begin() as connection:
            return connection.execute(change).rowcount == 1

    def remove(self, watch_id: str) -> bool:
        """Forget a watch; False where there is none."""
        with self._engine.begin() as connection:
            done = connection.execute(delete(schema.watches).where(schema.watches.c.id == watch_id))
        return done.rowcount == 1

    def _read(self, chosen: Any) -> list[Watch]:
        columns = [schema.watches.c[name] for name in Watch.__slots__]
        query = select(*columns).where(chosen).order_by(schema.watches.c.since, schema.watches.c.id)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [Watch(**{**row, "since": aware(row["since"]), "news_at": aware(row["news_at"])}) for row in rows]
