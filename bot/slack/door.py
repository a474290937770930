"""The Slack side of durable work: from a stored event to a posted answer."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.checking import Checking, check_id
from bot.conversation import question_text
from bot.desk import Desk, answer_id
from bot.model import Outcome, Question, VendorCheck
from bot.slack import blocks, cards
from bot.slack.errands import LOOK, Work
from bot.slack.home import HOME
from bot.slack.kb import CHANGED
from bot.slack.people import People
from bot.slack.post import post_once, whisper
from knowledge.store.posts import Post, Posts

DOOR = "slack"
QUIET = frozenset({LOOK, HOME, CHANGED})
"""What nobody waits for when it breaks."""


class SlackDoor:
    """Answers what Slack delivered; a payload holds channel, user, team, text, kind and where to answer.

    With `do` it is neither a question nor a check, and `works` has what is done. What is `to` a person goes into the person's
    own conversation with the app.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of a door
        self,
        client: AsyncWebClient,
        desk: Desk,
        checking: Checking,
        people: People,
        works: Mapping[str, Work],
        posts: Posts,
    ) -> None:
        self._client = client
        self._desk = desk
        self._checking = checking
        self._people = people
        self._works = works
        self._posts = posts

    async def compose(self, key: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Ask the desk as this user at this place, and render the answer; nothing where a gap is still one."""
        asker = await self._people.asker(payload["user"], payload["team"])
        place = await self._people.place(payload["channel"], payload["kind"])
        if payload.get("do"):
            return await self._works[payload["do"]](key, payload | {"text": _name(payload["text"])}, asker, place)
        if payload.get("check"):
            return cards.render(await self._checking.check(VendorCheck(key, _name(payload["text"]), asker, place)))
        question = Question(key, payload["text"], asker, place, thread=_thread(payload))
        if gap := payload.get("gap"):
            answer = await self._desk.again(question)
            if answer.outcome is not Outcome.ANSWERED:
                return {}
            await self._desk.filled(gap, answer)
            return blocks.render(answer, later=True)
        answer = await self._desk.ask(replace(question, back={"door": DOOR, "payload": payload}))
        return blocks.render(answer, asked_by=payload["user"] if payload.get("chosen") and payload["thread_ts"] else "")

    async def deliver(self, key: str, payload: dict[str, Any], message: dict[str, Any], *, again: bool) -> str:
        """Post the answer into the thread of the question; a command's question is posted first, as the thread's root."""
        if not message:
            return ""
        root = payload["thread_ts"]
        try:
            # What is for one person goes into the conversation with the app: the person's id names that channel.
            if not root and payload.get("to") != "person":
                asked = blocks.asked(payload["user"], payload["text"], check=bool(payload.get("check")))
                root = await self._post(f"{key}:root", payload["channel"], "", asked, again=again)
            posted = await self._post(key, payload["channel"], root, message, again=again)
        except SlackApiError:
            if not payload.get("response_url"):
                raise
            # A command can be given where the bot may not write: then the answer comes to the asker alone.
            await whisper(payload["response_url"], message)
            return ""
        await asyncio.to_thread(self._place, key, payload, root)
        return posted

    def _place(self, key: str, payload: dict[str, Any], root: str) -> None:
        """Keep where an answer or a card stands, so that what becomes known later finds its thread."""
        if not payload.get("do"):
            own = check_id(key) if payload.get("check") else answer_id(key)
            self._posts.keep(Post(own, DOOR, {**payload, "thread_ts": root}))

    async def _post(self, key: str, channel: str, thread_ts: str, message: dict[str, Any], *, again: bool) -> str:
        return await post_once(
            self._client, key=key, channel=channel, thread_ts=thread_ts, message=message, again=again
        )

    def apology(self, key: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the message for a question that could not be answered because something broke.

        Nobody waits for a gap that is tried again, for a look at what is watched, or for a home that is opened: the next time tries
        it anew.
        """
        return {} if payload.get("gap") or payload.get("do") in QUIET else blocks.apology(key)


def _name(text: str) -> str:
    """Return the name that was typed: mentions out, and the three characters that Slack escapes as they were."""
    return question_text(text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _thread(payload: dict[str, Any]) -> str:
    """Return the name of a conversation: the thread in a channel, all that is said in a direct message."""
    if payload["kind"] == "im":
        return f"slack:{payload['channel']}"
    return f"slack:{payload['channel']}:{payload['thread_ts']}" if payload["thread_ts"] else ""
