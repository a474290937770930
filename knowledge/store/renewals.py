"""The refreshes that were asked for in a chat: one at a time, each with how far it is and how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.report import Progress
from knowledge.store import schema
from knowledge.store.database import aware


@dataclass(frozen=True, slots=True)
class Renewal:
    """A refresh that somebody asked for; `back` says where its message stands, as a door left it.

    `tries` counts the processes that were begun for it. `progress` is {step, done, total, note}, empty before the first step.
    `outcome` is what came of it, plain JSON, None until it has ended; with the key `error` it failed.
    """

    key: str
    asked_at: datetime
    who: str
    team: str
    sources: Sequence[str]
    back: Mapping[str, Any]
    tries: int = 0
    progress: Mapping[str, Any] | None = None
    outcome: Mapping[str, Any] | None = None


class Renewals:
    """Keeps the wishes for a refresh; every method is one short transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ask(self, key: str, who: str, team: str, sources: Sequence[str], back: Mapping[str, Any]) -> bool:
        """Keep a wish; False, and nothing is kept, while another one is not at its end. The same event again is True."""
        row = {
            "key": key, "asked_at": datetime.now(UTC), "who": who, "team": team, "sources": list(sources), "back": dict(back),
            "open": 1, "tries": 0, "progress": {},
        }  # fmt: skip
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(schema.renewals).values(**row))
        except IntegrityError:
            return self.find(key) is not None
        return True

    def open(self) -> Renewal | None:
        """Return the refresh whose message does not say yet how it ended."""
        return self._read(schema.renewals.c.open == 1)

    def find(self, key: str) -> Renewal | None:
        """Return a refresh by the key of its wish."""
        return self._read(schema.renewals.c.key == key)

    def begin(self, key: str) -> int:
        """Count one more process for a refresh and return the number."""
        with self._engine.begin() as connection:
            columns = schema.renewals.c
            change = update(schema.renewals).where(columns.key == key).values(tries=columns.tries + 1)
            return int(connection.execute(change.returning(columns.tries)).scalar_one())

    def note(self, key: str, progress: Progress) -> None:
        """Keep how far a refresh is."""
        said = {"step": progress.step, "done": progress.done, "total": progress.total, "note": progress.note}
        self._set(key, progress=said)

    def end(self, key: str, outcome: Mapping[str, Any]) -> None:
        """Keep how a refresh ended; what ended stays as it ended first."""
        with self._engine.begin() as connection:
            chosen = (schema.renewals.c.key == key) & schema.renewals.c.outcome.is_(None)
            connection.execute(update(schema.renewals).where(chosen).values(outcome=dict(outcome)))

    def close(self, key: str) -> None:
        """Note that the message says how it ended: another refresh may be asked for."""
        self._set(key, open=None)

    def _set(self, key: str, **values: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(schema.renewals).where(schema.renewals.c.key == key).values(**values))

    def _read(self, chosen: Any) -> Renewal | None:
        columns = [schema.renewals.c[name] for name in Renewal.__slots__]
        with self._engine.connect() as connection:
            row = connection.execute(select(*columns).where(chosen)).mappings().first()
        return Renewal(**{**row, "asked_at": aware(row["asked_at"]) or datetime.now(UTC)}) if row else None
