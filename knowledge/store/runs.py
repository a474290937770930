"""The record of refreshes: how far the running one is, and what came of each."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, func, insert, select, update

from knowledge.report import Progress, RefreshReport
from knowledge.store import schema
from knowledge.store.database import aware


class Runs:
    """Keeps one row for each refresh; chat and status read it while the refresh runs in a process of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, sources: Sequence[str]) -> int:
        """Record that a refresh began, and that any other one that is still called running has died; return its id."""
        now = datetime.now(UTC)
        with self._engine.begin() as connection:
            connection.execute(
                update(schema.runs)
                .where(schema.runs.c.state == "running")
                .values(state="failed", finished_at=now, note="it was stopped before its end; nothing was published")
            )
            row = {"started_at": now, "sources": list(sources), "state": "running", "step": "read"}
            made = insert(schema.runs).values(**row, done=0, total=0, note="").returning(schema.runs.c.id)
            return int(connection.execute(made).scalar_one())

    def note(self, run: int, progress: Progress) -> None:
        """Record how far a refresh is."""
        self._set(run, step=progress.step, done=progress.done, total=progress.total, note=progress.note)

    def end(self, run: int, state: str, note: str = "", report: RefreshReport | None = None) -> None:
        """Record what came of a refresh: published, unchanged, refused or failed, and why."""
        body = asdict(report) if report else None
        self._set(run, state=state, note=note, report=body, finished_at=datetime.now(UTC))

    def last(self) -> dict[str, Any] | None:
        """Return the last refresh as plain values; None before the first."""
        with self._engine.connect() as connection:
            row = connection.execute(select(schema.runs).order_by(schema.runs.c.id.desc()).limit(1)).mappings().first()
        if row is None:
            return None
        return {**row, "started_at": aware(row["started_at"]), "finished_at": aware(row["finished_at"])}

    def counts(self) -> dict[str, int]:
        """Count the refreshes on record by what came of them."""
        state = schema.runs.c.state
        with self._engine.connect() as connection:
            rows = connection.execute(select(state, func.count()).group_by(state)).all()
        return {row[0]: row[1] for row in rows}

    def _set(self, run: int, **values: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(schema.runs).where(schema.runs.c.id == run).values(**values))
