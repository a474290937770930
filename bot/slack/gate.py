"""Who may do something with an answer that stands in Slack: a person of the workspace who may read all its sources there."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bot.exhibits import Exhibits
from bot.model import Asker, Place
from bot.slack.errands import Payload
from bot.slack.people import People
from knowledge.store.chain import Kept


@dataclass(frozen=True, slots=True)
class Gate:
    """Opens answers to people; `may_rule` tells by a Slack user id and workspace whether the settings name a reviewer."""

    people: People
    exhibits: Exhibits
    may_rule: Callable[[str, str], bool]

    async def opened(self, payload: Payload, asker: Asker, place: Place) -> Kept | None:
        """Return the receipt of the answer that a payload names, None where this person may not read it at this place."""
        if payload.get("stranger") or not await self.people.lives(payload["user"], payload["team"]):
            return None
        kept = await asyncio.to_thread(self.exhibits.within, payload["answer"], asker, place)
        # Where it cannot be known whether somebody reads along, only what was answered to him is open to him.
        return kept if kept and (payload.get("inside") or kept.asker == asker.id) else None

    def reviews(self, payload: Payload, asker: Asker) -> bool:
        """Tell whether a person of the company is a reviewer."""
        return asker.staff and self.may_rule(payload["user"], payload["team"])
