"""What Slack sends: each event is validated, stored as a job under its own key, and acknowledged; nothing else."""

import re
from datetime import UTC, datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.jobs import Jobs
from bot.slack.blocks import ASK, CHECK
from bot.slack.clients import Clients
from bot.slack.door import DOOR

_USAGE = (
    "Write your question after the command, for example: /vendor-ask Can we host EU customer data on Alibaba Cloud?"
)
_CHECK_USAGE = "Write the vendor's name after the command, for example: /vendor-check Alibaba Cloud"
_ANSWERABLE = {None, "file_share", "thread_broadcast"}
"""Subtypes of a message that a person wrote; edits, deletions and joins are not questions."""


def register(app: AsyncApp, jobs: Jobs, clients: Clients) -> None:
    """Attach the listeners; the catch-all comes last, because an event nobody takes counts as a failed delivery."""

    @app.event("app_mention")
    async def mentioned(context: AsyncBoltContext, body: dict[str, Any], event: dict[str, Any]) -> None:
        if _asked_by_person(event):
            await jobs.put(body["event_id"], DOOR, _from_event(event, "channel") | _home(context))

    @app.event("message")
    async def written(context: AsyncBoltContext, body: dict[str, Any], event: dict[str, Any]) -> None:
        if event.get("channel_type") == "im" and _asked_by_person(event):
            await jobs.put(body["event_id"], DOOR, _from_event(event, "im") | _home(context))

    _commands(app, jobs)
    _endings(app, clients)

    @app.event(re.compile(".*"))
    async def passed_over() -> None:
        """Take every other event, so that Slack counts it as delivered."""


def _commands(app: AsyncApp, jobs: Jobs) -> None:
    """Attach the commands, and the buttons that ask or check what they say."""

    @app.command("/vendor-ask")
    async def commanded(ack: AsyncAck, context: AsyncBoltContext, body: dict[str, Any]) -> None:
        text = str(body.get("text") or "").strip()
        if not text:
            await ack(text=_USAGE, response_type="ephemeral")
            return
        await jobs.put(body["trigger_id"], DOOR, _from_command(body, text) | _home(context))
        await ack(text="I am looking into it; the answer comes as a message here.", response_type="ephemeral")

    @app.command("/vendor-check")
    async def checked(ack: AsyncAck, context: AsyncBoltContext, body: dict[str, Any]) -> None:
        name = str(body.get("text") or "").strip()
        if not name:
            await ack(text=_CHECK_USAGE, response_type="ephemeral")
            return
        await jobs.put(body["trigger_id"], DOOR, _from_command(body, name) | _home(context) | {"check": True})
        await ack(text="I am checking; the card comes as a message here.", response_type="ephemeral")

    @app.action(re.compile(rf"^(?:{ASK}|{CHECK})_\d$"))
    async def chosen(ack: AsyncAck, context: AsyncBoltContext, body: dict[str, Any], action: dict[str, Any]) -> None:
        payload = _from_choice(body, str(action.get("value") or "")) | _home(context)
        if str(action.get("action_id")).startswith(CHECK):
            payload["check"] = True
        await jobs.put(body["trigger_id"], DOOR, payload)
        await ack()


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
        "response_url": body.get("response_url", ""), "chosen": True,
    }  # fmt: skip


def _from_event(event: dict[str, Any], kind: str) -> dict[str, Any]:
    return {
        "channel": event["channel"],
        "user": event["user"],
        "text": str(event.get("text") or ""),
        "kind": kind,
        "thread_ts": event.get("thread_ts") or event["ts"],
    }
