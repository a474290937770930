"""The HTTP side of a server process: Slack's requests and the health checks."""

import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.slack.guard import LARGEST, refusal

Handle = Callable[[Request], Awaitable[Response]]


class Health(Protocol):
    """Tells whether this process can do its work."""

    def __call__(self) -> dict[str, str]:
        """Return what is not ready, by name; empty when all is."""
        ...


def application(
    *,
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]],
    slack: Handle | None,
    secret: str,
    health: Health,
) -> Starlette:
    """Return the application; `slack` handles requests whose signature has been checked, None where it is not set up."""

    async def slack_events(request: Request) -> Response:
        if slack is None or not secret:
            return PlainTextResponse("Slack is not set up here.", 404)
        body = await _read(request)
        if code := refusal(request.headers, body, secret, time.time()):
            return PlainTextResponse("", code)
        return await slack(Request(request.scope, _replayed(body)))

    async def alive(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def ready(_request: Request) -> Response:
        missing = health()
        return JSONResponse({"ready": not missing, "missing": missing}, 503 if missing else 200)

    return Starlette(
        routes=[
            Route("/slack/events", slack_events, methods=["POST"]),
            Route("/healthz", alive),
            Route("/readyz", ready),
        ],
        lifespan=lifespan,
    )


async def _read(request: Request) -> bytes:
    """Return the body, or one byte more than is allowed of a body that is larger."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            return b"".join(parts)[: LARGEST + 1]
    return b"".join(parts)


def _replayed(body: bytes) -> Callable[[], Awaitable[dict[str, object]]]:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
