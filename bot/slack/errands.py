"""What people do in Slack beside asking and checking: they watch vendors, are told news of them, and decide about matches."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot import replies
from bot.access import STAFF, labels
from bot.dossier import summary
from bot.errors import RulingRefused
from bot.model import Asker, Place, VendorCheck
from bot.naming import vendors_in
from bot.reviewing import Decision, Reviewing
from bot.slack import cards, notices
from bot.watching import Watching
from knowledge.ruling import Verdict

WATCH, WATCHES, STOP, LOOK, RULE, NAMED = "watch", "watches", "stop", "look", "rule", "named"
"""What a payload's `do` can be; without one it is a question or a check."""
Payload = dict[str, Any]
Work = Callable[[str, Payload, Asker, Place], Awaitable[Payload]]
"""Does what a payload says, for its event's key, for this person at this place; returns the message that says what came of it,
nothing where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Errands:
    """Watches vendors and keeps decisions; `may_rule` tells by a Slack user id and workspace whether the settings name a reviewer."""

    watching: Watching
    reviewing: Reviewing
    may_rule: Callable[[str, str], bool]

    @property
    def works(self) -> dict[str, Work]:
        """What is done for each `do` of a payload."""
        return {
            WATCH: self._watch,
            WATCHES: self._watches,
            STOP: self._stop,
            LOOK: self._look,
            RULE: self._rule,
            NAMED: self._named,
        }

    async def _watch(self, key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        back = {"door": "slack", "payload": {**_back(payload), "do": LOOK}}
        added = await self.watching.add(VendorCheck(key, payload["text"], asker, place), back)
        if added.card is None:
            return notices.said(added.refused)
        lead = replies.begun(payload["text"], new=added.new)
        return notices.watched(lead, replies.stands(summary(added.card)), payload["text"])

    async def _watches(self, _key: str, _payload: Payload, asker: Asker, _place: Place) -> Payload:
        return notices.watches(await asyncio.to_thread(self.watching.watches.of, asker.id))

    async def _stop(self, _key: str, payload: Payload, asker: Asker, _place: Place) -> Payload:
        was = await self.watching.stop(asker.id, payload["text"])
        return notices.said(replies.ended(payload["text"], was=was, command=notices.COMMAND))

    async def _look(self, _key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        watch = await asyncio.to_thread(self.watching.watches.find, payload["watch"])
        news = await self.watching.look(watch, asker, place, payload["mark"]) if watch else None
        return notices.news(news) if news else {}

    async def _named(self, key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        checking = self.watching.checking
        loaded = await asyncio.to_thread(checking.loaded, checking.today())
        names = await asyncio.to_thread(vendors_in, payload["text"], loaded)
        asked = [VendorCheck(f"{key}:{name}", name, asker, place) for name in names]
        cards_ = [await checking.check(one) for one in asked]
        return notices.named([(card.query, summary(card)) for card in cards_ if not card.refused])

    async def _rule(self, key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        if not (asker.staff and self.may_rule(payload["user"], payload["team"])):
            return notices.said("Only reviewers may decide about a match, and you are none here: nothing was decided.")
        verdict = Verdict(payload["verdict"])
        decision = Decision(key, payload["text"], payload["party"], verdict, payload["why"], payload["named"])
        try:
            made = await self.reviewing.decide(decision)
        except RulingRefused as refused:
            return notices.said(replies.sentence(str(refused)))
        card = await self.watching.checking.check(VendorCheck(key, payload["text"], asker, place))
        why = payload["why"] if STAFF in labels(asker, place) else "Its reason is for staff."
        return cards.render(card, decided=(payload["user"], verdict.value, made[0].name, why))


def _back(payload: Payload) -> Payload:
    """Return how the watcher is reached: in the conversation with the app, which only he reads."""
    kept = {name: payload[name] for name in ("team", "user", "text")}
    return {**kept, "channel": payload["user"], "kind": "im", "thread_ts": "", "to": "person"}
