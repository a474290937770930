"""The two doors as one: people who write, press and give commands, in Slack and in Teams, and what each of them shows."""

import json
import re
from dataclasses import dataclass
from typing import Any

from tests.servers.slack import Slack
from tests.servers.teams import Teams
from tests.servers.teams.content import shown as shown_on
from tests.servers.teams.model import Person

KEPT = re.compile(r"(?:answer|check) ([0-9a-f]{16})\b")


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of the bot: all its words, the id of what was kept, and the platform's own message."""

    words: str
    own: Any

    @property
    def kept(self) -> str:
        """Give the id of the answer or check, which every message that has one names."""
        return KEPT.search(self.words)[1]


class SlackSide:
    """Slack: a channel, a guest, and a direct message for each."""

    name = "slack"

    def __init__(self, slack: Slack) -> None:
        self.slack = slack
        self.ada, self.general = "U0ADA", "C0GENERAL"
        self.guest = slack.add_user("guest", is_ultra_restricted=True).id

    @property
    def environment(self) -> dict[str, str]:
        """The settings with which a server belongs to this Slack."""
        return {
            "SLACK_API_URL": self.slack.api_url, "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_SIGNING_SECRET": self.slack.signing_secret,
        }  # fmt: skip

    def meets(self, url: str) -> None:
        """Deliver to a server from now on."""
        self.slack.events_url = f"{url}/slack/events"

    def somebody(self) -> str:
        """Let somebody join who has said nothing yet."""
        return self.slack.add_user(f"new{len(self.slack.workspace.users)}").id

    def alone(self, who: str) -> str:
        """Name somebody's own conversation with the bot."""
        return self.slack.dm(who).id

    async def ask(self, who: str, where: str, text: str, root: str = "") -> str:
        """Write a message, and return its thread."""
        mention = "" if where.startswith("D") else f"<@{self.slack.bot}> "
        said = await self.slack.say(who, where, mention + text, *([root] if root else []))
        return root or said.ts

    async def check(self, who: str, where: str, name: str) -> None:
        """Check a vendor by command; the card comes to its asker alone, who shares it where it was asked for."""
        own = self.slack.dm(who).id
        told = len(_own(self.slack, own))
        await self.slack.command("/vendor-check", name, who, where)
        await self.slack.wait(lambda: len(_own(self.slack, own)) > told and _done(_own(self.slack, own)[told]), 60)
        card = _own(self.slack, own)[told]
        if where != own and "card_share" in str(card.blocks):
            await self.slack.click(who, card, "card_share")

    async def watch(self, who: str, where: str, words: str) -> None:
        """Give the command that watches."""
        await self.slack.command("/vendor-watch", words, who, where)

    async def press(self, who: str, message: Shown, title: str) -> None:
        """Press the button that says this."""
        buttons = [part for part in _walk(message.own.blocks) if part.get("type") == "button"]
        action = next(part["action_id"] for part in buttons if part["text"]["text"].startswith(title))
        await self.slack.click(who, message.own, action)

    async def decide(self, who: str, message: Shown, why: str) -> None:
        """Rule the first match out; who is no reviewer is told so."""
        await self.slack.click(who, message.own, "match_decide")
        modal = await self.slack.wait(lambda: self.slack.modal(who))
        if "none here" not in str(modal.body):
            await self.slack.submit(who, {"party": "0", "verdict": "ruled out", "why": why}, modal)

    async def again(self) -> None:
        """Deliver the last message once more."""
        last = [one for one in self.slack.deliveries if one.kind == "event" and one.payload["event"].get("text")][-1]
        await self.slack.redeliver(last)

    def said(self, where: str, root: str = "") -> list[Shown]:
        """List what the bot showed, without the roots that it posts for commands."""
        found = [one for one in self.slack.messages(where) if one.user == self.slack.bot]
        found = [one for one in found if not root or one.thread_ts == root]
        shown = [Shown("\n".join(str(p.get("text", "")) for p in _walk(one.blocks)), one) for one in found]
        return [one for one in shown if "asked for a check of:" not in one.words and _done(one.own)]

    async def wait(self, condition, seconds: float = 20.0) -> Any:
        """Wait for something to be true."""
        return await self.slack.wait(condition, seconds)


class TeamsSide:
    """Teams: a channel, a guest, and a chat for each."""

    name = "teams"

    def __init__(self, teams: Teams) -> None:
        self.teams = teams
        self.ada, self.general = teams.ada, teams.general
        self.guest = teams.add_person("Guy", role="guest")

    @property
    def environment(self) -> dict[str, str]:
        """The settings with which a server belongs to this Teams."""
        return self.teams.environment

    def meets(self, url: str) -> None:
        """Deliver to a server from now on."""
        self.teams.endpoint = f"{url}/api/messages"

    def somebody(self) -> Person:
        """Let somebody join who has said nothing yet."""
        return self.teams.add_person("New")

    def alone(self, who: Person) -> Any:
        """Name somebody's own conversation with the bot."""
        return self.teams.personal(who)

    async def ask(self, who: Person, where: Any, text: str, root: str = "") -> str:
        """Write a message, and return its thread."""
        said = await self.teams.say(who, where, text, root=root)
        return root or (said["id"] if where.kind == "channel" else "")

    async def check(self, who: Person, where: Any, name: str) -> None:
        """Check a vendor by command."""
        await self.teams.say(who, where, f"vendor-check {name}")

    async def watch(self, who: Person, where: Any, words: str) -> None:
        """Give the command that watches."""
        await self.teams.say(who, where, f"/vendor-watch {words}")

    async def press(self, who: Person, message: Shown, title: str) -> None:
        """Press the button that says this."""
        await self.teams.press(who, message.own, title)

    async def decide(self, who: Person, message: Shown, why: str) -> None:
        """Rule the first match out; who is no reviewer is told so."""
        form = next(one for card in message.own.cards for one in card["actions"] if one["type"] == "Action.ShowCard")
        party = next(one for one in form["card"]["body"] if one.get("id") == "party")["choices"][0]["value"]
        await self.teams.press(who, message.own, "Decide", party=party, verdict="ruled out", why=why)

    async def again(self) -> None:
        """Deliver the last message once more."""
        last = [activity for activity, *_ in self.teams.deliveries if activity["type"] == "message"][-1]
        await self.teams.deliver(last)

    def said(self, where: Any, root: str = "") -> list[Shown]:
        """List what the bot showed."""
        return [Shown(_words(one), one) for one in self.teams.said(where, root)]

    async def wait(self, condition, seconds: float = 20.0) -> Any:
        """Wait for something to be true."""
        return await self.teams.wait(condition, seconds)


def _words(message) -> str:
    text = message.text.replace("\\", "").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    return "\n".join([text, *map(shown_on, message.cards), json.dumps(message.body.get("suggestedActions") or "")])


def _walk(part: Any):
    if isinstance(part, dict):
        yield part
        for value in part.values():
            yield from _walk(value)
    elif isinstance(part, list):
        for value in part:
            yield from _walk(value)


def _own(slack: Slack, channel: str) -> list[Any]:
    """The bot's messages in a conversation."""
    return [message for message in slack.messages(channel) if message.user == slack.bot]


def _done(message: Any) -> bool:
    """Tell whether a message is more than the word that work goes on."""
    return "will appear here" not in message.text
