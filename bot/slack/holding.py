"""What stands in Slack in an answer's place until it comes: put there, and taken away where no answer will."""

from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.progress import Stage
from bot.slack import steps
from bot.slack.event import Event
from bot.slack.post import Later, announce, close, conversation, find
from bot.slack.streams import Streams

Held = dict[str, Any]


async def hold(streams: Streams, event: Event, place: int, stages: tuple[Stage, ...], *, again: bool) -> Held:
    """Put a stream there once there is a step, else a message, a command's question before it; return by what the place is held.

    Where nothing can be posted, nothing is held: the answer's own way finds out what then.
    """
    payload = event.payload
    held: Held = {"root": payload["thread_ts"]}
    try:
        if payload.get("to") == "person":
            held["channel"] = await conversation(event.client, payload["user"])
        elif not held["root"]:
            held["root"] = await announce(event.client, event.root, event.asked, again=again, state="")
        spot = event.spot(held)
        standing = await streams.standing(event.client, spot) if again else {}
        if standing.get("final"):
            return {**held, "look": True}
        held |= standing
        if not held.get("ts") and stages and not place:
            held |= await streams.begin(event.client, spot, payload, stages)
        if not held.get("ts"):
            held["ts"] = await announce(event.client, spot, steps.written(place, stages), again=False)
            held["shown"] = steps.titles(stages)
    except (SlackApiError, aiohttp.ClientError, OSError):
        pass
    except Later as later:
        held["look"] = later.sent
    return held


async def retract(event: Event, held: Held) -> None:
    """Delete the placeholder that did not become the answer, and a command's question that only it stands below."""
    root, ts = held.get("root", ""), held.get("ts", "")
    spot = event.spot(held)
    found = await find(event.client, spot) if root or held.get("channel") else None
    for one in (ts, "" if event.payload["thread_ts"] or (found and not found.waiting) else root):
        if one and (found is None or found.waiting or found.ts != one):
            if one == ts and held.get("stream"):
                await close(event.client, spot, one)
            await event.client.chat_delete(channel=await conversation(event.client, spot.channel), ts=one)
