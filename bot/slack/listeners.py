"""What Slack sends: each event is validated, stored as a job under its own key, and acknowledged; nothing else."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.jobs import Jobs
from bot.slack import modals, window
from bot.slack.acts import register_acts
from bot.slack.asklisten import register_asking, register_stopping
from bot.slack.checklisten import register_checks
from bot.slack.clients import Clients
from bot.slack.event import DOOR
from bot.slack.home import register_home
from bot.slack.kb import Kb
from bot.slack.kblisten import handed, register_kb
from bot.slack.papers import register_papers
from bot.slack.payloads import from_event, moment, thread_of
from bot.slack.watchlisten import register_rulings, register_watches

_NOT_KNOWN = (
    "I do not know this any more: it comes from another version of me. Nothing was done. Please ask or check again, and use what"
    " stands below the new reply."
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
            await jobs.put(body["event_id"], DOOR, from_event(event, "channel", context))

    @app.event("message")
    async def written(context: AsyncBoltContext, body: dict[str, Any], event: dict[str, Any]) -> None:
        if not _asked_by_person(event):
            return
        if event.get("channel_type") == "im":
            await handed(jobs, around.kb, context, body, event)
            await jobs.put(body["event_id"], DOOR, from_event(event, "im", context))
        elif _goes_on(event, context.bot_user_id or "") and await around.takes_part(thread_of(event), event["user"]):
            await jobs.put(body["event_id"], DOOR, from_event(event, "channel", context))

    register_stopping(app, jobs)
    register_asking(app, jobs)
    register_checks(app, jobs)
    register_watches(app, jobs)
    register_rulings(app, jobs, around.may_rule)
    register_papers(app, jobs)
    register_kb(app, jobs, around.kb)
    register_home(app, jobs)
    register_acts(app, jobs, around.may_rule, around.until)
    _endings(app, clients)
    _unknown(app, jobs)

    @app.error
    async def not_taken(error: Exception) -> BoltResponse:
        """Refuse what could not be stored, so that Slack sends it again; stored all the same, the next one is its duplicate."""
        log.warning("slack.not_taken", error=type(error).__name__)
        return BoltResponse(status=503, body="")

    @app.event(re.compile(".*"))
    async def passed_over() -> None:
        """Take every other event, so that Slack counts it as delivered."""


def _unknown(app: AsyncApp, jobs: Jobs) -> None:
    """Attach what answers buttons, forms and shortcuts that no part of the app knows, as of a message from another version."""

    @app.action(re.compile(".*"))
    async def pushed(ack: AsyncAck, body: dict[str, Any]) -> None:
        if (body.get("container") or {}).get("type") == "message":
            await jobs.put(body["trigger_id"], DOOR, window.said(body, _NOT_KNOWN))
        await ack()

    @app.view(re.compile(".*"))
    async def sent(ack: AsyncAck) -> None:
        await ack(response_action="update", view=modals.told("Not known", _NOT_KNOWN))

    @app.shortcut(re.compile(".*"))
    async def used(ack: AsyncAck, body: dict[str, Any]) -> None:
        await jobs.put(body["trigger_id"], DOOR, window.said(body, _NOT_KNOWN))
        await ack()

    @app.command(re.compile(".*"))
    async def typed(ack: AsyncAck) -> None:
        await ack(text=_NOT_KNOWN, response_type="ephemeral")


def _endings(app: AsyncApp, clients: Clients) -> None:
    """Attach what ends an installation: from then on its workspace has no client, and its token is deleted."""

    @app.event("app_uninstalled")
    async def uninstalled(context: AsyncBoltContext, body: dict[str, Any]) -> None:
        await clients.ended(context.team_id or "", context.enterprise_id or "", moment(body))

    @app.event("tokens_revoked")
    async def revoked(context: AsyncBoltContext, body: dict[str, Any], event: dict[str, Any]) -> None:
        if (event.get("tokens") or {}).get("bot"):
            await clients.ended(context.team_id or "", context.enterprise_id or "", moment(body))


def _goes_on(event: dict[str, Any], bot: str) -> bool:
    """Tell whether a message may go on with a thread: a reply that asks and that mentions nobody, so that it is for nobody else."""
    text = str(event.get("text") or "")
    return bool(event.get("thread_ts")) and bool(bot) and "<@" not in text and bool(_GOES_ON.search(text))


def _asked_by_person(event: dict[str, Any]) -> bool:
    return bool(event.get("user")) and not event.get("bot_id") and event.get("subtype") in _ANSWERABLE
