"""What a worker does by itself, again and again: due sources, gaps, watches, decisions, letters, pruning."""

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from dbos import error
from sqlalchemy.exc import SQLAlchemyError

from bot.deciding import REMIND, Deciding
from bot.desk import Desk
from bot.errors import NotTaken
from bot.jobs import Jobs
from bot.parts import Parts
from bot.watching import Watching
from knowledge.errors import KnowledgeError
from knowledge.store.catalog import Catalog
from knowledge.store.ledger import Ledger

SCHEDULE = 60.0
"""Seconds between two looks at which sources are due."""
GAPS_EVERY = 2.0
"""Seconds between two looks at whether a new edition may answer what none could."""
GAPS_AT_ONCE = 50
LETTERS_EVERY = 2.0
"""Seconds between two looks at what was not delivered and is to be tried again."""
PRUNE_EVERY = 3600.0
"""Seconds between two rounds of pruning at least; workers that start together do not prune together."""
REFRESH = (sys.executable, "-m", "bot", "refresh", "--json")
PRUNE = (sys.executable, "-m", "bot", "prune", "--json")
log = structlog.get_logger()


def rounds(parts: Parts, jobs: Jobs, catalog: Catalog, ledger: Ledger) -> Sequence[Coroutine[Any, Any, None]]:
    """Return what a worker runs beside its jobs, each for as long as the process lives."""
    return (
        keep_schedule(catalog),
        fill_gaps(parts.desk, ledger, jobs),
        look_at_watched(parts.watching, jobs),
        remind_deciders(parts.deciding, jobs),
        send_letters(jobs),
        prune(),
    )


async def keep_schedule(catalog: Catalog) -> None:
    """Read sources again when they are due, in a process of its own: a refresh never runs in one that serves."""
    while True:
        await asyncio.sleep(SCHEDULE)
        try:
            due = await asyncio.to_thread(catalog.due, datetime.now(UTC))
        except (KnowledgeError, SQLAlchemyError):
            log.warning("schedule.unknown")
            continue
        if due:
            log.info("schedule.refresh", sources=due)
            await (await asyncio.create_subprocess_exec(*REFRESH, "--due", stdout=subprocess.DEVNULL)).wait()


async def fill_gaps(asked: Desk, ledger: Ledger, jobs: Jobs) -> None:
    """Ask again, on each new edition, what none before it could answer; who asked is told where they asked."""
    while True:
        try:
            live = await asyncio.to_thread(ledger.live)
            number = live.number if live else 0
            for gap in (await asyncio.to_thread(asked.gaps.open, number))[:GAPS_AT_ONCE]:
                payload = {**gap.back["payload"], "gap": gap.answer_id}
                await jobs.put(f"gap:{gap.answer_id}:{number}", gap.back["door"], payload)
                await asyncio.to_thread(asked.gaps.tried, gap.answer_id, number)
        except (KnowledgeError, SQLAlchemyError, error.DBOSException, NotTaken):
            log.warning("gaps.unknown")
        await asyncio.sleep(GAPS_EVERY)


async def look_at_watched(following: Watching, jobs: Jobs) -> None:
    """Look at every watched vendor once in each new state of lists and editions, and on each new day."""
    put: set[str] = set()
    while True:
        try:
            mark = await asyncio.to_thread(following.mark)
            for watch in await asyncio.to_thread(following.watches.due, mark):
                key = f"watch:{watch.id}:{mark}"
                if watch.back is None or key in put:
                    continue
                await jobs.put(key, watch.back["door"], {**watch.back["payload"], "watch": watch.id, "mark": mark})
                put = {*(one for one in put if one.endswith(mark)), key}
        except (KnowledgeError, SQLAlchemyError, error.DBOSException, NotTaken):
            log.warning("watches.unknown")
        await asyncio.sleep(GAPS_EVERY)


async def remind_deciders(decides: Deciding, jobs: Jobs) -> None:
    """Remind each decider once, some days before a decision about a vendor ends."""
    while True:
        try:
            for one in await asyncio.to_thread(decides.decisions.ending, decides.now().date()):
                if one.back is not None:
                    payload = {**one.back["payload"], "do": REMIND, "n": one.n}
                    await jobs.put(f"remind:{one.n}", one.back["door"], payload)
                await asyncio.to_thread(decides.decisions.reminded, one.n)
        except (KnowledgeError, SQLAlchemyError, error.DBOSException, NotTaken):
            log.warning("reminders.unknown")
        await asyncio.sleep(SCHEDULE)


async def send_letters(jobs: Jobs) -> None:
    """Try again what could not be delivered, when it is due or an administrator says so."""
    while True:
        try:
            await asyncio.to_thread(jobs.send_again)
        except (SQLAlchemyError, error.DBOSException):
            log.warning("letters.unknown")
        await asyncio.sleep(LETTERS_EVERY)


async def prune() -> None:
    """Take out what nothing needs any more, in a process of its own: it may not hold up who asks."""
    await asyncio.sleep(PRUNE_EVERY * random.uniform(0.1, 1.0))  # noqa: S311 - spread, not secrecy
    while True:
        process = await asyncio.create_subprocess_exec(*PRUNE, stdout=subprocess.PIPE)
        told, _ = await process.communicate()
        if process.returncode:
            log.warning("prune.failed", code=process.returncode)
        else:
            log.info("prune.done", removed=json.loads(told)["removed"])
        await asyncio.sleep(PRUNE_EVERY * random.uniform(1.0, 1.5))  # noqa: S311 - the same
