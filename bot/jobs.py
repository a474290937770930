"""Durable work of one process: what comes in is stored before it is acknowledged, and done here or by another worker."""

import asyncio
import sqlite3
import time
from collections.abc import Collection, Mapping
from concurrent import futures
from datetime import UTC, datetime

from dbos import DBOS, DBOSConfig
from sqlalchemy import Engine, make_url

from bot.bridge import Bridge
from bot.composing import Composing, Uptime
from bot.delivering import Delivering
from bot.doorway import Door, Payload, Terms
from bot.errors import NotTaken
from bot.gate import Gate, Limits
from bot.queue import AGAIN, TRACE, VERSION, WORKFLOW, enqueue, make_queue, retry, sending
from bot.runs import Runs, recover, working
from bot.takeover import Heart
from bot.workflows import Workflows
from knowledge.spans import carrier
from knowledge.store.durable import Asked, Beats, DeadLetters, Stops

AT_ONCE = 8
"""Questions that one process works on at the same time."""
TAKE_SECONDS = 2.3
"""What is not stored by then is refused, before the platform's three seconds are over, so that it comes again."""
INTAKE = {"sqlite": 1, "postgresql": 8}
"""Threads that store what comes in: SQLite takes one writer, and more of them only wait for each other."""
CONNECTIONS = 4
"""Connections to a queue in SQLite: who waits for one is served in turn, who waits for SQLite's lock by luck."""
COUNTED = 1000
_STANDING = {
    "waiting": ("ENQUEUED", "DELAYED"),
    "running": ("PENDING",),
    "broken": ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"),
}


class Jobs:
    """The queue of one process, made on its loop. There is one per process, because the engine below it is one per process."""

    def __init__(  # noqa: PLR0913 - the parts of a worker, put together in one place
        self, url: str, executor: str, doors: Mapping[str, Door], *, worker: bool, engine: Engine, terms: Terms
    ) -> None:
        self._url = make_url(url)
        self._doors = doors
        self._worker = worker
        self._terms = terms
        self._up_since = time.time()
        self._beats, self._letters, self._stops = Beats(engine), DeadLetters(engine), Stops(engine)
        self._asked = Asked(engine)
        self._runs = Runs(executor)
        self._bridge = Bridge()
        self._gate = Gate(Limits(AT_ONCE, terms.at_once_per_asker, terms.at_once_per_place))
        self._heart = Heart(self._beats, executor, terms.takeover, working=working, recover=recover)
        self._intake = futures.ThreadPoolExecutor(INTAKE[self._url.get_backend_name()], "intake")
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

    async def start(self) -> None:
        """Begin to take in work and, in a worker, to do it; unfinished work of an earlier run is taken up first."""
        if self._url.get_backend_name() == "sqlite":
            await asyncio.to_thread(_keep_log, str(self._url.database))
        last_up = self._up_since
        if self._worker:
            last = await asyncio.to_thread(self._beats.last)
            last_up = last.timestamp() if last else 0.0
            await asyncio.to_thread(self._heart.beat)
        else:
            DBOS.listen_queues([])
        self._workflows(Uptime(self._up_since, last_up)).register()
        await asyncio.to_thread(DBOS.launch)
        await asyncio.to_thread(make_queue)
        if self._worker:
            self._heart.start()

    async def put(self, key: str, door: str, payload: Payload) -> None:
        """Store work under its event's key; when this returns it is durable, and the same key again changes nothing.

        Raises NotTaken when it is not stored in time: it may be stored later all the same, and then its retry changes nothing.
        """
        conversation = self._doors[door].line(key, payload).conversation
        with sending():
            work = {**payload, "taken_at": time.time(), TRACE: carrier()}
            intake = asyncio.get_running_loop().run_in_executor
            stored = intake(self._intake, enqueue, WORKFLOW, key, conversation, key, door, work)
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

    def send_again(self) -> None:
        """Put what was not delivered and is due into the queue again; not to be called on the loop. Twice is as once."""
        for letter in self._letters.due(datetime.now(UTC)):
            if letter.payload is None or letter.door not in self._doors:
                continue
            line = self._doors[letter.door].line(letter.key, dict(letter.payload))
            enqueue(AGAIN, retry(letter.key, letter.tries), line.conversation, letter.key, letter.tries)
            self._letters.begun(letter)

    def standing(self) -> dict[str, int]:
        """Count what waits, runs, and broke in the engine, each to a thousand, and all that could not be delivered (failed).

        Not to be called on the loop.
        """
        counts = {
            name: len(DBOS.list_workflows(status=list(states), limit=COUNTED, load_input=False, load_output=False))
            for name, states in _STANDING.items()
        }
        return {**counts, "failed": self._letters.count()}

    async def stop(self, seconds: int = 20) -> None:
        """Stop taking work, give what is running these seconds, and leave the rest to the next start."""
        self._gate.close()
        await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=seconds, destroy_registry=True)
        self._bridge.close()
        if self._worker:
            await asyncio.to_thread(self._heart.stop)
        self._intake.shutdown(wait=False, cancel_futures=True)

    def _workflows(self, uptime: Uptime) -> Workflows:
        composing = Composing(self._terms, self._gate, self._runs, self._asked, self._stops, uptime)
        delivering = Delivering(self._doors, self._letters, self._bridge, self._up_since)
        return Workflows(self._doors, self._runs, self._bridge, composing, delivering, self._letters)


def _keep_log(path: str) -> None:
    """Let SQLite write ahead into a log, which takes one wait for the disk instead of several; the file remembers it."""
    with sqlite3.connect(path, timeout=30) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
