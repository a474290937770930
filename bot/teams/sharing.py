"""Asks again elsewhere: alone what may be read beyond a place, and in the open what was told alone, with the rights of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.deciding import vendor_of
from bot.teams.access import Access
from bot.teams.commands import ASK, CHECK
from bot.teams.controls import LONGEST_VENDOR, OWN, OWN_CHECK, SHARE
from bot.teams.post import Post
from bot.teams.ways import Payload

ELSEWHERE = frozenset({OWN, OWN_CHECK, SHARE})
_ORIGIN = ("conversation", "kind", "shared")


@dataclass(frozen=True, slots=True)
class Sharing:
    """Moves questions and checks between a conversation and one person of it."""

    access: Access
    post: Post

    async def alone(self, payload: Payload) -> Payload:
        """Return the payload that asks the same as this person alone, and remembers where. Raises Unreachable."""
        do = {OWN: ASK, OWN_CHECK: CHECK}.get(payload["do"], payload["do"])
        moved = {**payload, "do": do, **await self.post.alone(payload)}
        return moved if payload["kind"] == "personal" else {**moved, "origin": _origin(payload)}

    async def shared(self, payload: Payload) -> Payload | None:
        """Return the payload that asks in the open what was told alone; None where whoever presses may not.

        What was asked and where is known from the receipt and from where the answer stands, not from the press.
        """
        opened = await self.access.opened(payload, payload["text"])
        origin = opened.spot.get("origin") if opened else None
        if opened is None or not origin:
            return None
        spot = {**opened.spot, **origin, "private": False, "origin": None, "replace": "", "pressed": True}
        if await self.access.people.met(spot) is None:
            return None
        if opened.kept.body.get("kind") == "check":
            vendor, country = vendor_of(opened.kept)
            text = f"{vendor} | {country}" if country and "|" not in vendor else vendor
            return {**spot, "do": CHECK, "text": text[:LONGEST_VENDOR]}
        return {**spot, "do": ASK, "text": opened.kept.body["question"]}


def _origin(payload: Mapping[str, Any]) -> Payload:
    return {name: payload[name] for name in _ORIGIN}
