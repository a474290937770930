"""Which run of a stored work counts, as the engine tells: one that another has taken over is dropped, with all it made."""

import asyncio
from dataclasses import dataclass
from uuid import uuid4

import structlog
from dbos import DBOS

from bot.doorway import Payload

STEP_SECONDS = 400.0
"""How long a work may take to come to its end after it was composed."""
REMEMBERED = 50_000
log = structlog.get_logger()


class Dropped(BaseException):
    """This run of the work is not the one that counts any more; nothing of it is kept. The engine keeps Exceptions only."""


@dataclass(frozen=True, slots=True)
class Run:
    """Which run of a work in this process, and whether one before it may have sent something already."""

    number: int
    again: bool


class Runs:
    """The runs of this process, which has its executor's name; `boot` names the process itself."""

    def __init__(self, executor: str) -> None:
        self.boot = uuid4().hex
        self._executor = executor
        self._begun: dict[str, int] = {}

    def begin(self, key: str) -> int:
        """Return the how manieth run of this work in this process begins now."""
        while len(self._begun) > REMEMBERED:
            self._begun.pop(next(iter(self._begun)))
        self._begun[key] = self._begun.get(key, 0) + 1
        return self._begun[key]

    def check(self, key: str, run: Run) -> None:
        """Drop a run that another one has taken over: a worker that hung for long counted as dead meanwhile."""
        found = DBOS.list_workflows(workflow_ids=[key], status="PENDING", load_input=False, load_output=False)
        if [one.executor_id for one in found] != [self._executor] or self._begun.get(key) != run.number:
            log.warning("answer.taken_over")
            raise Dropped


async def ended(key: str) -> bool:
    """Tell whether a work that another worker has came to its end, within the time that it may take."""
    for _ in range(int(STEP_SECONDS)):
        if not await asyncio.to_thread(_unfinished, key):
            return True
        await asyncio.sleep(1)
    return False


def composed_by(key: str) -> Payload | None:
    """Return the message that a work ended with, as the engine keeps it; None where it ended by an apology or is gone."""
    steps = DBOS.list_workflow_steps(key)
    found = (step["output"] for step in steps if step["function_name"] == "compose" and step["output"])
    return next(found, None)


def working() -> set[str]:
    """Return the workers that have taken work and not finished it."""
    pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    return {one.executor_id for one in pending if one.executor_id}


def recover(executors: list[str]) -> None:
    """Give the work of dead workers back to the queue.

    Two workers may do so at once: the engine's update takes a row only while it is pending under the dead worker's name,
    and one transaction hands it to one worker (`reenqueue_for_recovery` and the dequeue of dbos 3.4).
    """
    DBOS._recover_pending_workflows(executors)  # noqa: SLF001 - the engine's one call for this; its paid service uses it


def _unfinished(key: str) -> bool:
    """Tell whether a work is still to be done, or at work."""
    return bool(DBOS.list_workflows(workflow_ids=[key], status=["PENDING", "ENQUEUED"], load_input=False))
