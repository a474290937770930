"""What a conversation leaves behind: the questions of each thread, and those that no edition could answer yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.evidence import FileRef, Turn
from knowledge.store import schema

LAST = 5
"""Earlier questions that are read of a thread."""
FRESH = timedelta(days=1)
"""How long a question is one that a later one in its thread may lean on."""
KEPT = timedelta(days=180)
"""How long a question that could not be answered is tried again."""


class Turns:
    """The questions of each thread, by asker: nobody's follow-up leans on what another asked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, thread: str, asker: str, answer_id: str, turn: Turn) -> None:
        """Add a question to its thread; the same one again changes nothing."""
        row = {
            "answer_id": answer_id, "thread": thread, "asker": asker, "asked_at": datetime.now(UTC), "question": turn.text,
            "documents": list(turn.documents), "files": [[one.id, one.name] for one in turn.files],
        }  # fmt: skip
        _once(self._engine, schema.turns, row)

    def before(self, thread: str, asker: str, answer_id: str) -> tuple[Turn, ...]:
        """Return the asker's last questions in a thread, oldest first, without the one that is being answered."""
        if not thread:
            return ()
        columns = schema.turns.c
        query = select(columns.question, columns.documents, columns.files).where(
            columns.thread == thread, columns.asker == asker, columns.answer_id != answer_id,
            columns.asked_at > datetime.now(UTC) - FRESH,
        )  # fmt: skip
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(columns.asked_at.desc()).limit(LAST)).all()
        return tuple(
            Turn(row.question, tuple(row.documents), tuple(FileRef(*one) for one in row.files))
            for row in reversed(rows)
        )

    def move(self, answer_id: str, thread: str) -> None:
        """Put a question into the thread that began with its answer; doing it twice changes nothing."""
        with self._engine.begin() as connection:
            connection.execute(update(schema.turns).where(schema.turns.c.answer_id == answer_id).values(thread=thread))


@dataclass(frozen=True, slots=True)
class Gap:
    """A question that no edition up to `edition` could answer, and how its asker is reached (as a door left it)."""

    answer_id: str
    asker: str
    question: str
    asked_at: datetime
    edition: int
    back: Mapping[str, Any]
    filled_by: str = ""


class Gaps:
    """The questions that could not be answered; each is tried again once an edition has been published after it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, answer_id: str, asker: str, question: str, edition: int, back: Mapping[str, Any]) -> None:
        """Keep a question; the same one again changes nothing."""
        row = {
            "answer_id": answer_id, "asker": asker, "question": question, "asked_at": datetime.now(UTC),
            "edition": edition, "back": dict(back), "filled_by": "",
        }  # fmt: skip
        _once(self._engine, schema.gaps, row)

    def open(self, edition: int | None = None) -> list[Gap]:
        """Return the gaps nobody has filled, oldest first; with an edition only those not tried on it yet."""
        columns = schema.gaps.c
        query = select(schema.gaps).where(columns.filled_by == "", columns.asked_at > datetime.now(UTC) - KEPT)
        if edition is not None:
            query = query.where(columns.edition < edition)
        with self._engine.connect() as connection:
            return [Gap(**row) for row in connection.execute(query.order_by(columns.asked_at)).mappings()]

    def tried(self, answer_id: str, edition: int) -> None:
        """Note that an edition was tried."""
        self._set(answer_id, edition=edition)

    def fill(self, answer_id: str, by: str) -> None:
        """Note which later answer fills a gap."""
        self._set(answer_id, filled_by=by)

    def _set(self, answer_id: str, **values: object) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(schema.gaps).where(schema.gaps.c.answer_id == answer_id).values(**values))


def _once(engine: Engine, table: Any, row: dict[str, Any]) -> None:
    try:
        with engine.begin() as connection:
            connection.execute(insert(table).values(**row))
    except IntegrityError:
        with engine.connect() as connection:
            held = connection.execute(select(table.c.answer_id).where(table.c.answer_id == row["answer_id"])).scalar()
        if held is None:
            raise
