"""Where Teams sends its activities."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.metrics import Metrics
from bot.requests import read
from bot.teams.entry import LARGEST
from bot.teams.opening import Opened


def routes(metrics: Metrics, opened: Callable[[], Opened] | None) -> list[Route]:
    """Return the route; `opened` gives Teams' side of the process once that has started, and is None where it is not set up."""

    async def messages(request: Request) -> Response:
        if opened is None:
            return PlainTextResponse("Teams is not set up here.", 404)
        with metrics.acknowledging("teams"):
            return await opened().take(request, await read(request, LARGEST))

    return [Route("/api/messages", messages, methods=["POST"])]
