"""Hosts a Bolt app beside the local Slack: behind uvicorn for HTTP deliveries, or over Socket Mode."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.routing import Route

from tests.servers.slack.server import Slack


@asynccontextmanager
async def served(slack: Slack, app: AsyncApp) -> AsyncIterator[None]:
    """Serve an app at ``/slack/events`` and send it the events; on the way out those under way are let arrive."""
    handler = AsyncSlackRequestHandler(app)
    routes = [Route("/slack/events", handler.handle, methods=["POST"])]
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(Starlette(routes=routes), log_config=None, ws="none", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    slack.events_url = f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events"
    try:
        yield
        await slack.idle()
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def connected(slack: Slack, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    """Connect an app over Socket Mode."""
    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=1)
    await handler.connect_async()  # type: ignore[no-untyped-call] # bolt leaves it untyped
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call] # bolt leaves it untyped
