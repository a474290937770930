"""The HTTP side of a server process: Slack's and Teams' requests, the pages behind signed links, and the health checks."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot import pages
from bot.exhibits import Exhibits
from bot.slack.guard import LARGEST, refusal
from knowledge.errors import KnowledgeError

Handle = Callable[[Request], Awaitable[Response]]
Take = Callable[[Request, bytes], Awaitable[Response]]
HEADERS = {
    "Content-Security-Policy": f"{pages.POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Sent with every page: nothing is loaded, framed, kept or found by a search engine."""


class Health(Protocol):
    """Tells whether this process can do its work."""

    def __call__(self) -> dict[str, str]:
        """Return what is not ready, by name; empty when all is."""
        ...


def application(  # noqa: PLR0913 - each by its name
    *,
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]],
    slack: Handle | None,
    secret: str,
    health: Health,
    exhibits: Exhibits,
    teams: Take | None = None,
) -> Starlette:
    """Return the application; `slack` handles requests whose signature has been checked, None where it is not set up.

    `teams` judges and takes requests with their body, which is cut where it is too large; None where it is not set up.
    """

    async def slack_events(request: Request) -> Response:
        if slack is None or not secret:
            return PlainTextResponse("Slack is not set up here.", 404)
        body = await _read(request)
        if code := refusal(request.headers, body, secret, time.time()):
            return PlainTextResponse("", code)
        return await slack(Request(request.scope, _replayed(body)))

    async def teams_messages(request: Request) -> Response:
        if teams is None:
            return PlainTextResponse("Teams is not set up here.", 404)
        return await teams(request, await _read(request))

    async def alive(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def ready(_request: Request) -> Response:
        missing = health()
        return JSONResponse({"ready": not missing, "missing": missing}, 503 if missing else 200)

    async def receipt(request: Request) -> Response:
        answer_id, seal = request.path_params["rest"], _seal(request)
        return await _page(lambda: exhibits.receipt(answer_id, *seal))

    async def evidence(request: Request) -> Response:
        (answer_id, _, n), seal = request.path_params["rest"].partition("/"), _seal(request)
        return await _page(lambda: exhibits.evidence(answer_id, n, *seal))

    return Starlette(
        routes=[
            Route("/receipts/{rest:path}", receipt, methods=["GET"]),
            Route("/evidence/{rest:path}", evidence, methods=["GET"]),
            Route("/slack/events", slack_events, methods=["POST"]),
            Route("/api/messages", teams_messages, methods=["POST"]),
            Route("/healthz", alive),
            Route("/readyz", ready),
        ],
        lifespan=lifespan,
    )


def _seal(request: Request) -> tuple[str, str]:
    """Return a link's expiry and signature; one that is given twice counts as absent."""
    given = request.query_params
    expiry, signature = given.getlist("e"), given.getlist("s")
    return (expiry[0], signature[0]) if len(expiry) == len(signature) == 1 else ("", "")


async def _page(make: Callable[[], str | None]) -> Response:
    """Answer with a page; the same one for everything that a link does not open."""
    try:
        page = await asyncio.to_thread(make)
    except (KnowledgeError, SQLAlchemyError):
        return HTMLResponse(pages.unavailable(), 503, HEADERS)
    return HTMLResponse(page or pages.missing(), 200 if page else 404, HEADERS)


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
