"""Slack's side of a server process: Bolt's app with its listeners, the workspaces it serves, OAuth and Socket Mode."""

import os
from contextlib import AsyncExitStack

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import Response

from bot.jobs import Jobs
from bot.metrics import Metrics
from bot.settings import Settings
from bot.slack.clients import Client, Clients, ManyWorkspaces, OneWorkspace, Renew
from bot.slack.install import Installing
from bot.slack.listeners import Around, register
from knowledge.store.installs import Installs, States

_NOT_HERE = "Caveat does not serve this workspace, so nothing was asked or kept. Whoever runs Caveat can have it installed here."
log = structlog.get_logger()


class SlackSide:
    """What a process needs to speak with Slack; `clients` are the workspaces that it serves."""

    def __init__(self, settings: Settings, engine: Engine, session: aiohttp.ClientSession, metrics: Metrics) -> None:
        self._settings = settings
        self._session = session
        self._metrics = metrics
        self._handler: AsyncSlackRequestHandler | None = None
        self._installing: Installing | None = None
        self.clients: Clients = self._many(engine) if settings.slack_by_oauth else self._one()

    async def open(self, stack: AsyncExitStack, jobs: Jobs, around: Around) -> None:
        """Begin to take events, over HTTP and, where an app token is set, over Socket Mode."""
        for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN"):
            # Bolt reads these by itself and would then install itself by OAuth; our settings have been read already.
            os.environ.pop(name, None)

        async def authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult | None:
            return await self.clients.authorize(team_id, enterprise_id)  # Bolt looks at a function's own arguments

        app = AsyncApp(
            client=self._client(""),
            # In Socket Mode there is no signature to check, and over HTTP the guard has checked it already.
            signing_secret=self._settings.slack_signing_secret.get_secret_value() or "socket-mode",
            process_before_response=True,
            authorize=authorize,  # type: ignore[arg-type]  # Bolt takes None, and its annotation does not say so
            user_facing_authorize_error_message=_NOT_HERE,
        )
        register(app, jobs, self.clients, around)
        self._handler = AsyncSlackRequestHandler(app)
        if token := self._settings.slack_app_token.get_secret_value():
            socket_mode = _Socket(app, token, self._metrics)
            await socket_mode.connect_async()  # type: ignore[no-untyped-call]  # bolt leaves it untyped
            stack.push_async_callback(socket_mode.close_async)

    async def events(self, request: Request) -> Response:
        """Handle a request whose signature has been checked."""
        assert self._handler is not None
        return await self._handler.handle(request)

    async def begin(self, request: Request) -> Response:
        """Lead to Slack's page of consent."""
        assert self._installing is not None
        return await self._installing.begin(request)

    async def finish(self, request: Request) -> Response:
        """Take what Slack gives for the consent."""
        assert self._installing is not None
        return await self._installing.finish(request)

    def _one(self) -> OneWorkspace:
        return OneWorkspace(self._client, self._settings.slack_bot_token.get_secret_value())

    def _many(self, engine: Engine) -> ManyWorkspaces:
        installs = Installs(engine, self._settings.secret_keys)
        if unread := installs.rotate():
            log.error("slack.installs_unreadable", count=unread)
        clients = ManyWorkspaces(self._client, installs, self._settings.trusted_teams)
        self._installing = Installing(
            self._client(""), client_id=self._settings.slack_client_id,
            client_secret=self._settings.slack_client_secret.get_secret_value(),
            public_url=self._settings.public_url, installs=installs, states=States(engine), forget=clients.forget,
        )  # fmt: skip
        return clients

    def _client(self, token: str, renew: Renew | None = None) -> Client:
        return Client(
            told=self._metrics.refused, renew=renew, token=token or None,
            base_url=self._settings.slack_api_url, session=self._session,
        )  # fmt: skip


class _Socket(AsyncSocketModeHandler):
    """Socket Mode with its acknowledgements measured."""

    def __init__(self, app: AsyncApp, token: str, metrics: Metrics) -> None:
        super().__init__(app, token, ping_interval=10)
        self._metrics = metrics

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # as bolt's
        """Handle an envelope."""
        with self._metrics.acknowledging("socket"):
            await super().handle(client, req)
