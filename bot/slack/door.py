"""The Slack side of durable work: from a stored event to a posted answer."""

import asyncio
from dataclasses import replace

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from bot.access import labels
from bot.checking import check_id
from bot.desk import Desk, answer_id
from bot.doorway import Line, Why
from bot.errors import NotInstalled
from bot.kb.wants import CHANGED, START
from bot.model import Asker, Place
from bot.progress import Stage, Told, untold
from bot.slack import blocks, holding, ways
from bot.slack.answering import Answering
from bot.slack.clients import Clients
from bot.slack.delivering import Delivering, composed
from bot.slack.errands import LOOK
from bot.slack.event import DOOR, Event, Payload, home, thread
from bot.slack.home import HOME
from bot.slack.papers import strange
from bot.slack.people import People
from bot.slack.post import BUDGET, Later, code
from bot.slack.streams import Streams, stop_session
from bot.slack.window import SAY

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

    With `do` it is neither a question nor a check. What is `to` a person goes into the person's own conversation with the app.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of a door
        self,
        clients: Clients,
        people: People,
        desk: Desk,
        answering: Answering,
        streams: Streams,
        delivering: Delivering,
    ) -> None:
        self._clients = clients
        self._people = people
        self._desk = desk
        self._answering = answering
        self._streams = streams
        self._delivering = delivering

    async def compose(self, key: str, payload: Payload, told: Told = untold) -> Payload:
        """Ask the desk as this user at this place, and render the answer; nothing where a gap is still one."""
        asker = await self._who(payload)
        if asker is None:
            return {}
        if payload.get("do") == SAY:
            return await self._answering.answered(key, payload, asker, Place("alone"), told)
        if _acts_in(payload):
            payload = payload | {"inside": await self._people.inside(asker, payload)}
            if payload["inside"] is False:
                return ways.refused(payload)
        place = await self._people.place(payload["channel"], payload["kind"], *home(payload))
        if refusal := strange(payload):
            return refusal
        return await self._answering.answered(key, payload, asker, place, told)

    def line(self, key: str, payload: Payload) -> Line:
        """Return where a question stands: in its thread, a command for itself; a gap is nobody's, and nobody waits.

        Of what comes in a modal, as a whisper or in place of a message nobody is told that it takes longer.
        """
        conversation = f"{payload['team']}:{thread(payload) or key}"
        if _unasked(payload):
            return Line(conversation, "", waits=False)
        asker, place = f"{DOOR}:{payload['team']}:{payload['user']}", f"{DOOR}:{payload['team']}:{payload['channel']}"
        waits = "answer" not in payload and payload.get("do") not in PLACELESS
        root = payload["thread_ts"]
        session = stop_session(payload["team"], payload["channel"], root) if root else ""
        at = float(payload.get("said_at") or payload.get("taken_at") or 0.0)
        place = "" if payload["kind"] == "im" else place
        return Line(conversation, asker, place, waits, session=session, at=at)

    async def hold(self, key: str, payload: Payload, place: int, stages: tuple[Stage, ...], *, again: bool) -> Payload:
        """Show in the answer's place that it takes longer, by a stream once there is a step; a command's question is posted first.

        Nothing is shown for somebody whom no reply will reach, or who does not read the place.
        """
        try:
            asker = await self._who(payload)
            if asker is None or (_acts_in(payload) and await self._people.inside(asker, payload) is False):
                return {}
            event = await self._event(key, payload)
        except (SlackApiError, NotInstalled, aiohttp.ClientError, OSError):
            return {}  # the answer's own way finds out what then
        return await holding.hold(self._streams, event, place, stages, again=again)

    async def show(self, key: str, payload: Payload, held: Payload, stages: tuple[Stage, ...]) -> Payload:
        """Show the steps in the placeholder; before there is one, a conversation with the app shows a status at most."""
        try:
            event = await self._event(key, payload)
        except NotInstalled:
            return held
        if held:
            return await self._streams.show(event.client, event.spot(held), held, stages)
        if payload["kind"] == "im":
            await self._streams.sign(event.client, event.spot(held), payload["team"])
        return held

    async def retract(self, key: str, payload: Payload, held: Payload) -> None:
        """Delete the placeholder that did not become the answer, and a command's question that only it stands below."""
        try:
            await holding.retract(await self._event(key, payload), held)
        except (SlackApiError, NotInstalled, Later, OSError, TimeoutError):
            log.warning("slack.not_retracted")

    async def deliver(self, key: str, payload: Payload, message: Payload, *, again: bool) -> str:
        """Post the answer into the thread of the question; a command's question is posted first, as the thread's root."""
        if not message:
            return ""
        parts = composed(message)
        again = again or bool(parts.held.get("look"))
        if again and not parts.held.get("ts"):
            parts = replace(parts, held={**parts.held, **await self._streams.kept(key)})
        try:
            event = await self._event(key, payload)
        except NotInstalled:
            log.warning("slack.uninstalled_meanwhile")
            return ""
        if not message.get("way"):
            return await self._delivering.post(event, parts, again=again)
        if parts.held.get("ts"):
            await self.retract(key, payload, parts.held)
        return await ways.hand(event.client, payload, parts.shown)

    def apology(self, key: str, payload: Payload, why: Why) -> Payload:
        """Return the message for a question that has no answer, because something broke or a limit was passed.

        Nobody waits for a gap that is tried again, for a look at what is watched, or for a home that is opened: the next time tries
        it anew.
        """
        if _unasked(payload):
            return {}
        if payload.get("answer"):
            return ways.apology(key, payload)
        return blocks.apology(key, why.value)

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

    async def anew(self, key: str, payload: Payload) -> str:
        """Return the key to compose under again: the same for what is no answer, another one where its readers may read less."""
        if payload.get("do"):
            return key
        asker = await self._who(payload)
        if asker is None:
            return key
        place = await self._people.place(payload["channel"], payload["kind"], *home(payload))
        own = check_id(key) if payload.get("check") else answer_id(key)
        return await asyncio.to_thread(self._desk.renewed, own, key, labels(asker, place))

    async def _who(self, payload: Payload) -> Asker | None:
        """Return who asks, None where nobody reads the reply; a stranger is never whoever has the same id here."""
        if stranger := payload.get("stranger"):
            return await self._people.stranger(payload["user"], stranger, *home(payload))
        return await self._people.reader(payload["user"], *home(payload))

    async def _event(self, key: str, payload: Payload) -> Event:
        """Return the event; raise NotInstalled where the app is not in its workspace any more."""
        return Event(await self._clients.of(*home(payload)), key, payload)


def _unasked(payload: Payload) -> bool:
    """Tell whether nobody waits: a gap that is tried again, a look at what is watched, a home that is opened."""
    return bool(payload.get("gap")) or payload.get("do") in QUIET


def _acts_in(payload: Payload) -> bool:
    """Tell whether somebody acts in a conversation that he names himself, by a press or a command."""
    return bool(payload.get("pressed")) and payload.get("to") != "person" and not payload.get("gap")
