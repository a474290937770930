"""What was decided about vendors, kept in order; a decision is never changed, only seconded and reminded of once."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.decision import Choice, Decision
from knowledge.store import schema
from knowledge.store.database import aware

REMIND = timedelta(days=14)
"""How long before a decision's last day its decider is reminded."""
_COLUMNS = [schema.decisions.c[one.name] for one in fields(Decision)]


class Decisions:
    """Keeps decisions about vendors; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, decision: Decision) -> Decision:
        """Add a decision and return it with its number; the same event again changes nothing and returns what is kept."""
        row = {one.name: getattr(decision, one.name) for one in fields(Decision) if one.name != "n"}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(schema.decisions).values(**row))
        except IntegrityError:
            if not any(self._read(schema.decisions.c.key == decision.key)):
                raise
        return next(self._read(schema.decisions.c.key == decision.key))

    def second(self, n: int, who: str, named: str, at: datetime) -> bool:
        """Note the second approver; False where there is one, where he is the first, or where a later decision was made."""
        table = schema.decisions.c
        later = schema.decisions.alias()
        newest = select(func.max(later.c.n)).where(later.c.asked == table.asked).scalar_subquery()
        change = update(schema.decisions).where(
            table.n == n, table.needs_second, table.second_at.is_(None), table.who != who, table.n == newest
        )
        with self._engine.begin() as connection:
            return connection.execute(change.values(second=who, second_named=named, second_at=at)).rowcount == 1

    def find(self, n: int) -> Decision | None:
        """Return a decision by its number."""
        return next(self._read(schema.decisions.c.n == n), None)

    def of(self, asked: str) -> tuple[Decision, ...]:
        """Return the decisions about a name, by its key, oldest first."""
        return tuple(self._read(schema.decisions.c.asked == asked))

    def all(self) -> tuple[Decision, ...]:
        """Return every decision, oldest first."""
        return tuple(self._read(schema.decisions.c.n > 0))

    def ending(self, today: date) -> list[Decision]:
        """Return the decisions that end soon, whose decider a door can reach and has not been reminded, oldest first.

        Those that another decision about the same name follows are left out, and those that are made for less than the
        time of the reminder until the day after they were made.
        """
        table = schema.decisions.c
        later = schema.decisions.alias()
        newest = select(func.max(later.c.n)).where(later.c.asked == table.asked).scalar_subquery()
        soon = table.until.between(today, today + REMIND)
        found = self._read(soon & table.reminded_at.is_(None) & (table.n == newest))
        return [one for one in found if one.back is not None and one.counts(today) and one.made_at.date() < today]

    def reminded(self, n: int) -> None:
        """Note that the decider is reminded."""
        change = update(schema.decisions).where(schema.decisions.c.n == n).values(reminded_at=datetime.now(UTC))
        with self._engine.begin() as connection:
            connection.execute(change)

    def _read(self, chosen: Any) -> Iterator[Decision]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(*_COLUMNS).where(chosen).order_by(schema.decisions.c.n)).mappings().all()
        for row in rows:
            moments = {"made_at": aware(row["made_at"]), "second_at": aware(row["second_at"])}
            yield Decision(**{**row, "choice": Choice(row["choice"]), **moments})
