"""A server process from start to stop: opens what it needs, runs web and worker on one loop, drains, closes."""

import asyncio
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, suppress
from contextvars import Context
from dataclasses import replace
from functools import partial
from typing import Any

import aiohttp
import structlog
import uvicorn
from dbos import error
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette

from bot import pages
from bot.access import PUBLIC, STAFF
from bot.build import Library, desk, exhibits
from bot.company import groups, is_admin, is_reviewer
from bot.doorway import Door, Terms
from bot.housekeeping import keeping
from bot.jobs import Jobs
from bot.kb.board import Board, Teller
from bot.logs import set_up_logs
from bot.metrics import Metrics, State, Watched, watched
from bot.parts import Parts
from bot.rounds import REFRESH, rounds
from bot.settings import Settings
from bot.slack import opening as slack
from bot.slack.app import SlackSide
from bot.slack.event import DOOR
from bot.slack.routes import routes as slack_routes
from bot.sourcing import CONNECTORS
from bot.teams import opening as teams
from bot.teams.registration import registered
from bot.teams.routes import routes as teams_routes
from bot.tracing import tracing
from bot.vetting import checking, deciding, reviewing, watching
from bot.web import application, front, standing
from knowledge.errors import KnowledgeError, NothingPublished
from knowledge.store.catalog import LIST
from knowledge.store.lease import own_name, refresh_lease

FIRST = 300.0
"""Seconds for which a process waits for the first edition that another one publishes."""

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
        self._slack: slack.Opened | None = None
        self._registration = registered(settings)
        self._teams: teams.Opened | None = None
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
            health=self._missing,
            metrics=self._metrics,
            exhibits=exhibits(self._settings, self._library),
            doors=(
                front(self._about()),
                *slack_routes(self._settings, self._metrics, self._slack_side),
                *teams_routes(self._metrics, self._teams_side if self._registration else None),
            ),
        )

    def _about(self) -> str:
        settings = self._settings
        return pages.front(
            model=bool(settings.model), vectors=settings.embedder == "openai", days=settings.retention_days
        )

    @asynccontextmanager
    async def running(self, *, web: bool) -> AsyncIterator[None]:
        """Open the process's connections, take up its work, and give it back in order at the end."""
        async with AsyncExitStack() as stack:
            stack.enter_context(tracing(self._settings))
            session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=50)))
            parts = self._parts(session)
            stack.push_async_callback(parts.desk.drafting.close)
            self._slack = slack.opened(parts)
            doors: dict[str, Door] = {DOOR: Watched(DOOR, self._slack.door, self._metrics)}
            if self._registration:
                self._teams = teams.opened(self._registration, parts)
                doors["teams"] = Watched("teams", self._teams.door, self._metrics)
            name = stack.enter_context(_executor(self._settings, web=web))
            self._jobs = jobs = Jobs(
                self._settings.jobs_url, name, doors,
                worker=self._worker, engine=self._library.engine, terms=_terms(self._settings),
            )  # fmt: skip
            await jobs.start()
            stack.push_async_callback(jobs.stop)
            if self._worker:
                with suppress(NothingPublished):  # then there is nothing to open beforehand
                    await asyncio.to_thread(self._library.searcher.open, frozenset({PUBLIC, STAFF}))
                tellers: dict[str, Teller] = {DOOR: self._slack.teller}
                if self._teams:
                    tellers["teams"] = self._teams.teller
                board = Board(tellers, parts.keeping.renewals, self._lease, _renewing)
                for beside in (*rounds(parts, jobs, self._library.catalog, self._library.ledger), board.follow()):
                    stack.callback(asyncio.create_task(beside).cancel)
            if web and self._settings.has_slack:
                await self._slack.listen(stack, jobs)
            if web and self._teams:
                # The SDK takes seconds to import, and work has begun already.
                await asyncio.to_thread(self._teams.listen, jobs)
            self._started = True
            log.info("server.started", web=web, worker=self._worker)
            yield
            self._started = False
            log.info("server.stopping")

    def _parts(self, session: aiohttp.ClientSession) -> Parts:
        settings, library, metrics = self._settings, self._library, self._metrics
        checks = replace(checking(settings, library), told=metrics.checked)
        return Parts(
            settings=settings,
            engine=library.engine,
            session=session,
            metrics=metrics,
            desk=watched(desk(settings, library), metrics),
            checking=checks,
            watching=watching(settings, library, checks),
            reviewing=reviewing(settings, library),
            deciding=deciding(settings, library, checks),
            exhibits=exhibits(settings, library),
            keeping=keeping(settings, library),
            groups=groups(settings),
            types=(*sorted(CONNECTORS), LIST),
            may_rule=partial(is_reviewer, settings),
            may_keep=partial(is_admin, settings),
            put=self._put,
        )

    async def _put(self, key: str, door: str, payload: dict[str, Any]) -> None:
        # Work that is stored by other work is no step of it: the engine would refuse it in the other one's context.
        assert self._jobs is not None
        await asyncio.create_task(self._jobs.put(key, door, payload), context=Context())

    def _lease(self, of: str) -> AbstractContextManager[None]:
        return refresh_lease(self._settings.state, self._library.engine, of)

    def _slack_side(self) -> SlackSide:
        assert self._slack is not None
        return self._slack.requests

    def _teams_side(self) -> teams.Opened:
        assert self._teams is not None
        return self._teams

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
