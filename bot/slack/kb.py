"""What administrators do in Slack, as durable work: the door's part of it, and how what they are told looks here."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.access import labels
from bot.kb import replies
from bot.kb.reply import Reply
from bot.kb.tasks import Kb as Tasks
from bot.kb.tasks import Put, asking
from bot.kb.wants import ACTS, CHANGED, COMMAND, SAY, SHARED, START
from bot.keeping import Hand, Keeping
from bot.links import Links
from bot.model import Asker, Place
from bot.slack import kbviews as views
from bot.slack.admins import Admins
from bot.slack.clients import Clients
from bot.slack.errands import Payload, Work
from bot.slack.files import Files, unfit
from bot.slack.post import Spot, post_once
from knowledge.store.posts import Posts

DOOR = "slack"
_ASKED = ("team", "enterprise", "channel", "user", "text", "kind", "thread_ts", "check", "stranger", "files")
"""What asks a question again, as the same person in the same thread."""


@dataclass(frozen=True)
class Kb:
    """Does what administrators ask for in Slack."""

    keeping: Keeping
    admins: Admins
    posts: Posts
    files: Files
    clients: Clients
    put: Put
    types: tuple[str, ...]
    links: Links | None = None

    @property
    def works(self) -> dict[str, Work]:
        """What is done for each `do` of a payload."""
        return {**dict.fromkeys((COMMAND, SHARED, SAY, *ACTS), self._done), CHANGED: self._changed}

    @cached_property
    def _tasks(self) -> Tasks:
        return Tasks(self.keeping, self.posts, self.put, self, self.links)

    async def _done(self, key: str, payload: Payload, _asker: Asker, _place: Place) -> Payload:
        if payload["do"] == START:
            payload = payload | {"back": _back(payload)}
        reply = await self._tasks.reply(key, payload)
        return views.shown(reply) if reply else {}

    async def allows(self, payload: Payload) -> bool:
        """Tell whether who sent it is an administrator of the workspace right now."""
        return not payload.get("stranger") and await self.admins.allows(payload["user"], payload["team"])

    def hand(self, key: str, payload: Payload) -> Hand:
        """Return whose hand it is."""
        return Hand(key, DOOR, f"slack:{payload['user']}", payload["team"], payload.get("named", ""))

    async def shared(self, _key: str, payload: Payload) -> Reply:
        """Offer to file what was shared, each file by its own button, and say which cannot be."""
        files = payload["files"]
        refused = [why for file in files if (why := unfit(file))]
        return replies.offered([(file["id"], str(file["name"])) for file in files if not unfit(file)][:20], refused)

    async def fetch(self, payload: Payload) -> tuple[str, bytes]:
        """Fetch a file from Slack."""
        return await self.files.fetch(payload["file"], payload["team"])

    async def _changed(self, key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        """Post what changed below the answer, and ask the question again."""
        notice = views.shown(await asyncio.to_thread(self._tasks.notice, payload, labels(asker, place)))
        client = await self.clients.of(payload["team"], payload.get("enterprise", ""))
        try:
            spot = Spot(key, payload["channel"], payload["thread_ts"])
            await post_once(client, spot, notice, again=True)
        except SlackApiError:
            words = (
                "Slack does not let me write into the thread of that answer any more, so no update was posted there."
            )
            await self._tasks.untold(key, payload, words)
            return {}
        await self.put(f"{key}:again", DOOR, asking(payload["asked"], _ASKED))
        return {}


def _back(payload: Mapping[str, Any]) -> Payload:
    """Return where the message stands whose button was pressed."""
    at, ts = payload["at"], payload["ts"]
    return {
        "door": DOOR, "message": f"{at}:{ts}", "channel": at, "ts": ts, "user": payload["user"], "team": payload["team"],
    }  # fmt: skip
