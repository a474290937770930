"""Takes out what nothing needs any more: rows whose time is over, old editions, finished work, and stale shelves."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from dbos import DBOSClient
from sqlalchemy import make_url
from sqlalchemy.exc import ProgrammingError

from bot.build import Library
from bot.settings import Settings
from knowledge.errors import RefreshRunning, VectorsUnavailable
from knowledge.refresh import sweep
from knowledge.store.pruning import Pruning

FINISHED = timedelta(days=3)
"""How long finished work is kept, with what came in: Slack delivers an event again for a day at most."""
AT_ONCE = 200
"""Rows of one transaction."""
PAUSE = 0.05
"""Seconds between two transactions, so that others come in between."""
LONGEST = 300.0
"""Seconds after which the rest is left for the next time."""
_ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was taken out, by what it was; `hindered` where a refresh was running, which owns editions and texts."""

    removed: Mapping[str, int] = field(default_factory=dict)
    hindered: bool = False

    @property
    def receipts(self) -> int:
        """Of how many receipts the content went."""
        return self.removed.get("receipts", 0)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {"removed": dict(self.removed), "refresh_running": self.hindered}


def prune(settings: Settings, library: Library) -> Pruned:
    """Prune everything, in small transactions; several processes may do so at once."""
    now, end = datetime.now(UTC), time.monotonic() + LONGEST
    retention = timedelta(days=settings.retention_days) if settings.retention_days else None
    removed: Counter[str] = Counter()
    pruning = Pruning(library.engine, AT_ONCE)

    def work(step: Callable[[], Mapping[str, int]]) -> None:
        """Take a step again until it finds nothing more."""
        while time.monotonic() < end and (found := {name: count for name, count in step().items() if count}):
            removed.update(found)
            time.sleep(PAUSE)

    work(lambda: pruning.aged(now, retention))
    if retention:
        work(lambda: {"receipts": library.receipts.remove(now - retention, AT_ONCE)})
    work(lambda: {"finished_work": forget(settings, now - FINISHED)})
    hindered = False
    try:
        # The lease is taken only where there is something to do: a refresh that begins in that moment is refused.
        work(lambda: {"editions": _alone(library, lambda: pruning.editions(now)) if pruning.spare(now) else 0})
        work(lambda: {"texts": _alone(library, lambda: pruning.texts(now)) if pruning.unheld(now) else 0})
        if removed["texts"]:
            work(lambda: {"vectors": _alone(library, pruning.vectors)})
        if _stale(library):
            removed["shelves"] = _alone(library, lambda: _sweep(library))
    except RefreshRunning:
        hindered = True
    return Pruned({name: count for name, count in removed.items() if count}, hindered)


def _alone(library: Library, step: Callable[[], int]) -> int:
    """Take one step while no refresh runs."""
    with library.refresher.lease():
        return step()


def _stale(library: Library) -> frozenset[str]:
    """Return the shelves and segments here that neither the live nor the previous edition names.

    A vector store that is away keeps its own.
    """
    shop = library.refresher.shop
    try:
        segments = shop.segments.names()
    except VectorsUnavailable:
        segments = set()
    return frozenset((segments | shop.shelves.names()) - shop.ledger.kept_shelves())


def _sweep(library: Library) -> int:
    stale = _stale(library)
    with suppress(VectorsUnavailable):
        sweep(library.refresher)
    return len(stale - _stale(library))


def forget(settings: Settings, before: datetime) -> int:
    """Remove finished work from the queue, with the texts that came in and went out; return how many."""
    url = make_url(settings.jobs_url)
    if url.get_backend_name() == "sqlite" and not (settings.state / "jobs.db").is_file():
        return 0
    engine = DBOSClient(system_database_url=settings.jobs_url)
    try:
        found = engine.list_workflows(
            status=_ENDED, completed_before=before.isoformat(), limit=AT_ONCE, load_input=False, load_output=False
        )
        if found:
            engine.delete_workflows([one.workflow_id for one in found])
        return len(found)
    except ProgrammingError:
        return 0  # no server has run here yet, so there is no queue
    finally:
        engine.destroy()
