"""A server process from start to stop: opens what it needs, runs web and worker on one loop, drains, closes."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, suppress
from contextvars import Context
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import aiohttp
import structlog
import uvicorn
from dbos import error
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from bot.access import PUBLIC, STAFF
from bot.build import (
    CONNECTORS,
    Library,
    checking,
    deciding,
    desk,
    exhibits,
    groups,
    is_admin,
    is_reviewer,
    reviewing,
    teams,
    watching,
)
from bot.deciding import Deciding
from bot.desk import Desk
from bot.errors import NotTaken
from bot.housekeeping import keeping
from bot.jobs import Door, Jobs, Terms
from bot.logs import set_up_logs
from bot.metrics import Metrics, State, Watched, watched
from bot.settings import Settings
from bot.slack.acts import Acts
from bot.slack.admins import Admins
from bot.slack.app import SlackSide
from bot.slack.board import EVERY, Board
from bot.slack.decisions import REMIND
from bot.slack.door import DOOR, SlackDoor
from bot.slack.errands import Errands
from bot.slack.files import Files
from bot.slack.gate import Gate
from bot.slack.home import Home
from bot.slack.kb import Kb
from bot.slack.listeners import Around
from bot.slack.people import People
from bot.teams.errands import Errands as TeamsErrands
from bot.teams.opening import Opened, opened
from bot.watching import Watching
from bot.web import Slack, application, standing
from knowledge.errors import KnowledgeError, NothingPublished
from knowledge.store.catalog import LIST
from knowledge.store.conversation import Turns
from knowledge.store.feedback import Feedback
from knowledge.store.handoffs import Handoffs
from knowledge.store.lease import own_name, refresh_lease
from knowledge.store.posts import Posts
from knowledge.store.sent import Sent

SCHEDULE = 60.0
"""Seconds between two looks at which sources are due."""
GAPS_EVERY = 2.0
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
        self._teams = teams(settings)
        self._opened: Opened | None = None
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
            teams=self._take if self._teams else None,
        )

    @asynccontextmanager
    async def running(self, *, web: bool) -> AsyncIterator[None]:
        """Open the process's connections, take up its work, and give it back in order at the end."""
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=50)))
            self._slack = SlackSide(self._settings, self._library.engine, session, self._metrics)
            asked = watched(desk(self._settings, self._library), self._metrics)
            stack.push_async_callback(asked.drafting.close)
            slack, clients = self._slack, self._slack.clients
            people = People(clients, groups(self._settings))
            checks = replace(checking(self._settings, self._library), told=self._metrics.checked)
            following = watching(self._settings, self._library, checks)
            errands = Errands(following, reviewing(self._settings, self._library), self._may_rule)

            async def put(key: str, door: str, payload: dict[str, Any]) -> None:
                # Work that is stored by other work is no step of it: the engine would refuse it in the other one's context.
                await asyncio.create_task(jobs.put(key, door, payload), context=Context())

            kept, admins = keeping(self._settings, self._library), Admins(people, partial(is_admin, self._settings))
            kb = Kb(
                kept, admins, Posts(self._library.engine), Files(clients, self._settings.slack_api_url), clients,
                put, (*sorted(CONNECTORS), LIST), asked.links,
            )  # fmt: skip
            acts = self._acts(people, decides := deciding(self._settings, self._library, checks))
            home = Home(clients, kept, following.watches, admins, asked.links)
            works = {**errands.works, **acts.works, **kb.works, **home.works}
            door = SlackDoor(clients, asked, checks, people, works, kb.posts)
            doors: dict[str, Door] = {DOOR: Watched(DOOR, door, self._metrics)}
            if self._teams:
                known, sent = groups(self._settings), Sent(self._library.engine)
                told = TeamsErrands(following, reviewing(self._settings, self._library), self._may_rule)
                self._opened = opened(self._teams, session, sent, known, asked, checks, told)
                doors["teams"] = Watched("teams", self._opened.door, self._metrics)
            name = stack.enter_context(_executor(self._settings, web=web))
            self._jobs = jobs = Jobs(
                _jobs_url(self._settings), name, doors,
                worker=self._worker, engine=self._library.engine, terms=_terms(self._settings),
            )  # fmt: skip
            await jobs.start()
            stack.push_async_callback(jobs.stop)
            if self._worker:
                with suppress(NothingPublished):  # then there is nothing to open beforehand
                    await asyncio.to_thread(self._library.searcher.open, frozenset({PUBLIC, STAFF}))
                board = Board(clients, kept.renewals, self._lease, _renewing)
                tasks = (
                    self._keep_schedule(),
                    self._fill_gaps(asked, jobs),
                    self._look_at_watched(following, jobs),
                    _telling(board),
                    self._remind_deciders(decides, jobs),
                )
                for task in tasks:
                    stack.callback(asyncio.create_task(task).cancel)
            if web and self._settings.has_slack:
                await slack.open(stack, jobs, Around(self._may_rule, self._takes_part, decides.until, kb))
            if web and self._opened:
                # The SDK takes seconds to import, and work has begun already.
                await asyncio.to_thread(self._opened.listen, jobs)
            self._started = True
            log.info("server.started", web=web, worker=self._worker)
            yield
            self._started = False
            log.info("server.stopping")

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
            except (KnowledgeError, SQLAlchemyError, error.DBOSException, NotTaken):
                log.warning("gaps.unknown")
            await asyncio.sleep(GAPS_EVERY)

    async def _look_at_watched(self, following: Watching, jobs: Jobs) -> None:
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
            except (KnowledgeError, SQLAlchemyError, error.DBOSException):
                log.warning("watches.unknown")
            await asyncio.sleep(GAPS_EVERY)

    async def _remind_deciders(self, decides: Deciding, jobs: Jobs) -> None:
        """Remind each decider once, some days before a decision about a vendor ends."""
        while True:
            try:
                for one in await asyncio.to_thread(decides.decisions.ending, decides.now().date()):
                    if one.back is not None:
                        payload = {**one.back["payload"], "do": REMIND, "n": one.n}
                        await jobs.put(f"remind:{one.n}", one.back["door"], payload)
                    await asyncio.to_thread(decides.decisions.reminded, one.n)
            except (KnowledgeError, SQLAlchemyError, error.DBOSException):
                log.warning("reminders.unknown")
            await asyncio.sleep(SCHEDULE)

    def _acts(self, people: People, decides: Deciding) -> Acts:
        engine = self._library.engine
        gate = Gate(people, exhibits(self._settings, self._library), self._may_rule)
        return Acts(gate, decides, Feedback(engine), Handoffs(engine))

    def _lease(self, of: str) -> AbstractContextManager[None]:
        return refresh_lease(self._settings.state, self._library.engine, of)

    def _may_rule(self, user: str, team: str = "") -> bool:
        return is_reviewer(self._settings, user, team)

    async def _takes_part(self, thread: str, user: str) -> bool:
        """Tell whether a question of this Slack user was answered in this thread within a day."""
        return bool(await asyncio.to_thread(Turns(self._library.engine).before, thread, f"slack:{user}", ""))

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


async def _telling(board: Board) -> None:
    """Follow what is asked for in chat, for as long as the process lives."""
    while True:
        try:
            await board.step()
        except (KnowledgeError, SQLAlchemyError, SlackApiError, aiohttp.ClientError, OSError):
            log.warning("renewal.unknown")
        await asyncio.sleep(EVERY)


async def _renewing(key: str, names: Sequence[str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(*REFRESH, f"--errand={key}", *names, stdout=subprocess.DEVNULL)


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


def _executor(settings: Settings, *, web: bool) -> AbstractContextManager[str]:
    """Hold a name that is the same after a restart: an executor takes up its own unfinished work."""
    name = settings.executor or f"{socket.gethostname()}-{'web' if web else 'worker'}"
    return own_name(settings.state / "executors", name)


def _terms(settings: Settings) -> Terms:
    return Terms(
        per_asker=settings.questions_per_user, per_place=settings.questions_per_place, window=settings.questions_window,
        at_once_per_asker=settings.at_once_per_user, at_once_per_place=settings.at_once_per_place,
        deadline=settings.deadline_seconds, takeover=settings.takeover_seconds,
    )  # fmt: skip
