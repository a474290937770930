"""Questions from Slack by command and by button: each stored as work and acknowledged."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.jobs import Jobs
from bot.slack.blocks import ASK, CHECK, OWN
from bot.slack.door import DOOR
from bot.slack.payloads import from_button, from_choice, from_command, home_of

_USAGE = (
    "Write your question after the command, for example: /vendor-ask Can we host EU customer data on Alibaba Cloud?"
)


def register_asking(app: AsyncApp, jobs: Jobs) -> None:
    """Attach the command that asks, and the buttons that ask or check what they say."""

    @app.command("/vendor-ask")
    async def commanded(ack: AsyncAck, context: AsyncBoltContext, body: dict[str, Any]) -> None:
        text = str(body.get("text") or "").strip()
        if not text:
            await ack(text=_USAGE, response_type="ephemeral")
            return
        await jobs.put(body["trigger_id"], DOOR, from_command(body, text) | home_of(context))
        await ack(text="I am looking into it; the answer comes as a message here.", response_type="ephemeral")

    @app.action(re.compile(rf"^(?:{ASK}|{CHECK})_\d$"))
    async def chosen(ack: AsyncAck, context: AsyncBoltContext, body: dict[str, Any], action: dict[str, Any]) -> None:
        payload = from_choice(body, str(action.get("value") or "")) | home_of(context)
        if str(action.get("action_id")).startswith(CHECK):
            payload["check"] = True
        await jobs.put(body["trigger_id"], DOOR, payload)
        await ack()

    @app.action(OWN)
    async def asked_alone(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await jobs.put(body["trigger_id"], DOOR, from_button(body, action) | {"chosen": True})
        await ack()
