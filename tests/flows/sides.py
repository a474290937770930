"""The two doors as one: people who write, press and give commands, in Slack and in Teams, and what each of them shows."""

import json
import re
from dataclasses import dataclass
from typing import Any

from tests.servers.slack import Slack
from tests.servers.teams import Teams
from tests.servers.teams.content import dialog
from tests.servers.teams.content import shown as shown_on
from tests.servers.teams.model import Person

WAITING = "The answer will appear here, in place of this message."
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
        self.ada, self.grace, self.general = "U0ADA", "U0GRACE", "C0GENERAL"
        self.keeper = slack.add_user("keeper").id
        self.named = self.keeper
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

    async def keep(self, who: str, where: str, words: str) -> None:
        """Give the command of administrators."""
        await self.slack.command("/vendor-kb", words, who, where)

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

    async def judge(self, who: str, message: Shown, why: tuple[str, ...] = (), words: str = "") -> None:
        """Say that an answer helped, or with reasons why it did not."""
        await self.slack.click(who, message.own, "feedback", "negative" if why else "positive")
        if why:
            form = await self.slack.wait(lambda: (one := self.slack.modal(who)) and "reasons" in str(one.body) and one)
            await self.slack.submit(who, {"reasons": list(why), "words": words}, form)

    async def look(self, who: str, message: Shown) -> str:
        """Open the evidence of an answer, and return its words."""
        await self.slack.click(who, message.own, "evidence_show")
        done = lambda: (one := self.slack.modal(who)) and "looked up" not in str(one.body) and one  # noqa: E731
        view = await self.slack.wait(done, 30)
        return "".join(str(part.get("text", "")) for part in _walk(view.body["blocks"]))

    async def approve(self, who: str, message: Shown, why: str, conditions: str) -> None:
        """Decide about the vendor of a card, on conditions."""
        await self.slack.click(who, message.own, "vendor_decide")
        form = await self.slack.wait(lambda: self.slack.modal(who))
        given = {"choice": "approved with conditions", "why": why, "conditions": conditions}
        until = form.body["blocks"][2]["element"]["initial_date"]
        await self.slack.submit(who, {**given, "until": until}, form)

    async def hand_over(self, who: str, message: Shown) -> None:
        """Ask the owner of the policy that an answer stands on."""
        await self.slack.click(who, message.own, "owner_ask")

    def room(self) -> str:
        """Open a channel of the two reviewers."""
        return self.slack.add_channel(f"room{len(self.slack.workspace.channels)}", self.ada, self.grace).id

    def mixed(self) -> str:
        """Open a place that a guest reads."""
        name = f"mixed{len(self.slack.workspace.channels)}"
        return self.slack.add_channel(name, self.ada, self.guest).id

    async def share(self, who: str, where: str, name: str) -> Shown:
        """Share in a place what somebody alone saw of a vendor, and return what he saw."""
        own = self.slack.dm(who).id
        before = len(self.said(own))
        await self.check(who, where, name)
        seen = self.said(own)[before:]  # a long card goes on below
        return Shown("\n".join(one.words for one in seen), seen[-1].own)

    async def again(self) -> None:
        """Deliver the last message once more."""
        last = [one for one in self.slack.deliveries if one.kind == "event" and one.payload["event"].get("text")][-1]
        await self.slack.redeliver(last)

    def said(self, where: str, root: str = "") -> list[Shown]:
        """List what the bot showed, without the roots that it posts for commands and what an answer will take the place of."""
        found = [one for one in self.slack.messages(where) if one.user == self.slack.bot]
        found = [one for one in found if not root or one.thread_ts == root]
        shown = [Shown("\n".join(str(p.get("text", "")) for p in _walk(one.blocks)), one) for one in found]
        return [
            one
            for one in shown
            if "asked for a check of:" not in one.words and WAITING not in one.words and _done(one.own)
        ]

    async def wait(self, condition, seconds: float = 20.0) -> Any:
        """Wait for something to be true."""
        return await self.slack.wait(condition, seconds)


class TeamsSide:
    """Teams: a channel, a guest, and a chat for each."""

    name = "teams"

    def __init__(self, teams: Teams) -> None:
        self.teams = teams
        self.ada, self.grace, self.general = teams.ada, teams.grace, teams.general
        self.keeper = teams.add_person("Keeper")
        self.named = self.keeper.object
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

    async def keep(self, who: Person, where: Any, words: str) -> None:
        """Give the command of administrators."""
        await self.teams.say(who, where, f"vendor-kb {words}")

    async def press(self, who: Person, message: Shown, title: str) -> None:
        """Press the button that says this."""
        await self.teams.press(who, message.own, title)

    async def decide(self, who: Person, message: Shown, why: str) -> None:
        """Rule the first match out; who is no reviewer is told so."""
        form = next(one for card in message.own.cards for one in card["actions"] if one["type"] == "Action.ShowCard")
        party = next(one for one in form["card"]["body"] if one.get("id") == "party")["choices"][0]["value"]
        await self.teams.press(who, message.own, "Decide", party=party, verdict="ruled out", why=why)

    async def judge(self, who: Person, message: Shown, why: tuple[str, ...] = (), words: str = "") -> None:
        """Say that an answer helped, or with reasons why it did not."""
        body = await self.teams.judge(who, message.own, "dislike" if why else "like")
        if why:
            assert dialog(body)
            filled = json.dumps({"reasons": ",".join(why), "words": words})
            await self.teams.judge(who, message.own, "dislike", filled)

    async def look(self, who: Person, message: Shown) -> str:
        """Open the evidence of an answer, and return its words."""
        own = self.teams.personal(who)
        before = len(self.teams.said(own))
        await self.teams.press(who, message.own, "Show evidence")
        await self.teams.wait(lambda: len(self.teams.said(own)) > before, 30)
        return _words(self.teams.said(own)[-1])

    async def approve(self, who: Person, message: Shown, why: str, conditions: str) -> None:
        """Decide about the vendor of a card, on conditions."""
        form = next(one for card in message.own.cards for one in _walk(card) if one.get("id") == "until")
        given = {"choice": "approved with conditions", "reason": why, "conditions": conditions, "until": form["value"]}
        await self.teams.press(who, message.own, "Decide", verb="decide_vendor", **given)

    async def hand_over(self, who: Person, message: Shown) -> None:
        """Ask the owner of the policy that an answer stands on."""
        await self.teams.press(who, message.own, "Ask the owner")

    def room(self) -> Any:
        """Open a channel of the two reviewers."""
        return self.teams.add("channel", self.ada, self.grace)

    def mixed(self) -> Any:
        """Open a place that a guest reads."""
        return self.teams.add("groupChat", self.ada, self.guest)

    async def share(self, who: Person, where: Any, name: str) -> Shown:
        """Share in a place what somebody alone saw of a vendor, and return what he saw."""
        own = self.teams.personal(who)
        await self.check(who, where, name)
        await self.wait(lambda: self.said(where))
        before = len(self.said(own))
        await self.press(who, self.said(where)[-1], "See what you may read beyond")
        await self.wait(lambda: len(self.said(own)) > before)
        seen = self.said(own)[-1]
        await self.press(who, seen, "Share to the chat")
        await self.wait(lambda: len(self.said(where)) > 1)
        return seen

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
