"""Who asks and who reads along in Slack: what is not known for sure reads public sources only."""

import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.access import PUBLIC, STAFF
from bot.errors import NotInstalled
from bot.model import Asker, Place
from bot.slack.clients import Clients

REMEMBERED = 600.0
"""Seconds for which the workspace's full members are remembered."""
AT_MOST = 10.0
"""Seconds after which they are read again because somebody is not among them."""
PAGES = 20
_CONVERSATIONS = frozenset("CGD")
"""How the ids of channels, of older private ones and of direct messages begin; any other would name a person."""
_PUBLIC_ONLY = frozenset({PUBLIC})
_STAFF_TOO = frozenset({PUBLIC, STAFF})
_UNKNOWN = (SlackApiError, aiohttp.ClientError, OSError, TimeoutError)
"""What a look-up that fails raises."""
log = structlog.get_logger()


class People:
    """Looks people and channels up, each in their own workspace; a look-up that fails means not known."""

    def __init__(self, clients: Clients, groups: Mapping[str, frozenset[str]]) -> None:
        self._clients = clients
        self._groups = groups
        self._members: dict[str, tuple[frozenset[str], float]] = {}
        """The full members of each workspace, and until when they are remembered."""

    async def asker(self, user: str, team: str, enterprise: str = "") -> Asker:
        """Return who asks: full members of a trusted workspace are staff; guests, strangers, bots and the deleted are not."""
        return await self.reader(user, team, enterprise) or Asker(f"slack:{user}")

    async def reader(self, user: str, team: str, enterprise: str = "") -> Asker | None:
        """Return who asks, None for a bot or somebody who was deactivated: they read no reply."""
        client = await self._clients.of(team, enterprise)
        if not self._clients.trusts(team, enterprise):
            return Asker(f"slack:{user}")
        try:
            found = (await client.users_info(user=user))["user"]
        except _UNKNOWN:
            log.warning("slack.user_unknown")
            return Asker(f"slack:{user}")
        if found.get("is_bot") or found.get("deleted"):
            return None
        staff = _is_member(found) and found.get("team_id", team) == team
        groups = frozenset(name for name, people in self._groups.items() if user in people) if staff else frozenset()
        address = str((found.get("profile") or {}).get("email") or "").lower()
        names = frozenset(filter(None, (user, address))) if staff else frozenset()
        return Asker(f"slack:{user}", staff=staff, groups=groups - {STAFF}, names=names)

    async def stranger(self, user: str, own: str, team: str, enterprise: str = "") -> Asker | None:
        """Return who asks from the workspace `own` in a conversation that is shared with it, None where Slack knows no such person."""
        try:
            client = await self._clients.of(team, enterprise)
            found = (await client.users_info(user=user))["user"]
        except _UNKNOWN:
            log.warning("slack.user_unknown")
            return None
        known = found.get("team_id") == own and not found.get("is_bot") and not found.get("deleted")
        return Asker(f"slack:{own}:{user}") if known else None

    async def addressed(self, address: str, team: str) -> str:
        """Return the id of the full member of a workspace who has an e-mail address, empty where none is known by it."""
        try:
            client = await self._clients.of(team)
            found = (await client.users_lookupByEmail(email=address))["user"]
        except (NotInstalled, *_UNKNOWN):
            log.info("slack.address_unknown")
            return ""
        return str(found["id"]) if _is_member(found) and found.get("team_id", team) == team else ""

    async def lives(self, user: str, team: str) -> bool:
        """Tell whether this is a person of the workspace, guests too: no bot, nobody deleted, no stranger, nobody unknown."""
        try:
            client = await self._clients.of(team)
            found = (await client.users_info(user=user))["user"]
        except (NotInstalled, *_UNKNOWN):
            log.warning("slack.user_unknown")
            return False
        own = bool(team) and found.get("team_id", team) == team
        return own and not any(found.get(flag) for flag in ("is_stranger", "is_bot", "deleted"))

    async def inside(self, asker: Asker, payload: Mapping[str, Any]) -> bool | None:
        """Tell whether whoever acts reads the conversation that a payload names; None where Slack does not say.

        A public channel is read by every full member of the workspace, a direct message by its one person.
        """
        user, channel = payload["user"], payload["channel"]
        if channel[:1] not in _CONVERSATIONS:
            return False
        client = await self._clients.of(payload["team"], payload.get("enterprise", ""))
        try:
            if payload["kind"] == "im":
                return bool((await client.conversations_open(users=user))["channel"]["id"] == channel)
            info = (await client.conversations_info(channel=channel))["channel"]
            if asker.staff and not (info.get("is_private") or info.get("is_mpim")):
                return True
            async for page in _pages(client.conversations_members, "members", channel=channel, limit=1000):
                if user in page:
                    return True
        except _UNKNOWN:
            log.warning("slack.channel_unknown")
            return None
        return False

    async def place(self, channel: str, kind: str, team: str, enterprise: str = "") -> Place:
        """Return where an answer goes: a direct message is the asker's own; a channel shows what all its readers may see."""
        if kind == "im":
            return Place(f"slack:{channel}")
        if not self._clients.trusts(team, enterprise):
            return Place(f"slack:{channel}", _PUBLIC_ONLY)
        client = await self._clients.of(team, enterprise)
        try:
            info = (await client.conversations_info(channel=channel))["channel"]
            shared = any(info.get(flag) for flag in ("is_ext_shared", "is_pending_ext_shared", "is_org_shared"))
            safe = not shared and not await self._guest_in(client, channel, team)
        except _UNKNOWN:
            log.warning("slack.channel_unknown")
            safe = False
        return Place(f"slack:{channel}", _STAFF_TOO if safe else _PUBLIC_ONLY)

    async def _guest_in(self, client: AsyncWebClient, channel: str, team: str) -> bool:
        """Tell whether someone who is no full member reads a channel; whoever is not known, and too many to check, count as yes."""
        known = await self._full_members(client, team)
        pages = 0
        async for page in _pages(client.conversations_members, "members", channel=channel, limit=1000):
            pages += 1
            if strangers := set(page) - known:
                known = await self._full_members(client, team, fresh=True)
                strangers -= known
            if pages > PAGES or strangers:
                return True
        return False

    async def _full_members(self, client: AsyncWebClient, team: str, *, fresh: bool = False) -> frozenset[str]:
        """Return the workspace's full members and its apps' bots, who read nothing; anew where `fresh` and not read just now."""
        known, until = self._members.get(team, (frozenset[str](), 0.0))
        if time.monotonic() < until - (REMEMBERED - AT_MOST if fresh else 0.0):
            return known
        found = [
            person["id"]
            async for page in _pages(client.users_list, "members", limit=500)
            for person in page
            if _is_member(person) or (person.get("is_bot") and not person.get("deleted"))
        ]
        members = frozenset(found)
        self._members[team] = (members, time.monotonic() + REMEMBERED)
        return members


def _is_member(person: Mapping[str, Any]) -> bool:
    flags = ("is_restricted", "is_ultra_restricted", "is_stranger", "is_bot", "deleted")
    return not any(person.get(flag) for flag in flags)


async def _pages(call: Any, name: str, **arguments: Any) -> AsyncIterator[list[Any]]:
    cursor = ""
    while True:
        response = await call(**arguments, **({"cursor": cursor} if cursor else {}))
        yield response[name]
        cursor = (response.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            return
