"""Decisions about vendors in Teams: a form for reviewers, a button for the second approver, a reminder before the end."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from bot.access import among_staff
from bot.deciding import Deciding, Wish, vendor_of
from bot.decision import ALONE, NO_REVIEWER, ending, told, waits
from bot.errors import DecisionRefused
from bot.model import Asker, Place, VendorCheck
from bot.teams import cards, notices, ways
from bot.teams.access import Access, Opened
from bot.teams.controls import SECOND, SECOND_BELOW, agree, below, check
from bot.teams.elements import paragraph, run
from bot.teams.entry import DOOR
from bot.teams.forms import DECIDE
from bot.teams.message import Activity, carded
from bot.teams.ways import Act, Message, Payload
from bot.words import CLOSED
from knowledge.decision import Choice, Decision
from knowledge.ruling import asked_for

_BACK = ("service", "conversation", "kind", "tenant", "user", "object", "name", "bot", "shared")
"""What of a payload reaches a decider again: in his own chat with the app, which is opened for it."""
_DIGITS = 9
Remind = Callable[[str, Payload, Asker, Place], Awaitable[Activity | None]]


@dataclass(frozen=True, slots=True)
class Decisions:
    """Keeps what reviewers decide below an answer, and says what came of it where it stands."""

    access: Access
    deciding: Deciding

    @property
    def works(self) -> Mapping[str, Act]:
        """What is done for each `do` of a payload."""
        return {DECIDE: self._decide, SECOND: self._second, SECOND_BELOW: self._second}

    async def _decide(self, key: str, payload: Payload) -> Message:
        opened = await self.access.opened(payload, payload["text"])
        if opened is None or not self.access.reviews(payload, opened.asker):
            return ways.whispered(payload, notices.said(CLOSED if opened is None else NO_REVIEWER))
        try:
            made = await self.deciding.decide(_wish(key, payload, opened), opened.asker, opened.place)
        except DecisionRefused as refused:
            return ways.whispered(payload, notices.said(_sentence(refused)))
        card = opened.kept.body.get("kind") == "check"
        return await self._told(key, payload, opened, made, card=card)

    async def _second(self, key: str, payload: Payload) -> Message:
        n, _, answer = payload["text"].partition(":")
        opened = await self.access.opened(payload, answer)
        if opened is None or not self.access.reviews(payload, opened.asker):
            return ways.whispered(payload, notices.said(CLOSED if opened is None else NO_REVIEWER))
        number = int(n) if n.isdecimal() and len(n) <= _DIGITS else 0
        if not _about(await asyncio.to_thread(self.deciding.decisions.find, number), opened):
            return ways.whispered(payload, notices.said(CLOSED))
        try:
            made = await self.deciding.second(number, payload["object"], _name(payload))
        except DecisionRefused as refused:
            return ways.whispered(payload, notices.said(_sentence(refused)))
        return await self._told(key, payload, opened, made, card=payload["do"] == SECOND_BELOW)

    async def _told(self, key: str, payload: Payload, opened: Opened, made: Decision, *, card: bool) -> Message:
        """Say what is decided: on the card that stands there, which is made anew, or in a message of its own."""
        if not among_staff(opened.asker, opened.place):
            return ways.whispered(payload, notices.said(f"{told(made)}{ALONE}"))
        if card:
            return await self._anew(f"{key}:card", opened, await self.access.there(payload, opened))
        # The form stands on the answer's own message, which stays as it was said; the second approver changes the decision's.
        spot = await self.access.there(payload, opened) if payload["do"] == SECOND else opened.spot
        return {**ways.told(spot, decided(made)), "answer": made.receipt}

    async def _anew(self, key: str, opened: Opened, spot: Payload) -> Message:
        """Check the vendor again, and show the card with what is decided now."""
        vendor, country = vendor_of(opened.kept)
        card = await self.deciding.checking.check(VendorCheck(key, vendor, opened.asker, opened.place, country))
        given = below(opened.asker, opened.place, opened.spot, self.deciding.until(_today()))
        lead = f"{_name(spot)} decided about {vendor[:150]}; this card says what stands."
        return ways.answered(spot, cards.render(card, lead=lead, given=given), card.id)


def reminding(deciding: Deciding) -> Remind:
    """Return what reminds a decider, in the conversation of the two."""

    async def remind(_key: str, payload: Payload, asker: Asker, _place: Place) -> Activity | None:
        one = await asyncio.to_thread(deciding.decisions.find, payload["n"])
        if one is None or not asker.staff:
            return None
        return carded([paragraph(run(ending(one)))], [check(one)], notice=ending(one))

    return remind


def decided(one: Decision) -> Activity:
    """Return the message that says what is decided, with a button where it waits for a second approver."""
    actions = [agree(one.n, one.receipt, SECOND)] if waits(one) else []
    return carded([paragraph(run(told(one)))], actions, notice=told(one))


def _about(one: Decision | None, opened: Opened) -> bool:
    """Tell whether a decision is about the vendor of an answer: its number comes from whoever presses."""
    if one is None:
        return False
    return one.receipt == opened.kept.answer_id or one.asked == asked_for(*vendor_of(opened.kept))


def _wish(key: str, payload: Payload, opened: Opened) -> Wish:
    vendor, country = vendor_of(opened.kept)
    back: dict[str, Any] = {**{name: payload[name] for name in _BACK}, "text": vendor[:300], "pressed": False}
    return Wish(
        key, vendor, Choice(payload["choice"]), payload["why"], payload["object"], _name(payload), country,
        payload["conditions"], date.fromisoformat(payload["until"]), opened.kept.body.get("level") or "unknown",
        opened.kept.answer_id, {"door": DOOR, "payload": back},
    )  # fmt: skip


def _name(payload: Payload) -> str:
    return str(payload["name"] or payload["object"])


def _today() -> date:
    return datetime.now(UTC).date()


def _sentence(refused: DecisionRefused) -> str:
    words = str(refused)
    return f"{words[:1].upper()}{words[1:]}."
