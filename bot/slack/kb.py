"""What administrators do in Slack, as durable work: `/vendor-kb`, its buttons and forms, and the files that they share."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from bot.access import labels
from bot.errors import KeepingRefused
from bot.keeping import UPLOADS, Filed, Hand, Keeping, Wanted, words_of
from bot.links import Links
from bot.model import Asker, Place
from bot.slack import kbviews as views
from bot.slack import notices
from bot.slack.admins import NOT_ONE, Admins
from bot.slack.clients import Clients
from bot.slack.errands import Payload, Work
from bot.slack.files import Files, unfit
from bot.slack.post import Spot, post_once
from knowledge.errors import KnowledgeError
from knowledge.store.posts import Posts

COMMAND, START, REMOVE, ROLLBACK, ADD, SHARED, FILE, TELL, CHANGED = (
    "kb", "kb_start", "kb_remove", "kb_rollback", "kb_add", "kb_shared", "kb_file", "kb_tell", "kb_changed",
)  # fmt: skip
"""What a payload's `do` can be here; CHANGED is done for whoever asked, all others for an administrator."""
_ACTS = {
    START: "refresh", REMOVE: "source removed", ROLLBACK: "rollback", ADD: "source added", FILE: "upload", TELL: "update posted",
}  # fmt: skip
"""What changes something, as the audit log names it."""
Put = Callable[[str, str, Payload], Awaitable[None]]
"""Stores work under a key for a door, as `Jobs.put`."""
Task = Callable[[str, Payload], Awaitable[Payload]]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Kb:
    """Does what administrators ask for in Slack; who is none is told so, and nothing is done."""

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
        tasks: dict[str, Task] = {
            COMMAND: self._command, START: self._start, REMOVE: self._remove, ROLLBACK: self._rollback, ADD: self._add,
            SHARED: self._shared, FILE: self._file, TELL: self._tell,
        }  # fmt: skip
        return {**{do: self._guarded(task) for do, task in tasks.items()}, CHANGED: self._changed}

    def _guarded(self, task: Task) -> Work:
        """Return the work of a task: for administrators alone, and with words where it cannot be done."""

        async def work(key: str, payload: Payload, _asker: Asker, _place: Place) -> Payload:
            if not await self.admins.allows(payload["user"], payload["team"]):
                return notices.said(NOT_ONE)
            try:
                return await task(key, payload)
            except (KeepingRefused, KnowledgeError) as refused:
                words = words_of(refused)
                if what := _ACTS.get(payload["do"]):
                    subject = payload.get("value") or payload.get("file") or payload.get("wanted", {}).get("name", "")
                    hand = _hand(f"{key}:refused", payload)
                    await asyncio.to_thread(self.keeping.note, hand, what, subject, f"refused: {words}")
                return notices.said(words)

        return work

    async def _command(self, key: str, payload: Payload) -> Payload:
        return await asyncio.to_thread(self._answered, key, payload)

    def _answered(self, key: str, payload: Payload) -> Payload:
        keeping, rest, hand = self.keeping, payload["text"], _hand(key, payload)
        replies: dict[str, Callable[[], Payload]] = {
            "status": lambda: views.standing(keeping.report()),
            "sources": lambda: views.sources(keeping.report()),
            "gaps": lambda: views.gaps(keeping.unanswered()),
            "impact": lambda: views.moved(keeping.moved()),
            "pairs list": lambda: views.pairs(keeping.pairs.all()),
            "pairs add": lambda: views.paired(keeping.pair(hand, rest)),
            "pairs remove": lambda: views.unpaired(rest, keeping.unpair(hand, rest)),
            "refresh": lambda: self._asked(rest.split()),
            "remove": lambda: self._removing(rest),
            "rollback": lambda: views.back(*keeping.back_to()),
        }
        return replies[payload["word"]]()

    def _removing(self, name: str) -> Payload:
        self.keeping.known([name])
        return views.removing(name)

    def _asked(self, names: list[str]) -> Payload:
        """Return the question before a refresh, or say that one runs."""
        self.keeping.known(names)
        if self.keeping.renewals.open() or self.keeping.running():
            raise KeepingRefused(
                "A refresh is running already, so no second one was started. /vendor-kb status shows how far it is."
            )
        return views.asked(names)

    async def _start(self, _key: str, payload: Payload) -> Payload:
        """Begin a refresh; the message whose button was pressed becomes the one that tells how far it is."""
        back = {"channel": payload["at"], "ts": payload["ts"], "user": payload["user"], "team": payload["team"]}
        names = json.loads(payload["value"])
        # One message begins one refresh, however often its button is pressed.
        hand = _hand(f"refresh:{payload['at']}:{payload['ts']}", payload)
        await asyncio.to_thread(self.keeping.start, hand, names, back)
        return {}

    async def _remove(self, key: str, payload: Payload) -> Payload:
        name = payload["value"]
        await asyncio.to_thread(self.keeping.remove, _hand(key, payload), name)
        return views.offer_refresh(f"Source {name} is removed. Its documents leave with the next refresh.")

    async def _rollback(self, key: str, payload: Payload) -> Payload:
        to = int(payload["value"])
        await asyncio.to_thread(self.keeping.rollback, _hand(key, payload), to)
        return notices.said(f"Edition {to} is in service again. The edition that it replaced is kept.")

    async def _add(self, key: str, payload: Payload) -> Payload:
        spec = await asyncio.to_thread(self.keeping.add, _hand(key, payload), Wanted(**payload["wanted"]))
        return views.offer_refresh(f"Source {spec.name} is added. The next refresh reads it.", [spec.name])

    async def _shared(self, _key: str, payload: Payload) -> Payload:
        """Offer to file what was shared, each file by its own button, and say which cannot be."""
        files = payload["files"]
        refused = [why for file in files if (why := unfit(file))]
        fit = [file for file in files if not unfit(file)]
        shown = views.filing(fit)
        if not shown:
            return views.told(" ".join(refused))
        words = "Press a button to file a document into the knowledge base: I ask for its title and its readers first."
        return views.told(words, refused, [{"type": "actions", "elements": shown}])

    async def _file(self, key: str, payload: Payload) -> Payload:
        name, content = await self.files.fetch(payload["file"], payload["team"])
        facts = {field: value for field, value in payload["facts"].items() if value}
        kept = await asyncio.to_thread(self.keeping.file, _hand(key, payload), Filed(name, content, facts))
        return views.offer_refresh(
            f"{name[:100]} is kept as {kept}; a later file of this name replaces it. The next refresh reads it.",
            [UPLOADS],
        )

    async def _tell(self, key: str, payload: Payload) -> Payload:
        """Send the update of an answer into its thread, once for each edition, whoever presses the button."""
        wish, answer_id = json.loads(payload["value"])
        found, edition = await asyncio.to_thread(self._ground, wish, answer_id)
        post = await asyncio.to_thread(self.posts.find, answer_id)
        if found is None or post is None:
            return notices.said("That answer was not given in Slack, or stands unchanged, so nothing was posted.")
        told = f"told:{answer_id}:{edition}"
        by = Hand(told, "slack", f"slack:{payload['user']}", payload["team"])
        first = await asyncio.to_thread(
            self.keeping.note, by, "update posted", answer_id, f"for edition {edition} ({key})"
        )
        held = await asyncio.to_thread(self.keeping.deeds.find, told)
        if not first and not (held and held.outcome.endswith(f"({key})")):
            return notices.said("An update on that answer was posted already; nothing was posted again.")
        notice = {
            "do": CHANGED, "answer": answer_id, "edition": edition, "changed": found.changed, "vanished": found.vanished,
            "by": payload["user"],
        }  # fmt: skip
        await self.put(told, post.door, {**_asking(post.back), **notice})
        return notices.said("The update goes into the thread of that answer, and the question is asked again there.")

    def _ground(self, wish: str, answer_id: str) -> tuple[Any, int | None]:
        """Return what happened to an answer's ground, by the refresh that told of it or by the edition in service."""
        asked = self.keeping.renewals.find(wish) if wish else None
        if asked is not None and asked.outcome:
            return views.find(asked.outcome, answer_id), asked.outcome.get("edition")
        live = self.keeping.ledger.live()
        found = next((one for one in self.keeping.moved() if one.answer_id == answer_id), None)
        return found, live.number if live else None

    async def _changed(self, key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        """Post what changed below the answer, naming only what may be read there now, and ask the question again."""
        notice = await asyncio.to_thread(self._notice, payload, labels(asker, place))
        client = await self.clients.of(payload["team"], payload.get("enterprise", ""))
        try:
            spot = Spot(key, payload["channel"], payload["thread_ts"])
            await post_once(client, spot, notice, again=True)
        except SlackApiError:
            words = (
                "Slack does not let me write into the thread of that answer any more, so no update was posted there."
            )
            await post_once(client, Spot(f"{key}:no", payload["by"]), notices.said(words), again=False)
            return {}
        await self.put(f"{key}:again", "slack", _asking(payload))
        return {}

    def _notice(self, payload: Payload, readable: frozenset[str]) -> Payload:
        kept = self.keeping.receipts.find(payload["answer"]) or {}
        document = {one["citation"]: one["document_id"] for one in kept.get("sources", ())}
        opened = self.keeping.ledger.open_now(document.values(), readable)
        changed, vanished = (
            [one for one in payload[part] if document.get(one) in opened] for part in ("changed", "vanished")
        )
        hidden = len(payload["changed"]) + len(payload["vanished"]) - len(changed) - len(vanished)
        link = ""
        if self.links is not None:
            link = self.links.receipt(payload["answer"], kept.get("readable", ()), self.links.expiry())
        return views.update(changed, vanished, hidden, payload["edition"], link)


def _asking(back: Mapping[str, Any]) -> Payload:
    """Return the payload that asks a question again, as the same person in the same thread."""
    names = ("team", "enterprise", "channel", "user", "text", "kind", "thread_ts", "check", "files")
    return {name: back[name] for name in names if name in back}


def _hand(key: str, payload: Payload) -> Hand:
    return Hand(key, "slack", f"slack:{payload['user']}", payload["team"], payload.get("named", ""))
