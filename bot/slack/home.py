"""The app's home in Slack: what a person may do, what he watches and waits for, how fresh everything is, and what to ask."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.jobs import Jobs
from bot.kb import replies
from bot.keeping import Keeping
from bot.links import Links
from bot.model import Asker, Outcome, Place
from bot.slack.admins import Admins
from bot.slack.clients import Clients
from bot.slack.elements import Block, cut, listed, rich, section, typed
from bot.slack.errands import Payload, Work
from bot.slack.manifest import PROMPTS
from knowledge.store.conversation import Gap
from knowledge.store.watches import Watch, Watches

HOME = "home"
"""The payload's `do` of opening the app's home, and the name of its tab."""
MOST = 10
MOST_PROMPTS, LONGEST_PROMPT, LONGEST_MESSAGE = 4, 75, 1_000
SHARE_DAYS = 30
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Home:
    """Publishes the home tab and suggests prompts; opening it again only publishes it again.

    `links` signs the one picture, which is left out where there is no public address.
    """

    clients: Clients
    keeping: Keeping
    watches: Watches
    admins: Admins
    links: Links | None = None

    @property
    def works(self) -> dict[str, Work]:
        """What is done for each `do` of a payload."""
        return {HOME: self._opened}

    async def _opened(self, _key: str, payload: Payload, asker: Asker, _place: Place) -> Payload:
        client = await self.clients.of(payload["team"], payload.get("enterprise", ""))
        try:
            if payload["tab"] == "messages":
                await self._suggest(client, payload["at"], asker)
            else:
                await client.views_publish(user_id=payload["user"], view=await self._view(payload, asker))
        except SlackApiError as error:
            # Nobody waits for a home that cannot be shown: the next opening shows it.
            log.warning("home.refused", error=str(error.response.get("error")))
        return {}

    async def _suggest(self, client: AsyncWebClient, channel: str, asker: Asker) -> None:
        prompts = await asyncio.to_thread(self._prompts, asker)
        arguments = {"channel_id": channel, "title": "Ask, for example", "prompts": prompts}
        await client.api_call("assistant.threads.setSuggestedPrompts", json=arguments)

    def _prompts(self, asker: Asker) -> list[dict[str, str]]:
        """Return what somebody may want to ask: about a vendor that he watches, and then our own."""
        own = [
            (f"Rules for {one.vendor}", f"What does our policy require before we onboard {one.vendor}?")
            for one in self.watches.of(asker.id)[:1]
        ]
        return [
            {"title": cut(title, LONGEST_PROMPT), "message": cut(message, LONGEST_MESSAGE)}
            for title, message in (*own, *PROMPTS)[:MOST_PROMPTS]
        ]

    async def _view(self, payload: Payload, asker: Asker) -> dict[str, Any]:
        admin = await self.admins.allows(payload["user"], payload["team"])
        blocks = await asyncio.to_thread(self._blocks, asker, admin=admin)
        return {"type": "home", "blocks": blocks}

    def _blocks(self, asker: Asker, *, admin: bool) -> list[Block]:
        report = self.keeping.report()
        gaps = self.keeping.unanswered()
        blocks = [_points("What you can do here", _may(asker, admin=admin))]
        blocks.append(_points("You watch", _watched(self.watches.of(asker.id))))
        blocks.append(_points("Your questions that no source answers yet", _waiting(gaps, asker)))
        blocks.append(_points("Knowledge base", _fresh(report)))
        return [*blocks, *self._kept(report, len(gaps))] if admin else blocks

    def _kept(self, report: Mapping[str, Any], gaps: int) -> list[Block]:
        """Return what administrators see beside: how questions ended, gaps and troubles."""
        counts = self.keeping.receipts.outcomes(datetime.now(UTC) - timedelta(days=SHARE_DAYS))
        answered, refused = counts.get(Outcome.ANSWERED, 0), counts.get(Outcome.REFUSED, 0)
        shares = _shares(answered, refused)
        blocks = [_points("For administrators", [shares, f"{gaps} open gaps", *replies.troubles(report)])]
        if self.links is not None and self.links.base and answered + refused:
            blocks.append({"type": "image", "image_url": self.links.chart(answered, refused), "alt_text": shares})
        return blocks


def register_home(app: AsyncApp, jobs: Jobs) -> None:
    """Attach the listener of the app's home."""

    @app.event("app_home_opened")
    async def opened(body: dict[str, Any], event: dict[str, Any]) -> None:
        user = event["user"]
        payload = {
            "team": body.get("team_id", ""), "channel": user, "user": user, "text": "", "kind": "im", "thread_ts": "",
            "to": "person", "do": HOME, "tab": event.get("tab", HOME), "at": event.get("channel", ""),
        }  # fmt: skip
        await jobs.put(body["event_id"], "slack", payload)


def _shares(answered: int, refused: int) -> str:
    """Say how many questions were answered, and how many refused for want of evidence."""
    if not answered + refused:
        return f"No question in the last {SHARE_DAYS} days"
    share = round(100 * answered / (answered + refused))
    return f"Last {SHARE_DAYS} days: {answered} answered, {refused} refused for want of evidence ({share} % answered)"


def _points(title: str, lines: Sequence[str]) -> Block:
    if not lines:
        return rich([section([typed(title, bold=True)]), section([typed("Nothing at present.")])])
    return listed(title, [[typed(cut(line, replies.LONGEST))] for line in lines])


def _may(asker: Asker, *, admin: bool) -> list[str]:
    """Say what somebody may do, and read."""
    read = "sources for all staff and public ones" if asker.staff else "public sources only"
    groups = f", and those of {', '.join(sorted(asker.groups))}" if asker.groups else ""
    lines = [
        "Ask a question: mention me in a channel, write to me here, or use /vendor-ask",
        "Check a vendor: /vendor-check NAME; follow one: /vendor-watch NAME",
        f"You read {read}{groups}",
    ]
    return [*lines, "Keep the knowledge base: /vendor-kb, and files that you share with me"] if admin else lines


def _watched(watches: Sequence[Watch]) -> list[str]:
    more = [f"{len(watches) - MOST} more: /vendor-watch list"] if len(watches) > MOST else []
    return [f"{one.vendor} · {one.seen['level']}" for one in watches[:MOST]] + more


def _waiting(gaps: Sequence[Gap], asker: Asker) -> list[str]:
    return [one.question for one in gaps if one.asker == asker.id][:MOST]


def _fresh(report: Mapping[str, Any]) -> list[str]:
    if report["edition"] is None:
        return ["No edition is published yet"]
    stale = sorted(one["id"] for one in report["lists"] if one["stale"])
    said = f"stale screening lists: {', '.join(stale)}" if stale else "no screening list is stale"
    return [
        f"Edition {report['edition']} of {report['published_at'][:10]}, {report['documents']} documents",
        f"{sum(bool(one['rows']) for one in report['lists'])} screening lists in service, {said}",
    ]
