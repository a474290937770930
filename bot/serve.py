"""A server process from start to stop: opens what it needs, runs web and worker on one loop, drains, closes."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

import aiohttp
import structlog
import uvicorn
from dbos import error
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from bot.access import PUBLIC, STAFF
from bot.build import Library, checking, desk, exhibits, groups
from bot.desk import Desk
from bot.jobs import Door, Jobs
from bot.logs import set_up_logs
from bot.metrics import Metrics, State, Watched, watched
from bot.settings import Settings
from bot.slack.app import SlackSide
from bot.slack.door import DOOR, SlackDoor
from bot.slack.people import People
from bot.web import Slack, application, standing
from knowledge.errors import KnowledgeError, NothingPublished

SCHEDULE = 60.0
"""Seconds between two looks at which sources are due."""
GAPS_EVERY = 5.0
"""Seconds between two looks at whether a new edition may answer what none could."""
GAPS_AT_ONCE = 50
FIRST = 300.0
"""Seconds for which a process waits for the first edition that another one publishes."""
REFRESH = (sys.executable, "-m", "bot", "refresh", "--json")

log = structlog.get_logger()


def run(settings: Settings, library: Library, *, web: bool, worker: bool) -> None:
    """Run until SIGTERM or SIGINT; the knowledge base is published first where it is empty."""
    set_up_logs()
    _publish_starter(library)
    server = _Server(settings, library, worker=worker)
    if settings.slack_client_id and not settings.has_slack:
        log.error("slack.oauth_incomplete", needs="SLACK_CLIENT_ID, SLACK_CLIENT_SECRET, CAVEAT_SECRET_KEY")
    port = settings.port if web else settings.metrics_port
    if web or port:
        config = uvicorn.Config(
            server.application(web=web), host=settings.host, port=port, access_log=False, log_config=None,
            server_header=False, timeout_graceful_shutdown=25,
        )  # fmt: skip
        uvicorn.Server(config).run()
    else:
        asyncio.run(_until_stopped(server))


class _Server:
    """The parts of one process; they are opened in `running` and closed when it ends."""

    def __init__(self, settings: Settings, library: Library, *, worker: bool) -> None:
        self._settings = settings
        self._library = library
        self._worker = worker
        self._slack: SlackSide | None = None
        self._jobs: Jobs | None = None
        self._metrics = Metrics(self._state)
        self._started = False

    def application(self, *, web: bool) -> Starlette:
        """Return the web application of this process; that of a worker tells only how it is."""

        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            async with self.running(web=web):
                yield

        if not web:
            return standing(lifespan=lifespan, health=self._missing, metrics=self._metrics)
        return application(
            lifespan=lifespan,
            slack=self._for_slack() if self._settings.has_slack else None,
            health=self._missing,
            metrics=self._metrics,
            exhibits=exhibits(self._settings, self._library),
        )

    @asynccontextmanager
    async def running(self, *, web: bool) -> AsyncIterator[None]:
        """Open the process's connections, take up its work, and give it back in order at the end."""
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=50)))
            self._slack = SlackSide(self._settings, self._library.engine, session, self._metrics)
            asked = watched(desk(self._settings, self._library), self._metrics)
            stack.push_async_callback(asked.drafting.close)
            doors: dict[str, Door] = {DOOR: Watched(DOOR, self._door(self._slack, asked), self._metrics)}
            self._jobs = jobs = Jobs(
                _jobs_url(self._settings), _executor(self._settings, web=web), doors, worker=self._worker
            )
            await jobs.start()
            stack.push_async_callback(jobs.stop)
            if self._worker:
                with suppress(NothingPublished):  # then there is nothing to open beforehand
                    await asyncio.to_thread(self._library.searcher.open, frozenset({PUBLIC, STAFF}))
                for task in (self._keep_schedule(), self._fill_gaps(asked, jobs)):
                    stack.callback(asyncio.create_task(task).cancel)
            if web and self._settings.has_slack:
                await self._slack.open(stack, jobs)
            self._started = True
            log.info("server.started", web=web, worker=self._worker)
            yield
            self._started = False
            log.info("server.stopping")

    def _door(self, slack: SlackSide, asked: Desk) -> SlackDoor:
        checks = replace(checking(self._settings, self._library), told=self._metrics.checked)
        return SlackDoor(slack.clients, asked, checks, People(slack.clients, groups(self._settings)))

    def _for_slack(self) -> Slack:
        secret = self._settings.slack_signing_secret.get_secret_value()
        oauth = self._settings.slack_by_oauth
        return Slack(self._events, secret, self._begin if oauth else None, self._finish if oauth else None)

    async def _keep_schedule(self) -> None:
        """Read sources again when they are due, in a process of its own: a refresh never runs in one that serves."""
        while True:
            await asyncio.sleep(SCHEDULE)
            try:
                due = await asyncio.to_thread(self._library.catalog.due, datetime.now(UTC))
            except (KnowledgeError, SQLAlchemyError):
                log.warning("schedule.unknown")
                continue
            if due:
                log.info("schedule.refresh", sources=due)
                await (await asyncio.create_subprocess_exec(*REFRESH, "--due", stdout=subprocess.DEVNULL)).wait()

    async def _fill_gaps(self, asked: Desk, jobs: Jobs) -> None:
        """Ask again, on each new edition, what none before it could answer; who asked is told where they asked."""
        while True:
            try:
                live = await asyncio.to_thread(self._library.ledger.live)
                number = live.number if live else 0
                for gap in (await asyncio.to_thread(asked.gaps.open, number))[:GAPS_AT_ONCE]:
                    payload = {**gap.back["payload"], "gap": gap.answer_id}
                    await jobs.put(f"gap:{gap.answer_id}:{number}", gap.back["door"], payload)
                    await asyncio.to_thread(asked.gaps.tried, gap.answer_id, number)
            except (KnowledgeError, SQLAlchemyError, error.DBOSException):
                log.warning("gaps.unknown")
            await asyncio.sleep(GAPS_EVERY)

    async def _events(self, request: Request) -> Response:
        assert self._slack is not None
        return await self._slack.events(request)

    async def _begin(self, request: Request) -> Response:
        assert self._slack is not None
        return await self._slack.begin(request)

    async def _finish(self, request: Request) -> Response:
        assert self._slack is not None
        return await self._slack.finish(request)

    def _state(self) -> State | None:
        """Return what the database tells of this server, None where it does not answer; not to be called on the loop."""
        library = self._library
        try:
            live = library.ledger.live()
            return State(
                edition=live.number if live else 0,
                published_at=live.published_at if live else None,
                jobs=self._jobs.standing() if self._jobs and self._started else {},
                refreshes=library.refresher.runs.counts(),
                failing=sum(1 for note in library.catalog.notes().values() if note.error),
            )
        except (KnowledgeError, SQLAlchemyError, error.DBOSException):
            return None

    def _missing(self) -> dict[str, str]:
        missing = {} if self._started else {"process": "starting or stopping"}
        try:
            if self._library.ledger.live() is None:
                missing["knowledge"] = "no edition is published"
        except KnowledgeError:
            missing["knowledge"] = "the ledger does not answer"
        return missing


async def _until_stopped(server: _Server) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with server.running(web=False):
        await stopped.wait()


def _publish_starter(library: Library) -> None:
    """Publish the starter edition in a process of its own: a refresh never runs in a process that serves.

    Where another process of an empty database publishes it at the same time, wait for that.
    """
    if library.ledger.live() is not None:
        return
    log.info("server.publishing_starter")
    subprocess.run(REFRESH, check=False, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    until = time.monotonic() + FIRST
    while library.ledger.live() is None and library.refresher.running() and time.monotonic() < until:
        time.sleep(0.2)


def _jobs_url(settings: Settings) -> str:
    return settings.database_url.get_secret_value() or f"sqlite:///{settings.state / 'jobs.db'}"


def _executor(settings: Settings, *, web: bool) -> str:
    """Return a name that is the same after a restart: an executor takes up its own unfinished work."""
    return settings.executor or f"{socket.gethostname()}-{'web' if web else 'worker'}"
