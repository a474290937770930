"""What was spent on language models: tokens and money by scope and day, set aside before a call and settled after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, Engine, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from knowledge.store import schema

KEPT = timedelta(days=100)
"""How long a day's figures are kept."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens, and money in millionths of whatever currency the prices are in."""

    tokens: int = 0
    micros: int = 0

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(self.tokens - other.tokens, self.micros - other.micros)


class LimitPassed(Exception):
    """A reservation would pass a limit; nothing of it was set aside. `scope` is whose."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"the limit of {scope} would be passed")
        self.scope = scope


class Spending:
    """The days' figures by scope; every method is one transaction, so that callers at once cannot pass a limit together."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def hold(self, day: date, amount: Spent, limits: Mapping[str, Spent]) -> None:
        """Add an amount to each scope, or to none where one would pass its limit: then raise LimitPassed.

        A limit of 0 tokens or 0 micros is none.
        """
        with self._engine.begin() as connection:
            for scope in sorted(limits):
                self._ensure(connection, scope, day)
                if not _added(connection, scope, day, amount, limits[scope]):
                    raise LimitPassed(scope)

    def add(self, day: date, amount: Spent, scopes: Mapping[str, Spent]) -> None:
        """Add an amount, which may be negative, whatever the limits."""
        with self._engine.begin() as connection:
            for scope in sorted(scopes):
                self._ensure(connection, scope, day)
                _added(connection, scope, day, amount, Spent())

    def of(self, day: date, scope: str) -> Spent:
        """Return what was spent or set aside on a day."""
        columns = schema.spending.c
        query = select(columns.tokens, columns.micros).where(columns.scope == scope, columns.day == day)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return Spent(row.tokens, row.micros) if row else Spent()

    def _ensure(self, connection: Connection, scope: str, day: date) -> None:
        """Make the row of a scope and day; the first of a scope's day takes away its old ones."""
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        row = {"scope": scope, "day": day, "tokens": 0, "micros": 0}
        made = connection.execute(insert(schema.spending).values(**row).on_conflict_do_nothing())
        if made.rowcount:
            columns = schema.spending.c
            connection.execute(delete(schema.spending).where(columns.scope == scope, columns.day < day - KEPT))


def _added(connection: Connection, scope: str, day: date, amount: Spent, limit: Spent) -> bool:
    columns = schema.spending.c
    change = update(schema.spending).where(columns.scope == scope, columns.day == day)
    if limit.tokens:
        change = change.where(columns.tokens + amount.tokens <= limit.tokens)
    if limit.micros:
        change = change.where(columns.micros + amount.micros <= limit.micros)
    done = connection.execute(
        change.values(tokens=columns.tokens + amount.tokens, micros=columns.micros + amount.micros)
    )
    return done.rowcount == 1
