"""Where Slack sends its events, under their signing secret, and the two steps of an installation by OAuth."""

import time
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot import pages
from bot.metrics import Metrics
from bot.requests import HEADERS, read, replayed
from bot.settings import Settings
from bot.slack.app import SlackSide
from bot.slack.guard import LARGEST, refusal

_NO_OAUTH = "Installing by OAuth is not set up here."
Handle = Callable[[Request], Awaitable[Response]]


def routes(settings: Settings, metrics: Metrics, side: Callable[[], SlackSide]) -> list[Route]:
    """Return the routes; `side` gives Slack's side of the process once that has started."""
    secret = settings.slack_signing_secret.get_secret_value() if settings.has_slack else ""
    by_oauth = settings.has_slack and settings.slack_by_oauth

    async def events(request: Request) -> Response:
        if not secret:
            return PlainTextResponse("Slack is not set up here.", 404)
        with metrics.acknowledging("http"):
            body = await read(request, LARGEST)
            if code := refusal(request.headers, body, secret, time.time()):
                return PlainTextResponse("", code)
            return await side().events(Request(request.scope, replayed(body)))

    async def begin(request: Request) -> Response:
        return await _installing(side().begin, request) if by_oauth else PlainTextResponse(_NO_OAUTH, 404)

    async def finish(request: Request) -> Response:
        return await _installing(side().finish, request) if by_oauth else PlainTextResponse(_NO_OAUTH, 404)

    return [
        Route("/slack/events", events, methods=["POST"]),
        Route("/slack/install", begin, methods=["GET"]),
        Route("/slack/oauth_redirect", finish, methods=["GET"]),
    ]


async def _installing(handle: Handle, request: Request) -> Response:
    """Answer a step of an installation, with the headers of every page."""
    try:
        response = await handle(request)
    except SQLAlchemyError:
        return HTMLResponse(pages.unavailable(), 503, HEADERS)
    response.headers.update(HEADERS)
    return response
