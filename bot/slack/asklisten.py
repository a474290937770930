"""Questions from Slack by command and by button, and the button that stops them: each stored and acknowledged."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.jobs import Jobs
from bot.slack.blocks import ASK, CHECK, OWN
from bot.slack.event import DOOR
from bot.slack.payloads import from_button, from_choice, from_command, home_of
from bot.slack.streams import stop_session

_USAGE = (
    "Write your question after the command, for example: /vendor-ask Can we host EU customer data on Alibaba Cloud?"
)


def register_stopping(app: AsyncApp, jobs: Jobs) -> None:
    """Attach Slack's stop button: what its presser asked in that thread before is given up."""

    @app.event("agent_session_stopped")
    async def stopped(context: AsyncBoltContext, event: dict[str, Any]) -> None:
        team, channel, user = context.team_id or "", event["channel"], event.get("user") or ""
        marks = {str(event.get("thread_ts") or ""), *map(str, event.get("streaming_message_ts") or ())} - {""}
        sessions = {stop_session(team, channel, ts) for ts in marks}
        await jobs.give_up(sessions, f"{DOOR}:{team}:{user}" if user else "", float(event["event_ts"]))


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
        payload = from_choice(body, action) | home_of(context)
        if str(action.get("action_id")).startswith(CHECK):
            payload["check"] = True
        await jobs.put(body["trigger_id"], DOOR, payload)
        await ack()

    @app.action(OWN)
    async def asked_alone(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await jobs.put(body["trigger_id"], DOOR, from_button(body, action) | {"chosen": True})
        await ack()
