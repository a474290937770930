"""What people do in Teams beside asking and checking: they watch vendors, are told news of them, and decide about matches."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from bot import replies
from bot.access import STAFF, labels
from bot.dossier import summary
from bot.errors import RulingRefused
from bot.model import Asker, Place, VendorCheck
from bot.reviewing import Decision, Reviewing
from bot.teams import cards, notices
from bot.teams.commands import LOOK, RULE, STOP, WATCH, WATCHES
from bot.teams.controls import below
from bot.teams.message import Activity
from bot.teams.rulings import NO_REVIEWER
from bot.watching import Watching
from knowledge.ruling import Verdict

Payload = dict[str, Any]
Work = Callable[[str, Payload, Asker, Place], Awaitable[Activity | None]]
"""Does what a payload says, for its event's key, for this person at this place; returns the message that says what came of it,
None where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Errands:
    """Watches vendors and keeps decisions; `may_rule` tells by an object id and its tenant whether the settings name a reviewer.

    `until` is the last day of a decision about a vendor that says none.
    """

    watching: Watching
    reviewing: Reviewing
    may_rule: Callable[[str, str], bool]
    until: Callable[[date], date]

    @property
    def works(self) -> dict[str, Work]:
        """What is done for each `do` of a payload."""
        return {WATCH: self._watch, WATCHES: self._watches, STOP: self._stop, LOOK: self._look, RULE: self._rule}

    async def _watch(self, key: str, payload: Payload, asker: Asker, place: Place) -> Activity:
        back = {"door": "teams", "payload": {**payload, "do": LOOK}}
        added = await self.watching.add(VendorCheck(key, payload["text"], asker, place), back)
        if added.card is None:
            return notices.said(added.refused)
        lead = replies.begun(payload["text"], new=added.new)
        return notices.watched(lead, replies.stands(summary(added.card)), payload["text"])

    async def _watches(self, _key: str, _payload: Payload, asker: Asker, _place: Place) -> Activity:
        return notices.watches(await asyncio.to_thread(self.watching.watches.of, asker.id))

    async def _stop(self, _key: str, payload: Payload, asker: Asker, _place: Place) -> Activity:
        was = await self.watching.stop(asker.id, payload["text"])
        return notices.said(replies.ended(payload["text"], was=was, command=notices.COMMAND))

    async def _look(self, _key: str, payload: Payload, asker: Asker, place: Place) -> Activity | None:
        watch = await asyncio.to_thread(self.watching.watches.find, payload["watch"])
        news = await self.watching.look(watch, asker, place, payload["mark"]) if watch else None
        return notices.news(news) if news else None

    async def _rule(self, key: str, payload: Payload, asker: Asker, place: Place) -> Activity:
        if not (asker.staff and self.may_rule(payload["object"], payload["tenant"])):
            return notices.said(NO_REVIEWER)
        verdict = Verdict(payload["verdict"])
        who = payload["name"] or payload["object"]
        decision = Decision(key, payload["text"], payload["party"], verdict, payload["why"], who)
        try:
            made = await self.reviewing.decide(decision)
        except RulingRefused as refused:
            return notices.said(replies.sentence(str(refused)))
        card = await self.watching.checking.check(VendorCheck(key, payload["text"], asker, place))
        why = f" {payload['why']}" if STAFF in labels(asker, place) else ""
        return cards.render(
            card,
            lead=f"{who} decided about {made[0].name}: {verdict.value}.{why} Every later check says so.",
            given=below(asker, place, payload, self.until(datetime.now(UTC).date())),
        )
