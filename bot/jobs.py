"""Durable work: what came in is stored before it is acknowledged, done once, in order, and taken up again after a crash."""

import asyncio
import sqlite3
import time
from collections.abc import Collection, Coroutine, Mapping
from concurrent import futures
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from uuid import uuid4

import structlog
from dbos import DBOS, DBOSConfig, EnqueueOptions, error
from sqlalchemy import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import NotTaken
from bot.gate import Gate, Limits, Ticket
from bot.meanwhile import GivenUp, Meanwhile
from bot.progress import Course, Stage, Told, keep
from bot.takeover import Heart
from knowledge.store.durable import Asked, Beats, DeadLetter, DeadLetters, Stops, Window

QUEUE = "conversations"
"""One partition for each conversation: its questions are worked on one after the other, in the order they came."""
WORKFLOW = "answer"
AT_ONCE = 8
"""Questions that one process works on at the same time."""
ADMITTED = 96
"""Questions that one process has before it, waiting ones included; they wait for each other by asker, not by arrival."""
POLL_SECONDS = 0.1
VERSION = "1"
"""Raised only when work that was stored before an upgrade can no longer be done by the code after it."""
STEP_SECONDS = 400.0
TAKE_SECONDS = 2.3
"""What is not stored by then is refused, before the platform's three seconds are over, so that it comes again."""
INTAKE = {"sqlite": 1, "postgresql": 8}
"""Threads that store what comes in: SQLite takes one writer, and more of them only wait for each other."""
CONNECTIONS = 4
"""Connections to a queue in SQLite: who waits for one is served in turn, who waits for SQLite's lock by luck."""
TRIES = 2
"""How often a question is composed where it fails."""
PAUSE = 0.5
REMEMBERED = 50_000

COUNTED = 1000
_STANDING = {
    "waiting": ("ENQUEUED", "DELAYED"),
    "running": ("PENDING",),
    "failed": ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"),
}
Payload = dict[str, Any]
T = TypeVar("T")
log = structlog.get_logger()


class Why(StrEnum):
    """Why a question has no answer, only a notice."""

    BROKEN = "broken"
    LATE = "late"
    ASKER = "asker"
    PLACE = "place"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Line:
    """Where a question stands: in which conversation, whose it is and in which place; empty is none, and not limited.

    `session` is what its asker can stop at once, and `at` when he asked, in seconds since 1970 by the platform's clock.
    """

    conversation: str
    asker: str
    place: str = ""
    waits: bool = True
    """Whether somebody waits for the answer, who is to be told that it takes longer."""
    session: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What a worker holds itself to: questions, seconds; a limit of 0 is none."""

    per_asker: int = 40
    per_place: int = 200
    window: float = 600.0
    at_once_per_asker: int = 2
    at_once_per_place: int = 6
    deadline: float = 120.0
    takeover: float = 15.0


class Door(Protocol):
    """A platform, as durable work sees it."""

    def line(self, key: str, payload: Payload) -> Line:
        """Return where the question stands."""
        ...

    async def compose(self, key: str, payload: Payload, told: Told) -> Payload:
        """Return the message that answers what came in, ready to be sent and to be kept; tell of the steps on the way."""
        ...

    async def hold(self, key: str, payload: Payload, place: int, stages: tuple[Stage, ...], *, again: bool) -> Payload:
        """Tell who waits that it takes longer, its place in the queue and the steps so far.

        Return what `deliver` needs to make it the answer; with `stop`, a session that its asker can stop this one by.
        """
        ...

    async def show(self, key: str, payload: Payload, held: Payload, stages: tuple[Stage, ...]) -> Payload:
        """Show the steps in what is held, and return by what it is held now; raise nothing for what the platform refuses.

        With nothing held, a mere sign that goes away by itself may be given. With `behind` in what is returned, the steps are
        to be shown again though they are the same.
        """
        ...

    async def retract(self, key: str, payload: Payload, held: Payload) -> None:
        """Take away what `hold` sent, unless it has become the answer: another run of the work has ended without it."""
        ...

    async def deliver(self, key: str, payload: Payload, message: Payload, *, again: bool) -> str:
        """Send the message and return its id; with `again`, an earlier try may have sent it already: look first.

        The message carries under `held` what `hold` returned, where it was called, and the steps (`bot.progress.kept`).
        """
        ...

    def apology(self, key: str, payload: Payload, why: Why) -> Payload:
        """Return the message that says honestly that there is no answer, and why."""
        ...

    def reason(self, error: Exception) -> str:
        """Return in words, for an administrator, why a message could not be delivered."""
        ...


class _Dropped(BaseException):
    """This run of the work is not the one that counts any more; nothing of it is kept. The engine keeps Exceptions only."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Which run of a work in this process, and whether one before it may have sent something already."""

    number: int
    again: bool


class Jobs:
    """The queue of one process. There is one per process, because the engine below it is one per process."""

    def __init__(  # noqa: PLR0913 - the parts of a worker, put together in one place
        self, url: str, executor: str, doors: Mapping[str, Door], *, worker: bool, engine: Engine, terms: Terms
    ) -> None:
        self._url = make_url(url)
        self._executor = executor
        self._doors = doors
        self._worker = worker
        self._terms = terms
        self._boot = uuid4().hex
        self._begun: dict[str, int] = {}
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._beats, self._asked, self._letters = Beats(engine), Asked(engine), DeadLetters(engine)
        self._stops = Stops(engine)
        self._gate = Gate(Limits(AT_ONCE, terms.at_once_per_asker, terms.at_once_per_place))
        self._heart = Heart(self._beats, executor, terms.takeover, working=_working, recover=_recover)
        self._intake = futures.ThreadPoolExecutor(INTAKE[self._url.get_backend_name()], "intake")
        self._up_since = self._last_up = time.time()
        config: DBOSConfig = {
            "name": "caveat",
            "system_database_url": url,
            "application_version": VERSION,
            "executor_id": executor,
            "log_level": "WARNING",
            "enable_otlp": False,
        }
        if self._url.get_backend_name() == "sqlite":
            config["sys_db_pool_size"] = CONNECTIONS
        DBOS(config=config)
        self._register()

    async def start(self) -> None:
        """Begin to take in work and, in a worker, to do it; unfinished work of an earlier run is taken up first."""
        self._loop = asyncio.get_running_loop()
        if self._url.get_backend_name() == "sqlite":
            await asyncio.to_thread(_keep_log, str(self._url.database))
        if self._worker:
            last = await asyncio.to_thread(self._beats.last)
            self._last_up = last.timestamp() if last else 0.0
            await asyncio.to_thread(self._heart.beat)
        else:
            DBOS.listen_queues([])
        await asyncio.to_thread(DBOS.launch)
        await asyncio.to_thread(
            DBOS.register_queue, QUEUE, worker_concurrency=ADMITTED, partition_concurrency=1,
            polling_interval_sec=POLL_SECONDS,
        )  # fmt: skip
        if self._worker:
            self._heart.start()

    async def put(self, key: str, door: str, payload: Payload) -> None:
        """Store work under its event's key; when this returns it is durable, and the same key again changes nothing.

        Raises NotTaken when it is not stored in time: it may be stored later all the same, and then its retry changes nothing.
        """
        conversation = self._doors[door].line(key, payload).conversation
        work = {**payload, "taken_at": time.time()}
        stored = asyncio.get_running_loop().run_in_executor(self._intake, self._stored, key, door, work, conversation)
        try:
            await asyncio.wait_for(stored, TAKE_SECONDS)
        except TimeoutError as late:
            raise NotTaken from late

    async def give_up(self, sessions: Collection[str], asker: str, at: float) -> None:
        """Give up what this asker, or anybody where none is named, asked in these sessions before a moment; also after a restart.

        Raises NotTaken when it is not stored in time.
        """
        try:
            await asyncio.wait_for(asyncio.to_thread(self._stops.press, sessions, asker, at), TAKE_SECONDS)
        except TimeoutError as late:
            raise NotTaken from late

    def standing(self) -> dict[str, int]:
        """Count what waits, what runs and what failed for good, each to a thousand; not to be called on the loop."""
        return {
            name: len(DBOS.list_workflows(status=list(states), limit=COUNTED, load_input=False, load_output=False))
            for name, states in _STANDING.items()
        }

    async def stop(self, seconds: int = 20) -> None:
        """Stop taking work, give what is running these seconds, and leave the rest to the next start."""
        self._gate.close()
        await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=seconds, destroy_registry=True)
        self._stopping = True
        if self._worker:
            await asyncio.to_thread(self._heart.stop)
        self._intake.shutdown(wait=False, cancel_futures=True)

    def _stored(self, key: str, door: str, payload: Payload, conversation: str) -> None:
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW, "queue_name": QUEUE, "workflow_id": key, "app_version": VERSION,
            "queue_partition_key": conversation,
        }  # fmt: skip
        DBOS.enqueue_workflow_with_options(options, key, door, payload)

    def _register(self) -> None:
        """Name the workflow and its steps to the engine; each step's result is kept, so a restart goes on after it."""

        @DBOS.step(name="claim")
        def claim() -> str:
            return self._boot

        @DBOS.step(name="compose")
        def compose(key: str, door: str, payload: Payload, run: _Run) -> Payload:
            return self._wait(self._composed(key, self._doors[door], payload, run))

        @DBOS.step(name="deliver")
        def deliver(key: str, door: str, payload: Payload, message: Payload, run: _Run) -> str:
            self._check_mine(key, run)
            return self._delivered(key, door, payload, message, again=run.again)

        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
        def answer(key: str, door: str, payload: Payload) -> str:
            number = self._begin(key)
            # Claimed by another run than the present one: that run may have sent the message, or a part of it, already.
            run = _Run(number, again=claim() != self._boot or number > 1)
            try:
                message = compose(key, door, payload, run)
            except error.DBOSException:
                raise
            except Exception:
                log.exception("answer.failed", door=door)
                message = self._doors[door].apology(key, payload, Why.BROKEN)
            return deliver(key, door, payload, message, run)

    async def _composed(self, key: str, door: Door, payload: Payload, run: _Run) -> Payload:
        """Return the message for what came in: its answer, or the notice of a limit or of the deadline."""
        line = door.line(key, payload)
        if why := await asyncio.to_thread(self._refused, key, line):
            return door.apology(key, payload, why)
        left = self._left(payload)
        if left <= 0:
            log.warning("answer.late", composed=False)
            return door.apology(key, payload, Why.LATE)
        course, ticket = Course(), Ticket(line.asker, line.place)
        work = asyncio.create_task(self._in_turn(ticket, door, key, payload, course.tell))
        beside = Meanwhile(
            work, course,
            hold=lambda stages: self._held(key, door, payload, self._gate.place_of(ticket), stages, run),
            show=lambda held, stages: self._shown(key, door, payload, held, stages, run),
            stopped=lambda held: self._stopped(line, held),
        )  # fmt: skip
        try:
            async with asyncio.timeout(left) as limit:
                if line.waits:
                    await beside.accompany()
                message = await work
        except GivenUp:
            log.info("answer.given_up")
            message = door.apology(key, payload, Why.STOPPED)
        except Exception:
            late = limit.expired()
            log.exception("answer.late" if late else "answer.broken")
            message = door.apology(key, payload, Why.LATE if late else Why.BROKEN)
        finally:
            work.cancel()
        held = {**beside.held, **keep(course.stages)} if beside.held else {}
        return {**message, "held": held} if held and message else message

    async def _stopped(self, line: Line, held: Payload) -> bool:
        """Tell whether the work is to be given up; where the database does not say, it goes on."""
        sessions = {line.session, str(held.get("stop", ""))} - {""}
        if not sessions:
            return False
        try:
            return await asyncio.to_thread(self._stops.pressed, sessions, line.asker, line.at)
        except SQLAlchemyError as unknown:
            log.warning("answer.stop_unknown", error=type(unknown).__name__)
            return False

    async def _held(  # noqa: PLR0913, PLR0917 - what identifies a run, and what it is to say
        self, key: str, door: Door, payload: Payload, place: int, stages: tuple[Stage, ...], run: _Run
    ) -> Payload:
        """Tell who waits; a run that was taken over meanwhile takes back what it said, once the other has ended."""
        await asyncio.to_thread(self._check_mine, key, run)
        held = await door.hold(key, payload, place, stages, again=run.again)
        try:
            await asyncio.to_thread(self._check_mine, key, run)
        except _Dropped:
            if await _ended(key):
                await door.retract(key, payload, held)
            raise
        return held

    async def _shown(  # noqa: PLR0913, PLR0917 - as above
        self, key: str, door: Door, payload: Payload, held: Payload, stages: tuple[Stage, ...], run: _Run
    ) -> Payload:
        """Show the steps; a run that was taken over meanwhile may have written them over the other's answer, and sends that again."""
        if not held:
            return await door.show(key, payload, held, stages)
        await asyncio.to_thread(self._check_mine, key, run)
        held = await door.show(key, payload, held, stages)
        try:
            await asyncio.to_thread(self._check_mine, key, run)
        except _Dropped:
            message = await asyncio.to_thread(_composed_by, key) if await _ended(key) else None
            if message:
                await door.deliver(key, payload, message, again=True)
            raise
        return held

    async def _in_turn(self, ticket: Ticket, door: Door, key: str, payload: Payload, told: Told) -> Payload:
        async with self._gate.turn(ticket):
            for _ in range(TRIES - 1):
                try:
                    return await door.compose(key, payload, told)
                except Exception:
                    log.exception("answer.again")
                    await asyncio.sleep(PAUSE)
            return await door.compose(key, payload, told)

    def _delivered(self, key: str, door: str, payload: Payload, message: Payload, *, again: bool) -> str:
        """Send the message; where it can never be sent, keep that, for somebody to see to."""
        try:
            return self._wait(self._doors[door].deliver(key, payload, message, again=again), STEP_SECONDS)
        except Exception as failure:  # noqa: BLE001 - whatever it was, the work has failed for good and is listed
            why = self._doors[door].reason(failure)
            log.warning("answer.undelivered", door=door, key=key, why=why)
            since = datetime.fromtimestamp(payload.get("taken_at", self._up_since), UTC)
            self._letters.keep(DeadLetter(key, door, since, datetime.now(UTC), why))
            return ""

    def _refused(self, key: str, line: Line) -> Why | None:
        terms = self._terms
        asker, place = line.asker and f"asker {line.asker}", line.place and f"place {line.place}"
        windows = {asker: Window(terms.per_asker, terms.window), place: Window(terms.per_place, terms.window)}
        scope = self._asked.refused(key, windows)
        return {asker: Why.ASKER, place: Why.PLACE}[scope] if scope else None

    def _left(self, payload: Payload) -> float:
        """Return the seconds until the deadline; the time before this start in which no worker was there does not count.

        Only the last such time is left out, so that a question which brings workers down comes to its end as well.
        """
        now = time.time()
        taken = float(payload.get("taken_at", now))
        down = self._up_since - max(taken, self._last_up)
        return taken + max(0.0, down) + self._terms.deadline - now

    def _begin(self, key: str) -> int:
        """Return the how manieth run of this work in this process begins now."""
        while len(self._begun) > REMEMBERED:
            self._begun.pop(next(iter(self._begun)))
        self._begun[key] = self._begun.get(key, 0) + 1
        return self._begun[key]

    def _check_mine(self, key: str, run: _Run) -> None:
        """Drop a run that another one has taken over: a worker that hung for long counted as dead meanwhile."""
        found = DBOS.list_workflows(workflow_ids=[key], status="PENDING", load_input=False, load_output=False)
        if [one.executor_id for one in found] != [self._executor] or self._begun.get(key) != run.number:
            log.warning("answer.taken_over")
            raise _Dropped

    def _wait(self, work: Coroutine[Any, Any, T], seconds: float | None = None) -> T:
        """Run asynchronous work on the process's own loop, where its connections live."""
        assert self._loop is not None
        if self._stopping:
            work.close()
            raise _Dropped
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)
        except futures.CancelledError:
            raise _Dropped from None


def _unfinished(key: str) -> bool:
    """Tell whether a work is still to be done, or at work."""
    return bool(DBOS.list_workflows(workflow_ids=[key], status=["PENDING", "ENQUEUED"], load_input=False))


async def _ended(key: str) -> bool:
    """Tell whether a work that another worker has came to its end, within the time that it may take."""
    for _ in range(int(STEP_SECONDS)):
        if not await asyncio.to_thread(_unfinished, key):
            return True
        await asyncio.sleep(1)
    return False


def _composed_by(key: str) -> Payload | None:
    """Return the message that a work ended with, as the engine keeps it; None where it ended by an apology or is gone."""
    steps = DBOS.list_workflow_steps(key)
    found = (step["output"] for step in steps if step["function_name"] == "compose" and step["output"])
    return next(found, None)


def _working() -> set[str]:
    """Return the workers that have taken work and not finished it."""
    pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    return {one.executor_id for one in pending if one.executor_id}


def _recover(executors: list[str]) -> None:
    """Give the work of dead workers back to the queue.

    Two workers may do so at once: the engine's update takes a row only while it is pending under the dead worker's name,
    and one transaction hands it to one worker (`reenqueue_for_recovery` and the dequeue of dbos 3.4).
    """
    DBOS._recover_pending_workflows(executors)  # noqa: SLF001 - the engine's one call for this; its paid service uses it


def _keep_log(path: str) -> None:
    """Let SQLite write ahead into a log, which takes one wait for the disk instead of several; the file remembers it."""
    with sqlite3.connect(path, timeout=30) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
