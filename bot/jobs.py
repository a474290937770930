"""Durable work: what came in is stored before it is acknowledged, done once, in order, and taken up again after a crash."""

import asyncio
import sqlite3
import time
from collections.abc import Collection, Coroutine, Mapping
from concurrent import futures
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import structlog
from dbos import DBOS, DBOSConfig, EnqueueOptions, error
from sqlalchemy import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.doorway import Door, Line, Payload, Terms, Why
from bot.errors import NotTaken
from bot.gate import Gate, Limits, Ticket
from bot.meanwhile import GivenUp, Meanwhile
from bot.progress import Course, Stage, Told, keep, untold
from bot.takeover import Heart
from knowledge.spans import Attributes, Kind, Span, carrier, span
from knowledge.store.durable import Asked, Beats, DeadLetter, DeadLetters, Stops, Window

QUEUE = "conversations"
"""One partition for each conversation: its questions are worked on one after the other, in the order they came."""
WORKFLOW = "answer"
AGAIN = "again"
"""The workflow that tries an undelivered answer again."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 4 * 60, 12 * 60, 24 * 60))
"""After how long what was not delivered for a cause that may pass is tried again, and again; then somebody decides."""
UNANSWERED = "unanswered"
"""Marks a message that only says that there is no answer."""
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
TRACE = "trace"
"""Where a payload has what leads to the trace of its event."""
_MESSAGING = {"messaging.system": "dbos", "messaging.destination.name": QUEUE}

COUNTED = 1000
_STANDING = {
    "waiting": ("ENQUEUED", "DELAYED"),
    "running": ("PENDING",),
    "broken": ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"),
}
T = TypeVar("T")
log = structlog.get_logger()


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
        self._register_again()

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
        with span(f"send {QUEUE}", {**_MESSAGING, "messaging.operation.type": "send"}, kind=Kind.SENDING):
            work = {**payload, "taken_at": time.time(), TRACE: carrier()}
            intake = asyncio.get_running_loop().run_in_executor
            try:
                await asyncio.wait_for(intake(self._intake, self._stored, key, door, work, conversation), TAKE_SECONDS)
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
        """Count what waits, runs, and broke in the engine, each to a thousand, and all that could not be delivered (failed).

        Not to be called on the loop.
        """
        counts = {
            name: len(DBOS.list_workflows(status=list(states), limit=COUNTED, load_input=False, load_output=False))
            for name, states in _STANDING.items()
        }
        return {**counts, "failed": self._letters.count()}

    def send_again(self) -> None:
        """Put what was not delivered and is due into the queue again; not to be called on the loop. Twice is as once."""
        for letter in self._letters.due(datetime.now(UTC)):
            if letter.payload is None or letter.door not in self._doors:
                continue
            work = f"{AGAIN}:{letter.key}:{letter.tries}"
            line = self._doors[letter.door].line(letter.key, dict(letter.payload))
            self._enqueue(AGAIN, work, line.conversation, letter.key, letter.tries)
            self._letters.begun(letter)

    async def stop(self, seconds: int = 20) -> None:
        """Stop taking work, give what is running these seconds, and leave the rest to the next start."""
        self._gate.close()
        await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=seconds, destroy_registry=True)
        self._stopping = True
        if self._worker:
            await asyncio.to_thread(self._heart.stop)
        self._intake.shutdown(wait=False, cancel_futures=True)

    def _stored(self, key: str, door: str, payload: Payload, conversation: str) -> None:
        self._enqueue(WORKFLOW, key, conversation, key, door, payload)

    def _enqueue(self, workflow: str, work: str, conversation: str, *arguments: Any) -> None:
        options: EnqueueOptions = {
            "workflow_name": workflow, "queue_name": QUEUE, "workflow_id": work, "app_version": VERSION,
            "queue_partition_key": conversation,
        }  # fmt: skip
        DBOS.enqueue_workflow_with_options(options, *arguments)

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
            with _taking(payload, again=run.again):
                try:
                    message = compose(key, door, payload, run)
                except error.DBOSException:
                    raise
                except Exception:
                    log.exception("answer.failed", door=door)
                    message = _notice(self._doors[door], key, payload, Why.BROKEN)
                return deliver(key, door, payload, message, run)

    def _register_again(self) -> None:
        """Name to the engine the workflow that sends an undelivered message again, with its steps."""

        @DBOS.step(name="renew")
        def renew(letter: DeadLetter) -> Payload:
            return self._wait(self._renewed(letter))

        @DBOS.step(name="resend")
        def resend(work: str, letter: DeadLetter, message: Payload, run: _Run) -> str:
            self._check_mine(work, run)
            return self._resent(letter, message)

        @DBOS.workflow(name=AGAIN, max_recovery_attempts=None)
        def again(key: str, tries: int) -> str:
            work = f"{AGAIN}:{key}:{tries}"
            run = _Run(self._begin(work), again=True)
            letter = self._letters.find(key)
            if letter is None or letter.payload is None:
                return ""
            letter = replace(letter, tries=tries + 1)
            with _taking(letter.payload or {}, again=True):
                try:
                    message = renew(letter)
                except error.DBOSException:
                    raise
                except Exception:
                    log.exception("letter.failed", door=letter.door)
                    self._letters.failed(key, "the answer could not be made anew", _next(letter.tries))
                    return ""
                return resend(work, letter, message, run)

    async def _composed(self, key: str, door: Door, payload: Payload, run: _Run) -> Payload:
        """Return the message for what came in: its answer, or the notice of a limit or of the deadline."""
        line = door.line(key, payload)
        if why := await asyncio.to_thread(self._refused, key, line):
            return _notice(door, key, payload, why)
        left = self._left(payload)
        if left <= 0:
            log.warning("answer.late", composed=False)
            return _notice(door, key, payload, Why.LATE)
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
            message = _notice(door, key, payload, Why.LATE if late else Why.BROKEN)
        finally:
            work.cancel()
        held = {**beside.held, **keep(course.stages)} if beside.held else {}
        if held and not message:
            await door.retract(key, payload, held)
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
        """Send the message; where it cannot be sent, keep it, to be tried again or for somebody to see to."""
        try:
            return self._sent(key, door, payload, message, again=again)
        except Exception as failure:  # noqa: BLE001 - whatever it was, the work is kept and listed
            why = self._doors[door].reason(failure)
            log.warning("answer.undelivered", door=door, key=key, why=why)
            since = datetime.fromtimestamp(payload.get("taken_at", self._up_since), UTC)
            due = _next(0) if self._doors[door].passes(failure) else None
            self._letters.keep(DeadLetter(key, door, since, datetime.now(UTC), why, payload, message, next_at=due))
            return ""

    def _sent(self, key: str, door: str, payload: Payload, message: Payload, *, again: bool) -> str:
        shown = {name: part for name, part in message.items() if name != UNANSWERED}
        return self._wait(self._doors[door].deliver(key, payload, shown, again=again), STEP_SECONDS)

    async def _renewed(self, letter: DeadLetter) -> Payload:
        """Return an undelivered message as it may be sent now: as it was, or composed anew.

        What never had an answer is asked anew; where it still has none, the notice says so.
        """
        assert letter.payload is not None
        door, payload, message = self._doors[letter.door], dict(letter.payload), dict(letter.message or {})
        line = door.line(letter.key, payload)
        key = letter.key if message.get(UNANSWERED) else await door.anew(letter.key, payload)
        if not key:
            return message
        try:
            async with asyncio.timeout(self._terms.deadline):
                made = await self._in_turn(Ticket(line.asker, line.place), door, key, payload, untold)
        except Exception:
            if not message.get(UNANSWERED):
                raise
            log.exception("letter.unanswered")
            return message
        return {**made, "held": message["held"]} if made and message.get("held") else made

    def _resent(self, letter: DeadLetter, message: Payload) -> str:
        """Send an undelivered message under its own key, so that it stands there once; where it cannot be sent it stays listed."""
        try:
            sent = self._sent(letter.key, letter.door, dict(letter.payload or {}), message, again=True)
        except Exception as failure:  # noqa: BLE001 - as for the first delivery
            door = self._doors[letter.door]
            why = door.reason(failure)
            log.warning("letter.undelivered", door=letter.door, key=letter.key, why=why)
            self._letters.failed(letter.key, why, _next(letter.tries) if door.passes(failure) else None)
            return ""
        self._letters.drop(letter.key)
        log.info("letter.sent", door=letter.door, key=letter.key)
        return sent

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


def _notice(door: Door, key: str, payload: Payload, why: Why) -> Payload:
    """Return the door's notice, marked as no answer; nothing where nobody is told."""
    apology = door.apology(key, payload, why)
    return {**apology, UNANSWERED: why.value} if apology else apology


def _taking(payload: Mapping[str, Any], *, again: bool) -> AbstractContextManager[Span]:
    """Trace work that was taken from the queue, in the trace of its event; a later run of it links to that."""
    about: Attributes = {**_MESSAGING, "messaging.operation.type": "process", "caveat.again": again}
    return span(f"process {QUEUE}", about, kind=Kind.TAKING, after=payload.get(TRACE), again=again)


def _next(tries: int) -> datetime | None:
    """Return when a letter that was tried again so often is tried once more; None where somebody has to decide."""
    return datetime.now(UTC) + PAUSES[tries] if tries < len(PAUSES) else None


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
