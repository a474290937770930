"""What administrators do in Teams, as durable work: the door's part of it, and where the replies go."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bot.access import labels
from bot.errors import KeepingRefused
from bot.kb.fields import filled, source_fields, upload_fields, wrong_source, wrong_upload
from bot.kb.reply import Reply
from bot.kb.tasks import Kb as Tasks
from bot.kb.tasks import Put, asking
from bot.kb.wants import ACTS, ADD, CHANGED, COMMAND, FILE, SAY, SHARED, START, TELL
from bot.kb.words import NOT_ONE, help_on
from bot.keeping import Hand, Keeping, Wanted
from bot.links import Links
from bot.teams import notices, ways
from bot.teams.admins import Admins
from bot.teams.connector import Unreachable
from bot.teams.errands import Payload
from bot.teams.files import Files
from bot.teams.held import WAITING, Held
from bot.teams.kbforms import said
from bot.teams.kbpress import BUTTONS, KB
from bot.teams.kbviews import shown, words
from bot.teams.people import People
from bot.teams.post import Post
from knowledge.store.posts import Posts

DOOR = "teams"
CHECK_SECONDS = 3.0
"""Within which a form's settings are checked while its sender waits; the work checks them again."""
PLACE = ("service", "conversation", "kind", "tenant", "user", "object", "name", "bot", "shared")
"""What names a person at a place."""
BACK = (*PLACE, "text", "do", "pressed", "private", "origin", "message", "at")
"""What asks a question again, as the same person in the same conversation."""
NOT_ALONE = (
    "I may not write to you alone, and this is for administrators alone: nothing was done. Add me as a personal app in Teams,"
    " then send this again."
)
_GONE = "That file does not wait here any more, so nothing was kept. Please share it again."
_REFUSED = "Teams does not let me write into the conversation of that answer any more, so no update was posted there."
Placed = Callable[[str, Payload], Awaitable[Payload]]
"""Does what a payload says, for its event's key, and returns the message with the conversation that it chose."""


@dataclass(frozen=True)
class Kb:
    """Does what administrators ask for in Teams; what they are told goes only where all who read along are administrators."""

    keeping: Keeping
    admins: Admins
    people: People
    posts: Posts
    post: Post
    files: Files
    put: Put
    types: tuple[str, ...]
    links: Links | None = None

    @property
    def works(self) -> dict[str, Placed]:
        """What is done for each `do` of a payload."""
        return {**dict.fromkeys((COMMAND, SHARED, SAY, *ACTS), self._done), CHANGED: self._changed}

    async def refusal(self, payload: Mapping[str, Any]) -> str:
        """Return why a button that was pressed is not taken, to be said at once; empty where it is."""
        if payload["do"] not in BUTTONS:
            return ""
        if not self.admins.named(payload):
            return NOT_ONE
        if payload["do"] in {ADD, FILE}:
            with suppress(TimeoutError):
                return await asyncio.wait_for(self._judged(payload), CHECK_SECONDS)
        return ""

    async def _judged(self, payload: Mapping[str, Any]) -> str:
        """Say what is wrong in a form, to nobody but an administrator."""
        return await asyncio.to_thread(self._wrong, payload) if await self.allows(payload) else NOT_ONE

    @cached_property
    def _tasks(self) -> Tasks:
        return Tasks(self.keeping, self.posts, self.put, self, self.links)

    @cached_property
    def _held(self) -> Held:
        return Held(self.keeping.uploads / WAITING)

    async def _done(self, key: str, payload: Payload) -> Payload:
        if payload["do"] == COMMAND and payload["word"] == "help":
            return _message(payload, words(help_on(KB)))
        try:
            own = {} if await self.admins.among(payload) else {**await self.post.own(payload), "replace": ""}
        except Unreachable:
            return {"conversation": payload["conversation"], "activity": notices.said(NOT_ALONE)}
        reply = await self._reply(key, payload)
        return _message({**payload, **own}, reply, self.types) if reply else {}

    async def _reply(self, key: str, payload: Payload) -> Reply | None:
        if payload["do"] in {ADD, FILE}:
            if wrong := await self._judged(payload):
                return Reply(wrong, refused=True)
            name = "wanted" if payload["do"] == ADD else "facts"
            payload = payload | {name: self._filled(payload)[0]}
        if payload["do"] == START:
            payload = payload | {"back": _back(key, payload)}
        await asyncio.to_thread(self._held.sweep)
        reply = await self._tasks.reply(key, payload)
        return words(reply.title) if reply and reply.refused and "\n" in reply.title else reply

    async def allows(self, payload: Mapping[str, Any]) -> bool:
        """Tell whether who sent it is an administrator right now."""
        return await self.admins.allows(payload)

    def hand(self, key: str, payload: Payload) -> Hand:
        """Return whose hand it is."""
        return Hand(key, DOOR, f"teams:{payload['object']}", payload["tenant"], payload["name"])

    async def shared(self, key: str, payload: Payload) -> Reply:
        """Fetch a file at once, since Teams gives it out for minutes only, and ask who may read it."""
        name, url = payload["file"]["name"], payload["file"]["url"]
        content = await self.files.fetch(name, url)
        handle = await asyncio.to_thread(self._held.keep, key, payload["object"], name, content)
        asked = f"Shall {name[:100]} be filed into the knowledge base? Say how answers cite it and who may read it. It waits for a day."
        return Reply(asked, form=FILE, about=(name, handle))

    async def fetch(self, payload: Payload) -> tuple[str, bytes]:
        """Return the file that waits."""
        found = await asyncio.to_thread(self._held.find, payload["file"], payload["object"])
        if found is None:
            raise KeepingRefused(_GONE)
        return found

    def _filled(self, payload: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
        """Return what a form says, and what is missing or too long in it."""
        if payload["do"] == FILE:
            return filled(upload_fields(""), said(payload["fields"]))
        values, wrong = filled(source_fields(self.types), said(payload["fields"]))
        return {**values, "jurisdiction": values["jurisdiction"].upper()}, wrong

    def _wrong(self, payload: Mapping[str, Any]) -> str:
        """Say what is wrong in a form that was filled in, empty where nothing is."""
        values, wrong = self._filled(payload)
        if not wrong:
            wrong = wrong_source(self.keeping, Wanted(**values)) if payload["do"] == ADD else wrong_upload(values)
        return f"{' '.join(wrong.values())} Nothing was done; the form stands as you filled it in." if wrong else ""

    async def _changed(self, key: str, payload: Payload) -> Payload:
        """Post what changed below the answer, and ask the question again in its conversation."""
        asker, place = await asyncio.gather(self.people.asker(payload), self.people.place(payload))
        notice = await asyncio.to_thread(self._tasks.notice, payload, labels(asker, place))
        message = ways.told({**payload, "replace": ""}, shown(notice, ()))
        try:
            await self.post.once(f"{key}:notice", payload, message)
        except Unreachable:
            await self._tasks.untold(key, payload, _REFUSED)
            return {}
        await self.put(f"{key}:again", DOOR, asking(payload["asked"], BACK))
        return {}


def _message(payload: Payload, reply: Reply, types: tuple[str, ...] = ()) -> Payload:
    """Return a message as it is kept until it is sent; what was done takes the place of the question before it."""
    made = {"conversation": payload["conversation"], "activity": shown(reply, types)}
    replaces = payload.get("replace") and not reply.refused and payload["do"] in BUTTONS - {TELL}
    return {**made, "replace": payload["replace"]} if replaces else made


def _back(key: str, payload: Mapping[str, Any]) -> Payload:
    """Return where the message stands whose button was pressed; where Teams does not name it, the event stands for it."""
    where = hashlib.sha256(payload["conversation"].encode()).hexdigest()[:16]
    activity = payload.get("replace", "")
    return {
        **asking(payload, PLACE), "door": DOOR, "activity": activity, "message": f"teams:{where}:{activity}" if activity else key,
    }  # fmt: skip
