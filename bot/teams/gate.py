"""The one place that knows the Teams SDK: it decides whether a request comes from Teams, away from the event loop."""

import asyncio
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.teams.registration import Registration

# The SDK reads a .env file of the folder that it is started in, and ours have been read already.
os.environ["PYTHON_DOTENV_DISABLED"] = "1"
with warnings.catch_warnings():
    # Parts of the SDK that are not used here say at import that they are experimental.
    warnings.simplefilter("ignore")
    import jwt
    from microsoft_teams.api import ClientCredentials, InvokeResponse
    from microsoft_teams.api.auth.cloud_environment import PUBLIC, with_overrides
    from microsoft_teams.apps.http import HttpRequest, HttpRouteHandler, HttpServer

PATH = "/api/messages"
BEARER = "Bearer "


@dataclass(slots=True)
class _Mount:
    """What the SDK takes for a web server: it hands its handler over, and our own application has the route."""

    handler: HttpRouteHandler | None = None

    def register_route(self, method: str, path: str, handler: HttpRouteHandler) -> None:  # noqa: ARG002 - the SDK's form
        self.handler = handler

    def serve_static(self, path: str, directory: str) -> None:
        """Serve nothing: the SDK has no pages here."""

    async def start(self, port: int) -> None:
        """Start nothing: the SDK never runs a server of its own."""

    async def stop(self) -> None:
        """Stop nothing."""


class Gate:
    """Lets in what Teams has signed for this app, and says nothing of why something is kept out."""

    def __init__(self, registration: Registration) -> None:
        self._registration = registration
        self._mount = _Mount()
        server = HttpServer(self._mount, PATH)
        server.on_request = _admitted
        server.initialize(
            credentials=ClientCredentials(
                client_id=registration.client_id, client_secret=registration.secret, tenant_id=registration.tenant
            ),
            cloud=with_overrides(PUBLIC, openid_metadata_url=registration.keys_url),
            dangerously_allow_unauthenticated_requests=registration.unchecked,
        )

    async def genuine(self, authorization: str, activity: Mapping[str, Any]) -> bool:
        """Tell whether an activity is signed for this app, for its service and not for ever, and is one we let in."""
        if not self._registration.admits(activity) or not (self._registration.unchecked or _ends(authorization)):
            return False
        assert self._mount.handler is not None
        request = HttpRequest(body=dict(activity), headers={"authorization": authorization})
        # Fetching a key blocks for as long as the key server likes, so the SDK's check has a thread and a loop to itself.
        answered = await asyncio.to_thread(lambda: asyncio.run(_handled(self._mount.handler, request)))
        return answered == 200


async def _handled(handler: Any, request: HttpRequest) -> int:
    return int((await handler(request))["status"])


async def _admitted(_event: Any) -> InvokeResponse[Any]:
    """Answer for the SDK; what an activity means is ours to read."""
    return InvokeResponse(status=200)


def _ends(authorization: str) -> bool:
    """Tell whether a token says when it expires: the SDK takes one that never does."""
    try:
        claims = jwt.decode(authorization.removeprefix(BEARER), options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return False
    return "exp" in claims
