"""The answers about which a policy's owner was asked, and who said that this is resolved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.store import schema
from knowledge.store.database import aware


@dataclass(frozen=True, slots=True)
class Handoff:
    """An answer that was handed to owners by somebody; `key` is the event that did, `resolver` empty while it is open."""

    answer_id: str
    key: str
    owners: Sequence[str]
    asker: str
    asked_at: datetime
    resolver: str = ""
    resolved_at: datetime | None = None


class Handoffs:
    """Keeps what was handed over; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, handoff: Handoff) -> Handoff:
        """Hand an answer over and return what is kept: of several that do, the first one stands."""
        row = {name: getattr(handoff, name) for name in Handoff.__slots__} | {"owners": list(handoff.owners)}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(schema.handoffs).values(**row))
        except IntegrityError:
            kept = self.find(handoff.answer_id)
            if kept is None:
                raise
            return kept
        return handoff

    def find(self, answer_id: str) -> Handoff | None:
        """Return how an answer was handed over, None where it was not."""
        columns = [schema.handoffs.c[name] for name in Handoff.__slots__]
        with self._engine.connect() as connection:
            row = (
                connection.execute(select(*columns).where(schema.handoffs.c.answer_id == answer_id)).mappings().first()
            )
        if row is None:
            return None
        moments = {"asked_at": aware(row["asked_at"]), "resolved_at": aware(row["resolved_at"])}
        return Handoff(**{**row, **moments, "owners": tuple(row["owners"])})

    def resolve(self, answer_id: str, resolver: str, at: datetime) -> bool:
        """Note that it is resolved; False where it was already, or was never handed over."""
        table = schema.handoffs.c
        change = update(schema.handoffs).where(table.answer_id == answer_id, table.resolved_at.is_(None))
        with self._engine.begin() as connection:
            return connection.execute(change.values(resolver=resolver, resolved_at=at)).rowcount == 1
