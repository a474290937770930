"""Checks of vendors from Slack, by command, form, button and shortcut: each stored as work and acknowledged."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.jobs import Jobs
from bot.slack import modals, window
from bot.slack.cards import SHARE
from bot.slack.errands import NAMED
from bot.slack.event import DOOR
from bot.slack.payloads import checked_at, private, value_of
from bot.slack.press import alone, placed, pressed

_CHECK_USAGE = (
    "Write the vendor's name after the command, for example: /vendor-check Alibaba Cloud, or with its country:"
    " /vendor-check Orion Lines | DE. Without a name a form opens. The card comes to you alone, with a button to share it."
)
_ON_ITS_WAY = "I am checking; the card comes as a message from me to you, with a button to share it here."
NAMED_THERE = "vendors_named"
"""The message shortcut that checks the vendors that a message names."""


def register_checks(app: AsyncApp, jobs: Jobs) -> None:
    """Attach the command and the form that check a vendor, the button that shares a card, and the shortcut on a message."""

    @app.command("/vendor-check")
    async def checked(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        name, channel = str(body.get("text") or "").strip(), str(body["channel_id"])
        if name in {"help", "?"}:
            await ack(text=_CHECK_USAGE, response_type="ephemeral")
            return
        if not name:
            await window.by_command(client, ack, body, modals.vendor(channel))
            return
        await jobs.put(body["trigger_id"], DOOR, private(body["team_id"], body["user_id"], name) | checked_at(channel))
        await ack(text=_ON_ITS_WAY, response_type="ephemeral")

    @app.view(modals.VENDOR)
    async def filled(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        payload = alone(body, modals.named(view)) | checked_at(str(view["private_metadata"]))
        await jobs.put(f"{view['id']}:{view['hash']}", DOOR, payload)
        await ack()

    @app.action(SHARE)
    async def shared(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        channel, _, name = value_of(action).partition("|")
        payload = {
            **pressed(body, {}), **placed(channel), "text": name, "check": True, "shared": True, "ts": "",
        }  # fmt: skip
        payload.pop("answer")
        await jobs.put(body["trigger_id"], DOOR, payload)
        await ack()

    @app.shortcut(NAMED_THERE)
    async def pointed(ack: AsyncAck, body: dict[str, Any]) -> None:
        text = str(body["message"].get("text") or "")
        await jobs.put(body["trigger_id"], DOOR, alone(body, text) | {"do": NAMED})
        await ack()
