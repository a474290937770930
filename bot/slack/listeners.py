"""What Slack sends: each event is validated, stored as a job under its own key, and acknowledged; nothing else."""

import re
from collections.abc import Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.jobs import Jobs
from bot.slack import modals
from bot.slack.blocks import ASK, CHECK
from bot.slack.cards import DECIDE, WATCH_THIS
from bot.slack.door import DOOR
from bot.slack.errands import RULE, STOP, WATCH, WATCHES
from bot.slack.home import register_home
from bot.slack.kb import Kb
from bot.slack.kblisten import handed, register_kb
from bot.slack.notices import STOP_WATCHING

_USAGE = (
    "Write your question after the command, for example: /vendor-ask Can we host EU customer data on Alibaba Cloud?"
)
_CHECK_USAGE = "Write the vendor's name after the command, for example: /vendor-check Alibaba Cloud"
_WATCH_USAGE = (
    "Write a vendor's name after the command, for example: /vendor-watch Alibaba Cloud. Also: /vendor-watch list, and"
    " /vendor-watch stop NAME."
)
_NO_REVIEWER = (
    "Only reviewers may decide about a match, and you are none here. Nothing was decided. An administrator can name you in"
    " CAVEAT_REVIEWERS."
)
_ANSWERABLE = {None, "file_share", "thread_broadcast"}
"""Subtypes of a message that a person wrote; edits, deletions and joins are not questions."""


def register(app: AsyncApp, jobs: Jobs, may_rule: Callable[[str, str], bool], kb: Kb) -> None:
    """Attach the listeners; the catch-all comes last, because an event nobody takes counts as a failed delivery.

    `may_rule` tells by a Slack user id and workspace whether the settings name a reviewer.
    """

    @app.event("app_mention")
    async def mentioned(body: dict[str, Any], event: dict[str, Any]) -> None:
        if _asked_by_person(event):
            await jobs.put(body["event_id"], DOOR, _from_event(body, event, "channel"))

    @app.event("message")
    async def written(body: dict[str, Any], event: dict[str, Any]) -> None:
        if event.get("channel_type") == "im" and _asked_by_person(event) and not await handed(jobs, kb, body, event):
            await jobs.put(body["event_id"], DOOR, _from_event(body, event, "im"))

    _commands(app, jobs)
    _watches(app, jobs)
    _rulings(app, jobs, may_rule)
    register_kb(app, jobs, kb)
    register_home(app, jobs)

    @app.event(re.compile(".*"))
    async def passed_over() -> None:
        """Take every other event, so that Slack counts it as delivered."""


def _commands(app: AsyncApp, jobs: Jobs) -> None:
    """Attach the commands, and the buttons that ask or check what they say."""

    @app.command("/vendor-ask")
    async def commanded(ack: AsyncAck, body: dict[str, Any]) -> None:
        text = str(body.get("text") or "").strip()
        if not text:
            await ack(text=_USAGE, response_type="ephemeral")
            return
        await jobs.put(body["trigger_id"], DOOR, _from_command(body, text))
        await ack(text="I am looking into it; the answer comes as a message here.", response_type="ephemeral")

    @app.command("/vendor-check")
    async def checked(ack: AsyncAck, body: dict[str, Any]) -> None:
        name = str(body.get("text") or "").strip()
        if not name:
            await ack(text=_CHECK_USAGE, response_type="ephemeral")
            return
        await jobs.put(body["trigger_id"], DOOR, _from_command(body, name) | {"check": True})
        await ack(text="I am checking; the card comes as a message here.", response_type="ephemeral")

    @app.action(re.compile(rf"^(?:{ASK}|{CHECK})_\d$"))
    async def chosen(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        payload = _from_choice(body, str(action.get("value") or ""))
        if str(action.get("action_id")).startswith(CHECK):
            payload["check"] = True
        await jobs.put(body["trigger_id"], DOOR, payload)
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
            "team": user.get("team_id") or body["team"]["id"],
        }
        await jobs.put(f"{view['id']}:{view['hash']}", DOOR, {**said, **named, "do": RULE})
        await ack()


def _private(team: str, user: str, text: str) -> dict[str, Any]:
    """Return the payload of what is between somebody and the app: the person's id names their conversation."""
    return {"team": team, "channel": user, "user": user, "text": text, "kind": "im", "thread_ts": "", "to": "person"}


def _from_button(body: dict[str, Any], action: dict[str, Any]) -> dict[str, Any]:
    user = body["user"]
    return _private(user.get("team_id") or body["team"]["id"], user["id"], str(action.get("value") or ""))


def _asked_by_person(event: dict[str, Any]) -> bool:
    return bool(event.get("user")) and not event.get("bot_id") and event.get("subtype") in _ANSWERABLE


def _from_command(body: dict[str, Any], text: str) -> dict[str, Any]:
    return {
        "team": body["team_id"], "channel": body["channel_id"], "user": body["user_id"], "text": text,
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
        "team": body["user"].get("team_id") or body["team"]["id"], "channel": channel, "user": body["user"]["id"], "text": text,
        "kind": "im" if channel.startswith("D") else "channel", "thread_ts": place.get("thread_ts") or own,
        "response_url": body.get("response_url", ""), "chosen": True,
    }  # fmt: skip


def _from_event(body: dict[str, Any], event: dict[str, Any], kind: str) -> dict[str, Any]:
    return {
        "team": body.get("team_id", ""),
        "channel": event["channel"],
        "user": event["user"],
        "text": str(event.get("text") or ""),
        "kind": kind,
        "thread_ts": event.get("thread_ts") or event["ts"],
    }
