"""Who is an administrator in Teams: whom the settings name by the object id in Entra, and who is a member of the tenant now."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.teams.people import People

Named = Callable[[str, str], bool]
"""Tells by object id and tenant whether the settings name somebody."""


class Admins:
    """Tells who may keep the knowledge base; guests, other tenants, apps and whoever is not known for sure may not."""

    def __init__(self, people: People, named: Named) -> None:
        self._people = people
        self._named = named

    def named(self, payload: Mapping[str, Any]) -> bool:
        """Tell whether the settings name who sent this; that alone permits nothing."""
        return bool(payload["object"]) and self._named(payload["object"], payload["tenant"])

    async def allows(self, payload: Mapping[str, Any]) -> bool:
        """Tell whether somebody may keep the knowledge base; Teams is asked only about whom the settings name."""
        return self.named(payload) and (await self._people.asker(payload)).staff

    async def among(self, payload: Mapping[str, Any]) -> bool:
        """Tell whether all who read along at this place are administrators; in somebody's own chat he is alone."""
        return payload["kind"] == "personal" or await self._people.only(payload, self._named)
