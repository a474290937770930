"""Who asks and who reads along in Slack: what is not known for sure reads public sources only."""

import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.access import PUBLIC, STAFF
from bot.model import Asker, Place

REMEMBERED = 600.0
"""Seconds for which the workspace's full members are remembered."""
AT_MOST = 10.0
"""Seconds after which they are read again because somebody is not among them."""
PAGES = 20
_PUBLIC_ONLY = frozenset({PUBLIC})
_STAFF_TOO = frozenset({PUBLIC, STAFF})
log = structlog.get_logger()


class People:
    """Looks people and channels up; a look-up that fails means not known."""

    def __init__(self, client: AsyncWebClient, groups: Mapping[str, frozenset[str]]) -> None:
        self._client = client
        self._groups = groups
        self._members: frozenset[str] = frozenset()
        self._fresh_until = 0.0

    async def asker(self, user: str, team: str) -> Asker:
        """Return who asks: full members of the workspace are staff; guests, strangers, bots and the deleted are not."""
        try:
            found = (await self._client.users_info(user=user))["user"]
        except (SlackApiError, OSError, TimeoutError):
            log.warning("slack.user_unknown")
            return Asker(f"slack:{user}")
        staff = _is_member(found) and found.get("team_id", team) == team
        groups = frozenset(name for name, people in self._groups.items() if user in people) if staff else frozenset()
        address = str((found.get("profile") or {}).get("email") or "").lower()
        names = frozenset(filter(None, (user, address))) if staff else frozenset()
        return Asker(f"slack:{user}", staff=staff, groups=groups - {STAFF}, names=names)

    async def lives(self, user: str, team: str) -> bool:
        """Tell whether this is a person of the workspace, guests too: no bot, nobody deleted, no stranger, nobody unknown."""
        try:
            found = (await self._client.users_info(user=user))["user"]
        except (SlackApiError, OSError, TimeoutError):
            log.warning("slack.user_unknown")
            return False
        own = bool(team) and found.get("team_id", team) == team
        return own and not any(found.get(flag) for flag in ("is_stranger", "is_bot", "deleted"))

    async def place(self, channel: str, kind: str) -> Place:
        """Return where an answer goes: a direct message is the asker's own; a channel shows what all its readers may see."""
        if kind == "im":
            return Place(f"slack:{channel}")
        try:
            info = (await self._client.conversations_info(channel=channel))["channel"]
            shared = any(info.get(flag) for flag in ("is_ext_shared", "is_pending_ext_shared", "is_org_shared"))
            safe = not shared and not await self._guest_in(channel)
        except (SlackApiError, OSError, TimeoutError):
            log.warning("slack.channel_unknown")
            safe = False
        return Place(f"slack:{channel}", _STAFF_TOO if safe else _PUBLIC_ONLY)

    async def _guest_in(self, channel: str) -> bool:
        """Tell whether someone who is no full member reads a channel; whoever is not known, and too many to check, count as yes."""
        known = await self._full_members()
        pages = 0
        async for page in _pages(self._client.conversations_members, "members", channel=channel, limit=1000):
            pages += 1
            if strangers := set(page) - known:
                known = await self._full_members(fresh=True)
                strangers -= known
            if pages > PAGES or strangers:
                return True
        return False

    async def _full_members(self, *, fresh: bool = False) -> frozenset[str]:
        """Return the workspace's full members and its apps' bots, who read nothing; anew where `fresh` and not read just now."""
        now = time.monotonic()
        if now < self._fresh_until - (REMEMBERED - AT_MOST if fresh else 0.0):
            return self._members
        members = [
            person["id"]
            async for page in _pages(self._client.users_list, "members", limit=500)
            for person in page
            if _is_member(person) or (person.get("is_bot") and not person.get("deleted"))
        ]
        self._members, self._fresh_until = frozenset(members), time.monotonic() + REMEMBERED
        return self._members


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
