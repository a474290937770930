"""What Slack sends: each event is validated, stored as a job under its own key, and acknowledged; nothing else."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.jobs import Jobs
from bot.slack import modals
from bot.slack.acts import register_acts
from bot.slack.blocks import ASK, CHECK, OWN
from bot.slack.cards import DECIDE, SHARE, WATCH_THIS
from bot.slack.clients import Clients
from bot.slack.door import DOOR
from bot.slack.errands import NAMED, RULE, STOP, WATCH, WATCHES
from bot.slack.home import register_home
from bot.slack.kb import Kb
from bot.slack.kblisten import handed, register_kb
from bot.slack.notices import STOP_WATCHING
from bot.slack.streams import stop_session

_USAGE = (
    "Write your question after the command, for example: /vendor-ask Can we host EU customer data on Alibaba Cloud?"
)
_CHECK_USAGE = (
    "Write the vendor's name after the command, for example: /vendor-check Alibaba Cloud, or with its country:"
    " /vendor-check Orion Lines | DE. Without a name a form opens. The card comes to you alone, with a button to share it."
)
_ON_ITS_WAY = "I am checking; the card comes as a message from me to you, with a button to share it here."
NAMED_THERE = "vendors_named"
"""The message shortcut that checks the vendors that a message names."""
_WATCH_USAGE = (
    "Write a vendor's name after the command, for example: /vendor-watch Alibaba Cloud. Also: /vendor-watch list, and"
    " /vendor-watch stop NAME."
)
_NO_REVIEWER = (
    "Only reviewers may decide about a match, and you are none here. Nothing was decided. An administrator can name you in"
    " CAVEAT_REVIEWERS."
)
TakesPart = Callable[[str, str], Awaitable[bool]]
_GOES_ON = re.compile(r"\?|^\s*(?:and|or|but|also|what about|how about|what if)\b", re.IGNORECASE)
"""What a reply has that asks the bot on without naming it: thanks and talk among people have not."""
_ANSWERABLE = {None, "file_share", "thread_broadcast"}
"""Subtypes of a message that a person wrote; edits, deletions and joins are not questions."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Around:
    """What the listeners must know before they store anything.

    `may_rule` tells by a Slack user id and workspace whether the settings name a reviewer, `takes_part` whether somebody's
    question in a thread was answered there lately: only then is another message of a channel stored at all. `until` is the last
    day of a decision about a vendor that says none.
    """

    may_rule: Callable[[str, str], bool]
    takes_part: TakesPart
    until: Callable[[date], date]
    kb: Kb


def register(app: AsyncApp, jobs: Jobs, clients: Clients, around: Around) -> None:
    """Attach the listeners; the catch-all comes last, because an event nobody takes counts as a failed delivery."""

    @app.event("app_mention")
    async def mentioned(context: AsyncBoltContext, body: dict[str, Any], event: dict[str, Any]) -> None:
        if _asked_by_person(event):
            await jobs.put(body["event_id"], DOOR, _from_event(event, "channel") | _home(context))

    @app.event("message")
    async def written(context: AsyncBoltContext, body: dict[str, Any], event: dict[str, Any]) -> None:
        if not _asked_by_person(event):
            return
        if event.get("channel_type") == "im":
            if await handed(jobs, around.kb, body, event):
                return
            await jobs.put(body["event_id"], DOOR, _from_event(event, "im") | _home(context))
        elif _goes_on(event, context.bot_user_id or "") and await around.takes_part(thread_of(event), event["user"]):
            await jobs.put(body["event_id"], DOOR, _from_event(event, "channel") | _home(context))

    _stopping(app, jobs)
    _commands(app, jobs)
    _checks(app, jobs)
    _watches(app, jobs)
    _rulings(app, jobs, around.may_rule)
    register_kb(app, jobs, around.kb)
    register_home(app, jobs)
    register_acts(app, jobs, around.may_rule, around.until)
    _endings(app, clients)

    @app.error
    async def not_taken(error: Exception) -> BoltResponse:
        """Refuse what could not be stored, so that Slack sends it again; stored all the same, the next one is its duplicate."""
        log.warning("slack.not_taken", error=type(error).__name__)
        return BoltResponse(status=503, body="")

    @app.event(re.compile(".*"))
    async def passed_over() -> None:
        """Take every other event, so that Slack counts it as delivered."""


def _stopping(app: AsyncApp, jobs: Jobs) -> None:
    """Attach Slack's stop button: what its presser asked in that thread before is given up."""

    @app.event("agent_session_stopped")
    async def stopped(context: AsyncBoltContext, event: dict[str, Any]) -> None:
        team, channel, user = context.team_id or "", event["channel"], event.get("user") or ""
        marks = {str(event.get("thread_ts") or ""), *map(str, event.get("streaming_message_ts") or ())} - {""}
        sessions = {stop_session(team, channel, ts) for ts in marks}
        await jobs.give_up(sessions, f"{DOOR}:{team}:{user}" if user else "", float(event["event_ts"]))


def _commands(app: AsyncApp, jobs: Jobs) -> None:
    """Attach the command that asks, and the buttons that ask or check what they say."""

    @app.command("/vendor-ask")
    async def commanded(ack: AsyncAck, context: AsyncBoltContext, body: dict[str, Any]) -> None:
        text = str(body.get("text") or "").strip()
        if not text:
            await ack(text=_USAGE, response_type="ephemeral")
            return
        await jobs.put(body["trigger_id"], DOOR, _from_command(body, text) | _home(context))
        await ack(text="I am looking into it; the answer comes as a message here.", response_type="ephemeral")

    @app.action(re.compile(rf"^(?:{ASK}|{CHECK})_\d$"))
    async def chosen(ack: AsyncAck, context: AsyncBoltContext, body: dict[str, Any], action: dict[str, Any]) -> None:
        payload = _from_choice(body, str(action.get("value") or "")) | _home(context)
        if str(action.get("action_id")).startswith(CHECK):
            payload["check"] = True
        await jobs.put(body["trigger_id"], DOOR, payload)
        await ack()

    @app.action(OWN)
    async def asked_alone(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await jobs.put(body["trigger_id"], DOOR, _from_button(body, action) | {"chosen": True})
        await ack()


def _checks(app: AsyncApp, jobs: Jobs) -> None:
    """Attach the command and the form that check a vendor, the button that shares a card, and the shortcut on a message."""

    @app.command("/vendor-check")
    async def checked(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        name, channel = str(body.get("text") or "").strip(), str(body["channel_id"])
        if name in {"help", "?"}:
            await ack(text=_CHECK_USAGE, response_type="ephemeral")
            return
        if not name:
            await client.views_open(trigger_id=body["trigger_id"], view=modals.vendor(channel))
            await ack()
            return
        await jobs.put(body["trigger_id"], DOOR, _own_check(body["team_id"], body["user_id"], name, channel))
        await ack(text=_ON_ITS_WAY, response_type="ephemeral")

    @app.view(modals.VENDOR)
    async def filled(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        user = body["user"]
        team = body["team"]["id"]
        payload = _own_check(team, user["id"], modals.named(view), view["private_metadata"])
        await jobs.put(f"{view['id']}:{view['hash']}", DOOR, payload)
        await ack()

    @app.action(SHARE)
    async def shared(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        channel, _, name = str(action.get("value") or "").partition("|")
        payload = _from_button(body, action) | {
            "channel": channel,
            "kind": "channel",
            "text": name,
            "check": True,
            "to": "",
        }
        await jobs.put(body["trigger_id"], DOOR, payload)
        await ack()

    @app.shortcut(NAMED_THERE)
    async def pointed(ack: AsyncAck, body: dict[str, Any]) -> None:
        user = body["user"]
        team = body["team"]["id"]
        text = str(body["message"].get("text") or "")
        await jobs.put(body["trigger_id"], DOOR, _private(team, user["id"], text) | {"do": NAMED})
        await ack()


def _watches(app: AsyncApp, jobs: Jobs) -> None:
    """Attach the command that watches vendors, and the buttons that begin and end it."""

    @app.command("/vendor-watch")
    async def watched(ack: AsyncAck, body: dict[str, Any]) -> None:
        text = str(body.get("text") or "").strip()
        word, _, name = text.partition(" ")
        if not text or (word in {"stop", "add"} and not name.strip()):
            await ack(text=_WATCH_USAGE, response_type="ephemeral")
            return
        do = WATCHES if text == "list" else STOP if word == "stop" else WATCH
        vendor = name.strip() if word in {"stop", "add"} else text
        await jobs.put(body["trigger_id"], DOOR, _private(body["team_id"], body["user_id"], vendor) | {"do": do})
        await ack(text="The reply comes as a message from me to you.", response_type="ephemeral")

    @app.action(WATCH_THIS)
    async def begun(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await jobs.put(body["trigger_id"], DOOR, _from_button(body, action) | {"do": WATCH})
        await ack()

    @app.action(STOP_WATCHING)
    async def ended(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await jobs.put(body["trigger_id"], DOOR, _from_button(body, action) | {"do": STOP})
        await ack()


def _rulings(app: AsyncApp, jobs: Jobs, may_rule: Callable[[str, str], bool]) -> None:
    """Attach the button that asks for a decision about a match, and the modal that takes it."""

    @app.action(DECIDE)
    async def decided(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient) -> None:
        # The one call that a listener makes: a trigger id is good for three seconds, which no queue can promise.
        choice = _from_choice(body, "")
        view = modals.ruling(str(action["value"]), {name: choice[name] for name in ("channel", "kind", "thread_ts")})
        if not may_rule(body["user"]["id"], body["team"]["id"]):
            view = modals.told("Decide about a match", _NO_REVIEWER)
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    @app.view(modals.RULING)
    async def submitted(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        said, wrong = modals.ruled(view)
        if wrong:
            await ack(response_action="errors", errors=wrong)
            return
        user = body["user"]
        named = {
            "user": user["id"],
            "named": str(user.get("name") or user["id"]),
            "team": body["team"]["id"],
        }
        await jobs.put(f"{view['id']}:{view['hash']}", DOOR, {**said, **named, "do": RULE})
        await ack()


def _own_check(team: str, user: str, name: str, channel: str) -> dict[str, Any]:
    """Return the payload of a check whose card its asker sees alone, and can share where the command was given."""
    return _private(team, user, name) | {"check": True, "origin": "" if channel.startswith("D") else channel}


def _private(team: str, user: str, text: str) -> dict[str, Any]:
    """Return the payload of what is between somebody and the app: the person's id names their conversation."""
    return {"team": team, "channel": user, "user": user, "text": text, "kind": "im", "thread_ts": "", "to": "person"}


def _from_button(body: dict[str, Any], action: dict[str, Any]) -> dict[str, Any]:
    user = body["user"]
    return _private(body["team"]["id"], user["id"], str(action.get("value") or ""))


def _endings(app: AsyncApp, clients: Clients) -> None:
    """Attach what ends an installation: from then on its workspace has no client, and its token is deleted."""

    @app.event("app_uninstalled")
    async def uninstalled(context: AsyncBoltContext, body: dict[str, Any]) -> None:
        await clients.ended(context.team_id or "", context.enterprise_id or "", _moment(body))

    @app.event("tokens_revoked")
    async def revoked(context: AsyncBoltContext, body: dict[str, Any], event: dict[str, Any]) -> None:
        if (event.get("tokens") or {}).get("bot"):
            await clients.ended(context.team_id or "", context.enterprise_id or "", _moment(body))


def _home(context: AsyncBoltContext) -> dict[str, str]:
    """Return the workspace and the enterprise that Bolt has authorised an event for."""
    return {"team": context.team_id or "", "enterprise": context.enterprise_id or ""}


def _moment(body: dict[str, Any]) -> datetime:
    """Return when an event happened: Slack tells the second that had begun."""
    return datetime.fromtimestamp(int(body["event_time"]) + 1, UTC)


def thread_of(event: dict[str, Any]) -> str:
    """Return the name of the conversation that a reply in a channel belongs to."""
    return f"slack:{event['channel']}:{event['thread_ts']}"


def _goes_on(event: dict[str, Any], bot: str) -> bool:
    """Tell whether a message may go on with a thread: a reply that asks and that mentions nobody, so that it is for nobody else."""
    text = str(event.get("text") or "")
    return bool(event.get("thread_ts")) and bool(bot) and "<@" not in text and bool(_GOES_ON.search(text))


def _asked_by_person(event: dict[str, Any]) -> bool:
    return bool(event.get("user")) and not event.get("bot_id") and event.get("subtype") in _ANSWERABLE


def _from_command(body: dict[str, Any], text: str) -> dict[str, Any]:
    return {
        "channel": body["channel_id"], "user": body["user_id"], "text": text,
        "kind": "im" if str(body["channel_id"]).startswith("D") else "channel", "thread_ts": "",
        "response_url": body.get("response_url", ""),
    }  # fmt: skip


def _from_choice(body: dict[str, Any], text: str) -> dict[str, Any]:
    """Return the question on a button, as whoever pressed it asks it, in the thread of the message it stands in.

    Below a message that only the asker sees there is no thread: then the answer comes the way that one came.
    """
    place = body["container"]
    channel = place["channel_id"]
    own = "" if place.get("is_ephemeral") else place["message_ts"]
    return {
        "channel": channel, "user": body["user"]["id"], "text": text,
        "kind": "im" if channel.startswith("D") else "channel", "thread_ts": place.get("thread_ts") or own,
        "response_url": body.get("response_url", ""), "chosen": True, "said_at": body["actions"][0].get("action_ts", ""),
    }  # fmt: skip


def _from_event(event: dict[str, Any], kind: str) -> dict[str, Any]:
    return {
        "channel": event["channel"],
        "user": event["user"],
        "text": str(event.get("text") or ""),
        "kind": kind,
        "thread_ts": event.get("thread_ts") or event["ts"],
        "said_at": event["ts"],
        "from_team": event.get("user_team") or event.get("team") or "",
    }
