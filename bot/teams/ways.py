"""How a reply reaches its reader: in the conversation, in an earlier message's place, or one person alone; kept until it is sent."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.teams.message import Activity

STANDS = ("conversation", "kind", "shared", "private", "origin", "do", "text")
"""What of a payload says where an answer stands, and what was asked for it."""
Payload = dict[str, Any]
Message = dict[str, Any]
Act = Callable[[str, Payload], Awaitable[Message]]
"""Does what a payload says with an answer, for its event's key; returns the message that says what came of it, none for nothing."""


def posted(payload: Mapping[str, Any], activity: Activity) -> Message:
    """Return a message for its conversation; it takes the place of the one that the payload names, if it names one."""
    made = {"conversation": payload["conversation"], "activity": activity}
    return {**made, "replace": payload["replace"]} if payload.get("replace") else made


def whispered(payload: Mapping[str, Any], activity: Activity) -> Message:
    """Return a message for the person of a payload alone: where others read along, nobody else is shown it."""
    made = {"conversation": payload["conversation"], "activity": activity}
    if payload["kind"] == "personal":
        return made
    return {**made, "only": {name: payload[name] for name in ("user", "bot", "tenant")}}


def told(payload: Mapping[str, Any], activity: Activity) -> Message:
    """Return a message the way that it was asked for: alone where that was said alone, else in the conversation."""
    return whispered(payload, activity) if payload.get("private") else posted(payload, activity)


def answered(payload: Mapping[str, Any], activity: Activity, answer: str) -> Message:
    """Return a message that shows an answer or a card, with what must be known to find it again."""
    stands = {name: payload[name] for name in STANDS if name in payload}
    return {**told(payload, activity), "answer": answer, "stands": stands}
