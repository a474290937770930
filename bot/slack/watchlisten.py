"""Watches, and decisions about matches, from Slack: each stored as work and acknowledged."""

from collections.abc import Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.jobs import Jobs
from bot.slack import modals, window
from bot.slack.cards import DECIDE, WATCH_THIS
from bot.slack.errands import RULE, STOP, WATCH, WATCHES
from bot.slack.event import DOOR
from bot.slack.notices import STOP_WATCHING
from bot.slack.payloads import from_button, private, value_of
from bot.slack.press import placed, pressed, presser

_WATCH_USAGE = (
    "Write a vendor's name after the command, for example: /vendor-watch Alibaba Cloud. Also: /vendor-watch list, and"
    " /vendor-watch stop NAME."
)
_NO_REVIEWER = (
    "Only reviewers may decide about a match, and you are none here. Nothing was decided. An administrator can name you in"
    " CAVEAT_REVIEWERS."
)


def register_watches(app: AsyncApp, jobs: Jobs) -> None:
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
        await jobs.put(body["trigger_id"], DOOR, private(body["team_id"], body["user_id"], vendor) | {"do": do})
        await ack(text="The reply comes as a message from me to you.", response_type="ephemeral")

    @app.action(WATCH_THIS)
    async def begun(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await jobs.put(body["trigger_id"], DOOR, from_button(body, action) | {"do": WATCH})
        await ack()

    @app.action(STOP_WATCHING)
    async def ended(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await jobs.put(body["trigger_id"], DOOR, from_button(body, action) | {"do": STOP})
        await ack()


def register_rulings(app: AsyncApp, jobs: Jobs, may_rule: Callable[[str, str], bool]) -> None:
    """Attach the button that asks for a decision about a match, and the modal that takes it."""

    @app.action(DECIDE)
    async def decided(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient) -> None:
        # The one call that a listener makes: a trigger id is good for three seconds, which no queue can promise.
        choice = pressed(body, {})
        back = {name: choice[name] for name in ("channel", "thread_ts", "response_url")}
        view = modals.ruling(value_of(action), back)
        if choice.get("stranger") or not may_rule(choice["user"], choice["team"]):
            view = modals.told("Decide about a match", _NO_REVIEWER)
        await window.by_press(client, jobs, DOOR, body, view)
        await ack()

    @app.view(modals.RULING)
    async def submitted(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        said, wrong = modals.ruled(view)
        if wrong:
            await ack(response_action="errors", errors=wrong)
            return
        where = placed(said["channel"], said["thread_ts"])
        await jobs.put(f"{view['id']}:{view['hash']}", DOOR, {**said, **where, **presser(body), "do": RULE})
        await ack()
