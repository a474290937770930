"""What administrators do from a chat, as durable work: commands, buttons, forms and files, the same at every door."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.errors import KeepingRefused
from bot.kb import replies
from bot.kb.reply import Reply
from bot.kb.wants import ACTS, ADD, CHANGED, COMMAND, FILE, REMOVE, ROLLBACK, SAY, SHARED, START, TELL
from bot.kb.words import NOT_ONE
from bot.keeping import UPLOADS, Filed, Hand, Keeping, Wanted, words_of
from bot.links import Links
from knowledge.errors import KnowledgeError
from knowledge.store.posts import Posts

Payload = dict[str, Any]
Put = Callable[[str, str, Payload], Awaitable[None]]
"""Stores work under a key for a door, as `Jobs.put`."""
_STALE = "This button does nothing here any more, so nothing was done. Please ask again."


class Side(Protocol):
    """What the door alone knows of a payload."""

    async def allows(self, payload: Payload) -> bool:
        """Tell whether who sent it is an administrator right now."""
        ...

    def hand(self, key: str, payload: Payload) -> Hand:
        """Return whose hand it is."""
        ...

    async def shared(self, key: str, payload: Payload) -> Reply:
        """Return what is said to the files that were shared."""
        ...

    async def fetch(self, payload: Payload) -> tuple[str, bytes]:
        """Return name and bytes of the file that a filled form is about; raise KeepingRefused where it cannot be had."""
        ...


@dataclass(frozen=True, slots=True)
class Kb:
    """Does what administrators ask for; who is none is told so, and nothing is done.

    What a payload says was made up by whoever sent it, but for who and where they are. That of a button has its `value`, that of
    START also `back`: where the message of the button stands, by its `door` and by a name of it, `message`.
    """

    keeping: Keeping
    posts: Posts
    put: Put
    side: Side
    links: Links | None = None

    async def reply(self, key: str, payload: Payload) -> Reply | None:
        """Do what a payload says and return what came of it, None where its message tells it by itself."""
        if payload["do"] == SAY:
            return replies.told(payload["text"])
        if not await self.side.allows(payload):
            return Reply(NOT_ONE, refused=True)
        tasks: dict[str, Callable[[str, Payload], Awaitable[Reply | None]]] = {
            COMMAND: self._command, START: self._start, REMOVE: self._remove, ROLLBACK: self._rollback, ADD: self._add,
            SHARED: self.side.shared, FILE: self._file, TELL: self._tell,
        }  # fmt: skip
        try:
            return await tasks[payload["do"]](key, payload)
        except (KeepingRefused, KnowledgeError) as refused:
            words = words_of(refused)
            if what := ACTS.get(payload["do"]):
                subject = payload.get("value") or payload.get("file") or payload.get("wanted", {}).get("name", "")
                hand = self.side.hand(f"{key}:refused", payload)
                await asyncio.to_thread(self.keeping.note, hand, what, str(subject), f"refused: {words}")
            return Reply(words, refused=True)

    async def _command(self, key: str, payload: Payload) -> Reply:
        if payload.get("usage"):
            return Reply(payload["usage"], refused=True)
        return await asyncio.to_thread(self._answered, key, payload)

    def _answered(self, key: str, payload: Payload) -> Reply:
        keeping, rest, hand = self.keeping, payload["text"], self.side.hand(key, payload)
        answers: dict[str, Callable[[], Reply]] = {
            "status": lambda: replies.standing(keeping.report()),
            "sources": lambda: replies.sources(keeping.report()),
            "gaps": lambda: replies.gaps(keeping.unanswered()),
            "impact": lambda: replies.moved(keeping.moved()),
            "pairs list": lambda: replies.pairs(keeping.pairs.all()),
            "pairs add": lambda: replies.paired(keeping.pair(hand, rest)),
            "pairs remove": lambda: replies.unpaired(rest, keeping.unpair(hand, rest)),
            "refresh": lambda: self._asked(rest.split()),
            "remove": lambda: self._removing(rest),
            "rollback": lambda: replies.back(*keeping.back_to()),
            "add": lambda: Reply("A new source is read by the next refresh.", form=ADD),
        }
        return answers[payload["word"]]()

    def _removing(self, name: str) -> Reply:
        self.keeping.known([name])
        return replies.removing(name)

    def _asked(self, names: list[str]) -> Reply:
        """Return the question before a refresh, or say that one runs."""
        self.keeping.known(names)
        if self.keeping.renewals.open() or self.keeping.running():
            raise KeepingRefused(
                "A refresh is running already, so no second one was started. vendor-kb status shows how far it is."
            )
        return replies.asked(names)

    async def _start(self, _key: str, payload: Payload) -> None:
        """Begin a refresh; the message whose button was pressed becomes the one that tells how far it is."""
        names = _read(payload["value"], list)
        # One message begins one refresh, however often its button is pressed.
        hand = self.side.hand(f"refresh:{payload['back']['message']}"[:200], payload)
        await asyncio.to_thread(self.keeping.start, hand, list(map(str, names)), payload["back"])

    async def _remove(self, key: str, payload: Payload) -> Reply:
        name = payload["value"]
        await asyncio.to_thread(self.keeping.remove, self.side.hand(key, payload), name)
        return replies.offer_refresh(f"Source {name} is removed. Its documents leave with the next refresh.")

    async def _rollback(self, key: str, payload: Payload) -> Reply:
        to = _read(payload["value"], int)
        await asyncio.to_thread(self.keeping.rollback, self.side.hand(key, payload), to)
        return replies.told(f"Edition {to} is in service again. The edition that it replaced is kept.")

    async def _add(self, key: str, payload: Payload) -> Reply:
        spec = await asyncio.to_thread(self.keeping.add, self.side.hand(key, payload), Wanted(**payload["wanted"]))
        return replies.offer_refresh(f"Source {spec.name} is added. The next refresh reads it.", [spec.name])

    async def _file(self, key: str, payload: Payload) -> Reply:
        name, content = await self.side.fetch(payload)
        facts = {field: value for field, value in payload["facts"].items() if value}
        hand = self.side.hand(key, payload)
        kept = await asyncio.to_thread(self.keeping.file, hand, Filed(name, content, facts))
        return replies.offer_refresh(
            f"{name[:100]} is kept as {kept}; a later file of this name replaces it. The next refresh reads it.",
            [UPLOADS],
        )

    async def _tell(self, key: str, payload: Payload) -> Reply:
        """Send the update of an answer to the door it was given at, once for each edition, whoever presses the button."""
        wish, answer_id = map(str, _read(payload["value"], list, 2))
        found, edition = await asyncio.to_thread(self._ground, wish, answer_id)
        post = await asyncio.to_thread(self.posts.find, answer_id)
        if found is None or post is None:
            return replies.told("That answer was not given in a chat, or stands unchanged, so nothing was posted.")
        told = f"told:{answer_id}:{edition}"
        hand = self.side.hand(told, payload)
        first = await asyncio.to_thread(
            self.keeping.note, hand, "update posted", answer_id, f"for edition {edition} ({key})"
        )
        held = await asyncio.to_thread(self.keeping.deeds.find, told)
        if not first and not (held and held.outcome.endswith(f"({key})")):
            return replies.told("An update on that answer was posted already; nothing was posted again.")
        notice = {
            "do": CHANGED, "answer": answer_id, "edition": edition, "changed": found.changed, "vanished": found.vanished,
            "asked": dict(post.back), "by": {"door": hand.door, "payload": payload},
        }  # fmt: skip
        await self.put(told, post.door, {**post.back, **notice})
        return replies.told("The update goes into the thread of that answer, and the question is asked again there.")

    def _ground(self, wish: str, answer_id: str) -> tuple[Any, int | None]:
        """Return what happened to an answer's ground, by the refresh that told of it or by the edition in service."""
        asked = self.keeping.renewals.find(wish) if wish else None
        if asked is not None and asked.outcome:
            return replies.find(asked.outcome, answer_id), asked.outcome.get("edition")
        live = self.keeping.ledger.live()
        found = next((one for one in self.keeping.moved() if one.answer_id == answer_id), None)
        return found, live.number if live else None

    def notice(self, payload: Payload, readable: frozenset[str]) -> Reply:
        """Return what changed below an answer, for CHANGED, naming only what may be read there now."""
        kept = self.keeping.receipts.find(payload["answer"]) or {}
        document = {one["citation"]: one["document_id"] for one in kept.get("sources", ())}
        opened = self.keeping.ledger.open_now(document.values(), readable)
        changed, vanished = (
            [one for one in payload[part] if document.get(one) in opened] for part in ("changed", "vanished")
        )
        hidden = len(payload["changed"]) + len(payload["vanished"]) - len(changed) - len(vanished)
        link = ""
        if self.links is not None and self.links.base:
            link = self.links.receipt(payload["answer"], kept.get("readable", ()), self.links.expiry())
        return replies.update(changed, vanished, hidden, payload["edition"], link)

    async def untold(self, key: str, payload: Payload, words: str) -> None:
        """Tell who sent an update that it could not be posted, at the door where they sent it."""
        by = payload["by"]
        await self.put(f"{key}:no", by["door"], {**by["payload"], "do": SAY, "text": words})


def _read(value: Any, kind: type, length: int | None = None) -> Any:
    """Return what a button's value means; raise KeepingRefused where it is none of ours."""
    try:
        found = json.loads(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise KeepingRefused(_STALE) from error
    if type(found) is not kind or (isinstance(found, list) and length not in {None, len(found)}):
        raise KeepingRefused(_STALE)
    return found


def asking(back: Mapping[str, Any], names: tuple[str, ...]) -> Payload:
    """Return the payload that asks a question again: what a door left of it, by these names."""
    return {name: back[name] for name in names if name in back}
