"""The Slack side of durable work: from a stored event to a posted answer."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.access import beyond, labels
from bot.checking import Checking, check_id
from bot.conversation import question_text
from bot.desk import Desk, answer_id
from bot.doorway import Line, Why
from bot.errors import NotInstalled
from bot.kb.wants import CHANGED, START
from bot.model import Asker, Outcome, Place, Question, VendorCheck
from bot.progress import Stage, Told, kept, untold
from bot.slack import blocks, cards, steps, ways
from bot.slack.clients import Clients
from bot.slack.errands import LOOK, Work
from bot.slack.home import HOME
from bot.slack.papers import Papers, refs, strange, work_of
from bot.slack.people import People
from bot.slack.post import BUDGET, Found, Later, Spot, announce, close, code, conversation, find, post_once
from bot.slack.streams import Streams, stop_session
from bot.slack.window import SAY
from knowledge.store.posts import Post, Posts

DOOR = "slack"
log = structlog.get_logger()
REASONS = {
    "is_archived": "the channel is archived",
    "channel_not_found": "the channel is gone, or the bot cannot see it any more",
    "not_in_channel": "the bot was removed from the channel",
    "user_is_bot": "the asker is a bot that cannot be written to",
    "account_inactive": "the bot was removed from the workspace",
    "invalid_auth": "Slack does not know the bot's token",
    "token_revoked": "the bot's token was revoked",
    "token_expired": "the bot's token has expired",
    "missing_scope": "the bot lacks a permission to write there",
    "restricted_action": "an administrator of Slack does not let the bot write there",
    "thread_not_found": "the thread of the question is gone",
}
"""What Slack's names for a refusal mean."""
QUIET = frozenset({LOOK, HOME, CHANGED})
"""What nobody waits for when it breaks."""
PLACELESS = frozenset({START, SAY})
"""What has no message of its own that a notice could become."""


class SlackDoor:
    """Answers what Slack delivered; a payload holds channel, user, team, text, kind and where to answer.

    With `do` it is neither a question nor a check, and `works` has what is done. What is `to` a person goes into the person's
    own conversation with the app.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of a door
        self,
        clients: Clients,
        desk: Desk,
        checking: Checking,
        people: People,
        works: Mapping[str, Work],
        posts: Posts,
        streams: Streams,
        papers: Papers,
    ) -> None:
        self._clients = clients
        self._desk = desk
        self._checking = checking
        self._people = people
        self._works = works
        self._posts = posts
        self._streams = streams
        self._papers = papers

    async def compose(self, key: str, payload: dict[str, Any], told: Told = untold) -> dict[str, Any]:
        """Ask the desk as this user at this place, and render the answer; nothing where a gap is still one."""
        asker = await self._who(payload)
        if asker is None:
            return {}
        if payload.get("do") == SAY:
            return await self._said(key, payload, asker, Place("alone"), told)
        if _acts_in(payload):
            payload = payload | {"inside": await self._people.inside(asker, payload)}
            if payload["inside"] is False:
                return ways.refused(payload)
        place = await self._people.place(payload["channel"], payload["kind"], *_home(payload))
        if refusal := strange(payload):
            return refusal
        return await self._said(key, payload, asker, place, told)

    async def _said(self, key: str, payload: dict[str, Any], asker: Asker, place: Place, told: Told) -> dict[str, Any]:
        if do := work_of(payload):
            named = {"text": _name(payload["text"]), "thread": _thread(payload)}
            return await self._works[do](key, payload | named, asker, place)
        if payload.get("check"):
            card = await self._checking.check(VendorCheck(key, _name(payload["text"]), asker, place))
            return cards.render(card, share=payload.get("origin", ""))
        question = Question(
            key, payload["text"], asker, place, thread=_thread(payload) or _begun(key), files=refs(payload),
            fetch=self._papers.fetch(payload),
        )  # fmt: skip
        if gap := payload.get("gap"):
            answer = await self._desk.again(question)
            if answer.outcome is not Outcome.ANSWERED:
                return {}
            await self._desk.filled(gap, answer)
            return blocks.render(answer, later=True)
        answer = await self._desk.ask(replace(question, back={"door": DOOR, "payload": payload}), told)
        own = payload.get("chosen") and (payload["thread_ts"] or payload.get("to") == "person")
        # Asked again elsewhere, its files would not be there.
        more = beyond(asker, place) and bool(answer.edition) and not answer.files
        return blocks.render(answer, asked_by=payload["user"] if own else "", more=more)

    async def _who(self, payload: dict[str, Any]) -> Asker | None:
        """Return who asks, None where nobody reads the reply; a stranger is never whoever has the same id here."""
        if stranger := payload.get("stranger"):
            return await self._people.stranger(payload["user"], stranger, *_home(payload))
        return await self._people.reader(payload["user"], *_home(payload))

    def line(self, key: str, payload: dict[str, Any]) -> Line:
        """Return where a question stands: in its thread, a command for itself; a gap is nobody's, and nobody waits.

        Of what comes in a modal, as a whisper or in place of a message nobody is told that it takes longer.
        """
        conversation = f"{payload['team']}:{_thread(payload) or key}"
        if _unasked(payload):
            return Line(conversation, "", waits=False)
        asker, place = f"slack:{payload['team']}:{payload['user']}", f"slack:{payload['team']}:{payload['channel']}"
        waits = "answer" not in payload and payload.get("do") not in PLACELESS
        thread = payload["thread_ts"]
        session = stop_session(payload["team"], payload["channel"], thread) if thread else ""
        at = float(payload.get("said_at") or payload.get("taken_at") or 0.0)
        place = "" if payload["kind"] == "im" else place
        return Line(conversation, asker, place, waits, session=session, at=at)

    async def hold(
        self, key: str, payload: dict[str, Any], place: int, stages: tuple[Stage, ...], *, again: bool
    ) -> dict[str, Any]:
        """Show in the answer's place that it takes longer, by a stream once there is a step; a command's question is posted first.

        Nothing is shown for somebody whom no reply will reach, or who does not read the place.
        """
        held: dict[str, Any] = {}
        try:
            asker = await self._who(payload)
            if asker is None or (_acts_in(payload) and await self._people.inside(asker, payload) is False):
                return held
            client = await self._clients.of(*_home(payload))
            held["root"] = payload["thread_ts"]
            if payload.get("to") == "person":
                held["channel"] = await conversation(client, payload["user"])
            elif not held["root"]:
                spot = Spot(f"{key}:root", payload["channel"])
                held["root"] = await announce(client, spot, _asked(payload), again=again, state="")
            spot = _spot(key, payload, held)
            standing = await self._streams.standing(client, spot) if again else {}
            if standing.get("final"):
                return {**held, "look": True}
            held |= standing
            if not held.get("ts") and stages and not place:
                held |= await self._streams.begin(client, spot, payload, stages)
            if not held.get("ts"):
                held["ts"] = await announce(client, spot, steps.written(place, stages), again=False)
                held["shown"] = steps.titles(stages)
        except (SlackApiError, NotInstalled, aiohttp.ClientError, OSError):
            pass  # where nothing can be posted, the answer's own way finds out what then
        except Later as later:
            held["look"] = later.sent
        return held

    async def show(
        self, key: str, payload: dict[str, Any], held: dict[str, Any], stages: tuple[Stage, ...]
    ) -> dict[str, Any]:
        """Show the steps in the placeholder; before there is one, a conversation with the app shows a status at most."""
        try:
            client = await self._clients.of(*_home(payload))
        except NotInstalled:
            return held
        spot = _spot(key, payload, held)
        if held:
            return await self._streams.show(client, spot, held, stages)
        if payload["kind"] == "im":
            await self._streams.sign(client, spot, payload["team"])
        return held

    async def retract(self, key: str, payload: dict[str, Any], held: dict[str, Any]) -> None:
        """Delete the placeholder that did not become the answer, and a command's question that only it stands below."""
        root, ts = held.get("root", ""), held.get("ts", "")
        spot = _spot(key, payload, held)
        try:
            client = await self._clients.of(*_home(payload))
            found = await find(client, spot) if root or held.get("channel") else None
            for one in (ts, "" if payload["thread_ts"] or (found and not found.waiting) else root):
                if one and (found is None or found.waiting or found.ts != one):
                    if one == ts and held.get("stream"):
                        await close(client, spot, one)
                    await client.chat_delete(channel=await conversation(client, spot.channel), ts=one)
        except (SlackApiError, NotInstalled, Later, OSError, TimeoutError):
            log.warning("slack.not_retracted")

    async def deliver(self, key: str, payload: dict[str, Any], message: dict[str, Any], *, again: bool) -> str:
        """Post the answer into the thread of the question; a command's question is posted first, as the thread's root."""
        if not message:
            return ""
        held, answered = message.get("held") or {}, not message.get("unanswered")
        file, more = message.get("file"), message.get("more", ())
        message = {name: part for name, part in message.items() if name not in {"held", "unanswered", "file", "more"}}
        again = again or bool(held.get("look"))
        if again and not held.get("ts"):
            held = {**held, **await self._streams.kept(key)}
        try:
            client = await self._clients.of(*_home(payload))
        except NotInstalled:
            log.warning("slack.uninstalled_meanwhile")
            return ""
        if message.get("way"):
            if held.get("ts"):
                await self.retract(key, payload, held)
            return await ways.hand(client, payload, message)
        try:
            spot, posted = await self._posted(client, key, payload, message, held, answered=answered, again=again)
        except SlackApiError:
            if not (payload.get("response_url") or payload.get("pressed")):
                raise
            # A command can be given, and a button pressed, where the bot may not write: then the answer comes to the asker alone.
            for part in (message, *more):
                await ways.hand(client, payload, ways.untaken(payload, part))
            return ""
        await _go_on(client, spot, payload, more, file, again=again)
        await asyncio.to_thread(self._place, key, payload, spot.thread_ts)
        return posted

    async def _posted(  # noqa: PLR0913 - what is posted, and where
        self, client: AsyncWebClient, key: str, payload: dict[str, Any], message: dict[str, Any], held: dict[str, Any],
        *, answered: bool, again: bool,
    ) -> tuple[Spot, str]:  # fmt: skip
        """Post the message, a command's question before it, and return where it stands and its ts.

        What is for one person goes into the conversation with the app: for a new message the person's id names it.
        """
        root = payload["thread_ts"] or held.get("root", "")
        if payload.get("to") != "person":
            root = root or await post_once(
                client, Spot(f"{key}:root", payload["channel"]), _asked(payload), again=again
            )
        elif again and not held.get("channel"):
            held = {**held, "channel": await conversation(client, payload["user"])}
        spot = _spot(key, payload, {**held, "root": root})
        asked = not (work_of(payload) or payload.get("check"))
        if asked and not payload["thread_ts"]:
            # Before the answer stands, since somebody may go on with it at once.
            channel = await conversation(client, spot.channel)
            await self._desk.begun(key, _thread({**payload, "channel": channel, "thread_ts": root}))
        placeholder = Found(held["ts"], streaming=bool(held.get("stream"))) if held.get("ts") else None
        ending = steps.closing(key, kept(held), held.get("shown", {}), answered=answered)
        posted = await post_once(client, spot, {**message, "steps": ending}, again=again, placeholder=placeholder)
        await self._streams.end(client, spot, payload, {"session": held.get("session") or (again and asked)})
        return spot, posted

    def _place(self, key: str, payload: dict[str, Any], root: str) -> None:
        """Keep where an answer or a card stands, so that what becomes known later finds its thread."""
        if not work_of(payload):
            own = check_id(key) if payload.get("check") else answer_id(key)
            self._posts.keep(Post(own, DOOR, {**payload, "thread_ts": root}))

    def apology(self, key: str, payload: dict[str, Any], why: Why) -> dict[str, Any]:
        """Return the message for a question that has no answer, because something broke or a limit was passed.

        Nobody waits for a gap that is tried again, for a look at what is watched, or for a home that is opened: the next time tries
        it anew.
        """
        if _unasked(payload):
            return {}
        if payload.get("answer"):
            return ways.apology(key, payload)
        return {**blocks.apology(key, why.value), "unanswered": True}

    def reason(self, error: Exception) -> str:
        """Return why Slack does not have a message."""
        if isinstance(error, SlackApiError):
            name = code(error)
            return REASONS.get(name, f"Slack refused the answer ({name or 'without a reason'})")
        if isinstance(error, Later):
            return f"Slack did not take the answer for {BUDGET / 60:.0f} minutes"
        return "the answer could not be handed to Slack; the log of that time says more"

    def passes(self, error: Exception) -> bool:
        """Tell whether Slack may take the message later: it did not refuse it."""
        return not isinstance(error, SlackApiError)

    async def anew(self, key: str, payload: dict[str, Any]) -> str:
        """Return the key to compose under again: the same for what is no answer, another one where its readers may read less."""
        if payload.get("do"):
            return key
        asker = await self._who(payload)
        if asker is None:
            return key
        place = await self._people.place(payload["channel"], payload["kind"], *_home(payload))
        own = check_id(key) if payload.get("check") else answer_id(key)
        return await asyncio.to_thread(self._desk.renewed, own, key, labels(asker, place))


async def _go_on(  # noqa: PLR0913 - what comes below a message, and where that stands
    client: AsyncWebClient,
    spot: Spot,
    payload: dict[str, Any],
    more: Sequence[dict[str, Any]],
    file: Any,
    *,
    again: bool,
) -> None:
    """Post what goes on below a message: what did not fit, and a file."""
    for n, part in enumerate(more, 2):
        await post_once(client, replace(spot, key=f"{spot.key}:{n}"), part, again=again)
    if file:
        await ways.hand(client, {**payload, "thread_ts": spot.thread_ts}, file)


def _spot(key: str, payload: dict[str, Any], held: dict[str, Any]) -> Spot:
    """Return where the answer stands, or is to stand."""
    return Spot(key, held.get("channel") or payload["channel"], payload["thread_ts"] or held.get("root", ""))


def _unasked(payload: dict[str, Any]) -> bool:
    """Tell whether nobody waits: a gap that is tried again, a look at what is watched, a home that is opened."""
    return bool(payload.get("gap")) or payload.get("do") in QUIET


def _acts_in(payload: dict[str, Any]) -> bool:
    """Tell whether somebody acts in a conversation that he names himself, by a press or a command."""
    return bool(payload.get("pressed")) and payload.get("to") != "person" and not payload.get("gap")


def _asked(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the message that says what was asked by a command."""
    return blocks.asked(payload["user"], payload["text"], check=bool(payload.get("check")))


def _name(text: str) -> str:
    """Return the name that was typed: mentions out, and the three characters that Slack escapes as they were."""
    return question_text(text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _home(payload: dict[str, Any]) -> tuple[str, str]:
    """Return the workspace and the enterprise that an event belongs to."""
    return payload["team"], payload.get("enterprise", "")


def _begun(key: str) -> str:
    """Return the name of a thread that begins with the answer to an event, until the answer stands."""
    return f"{DOOR}:{key}"


def _thread(payload: dict[str, Any]) -> str:
    """Return the name of a conversation: the thread in a channel, all that is said in a direct message."""
    if payload["kind"] == "im":
        return f"slack:{payload['channel']}"
    return f"slack:{payload['channel']}:{payload['thread_ts']}" if payload["thread_ts"] else ""
