"""Who asks and who reads along in Teams: what is not known for sure reads public sources only."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import structlog

from bot.access import PUBLIC, STAFF
from bot.model import Asker, Place
from bot.teams.connector import Connector, MaybeSent, Unreachable

PAGES = 20
MEMBERS = "200"
_PUBLIC_ONLY = frozenset({PUBLIC})
_STAFF_TOO = frozenset({PUBLIC, STAFF})
log = structlog.get_logger()
Payload = Mapping[str, Any]


class People:
    """Looks people up in the roster of the conversation where they ask; `home` are the tenants whose members are staff."""

    def __init__(self, connector: Connector, groups: Mapping[str, frozenset[str]], home: frozenset[str]) -> None:
        self._connector = connector
        self._groups = groups
        self._home = home

    async def asker(self, payload: Payload) -> Asker:
        """Return who asks: members of the tenant are staff; guests, other tenants and whom no roster knows are not."""
        return await self.met(payload) or _nobody(payload)

    async def met(self, payload: Payload) -> Asker | None:
        """Return who asks, None where the roster of the conversation does not know him or does not answer."""
        object_, known = payload["object"], _nobody(payload)
        try:
            found = await self._connector.call("GET", payload["service"], *_roster(payload), "members", payload["user"])
        except (Unreachable, MaybeSent, TimeoutError, OSError):
            log.warning("teams.user_unknown")
            return None
        if not object_ or object_ != _object(found) or not self._is_member(found):
            return known
        groups = frozenset(name for name, people in self._groups.items() if object_ in people)
        addresses = {str(found.get(name) or "").lower() for name in ("email", "userPrincipalName")}
        return Asker(known.id, staff=True, groups=groups - {STAFF}, names=frozenset({object_, *addresses} - {""}))

    async def named(self, payload: Payload, object_: str) -> str:
        """Return the name of somebody in the conversation by his object id, empty where the roster does not know him."""
        try:
            found = await self._connector.call("GET", payload["service"], *_roster(payload), "members", object_)
        except (Unreachable, MaybeSent, TimeoutError, OSError):
            return ""
        return str(found.get("name") or "")[:100]

    async def place(self, payload: Payload) -> Place:
        """Return where an answer goes: somebody's own chat is his; elsewhere it shows what all who read it may see.

        What is for one person alone in a conversation of several is a place of its own.
        """
        name = f"teams:{payload['conversation']}"
        if payload.get("private"):
            return Place(f"{name}:{payload['user']}")
        if payload["kind"] == "personal":
            return Place(name)
        try:
            safe = not payload["shared"] and await self._all(payload, self._is_member)
        except (Unreachable, MaybeSent, TimeoutError, OSError):
            log.warning("teams.place_unknown")
            safe = False
        return Place(name, _STAFF_TOO if safe else _PUBLIC_ONLY)

    async def only(self, payload: Payload, named: Callable[[str, str], bool]) -> bool:
        """Tell whether everybody who reads along is a member whom `named` knows by object id and tenant; unknown is no."""

        def known(found: Mapping[str, Any]) -> bool:
            return self._is_member(found) and named(_object(found), str(found.get("tenantId")))

        try:
            return not payload["shared"] and await self._all(payload, known)
        except (Unreachable, MaybeSent, TimeoutError, OSError):
            log.warning("teams.place_unknown")
            return False

    async def _all(self, payload: Payload, known: Callable[[Mapping[str, Any]], bool]) -> bool:
        """Tell whether everyone on the roster is known; an empty one, or too many pages to check, count as no."""
        count = pages = 0
        async for members in self._pages(payload):
            pages += 1
            count += len(members)
            if pages > PAGES or not all(map(known, members)):
                return False
        return count > 0

    async def _pages(self, payload: Payload) -> AsyncIterator[list[dict[str, Any]]]:
        more: dict[str, str] = {}
        while True:
            page = await self._connector.call(
                "GET", payload["service"], *_roster(payload), "pagedmembers", query={"pageSize": MEMBERS, **more}
            )
            yield page.get("members") or []
            if not page.get("continuationToken"):
                return
            more = {"continuationToken": str(page["continuationToken"])}

    def _is_member(self, found: Mapping[str, Any]) -> bool:
        """Tell whether a person of a roster is known to be a member; a guest's address says so where his role does not."""
        address = str(found.get("userPrincipalName") or "").upper()
        return found.get("userRole") == "user" and found.get("tenantId") in self._home and "#EXT#" not in address


def _nobody(payload: Payload) -> Asker:
    """Return somebody of whom nothing is known but how Teams names him."""
    return Asker(f"teams:{payload['object'] or payload['user']}")


def _roster(payload: Payload) -> tuple[str, str]:
    """Return where the roster is: a thread's is its channel's."""
    return "conversations", payload["conversation"].partition(";")[0]


def _object(found: Mapping[str, Any]) -> str:
    return str(found.get("aadObjectId") or found.get("objectId") or "")
