"""A composed message comes to stand in Slack: below its question, in its placeholder's stead, with what goes on below it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.checking import check_id
from bot.desk import Desk, answer_id
from bot.doorway import UNANSWERED
from bot.progress import kept
from bot.slack import steps, ways
from bot.slack.event import DOOR, Event, Payload, thread
from bot.slack.papers import work_of
from bot.slack.post import Found, Spot, conversation, post_once
from bot.slack.streams import Streams
from knowledge.store.posts import Post, Posts


@dataclass(frozen=True, slots=True)
class Composed:
    """A composed message by its parts: what is shown, by what its place is held, and what goes on below it."""

    shown: Payload
    held: dict[str, Any]
    answered: bool
    more: Sequence[Payload]
    file: Payload | None


def composed(message: Payload) -> Composed:
    """Return a message by its parts."""
    apart = {"held", UNANSWERED, "file", "more"}
    shown = {name: part for name, part in message.items() if name not in apart}
    answered = not message.get(UNANSWERED)
    return Composed(shown, message.get("held") or {}, answered, message.get("more", ()), message.get("file"))


@dataclass(frozen=True, slots=True)
class Delivering:
    """Posts once; `posts` keeps where an answer stands."""

    desk: Desk
    streams: Streams
    posts: Posts

    async def post(self, event: Event, message: Composed, *, again: bool) -> str:
        """Post a message with all that goes on below it, and return its ts; empty where it came to its asker alone."""
        try:
            spot, posted = await self._posted(event, message, again=again)
        except SlackApiError:
            if not (event.payload.get("response_url") or event.payload.get("pressed")):
                raise
            # A command can be given, and a button pressed, where the bot may not write: then the answer comes to the asker alone.
            for part in (message.shown, *message.more):
                await ways.hand(event.client, event.payload, ways.untaken(event.payload, part))
            return ""
        for n, part in enumerate(message.more, 2):
            await post_once(event.client, replace(spot, key=f"{spot.key}:{n}"), part, again=again)
        if message.file:
            await ways.hand(event.client, {**event.payload, "thread_ts": spot.thread_ts}, message.file)
        await asyncio.to_thread(self._keep, event, spot.thread_ts)
        return posted

    async def _posted(self, event: Event, message: Composed, *, again: bool) -> tuple[Spot, str]:
        """Post the message, a command's question before it, and return where it stands and its ts.

        What is for one person goes into the conversation with the app: for a new message the person's id names it.
        """
        client, payload, held = event.client, event.payload, message.held
        root = payload["thread_ts"] or held.get("root", "")
        if payload.get("to") != "person":
            root = root or await post_once(client, event.root, event.asked, again=again)
        elif again and not held.get("channel"):
            held = {**held, "channel": await conversation(client, payload["user"])}
        spot = event.spot({**held, "root": root})
        asked = not (work_of(payload) or payload.get("check"))
        if asked and not payload["thread_ts"]:
            # Before the answer stands, since somebody may go on with it at once.
            channel = await conversation(client, spot.channel)
            await self.desk.begun(event.key, thread({**payload, "channel": channel, "thread_ts": root}))
        placeholder = Found(held["ts"], streaming=bool(held.get("stream"))) if held.get("ts") else None
        ending = steps.closing(event.key, kept(held), held.get("shown", {}), answered=message.answered)
        posted = await post_once(
            client, spot, {**message.shown, "steps": ending}, again=again, placeholder=placeholder
        )  # fmt: skip
        await self.streams.end(client, spot, payload, {"session": held.get("session") or (again and asked)})
        return spot, posted

    def _keep(self, event: Event, root: str) -> None:
        """Keep where an answer or a card stands, so that what becomes known later finds its thread."""
        if not work_of(event.payload):
            own = check_id(event.key) if event.payload.get("check") else answer_id(event.key)
            self.posts.keep(Post(own, DOOR, {**event.payload, "thread_ts": root}))
