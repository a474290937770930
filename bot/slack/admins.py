"""Who is an administrator in Slack: whom the settings name, and who is a full member of the workspace right now."""

from collections.abc import Callable

from bot.slack.people import People

Named = Callable[[str, str], bool]
"""Tells by user id and workspace whether the settings name somebody."""


class Admins:
    """Tells who may keep the knowledge base; whoever is not known for sure may not."""

    def __init__(self, people: People, named: Named) -> None:
        self._people = people
        self._named = named

    def named(self, user: str, team: str) -> bool:
        """Tell whether the settings name somebody; that alone permits nothing."""
        return bool(user and team) and self._named(user, team)

    async def allows(self, user: str, team: str) -> bool:
        """Tell whether somebody may keep the knowledge base of this workspace; Slack is asked only about whom the settings name."""
        return self.named(user, team) and (await self._people.asker(user, team)).staff
