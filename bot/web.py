"""The HTTP side of a server process: the platforms' routes, the pages behind signed links, and the health checks."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot import pages
from bot.exhibits import Exhibits
from bot.metrics import CONTENT_TYPE, Metrics
from bot.requests import HEADERS
from knowledge.errors import KnowledgeError


class Health(Protocol):
    """Tells whether this process can do its work."""

    def __call__(self) -> dict[str, str]:
        """Return what is not ready, by name; empty when all is."""
        ...


def application(
    *,
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]],
    health: Health,
    exhibits: Exhibits,
    metrics: Metrics,
    doors: Sequence[Route],
) -> Starlette:
    """Return the application of a web process; `doors` are the routes of the platforms and of the page at the root."""
    return Starlette(routes=[*_exhibited(exhibits), *doors, *_standing(health, metrics)], lifespan=lifespan)


def front(page: str) -> Route:
    """Return the route of the page at the root."""

    async def about(_request: Request) -> Response:
        return HTMLResponse(page, 200, HEADERS)

    return Route("/", about, methods=["GET"])


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
