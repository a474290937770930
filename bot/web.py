"""The HTTP side of a server process: Slack's and Teams' requests, the pages behind signed links, and the health checks."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot import pages
from bot.exhibits import Exhibits
from bot.metrics import CONTENT_TYPE, Metrics
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


_NO_OAUTH = "Installing by OAuth is not set up here."


@dataclass(frozen=True, slots=True)
class Slack:
    """What answers Slack: its events under their signing secret, and the two steps of an installation by OAuth."""

    events: Handle
    secret: str
    begin: Handle | None = None
    finish: Handle | None = None


class Health(Protocol):
    """Tells whether this process can do its work."""

    def __call__(self) -> dict[str, str]:
        """Return what is not ready, by name; empty when all is."""
        ...


def application(  # noqa: PLR0913 - each by its name
    *,
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]],
    slack: Slack | None,
    health: Health,
    exhibits: Exhibits,
    metrics: Metrics,
    teams: Take | None = None,
) -> Starlette:
    """Return the application; None for `slack` and `teams` where they are not set up.

    `teams` judges and takes requests with their body, which is cut where it is too large.
    """

    async def slack_events(request: Request) -> Response:
        if slack is None or not slack.secret:
            return PlainTextResponse("Slack is not set up here.", 404)
        with metrics.acknowledging("http"):
            body = await _read(request)
            if code := refusal(request.headers, body, slack.secret, time.time()):
                return PlainTextResponse("", code)
            return await slack.events(Request(request.scope, _replayed(body)))

    async def begin(request: Request) -> Response:
        return await _installing(slack.begin, request) if slack and slack.begin else PlainTextResponse(_NO_OAUTH, 404)

    async def teams_messages(request: Request) -> Response:
        if teams is None:
            return PlainTextResponse("Teams is not set up here.", 404)
        with metrics.acknowledging("teams"):
            return await teams(request, await _read(request))

    async def finish(request: Request) -> Response:
        return await _installing(slack.finish, request) if slack and slack.finish else PlainTextResponse(_NO_OAUTH, 404)

    return Starlette(
        routes=[
            *_exhibited(exhibits),
            Route("/slack/events", slack_events, methods=["POST"]),
            Route("/slack/install", begin, methods=["GET"]),
            Route("/slack/oauth_redirect", finish, methods=["GET"]),
            Route("/api/messages", teams_messages, methods=["POST"]),
            *_standing(health, metrics),
        ],
        lifespan=lifespan,
    )


def _exhibited(exhibits: Exhibits) -> list[Route]:
    """Return the routes of what signed links open."""

    async def receipt(request: Request) -> Response:
        answer_id, seal = request.path_params["rest"], _seal(request)
        return await _page(lambda: exhibits.receipt(answer_id, *seal))

    async def evidence(request: Request) -> Response:
        (answer_id, _, n), seal = request.path_params["rest"].partition("/"), _seal(request)
        return await _page(lambda: exhibits.evidence(answer_id, n, *seal))

    async def chart(request: Request) -> Response:
        picture = exhibits.chart(request.path_params["name"], *_seal(request))
        if picture is None:
            return HTMLResponse(pages.missing(), 404, HEADERS)
        return Response(picture, media_type="image/png", headers=HEADERS)

    return [
        Route("/charts/{name}", chart, methods=["GET"]),
        Route("/receipts/{rest:path}", receipt, methods=["GET"]),
        Route("/evidence/{rest:path}", evidence, methods=["GET"]),
    ]


async def _installing(handle: Handle, request: Request) -> Response:
    """Answer a step of an installation, with the headers of every page."""
    try:
        response = await handle(request)
    except SQLAlchemyError:
        return HTMLResponse(pages.unavailable(), 503, HEADERS)
    response.headers.update(HEADERS)
    return response


def standing(
    *, lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]], health: Health, metrics: Metrics
) -> Starlette:
    """Return the application of a process that nobody but its operator asks."""
    return Starlette(routes=_standing(health, metrics), lifespan=lifespan)


def _standing(health: Health, metrics: Metrics) -> list[Route]:
    """Return the routes that tell how a process is."""

    async def alive(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def ready(_request: Request) -> Response:
        missing = await asyncio.to_thread(health)
        return JSONResponse({"ready": not missing, "missing": missing}, 503 if missing else 200)

    async def figures(_request: Request) -> Response:
        return Response(await asyncio.to_thread(metrics.page), media_type=CONTENT_TYPE)

    return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", figures)]


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
