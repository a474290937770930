"""A server process from start to stop: opens what it needs, runs web and worker on one loop, drains, closes."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
import structlog
import uvicorn
from dbos import error
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from bot.access import PUBLIC, STAFF
from bot.build import Library, checking, desk, exhibits, groups, is_reviewer, reviewing, teams, watching
from bot.desk import Desk
from bot.jobs import Door, Jobs
from bot.logs import set_up_logs
from bot.settings import Settings
from bot.slack.door import DOOR, SlackDoor
from bot.slack.errands import Errands
from bot.slack.listeners import register
from bot.slack.people import People
from bot.teams.errands import Errands as TeamsErrands
from bot.teams.opening import Opened, opened
from bot.watching import Watching
from bot.web import application
from knowledge.errors import KnowledgeError
from knowledge.store.sent import Sent

SCHEDULE = 60.0
"""Seconds between two looks at which sources are due."""
GAPS_EVERY = 5.0
"""Seconds between two looks at whether a new edition may answer what none could."""
GAPS_AT_ONCE = 50
REFRESH = (sys.executable, "-m", "bot", "refresh", "--json")

log = structlog.get_logger()


def run(settings: Settings, library: Library, *, web: bool, worker: bool) -> None:
    """Run until SIGTERM or SIGINT; the knowledge base is published first where it is empty."""
    set_up_logs()
    _publish_starter(library)
    server = _Server(settings, library, worker=worker)
    if web:
        config = uvicorn.Config(
            server.application(), host=settings.host, port=settings.port, access_log=False, log_config=None,
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
        self._slack: AsyncSlackRequestHandler | None = None
        self._teams = teams(settings)
        self._opened: Opened | None = None
        self._started = False

    def application(self) -> Starlette:
        """Return the web application of this process."""

        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            async with self.running(web=True):
                yield

        token = self._settings.slack_bot_token.get_secret_value()
        return application(
            lifespan=lifespan,
            slack=self._handle if token else None,
            secret=self._settings.slack_signing_secret.get_secret_value(),
            health=self._missing,
            exhibits=exhibits(self._settings, self._library),
            teams=self._take if self._teams else None,
        )

    @asynccontextmanager
    async def running(self, *, web: bool) -> AsyncIterator[None]:
        """Open the process's connections, take up its work, and give it back in order at the end."""
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=50)))
            client = AsyncWebClient(
                token=self._settings.slack_bot_token.get_secret_value(), base_url=self._settings.slack_api_url,
                session=session, timeout=10, retry_handlers=[],
            )  # fmt: skip
            asked = desk(self._settings, self._library)
            stack.push_async_callback(asked.drafting.close)
            people = People(client, groups(self._settings))
            checks = checking(self._settings, self._library)
            watched = watching(self._settings, self._library, checks)
            errands = Errands(watched, reviewing(self._settings, self._library), self._may_rule)
            doors: dict[str, Door] = {DOOR: SlackDoor(client, asked, checks, people, errands.works)}
            if self._teams:
                known = groups(self._settings)
                told = TeamsErrands(watched, reviewing(self._settings, self._library), self._may_rule)
                self._opened = opened(self._teams, session, Sent(self._library.engine), known, asked, checks, told)
                doors["teams"] = self._opened.door
            jobs = Jobs(_jobs_url(self._settings), _executor(self._settings, web=web), doors, worker=self._worker)
            await jobs.start()
            stack.push_async_callback(jobs.stop)
            if self._worker:
                await asyncio.to_thread(self._library.searcher.open, frozenset({PUBLIC, STAFF}))
                for task in (self._keep_schedule(), self._fill_gaps(asked, jobs), self._look_at_watched(watched, jobs)):
                    stack.callback(asyncio.create_task(task).cancel)
            if web and self._settings.slack_bot_token.get_secret_value():
                await self._open_slack(stack, client, jobs)
            if web and self._opened:
                # The SDK takes seconds to import, and work has begun already.
                await asyncio.to_thread(self._opened.listen, jobs)
            self._started = True
            log.info("server.started", web=web, worker=self._worker)
            yield
            self._started = False
            log.info("server.stopping")

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

    async def _look_at_watched(self, watched: Watching, jobs: Jobs) -> None:
        """Look at every watched vendor once in each new state of lists and editions, and on each new day."""
        put: set[str] = set()
        while True:
            try:
                mark = await asyncio.to_thread(watched.mark)
                for watch in await asyncio.to_thread(watched.watches.due, mark):
                    key = f"watch:{watch.id}:{mark}"
                    if watch.back is None or key in put:
                        continue
                    await jobs.put(key, watch.back["door"], {**watch.back["payload"], "watch": watch.id, "mark": mark})
                    put = {*(one for one in put if one.endswith(mark)), key}
            except (KnowledgeError, SQLAlchemyError, error.DBOSException):
                log.warning("watches.unknown")
            await asyncio.sleep(GAPS_EVERY)

    def _may_rule(self, user: str) -> bool:
        return is_reviewer(self._settings, user)

    async def _open_slack(self, stack: AsyncExitStack, client: AsyncWebClient, jobs: Jobs) -> None:
        for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN"):
            # Bolt reads these by itself and would then install itself by OAuth; our settings have been read already.
            os.environ.pop(name, None)
        app = AsyncApp(
            client=client,
            # In Socket Mode there is no signature to check, and over HTTP the guard has checked it already.
            signing_secret=self._settings.slack_signing_secret.get_secret_value() or "socket-mode",
            process_before_response=True,
        )
        register(app, jobs, self._may_rule)
        self._slack = AsyncSlackRequestHandler(app)
        if token := self._settings.slack_app_token.get_secret_value():
            from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler  # noqa: PLC0415 - optional

            socket_mode = AsyncSocketModeHandler(app, token, ping_interval=10)
            await socket_mode.connect_async()  # type: ignore[no-untyped-call]  # bolt leaves it untyped
            stack.push_async_callback(socket_mode.close_async)

    async def _handle(self, request: Any) -> Any:
        assert self._slack is not None
        return await self._slack.handle(request)

    async def _take(self, request: Request, body: bytes) -> Response:
        assert self._opened is not None
        return await self._opened.take(request, body)

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
    """Publish the starter edition in a process of its own: a refresh never runs in a process that serves."""
    if library.ledger.live() is None:
        log.info("server.publishing_starter")
        subprocess.run(REFRESH, check=False, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command


def _jobs_url(settings: Settings) -> str:
    return settings.database_url.get_secret_value() or f"sqlite:///{settings.state / 'jobs.db'}"


def _executor(settings: Settings, *, web: bool) -> str:
    """Return a name that is the same after a restart: an executor takes up its own unfinished work."""
    return settings.executor or f"{socket.gethostname()}-{'web' if web else 'worker'}"
