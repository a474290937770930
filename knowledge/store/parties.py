"""Screening lists in the ledger: each taken reading with its organisations, which are in service, and what failed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.engine import RowMapping

from knowledge.lists.gates import Shape, organisations, shape
from knowledge.party import ListRead, Party
from knowledge.store import schema
from knowledge.store.database import aware
from knowledge.store.packed import parts, squeezed, stretched, unpacked

KEPT = 3
"""Readings of a list that are kept, the one in service among them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading of a list as it was taken; `number` counts them, `read_at` is when it was last found to be the same.

    `current_on` is the day on which it is known to have been what its publisher says. `rows` counts the rows of its files,
    `parties` the organisations that are kept, `skipped` what is not by its reason. `sha256` is over its files.
    """

    list_id: str
    number: int
    snapshot: date | None
    read_at: datetime
    current_on: date
    rows: int
    parties: int
    sha256: str
    gap: str
    skipped: Mapping[str, int]


class Parties:
    """Keeps the readings of all lists; every method is one transaction, and readers never see half of one.

    A reading is taken first. It is in service only once `serve` says so for all lists at once.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def taken(self) -> dict[str, Reading]:
        """Return the reading of each list that was taken last."""
        columns, state = schema.list_readings.c, schema.list_states.c
        return self._readings(schema.list_states, (columns.list_id == state.list_id) & (columns.number == state.number))

    def serving(self) -> dict[str, Reading]:
        """Return the readings in service by their lists."""
        columns, live = schema.list_readings.c, schema.list_service.c
        return self._readings(schema.list_service, (columns.list_id == live.list_id) & (columns.number == live.number))

    def failures(self) -> dict[str, str]:
        """Return why the last reading of a list was refused, by list; those that went well are left out."""
        columns = schema.list_states.c
        with self._engine.connect() as connection:
            rows = connection.execute(select(columns.list_id, columns.failure).where(columns.failure != "")).all()
        return {row.list_id: row.failure for row in rows}

    def shape(self, reading: Reading) -> Shape:
        """Return what the gates must know of a reading, persons and vessels included."""
        columns = schema.list_readings.c
        with self._engine.connect() as connection:
            kept, refs = connection.execute(select(columns.shape, columns.refs).where(*_of(columns, reading))).one()
        return Shape(**kept, refs=frozenset(stretched(refs)), snapshot=reading.snapshot, partial=bool(reading.gap))

    def of(self, reading: Reading) -> Iterator[Party]:
        """Yield the organisations of a reading in its order, a part at a time."""
        columns = schema.list_parties.c
        query = select(columns.body).where(*_of(columns, reading)).order_by(columns.part)
        with self._engine.connect() as connection:
            for body in connection.execution_options(yield_per=1).execute(query).scalars():
                yield from unpacked(body)

    def take(self, read: ListRead, sha256: str, read_at: datetime, current_on: date) -> Reading:
        """Keep a reading with its organisations as the last one taken; the oldest ones go."""
        kept, seen = organisations(read), shape(read)
        with self._engine.begin() as connection:
            number = _next(connection, read.list_id)
            reading = Reading(
                read.list_id, number, read.snapshot, read_at, current_on, read.rows, len(kept.parties), sha256, read.gap,
                kept.skipped,
            )  # fmt: skip
            connection.execute(insert(schema.list_readings).values(**_row(reading, seen)))
            for part, body in enumerate(parts(kept.parties)):
                row = {"list_id": read.list_id, "number": number, "part": part, "body": body}
                connection.execute(insert(schema.list_parties).values(**row))
            _state(connection, read.list_id, number=number, failure="", failed_at=None)
            _prune(connection, read.list_id)
        return reading

    def confirm(self, reading: Reading, read_at: datetime, current_on: date) -> None:
        """Record that a list came again as it was taken."""
        with self._engine.begin() as connection:
            change = update(schema.list_readings).where(*_of(schema.list_readings.c, reading))
            connection.execute(change.values(read_at=read_at, current_on=current_on))
            _state(connection, reading.list_id, number=reading.number, failure="", failed_at=None)

    def fail(self, list_id: str, failure: str, failed_at: datetime) -> None:
        """Record why a list was not taken; what was taken before stays."""
        with self._engine.begin() as connection:
            _state(connection, list_id, failure=failure, failed_at=failed_at)

    def withdraw(self, list_id: str) -> None:
        """Take a list out, so that the next `serve` may leave it away; its readings are kept until it is read again."""
        with self._engine.begin() as connection:
            _state(connection, list_id, number=None, failure="", failed_at=None)

    def serve(self, readings: Iterable[Reading]) -> None:
        """Put exactly these readings into service."""
        rows = [{"list_id": one.list_id, "number": one.number} for one in readings]
        with self._engine.begin() as connection:
            connection.execute(delete(schema.list_service))
            if rows:
                connection.execute(insert(schema.list_service), rows)

    def _readings(self, pointer: Any, joined: Any) -> dict[str, Reading]:
        columns = schema.list_readings.c
        wanted = [columns[name] for name in Reading.__slots__]
        with self._engine.connect() as connection:
            query = select(*wanted).select_from(schema.list_readings.join(pointer, joined)).order_by(columns.list_id)
            rows = connection.execute(query).mappings().all()
        return {row["list_id"]: _reading(row) for row in rows}


def _reading(row: RowMapping) -> Reading:
    return Reading(**{**row, "read_at": aware(row["read_at"])})


def _row(reading: Reading, seen: Shape) -> dict[str, Any]:
    kept = {"rows": seen.rows, "parties": seen.parties, "filled": seen.filled, "measures": seen.measures}
    said = {name: getattr(reading, name) for name in Reading.__slots__}
    said["read_at"] = reading.read_at.astimezone(UTC)
    return {**said, "shape": kept, "refs": squeezed(sorted(seen.refs))}


def _of(columns: Any, reading: Reading) -> tuple[Any, Any]:
    return columns.list_id == reading.list_id, columns.number == reading.number


def _next(connection: Connection, list_id: str) -> int:
    columns = schema.list_readings.c
    query = select(columns.number).where(columns.list_id == list_id).order_by(columns.number.desc()).limit(1)
    return (connection.execute(query).scalar() or 0) + 1


def _state(connection: Connection, list_id: str, **values: Any) -> None:
    columns = schema.list_states.c
    done = connection.execute(update(schema.list_states).where(columns.list_id == list_id).values(**values))
    if not done.rowcount:
        row = {"number": None, "failure": "", "failed_at": None, **values}
        connection.execute(insert(schema.list_states).values(list_id=list_id, **row))


def _prune(connection: Connection, list_id: str) -> None:
    """Forget all but the last readings of a list, never one that is in service."""
    columns = schema.list_readings.c
    query = select(columns.number).where(columns.list_id == list_id).order_by(columns.number.desc())
    kept = set(connection.execute(query.limit(KEPT)).scalars())
    live = select(schema.list_service.c.number).where(schema.list_service.c.list_id == list_id)
    kept.update(connection.execute(live).scalars())
    for table in (schema.list_parties, schema.list_readings):
        connection.execute(delete(table).where(table.c.list_id == list_id, table.c.number.not_in(kept)))
