"""Installs the app in a workspace by OAuth: the way to Slack's consent, the way back, and what is kept of it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot import pages
from bot.slack.manifest import INSTALL_PATH, REDIRECT_PATH, scopes
from knowledge.store.installs import Installs, States

_AGAIN = "Nothing was installed or changed. Begin again from the page that installs Caveat."
_WHY = {
    "access_denied": "The installation was cancelled in Slack.",
    "invalid_browser": "The installation was begun in another browser, or too long ago.",
    "invalid_state": "This way back from Slack was used before, or it has expired.",
    "invalid_code": "Slack did not confirm the installation.",
    "unreachable": "Slack could not be reached.",
}
log = structlog.get_logger()


class Installing:
    """The two pages of an installation; `forget` is told the name of a workspace whose installation is new."""

    def __init__(  # noqa: PLR0913 - what an app is to Slack
        self,
        client: AsyncWebClient,
        *,
        client_id: str,
        client_secret: str,
        public_url: str,
        installs: Installs,
        states: States,
        forget: Callable[[str], None],
    ) -> None:
        settings = AsyncOAuthSettings(
            client_id=client_id, client_secret=client_secret, scopes=list(scopes()), user_scopes=[],
            redirect_uri=f"{public_url}{REDIRECT_PATH}" if public_url else None,
            install_path=INSTALL_PATH, redirect_uri_path=REDIRECT_PATH, install_page_rendering_enabled=False,
            installation_store=_Kept(installs, forget), state_store=_Stated(states),
            callback_options=AsyncCallbackOptions(success=_installed, failure=_failed),
        )  # fmt: skip
        self._flow = AsyncOAuthFlow(client=client, settings=settings)

    async def begin(self, request: Request) -> Response:
        """Lead to Slack's page of consent, under a state that is good once and in this browser only."""
        return to_starlette_response(await self._flow.handle_installation(to_async_bolt_request(request, b"")))

    async def finish(self, request: Request) -> Response:
        """Take what Slack gives for the consent, keep it, and say how it went."""
        try:
            return to_starlette_response(await self._flow.handle_callback(to_async_bolt_request(request, b"")))
        except (aiohttp.ClientError, TimeoutError, OSError, SlackApiError):
            log.warning("slack.install_failed", reason="unreachable")
            return HTMLResponse(_page("unreachable"), 502)


class _Kept(AsyncInstallationStore):
    """Keeps of an installation what is needed to speak in its workspace; no person's token is asked for or kept."""

    def __init__(self, installs: Installs, forget: Callable[[str], None]) -> None:
        self._installs = installs
        self._forget = forget

    async def async_save(self, installation: Installation) -> None:
        """Keep an installation under its workspace, or its enterprise where it was installed for all of it."""
        whole = bool(installation.is_enterprise_install)
        name = str((installation.enterprise_id if whole else installation.team_id) or "")
        body: dict[str, Any] = {
            "token": installation.bot_token, "bot_id": installation.bot_id, "bot_user": installation.bot_user_id,
            "scopes": list(installation.bot_scopes or ()),
        }  # fmt: skip
        await asyncio.to_thread(self._installs.keep, name, body)
        self._forget(name)


class _Stated(AsyncOAuthStateStore):
    """The states, as the SDK asks for them."""

    def __init__(self, states: States) -> None:
        self._states = states

    async def async_issue(self, *_: Any, **__: Any) -> str:
        """Return a new state."""
        return await asyncio.to_thread(self._states.issue)

    async def async_consume(self, state: str) -> bool:
        """Tell whether a state is good; it was the last time."""
        return await asyncio.to_thread(self._states.consume, state)


async def _installed(args: AsyncSuccessArgs) -> BoltResponse:
    log.info("slack.installed")
    words = "Write to Caveat in Slack, mention it in a channel, or use /vendor-ask."
    headers: dict[str, str | Sequence[str]] = {
        **_HEADERS,
        "Set-Cookie": args.settings.state_utils.build_set_cookie_for_deletion(),
    }
    return BoltResponse(status=200, headers=headers, body=pages.notice("Caveat is installed", words, "Installation"))


async def _failed(args: AsyncFailureArgs) -> BoltResponse:
    log.warning("slack.install_failed", reason=args.reason if args.reason in _WHY else "other")
    return BoltResponse(status=args.suggested_status_code, headers=_HEADERS, body=_page(args.reason))


def _page(reason: str) -> str:
    said = _WHY.get(reason, "Slack did not go on with the installation.")
    return pages.notice("Caveat was not installed", f"{said} {_AGAIN}", "Installation")


_HEADERS: dict[str, str | Sequence[str]] = {"Content-Type": "text/html; charset=utf-8"}
