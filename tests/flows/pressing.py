"""Sends what Slack would send for anybody who uses anything, whether or not it stands before them, and collects what they hear."""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace

from tests.flows.permissions import OWN
from tests.servers.slack import events, respond, views
from tests.servers.slack.world import Reply

INTERIM = (
    "I am looking into it",
    "I am checking",
    "The reply comes as",
    "being looked up",
    "is being kept",
    "a local form",
)
"""How a text begins that is only said until the reply comes."""


@dataclass
class Use:
    """One role's use of one thing: what was sent, its acknowledgement, and where a reply to it would arrive."""

    row: object
    role: str
    mark: str
    kind: str
    payload: dict
    reply: Reply
    view: object = None
    body: str = ""


class Hand:
    """Uses things in the name of roles; `who` are their user ids, `values` what is filled into values."""

    def __init__(self, slack, who, places, values):
        self.slack, self.who, self.places, self.values = slack, who, places, values

    def use(self, row, role, mark):
        """Make the payload of a use."""
        slack, values = self.slack, self.values | {"mark": mark}
        person = slack.workspace.user(self.who[role])
        if role == "twin":
            person = replace(person, team_id="T0ELSEWHERE")
        own = slack.dm(person.id).id
        channel = own if row.place == OWN else self.places.get(row.place, row.place)
        place = slack.workspace.channels.get(channel)
        reply = Reply(person.id, channel if place else own, None, slack.workspace.clock() + respond.LIFETIME)
        url, trigger = respond.offer(slack.world, reply), slack._trigger(person)
        made = Use(row, role, mark, "interaction", {}, reply)
        value = _filled(row.value, values)
        if row.kind == "command":
            form = events.command_form(slack.install, person, place, (row.name, value), (url, trigger))
            made.kind, made.payload = "command", form | {"team_id": person.team_id}
            return made
        if row.kind == "shortcut":
            scene = {"callback_id": row.name, "message": {"text": value}, "response_url": url}
            made.payload = events.interaction(slack.install, "message_action", person, trigger, **scene)
            return made
        if row.kind == "view" or row.name.startswith("evidence_page"):
            made.view = self._opened(person, row, channel, url)
        shown = made.view and made.view.shown(_filled(self._state(row), values))
        if row.kind == "view":
            made.payload = events.interaction(slack.install, "view_submission", person, trigger, view=shown)
            return made
        # A message and a thread that are not there: what would be posted or changed comes to whoever pressed.
        ts = slack.workspace.ts()
        container = {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False, "thread_ts": ts}
        scene = {"container": container, "channel": {"id": channel}, "response_url": url}
        if made.view:
            scene = {"container": {"type": "view", "view_id": made.view.id}, "view": shown}
        action = {"action_id": row.name, "block_id": "b", "type": "button", "value": value, "action_ts": ts}
        made.payload = events.interaction(slack.install, "block_actions", person, trigger, actions=[action], **scene)
        return made

    async def send(self, uses, *, fresh=True):
        """Send them all, some at once, and keep how each was acknowledged; `fresh` trigger ids open a window each."""
        gate = asyncio.Semaphore(4)

        async def one(use):
            async with gate:
                if fresh:
                    self.slack.world.triggers.issue(
                        use.payload["trigger_id"], use.payload.get("user_id") or use.payload["user"]["id"]
                    )
                attempt = await self.slack.forge(use.payload, use.kind)
                while attempt.status == 503 or attempt.failure == "http_timeout":  # not stored in time: pressed again
                    attempt = await self.slack.forge(use.payload, use.kind)
            assert attempt.status == 200, (use.row, use.role, attempt)
            use.body = attempt.body

        await asyncio.gather(*(one(use) for use in uses))

    def heard(self, use):
        """Return all that a use made its person, or anybody, hear; a form that only says to wait is nothing."""
        texts = [use.body, *(str(said) for said in use.reply.uses), *([str(use.view.body)] if use.view else [])]
        trigger = use.payload.get("trigger_id")
        opened = [
            call.result.get("view", {}).get("id")
            for call in self.slack.calls("views.open")
            if call.args.get("trigger_id") == trigger
        ]
        texts += [str(self.slack.workspace.views[id_].body) for id_ in opened if id_]
        kept = [
            one for messages in self.slack.workspace.messages.values() for one in messages if one.user == self.slack.bot
        ]
        texts += [str((one.text, one.blocks)) for one in kept if use.mark in str((one.text, one.blocks))]
        return [text for text in texts if text and not any(one in text for one in INTERIM)]

    def _opened(self, person, row, channel, url):
        keeps = {
            "channel": channel,
            "kind": "channel",
            "thread_ts": "1.1",
            "response_url": url,
            "answer": self.values["deal"],
        }
        more = {"text": "Hikvision USA", "ids": [self.values["party"]], "file": "F0", "name": "robots.md"}
        meta = channel if row.name == "vendor" else json.dumps(keeps | more)
        text = {"type": "plain_text", "text": "a local form", "emoji": False}
        title = {"type": "plain_text", "text": "Form", "emoji": False}
        body = {"type": "modal", "callback_id": row.name, "title": title, "private_metadata": meta}
        body |= {"blocks": [{"type": "section", "text": text}]}
        return views.pushed(self.slack.workspace, self.slack.install, person.id, body)

    def _state(self, row):
        return {name: {name: state} for name, state in row.filled.items()}


def _filled(value, values):
    if isinstance(value, str):
        for name, one in values.items():
            value = value.replace(f"{{{name}}}", one)
        return value
    if isinstance(value, dict):
        return {name: _filled(one, values) for name, one in value.items()}
    return [_filled(one, values) for one in value] if isinstance(value, list) else value


async def drained(home):
    """Wait until no work that was stored is left."""
    async with asyncio.timeout(300):
        while await asyncio.to_thread(_left, home):  # noqa: ASYNC110 - another process does the work
            await asyncio.sleep(0.1)


def _left(home):
    with closing(sqlite3.connect(home / "jobs.db", timeout=30)) as jobs:
        query = "SELECT count(*) FROM workflow_status WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED')"
        return jobs.execute(query).fetchone()[0]


def rows(home, query):
    """Return what the ledger says."""
    with closing(sqlite3.connect(home / "caveat.db", timeout=30)) as ledger:
        return sorted(ledger.execute(query).fetchall())
