"""What durable work leaves in the database: signs of life, what was asked lately, what was stopped, and what failed for good."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from knowledge.store import schema
from knowledge.store.database import aware

KEPT = timedelta(days=2)
"""How long it is remembered that something was asked, and that a worker which is gone was there."""


class Beats:
    """The signs of life of the workers: each counts up under its own name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def beat(self, executor: str, sign: str) -> None:
        """Leave a sign that no earlier one equals."""
        row = {"executor": executor, "sign": sign, "seen_at": datetime.now(UTC)}
        with self._engine.begin() as connection:
            made = _insert(connection, schema.beats).values(**row)
            connection.execute(made.on_conflict_do_update(index_elements=["executor"], set_=row))
            connection.execute(delete(schema.beats).where(schema.beats.c.seen_at < datetime.now(UTC) - KEPT))

    def signs(self) -> dict[str, str]:
        """Return the last sign of each worker."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(schema.beats.c.executor, schema.beats.c.sign)).all()
        return {row.executor: row.sign for row in rows}

    def last(self) -> datetime | None:
        """Return when any worker was alive last, by that worker's clock."""
        with self._engine.connect() as connection:
            return aware(connection.execute(select(func.max(schema.beats.c.seen_at))).scalar())


@dataclass(frozen=True, slots=True)
class Window:
    """How many questions a scope may ask within some seconds; 0 is no limit."""

    most: int
    seconds: float


class Asked:
    """The questions of the last days by asker and place, so that both can be limited over all workers together."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def refused(self, key: str, windows: Mapping[str, Window]) -> str:
        """Count a question for each scope and return nothing, or the scope whose limit it would pass: then it counts for none.

        The same key again was counted already. One transaction, in which others of the same scopes wait.
        """
        windows = {scope: window for scope, window in windows.items() if scope and window.most}
        if not windows:
            return ""
        now = datetime.now(UTC)
        with self._engine.begin() as connection:
            _alone(connection, sorted(windows))
            columns = schema.asked.c
            if connection.execute(select(columns.key).where(columns.key == key).limit(1)).scalar() is not None:
                return ""
            for scope in sorted(windows):
                since = now - timedelta(seconds=windows[scope].seconds)
                query = select(func.count()).where(columns.scope == scope, columns.asked_at > since)
                if connection.execute(query).scalar_one() >= windows[scope].most:
                    return scope
            connection.execute(delete(schema.asked).where(columns.scope.in_(windows), columns.asked_at < now - KEPT))
            rows = [{"key": key, "scope": scope, "asked_at": now} for scope in windows]
            connection.execute(schema.asked.insert(), rows)
        return ""


class Stops:
    """Who pressed stop where: it holds for what was asked there before, whichever worker has it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def press(self, sessions: Collection[str], asker: str, at: float) -> None:
        """Keep a press for each session; one that is older than what is kept, or the same again, changes nothing."""
        made = datetime.now(UTC)
        columns = schema.stops.c
        with self._engine.begin() as connection:
            connection.execute(delete(schema.stops).where(columns.kept_at < made - KEPT))
            for session in sorted(sessions):
                row = {"session": session, "asker": asker, "at": at, "kept_at": made}
                insertion = _insert(connection, schema.stops).values(**row)
                newer = {"at": at, "kept_at": made}
                connection.execute(
                    insertion.on_conflict_do_update(
                        index_elements=["session", "asker"], set_=newer, where=columns.at < at
                    )
                )

    def pressed(self, sessions: Collection[str], asker: str, since: float) -> bool:
        """Tell whether this asker, or nobody by name, pressed stop in one of these sessions after a moment."""
        columns = schema.stops.c
        query = select(columns.at).where(
            columns.session.in_(sessions), columns.asker.in_({asker, ""}), columns.at > since
        )
        with self._engine.connect() as connection:
            return connection.execute(query.limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Work that could not be delivered: which, of which door, taken in when, given up when last, and why in words.

    `payload` is what came in and `message` what was to be delivered, both as the door left them; None where they were not
    kept. `tries` counts how often a worker began it again, and at `next_at` one does so, None where an administrator decides.
    """

    key: str
    door: str
    since: datetime
    failed_at: datetime
    why: str
    payload: Mapping[str, Any] | None = None
    message: Mapping[str, Any] | None = None
    tries: int = 0
    next_at: datetime | None = None


class DeadLetters:
    """The work that could not be delivered; each is kept until it is sent, or somebody drops it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, letter: DeadLetter) -> None:
        """Keep a letter; the same key again changes nothing."""
        row = {name: getattr(letter, name) for name in DeadLetter.__slots__}
        with self._engine.begin() as connection:
            connection.execute(_insert(connection, schema.dead_letters).values(**row).on_conflict_do_nothing())

    def all(self) -> list[DeadLetter]:
        """Return the letters, the oldest first."""
        return self._read(schema.dead_letters.c.key != "")

    def find(self, key: str) -> DeadLetter | None:
        """Return a letter by its key."""
        return next(iter(self._read(schema.dead_letters.c.key == key)), None)

    def due(self, now: datetime) -> list[DeadLetter]:
        """Return the letters that are to be tried again by now."""
        return self._read(schema.dead_letters.c.next_at <= now)

    def count(self) -> int:
        """Return how many letters there are."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(schema.dead_letters)).scalar_one()

    def want(self, key: str, now: datetime) -> bool:
        """Let the next worker that looks try a letter again; False where there is none."""
        return self._set(schema.dead_letters.c.key == key, next_at=now)

    def begun(self, letter: DeadLetter) -> None:
        """Note that this try of a letter is under way; noted twice, or after it has failed already, it changes no more."""
        columns = schema.dead_letters.c
        own = columns.key == letter.key
        with self._engine.begin() as connection:
            tried = update(schema.dead_letters).where(own, columns.tries == letter.tries)
            connection.execute(tried.values(tries=letter.tries + 1))
            wanted = update(schema.dead_letters).where(own, columns.next_at == letter.next_at)
            connection.execute(wanted.values(next_at=None))

    def failed(self, key: str, why: str, next_at: datetime | None) -> None:
        """Note why a letter could not be delivered this time, and when it is tried again."""
        self._set(schema.dead_letters.c.key == key, why=why, failed_at=datetime.now(UTC), next_at=next_at)

    def drop(self, key: str) -> bool:
        """Take a letter off the list, with what it holds; False where there is none."""
        with self._engine.begin() as connection:
            gone = connection.execute(delete(schema.dead_letters).where(schema.dead_letters.c.key == key))
        return bool(gone.rowcount)

    def _set(self, chosen: ColumnElement[bool], **values: Any) -> bool:
        with self._engine.begin() as connection:
            return bool(connection.execute(update(schema.dead_letters).where(chosen).values(**values)).rowcount)

    def _read(self, chosen: ColumnElement[bool]) -> list[DeadLetter]:
        columns = schema.dead_letters.c
        query = select(schema.dead_letters).where(chosen).order_by(columns.failed_at, columns.key)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        times = ("since", "failed_at", "next_at")
        return [DeadLetter(**{**row, **{name: aware(row[name]) for name in times}}) for row in rows]


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def _alone(connection: Connection, scopes: list[str]) -> None:
    """Let nobody else count for these scopes until the transaction ends; sorted, so that two cannot wait for each other."""
    if connection.dialect.name == "postgresql":
        for scope in scopes:
            connection.execute(text("SELECT pg_advisory_xact_lock(727269, hashtext(:scope))"), {"scope": scope})
    else:
        # A write begins the transaction and takes SQLite's one lock for writers, so that the count stays true.
        connection.execute(update(schema.asked).where(schema.asked.c.key == "").values(scope=""))
