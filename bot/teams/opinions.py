"""Keeps what people think of an answer in Teams, of each person about each answer the last word."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.teams import notices, ways
from bot.teams.access import Access
from bot.teams.controls import THINK
from bot.teams.ways import Act, Message, Payload
from bot.words import CLOSED
from knowledge.store.feedback import Feedback, Opinion

_UNKNOWN = (
    "I do not find the answer that your thumb stood below, so your opinion was not kept. It may be from too long ago: an"
    " administrator takes it in any words."
)


def works(access: Access, feedback: Feedback) -> Mapping[str, Act]:
    """Return what is done for each `do` of a payload."""

    async def think(_key: str, payload: Payload) -> Message:
        answer = await access.shows(payload)
        opened = await access.opened(payload, answer) if answer else None
        if opened is None:
            return ways.whispered(payload, notices.said(CLOSED if answer else _UNKNOWN))
        at = datetime.fromtimestamp(payload["at"], UTC)
        reasons, words = tuple(payload["reasons"]), payload["words"]
        opinion = Opinion(answer, opened.asker.id, payload["value"], at, reasons, words)
        await asyncio.to_thread(feedback.keep, opinion)
        # Whoever presses has been thanked, or has the form before him.
        return {}

    return {THINK: think}
