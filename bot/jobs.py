"""Durable work: what came in is stored before it is acknowledged, done once, and taken up again after a crash."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar
from uuid import uuid4

import structlog
from dbos import DBOS, DBOSConfig, SetWorkflowID

QUEUE = "questions"
AT_ONCE = 8
"""Questions that one process works on at the same time."""
POLL_SECONDS = 0.1
VERSION = "1"
"""Raised only when work that was stored before an upgrade can no longer be done by the code after it."""
STEP_SECONDS = 400.0

COUNTED = 1000
_STANDING = {
    "waiting": ("ENQUEUED", "DELAYED"),
    "running": ("PENDING",),
    "failed": ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"),
}
Payload = dict[str, Any]
T = TypeVar("T")
log = structlog.get_logger()


class Door(Protocol):
    """A platform, as durable work sees it."""

    async def compose(self, key: str, payload: Payload) -> Payload:
        """Return the message that answers what came in, ready to be sent and to be kept."""
        ...

    async def deliver(self, key: str, payload: Payload, message: Payload, *, again: bool) -> str:
        """Send the message and return its id; with `again`, an earlier try may have sent it already: look first."""
        ...

    def apology(self, key: str, payload: Payload) -> Payload:
        """Return the message that says honestly that composing failed."""
        ...


class Jobs:
    """The queue of one process. There is one per process, because the engine below it is one per process."""

    def __init__(self, url: str, executor: str, doors: Mapping[str, Door], *, worker: bool) -> None:
        self._doors = doors
        self._worker = worker
        self._boot = uuid4().hex
        self._loop: asyncio.AbstractEventLoop | None = None
        config: DBOSConfig = {
            "name": "caveat",
            "system_database_url": url,
            "application_version": VERSION,
            "executor_id": executor,
            "log_level": "WARNING",
            "enable_otlp": False,
        }
        DBOS(config=config)
        self._run = self._register()

    async def start(self) -> None:
        """Begin to take in work and, in a worker, to do it; unfinished work of an earlier run is taken up first."""
        self._loop = asyncio.get_running_loop()
        if not self._worker:
            DBOS.listen_queues([])
        await asyncio.to_thread(DBOS.launch)
        await asyncio.to_thread(
            DBOS.register_queue, QUEUE, worker_concurrency=AT_ONCE, polling_interval_sec=POLL_SECONDS
        )

    async def put(self, key: str, door: str, payload: Payload) -> None:
        """Store work under its event's key; when this returns it is durable, and the same key again changes nothing."""
        await asyncio.to_thread(self._stored, key, door, payload)

    def standing(self) -> dict[str, int]:
        """Count what waits, what runs and what failed for good, each to a thousand; not to be called on the loop."""
        return {
            name: len(DBOS.list_workflows(status=list(states), limit=COUNTED, load_input=False, load_output=False))
            for name, states in _STANDING.items()
        }

    async def stop(self, seconds: int = 20) -> None:
        """Stop taking work, give what is running these seconds, and leave the rest to the next start."""
        await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=seconds, destroy_registry=True)

    def _stored(self, key: str, door: str, payload: Payload) -> None:
        with SetWorkflowID(key):
            DBOS.enqueue_workflow(QUEUE, self._run, key, door, payload)

    def _register(self) -> Callable[[str, str, Payload], str]:
        """Name the workflow and its steps to the engine; each step's result is kept, so a restart goes on after it."""

        @DBOS.step(name="claim")
        def claim() -> str:
            return self._boot

        @DBOS.step(name="compose")
        def compose(key: str, door: str, payload: Payload) -> Payload:
            return self._wait(lambda: self._doors[door].compose(key, payload))

        @DBOS.step(name="deliver")
        def deliver(key: str, door: str, payload: Payload, message: Payload, first: str) -> str:
            # Claimed by another run of this process than the present one: that run may have sent the message already.
            again = first != self._boot
            return self._wait(lambda: self._doors[door].deliver(key, payload, message, again=again))

        @DBOS.workflow(name="answer")
        def answer(key: str, door: str, payload: Payload) -> str:
            first = claim()
            try:
                message = compose(key, door, payload)
            except Exception:
                log.exception("answer.failed", door=door)
                message = self._doors[door].apology(key, payload)
            return deliver(key, door, payload, message, first)

        return answer

    def _wait(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run asynchronous work on the process's own loop, where its connections live."""
        assert self._loop is not None

        async def awaited() -> T:
            return await work()

        return asyncio.run_coroutine_threadsafe(awaited(), self._loop).result(STEP_SECONDS)
