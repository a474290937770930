"""Which client speaks to which workspace: the one whose token was set, or each that installed the app by OAuth."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import aiohttp
import structlog
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import NotInstalled, PlatformUnreachable
from knowledge.errors import InstallUnreadable
from knowledge.store.installs import Installs

REMEMBERED = 60.0
"""Seconds after which an installation is read again: another process may have been told that it has ended."""
_ENDED = frozenset({"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"})
"""What Slack says of a token that opens nothing any more."""
log = structlog.get_logger()

Told = Callable[[str, str], None]
"""Is told of each call that Slack refused: the method and Slack's code for why."""
Renew = Callable[[str], Awaitable[str]]
"""Given a token that has ended, returns the workspace's present one, empty when there is none."""


class Client(AsyncWebClient):
    """A client that tells which calls were refused, and takes a workspace's new token when its old one has ended."""

    def __init__(self, *, told: Told, renew: Renew | None = None, **settings: Any) -> None:
        super().__init__(timeout=10, retry_handlers=[], **settings)
        self._told = told
        self._renew = renew

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:
        """Call a method; a refusal that says that the token has ended is met with the present one, once."""
        try:
            return await super().api_call(api_method, **arguments)
        except SlackApiError as error:
            code = refused(error)
            self._told(api_method, code)
            if code not in _ENDED or self._renew is None or not await self._renewed(self._renew):
                raise
        except (aiohttp.ClientError, TimeoutError, OSError):
            self._told(api_method, "unreachable")
            raise
        return await super().api_call(api_method, **arguments)

    async def _renewed(self, renew: Renew) -> bool:
        ended, self.token = self.token or "", await renew(self.token or "")
        return self.token not in {"", ended}


def refused(error: SlackApiError) -> str:
    """Return Slack's code for why it refused a call, or the status of a reply that had none."""
    response = error.response
    code = str(response.get("error") or "") if hasattr(response, "get") else ""
    return code or str(getattr(response, "status_code", 0) or "unknown")


class Make(Protocol):
    """Makes a client for a token; all of them share the process's connections."""

    def __call__(self, token: str, renew: Renew | None = None) -> Client:
        """Return the client."""
        ...


class Clients(Protocol):
    """The workspaces that are served."""

    async def of(self, team: str, enterprise: str = "") -> AsyncWebClient:
        """Return the client of a workspace; raise NotInstalled where the app is not there."""
        ...

    async def authorize(self, team_id: str | None, enterprise_id: str | None) -> AuthorizeResult | None:
        """Tell Bolt whose event it is; None refuses it. Raise PlatformUnreachable when it cannot be known now."""
        ...

    def trusts(self, team: str, enterprise: str = "") -> bool:
        """Tell whether the full members of a workspace are the company's own people."""
        ...

    async def ended(self, team: str, enterprise: str, moment: datetime) -> None:
        """Take note that an installation that was there at a moment has ended."""
        ...


class OneWorkspace:
    """The workspace whose bot token was set; its people are the company's own, and no other workspace is served."""

    def __init__(self, make: Make, token: str) -> None:
        self._client = make(token)
        self._token = token
        self._own: AuthorizeResult | None = None

    async def of(self, team: str, enterprise: str = "") -> AsyncWebClient:
        """Return the client; raise NotInstalled for a workspace that is known to be another one."""
        if self._own and team and not self._is_own(self._own, team, enterprise):
            raise NotInstalled
        return self._client

    async def authorize(self, team_id: str | None, enterprise_id: str | None) -> AuthorizeResult | None:
        """Ask Slack once whose token it is, and refuse every other workspace."""
        own = self._own = self._own or await self._asked()
        if own and self._is_own(own, team_id or "", enterprise_id or ""):
            return own
        log.warning("slack.foreign_workspace")
        return None

    def trusts(self, team: str, enterprise: str = "") -> bool:  # noqa: ARG002 - one workspace, all of it ours
        """Tell that they are."""
        return True

    async def ended(self, team: str, enterprise: str, moment: datetime) -> None:  # noqa: ARG002 - nothing to forget
        """Say so: only whoever set the token can set another."""
        log.error("slack.token_ended")

    async def _asked(self) -> AuthorizeResult | None:
        try:
            told = await self._client.auth_test()
        except SlackApiError as error:
            if refused(error) in _ENDED:
                log.exception("slack.token_refused")
                return None
            raise PlatformUnreachable from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise PlatformUnreachable from error
        return AuthorizeResult.from_auth_test_response(bot_token=self._token, auth_test_response=told)

    def _is_own(self, own: AuthorizeResult, team: str, enterprise: str) -> bool:
        return team == own.team_id or bool(own.enterprise_id and not team and enterprise == own.enterprise_id)


@dataclass(frozen=True, slots=True)
class _Known:
    """An installation as it was read, and until when it is taken as read."""

    kept: dict[str, Any]
    client: Client
    until: float


class ManyWorkspaces:
    """The workspaces that installed the app; `trusted` are the ids of those whose members are the company's own people.

    `clock` gives monotonic seconds.
    """

    def __init__(
        self, make: Make, installs: Installs, trusted: frozenset[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._make = make
        self._installs = installs
        self._trusted = trusted
        self._clock = clock
        self._known: dict[str, _Known] = {}

    async def of(self, team: str, enterprise: str = "") -> AsyncWebClient:
        """Return the client of a workspace, with its own token and nobody else's."""
        known = await self._read(team, enterprise)
        if known is None:
            raise NotInstalled
        return known.client

    async def authorize(self, team_id: str | None, enterprise_id: str | None) -> AuthorizeResult | None:
        """Return the installation as Bolt knows it, without a call to Slack."""
        known = await self._read(team_id or "", enterprise_id or "")
        if known is None:
            log.warning("slack.not_installed")
            return None
        kept = known.kept
        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, bot_token=kept["token"],
            bot_id=kept["bot_id"], bot_user_id=kept["bot_user"], bot_scopes=kept["scopes"],
        )  # fmt: skip

    def trusts(self, team: str, enterprise: str = "") -> bool:
        """Tell whether the settings name the workspace, or its enterprise."""
        return bool({team, enterprise} & self._trusted)

    async def ended(self, team: str, enterprise: str, moment: datetime) -> None:
        """Delete the installation, and forget it here at once."""
        for name in names(team, enterprise)[:1]:
            self._known.pop(name, None)
            if await asyncio.to_thread(self._installs.remove, name, moment):
                log.info("slack.uninstalled")

    def forget(self, name: str) -> None:
        """Read an installation anew when it is next needed."""
        self._known.pop(name, None)

    async def _read(self, team: str, enterprise: str) -> _Known | None:
        for name in names(team, enterprise):
            known = self._known.get(name)
            if known is None or known.until < self._clock():
                known = await self._found(name)
            if known is not None:
                return known
        return None

    async def _found(self, name: str) -> _Known | None:
        self._known.pop(name, None)
        try:
            kept = await asyncio.to_thread(self._installs.find, name)
        except InstallUnreadable:
            log.error("slack.install_unreadable")  # noqa: TRY400 - what went wrong is in the name
            return None
        if kept is None:
            return None
        client = self._make(kept["token"], lambda ended: self._present(name, ended))
        self._known[name] = _Known(kept, client, self._clock() + REMEMBERED)
        return self._known[name]

    async def _present(self, name: str, ended: str) -> str:
        """Return the token that a workspace has now, empty when it has none but the one that has ended."""
        known = await self._found(name)
        return str(known.kept["token"]) if known and known.kept["token"] != ended else ""


def names(team: str, enterprise: str) -> list[str]:
    """Return the names under which the installation of a workspace may be kept: its own, then its enterprise's."""
    return [name for name in (team, enterprise) if name]
