"""Who may do what in Slack: every role uses every command, button, form and shortcut of one running server, and forges them."""

import asyncio
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import build
from bot.settings import Settings
from bot.slack.listeners import Around, register
from knowledge.decision import Choice, Decision
from knowledge.ruling import asked_for
from knowledge.store.decisions import Decisions
from tests.flows.permissions import ALTERED, BY_SLACK, DEAL, FAIR, MATRIX, NOBODY, NOTHING, PEOPLE, ROLES, SPOKEN
from tests.flows.pressing import Hand, drained, rows
from tests.flows.test_slack import ADA, HOSTING, answers, served, settled
from tests.servers.slack.deliver import encoded, signature

GRACE = "U0GRACE"
ALONE = {"kb_refresh", "kb_remove", "kb_rollback", "kb_tell_0"}
"""Buttons whose reply comes as a message of the app's own, which does not say which press it answers."""


class Listened(AsyncApp):
    """A Bolt app that writes down what its listeners take."""

    def __init__(self):
        super().__init__(token="xoxb-none", signing_secret="none", client=AsyncWebClient("xoxb-none"))
        self.taken = set()

    def command(self, what, *more, **kinds):
        return self._noted("command", what, super().command(what, *more, **kinds))

    def action(self, what, *more, **kinds):
        return self._noted("action", what, super().action(what, *more, **kinds))

    def shortcut(self, what, *more, **kinds):
        return self._noted("shortcut", what, super().shortcut(what, *more, **kinds))

    def view(self, what, *more, **kinds):
        return self._noted("view", what, super().view(what, *more, **kinds))

    def event(self, what, *more, **kinds):
        return self._noted("event", what, super().event(what, *more, **kinds))

    def _noted(self, kind, what, attached):
        self.taken |= {(kind, name) for name in _names(what)}
        return attached


def _names(what):
    """Yield the names that a listener takes; a number that a pattern leaves open is 0, and what takes anything has none."""
    if not isinstance(what, re.Pattern):
        yield what
    elif what.pattern != ".*":
        parts = re.fullmatch(r"\^(?:\(\?:([a-z_|]+)\)|([a-z_]+))((?:_\\d\+?)?)\$", what.pattern)
        assert parts, f"the matrix cannot tell what {what.pattern} takes"
        yield from (name + ("_0" if parts[3] else "") for name in (parts[1] or parts[2]).split("|"))


def test_every_listener_has_its_row_in_the_matrix_and_every_row_its_listener():
    app = Listened()
    register(app, jobs=None, clients=None, around=Around(may_rule=None, takes_part=None, until=None, kb=None))
    spoken = {("event", name) for name in (*SPOKEN, *BY_SLACK)}
    assert app.taken == {(row.kind, row.name) for row in MATRIX} | spoken
    assert not app.taken & {(row.kind, row.name) for row in ALTERED if "no" in row.name and "such" in row.name}


def waiting(home):
    """Keep two decisions that wait for a second approver."""
    kept = Decisions(build.library(Settings(CAVEAT_HOME=home)).engine)
    now = datetime.now(UTC)
    for name in ("Kappa Robotics", "Lambda Robotics"):
        kept.keep(Decision(
            name, asked_for(name, ""), name, "", Choice.APPROVED, "", "A trial", now.date() + timedelta(days=90), "high", "r1",
            "U0LINUS", "linus", now, needs_second=True,
        ))  # fmt: skip


def joined(slack):
    """Let one person of each role be there, and return their ids and the two channels."""
    other = slack.add_team("Elsewhere")
    made = {
        "member": slack.add_user("bob"), "outsider": slack.add_user("eve"), "robot": slack.add_user("robot", is_bot=True),
        "guest": slack.add_user("guest", is_restricted=True), "single": slack.add_user("single", is_ultra_restricted=True),
        "external": slack.add_user("external", other), "gone": slack.add_user("gone", deleted=True),
    }  # fmt: skip
    who = {role: one.id for role, one in made.items()} | {"admin": ADA, "reviewer": GRACE, "twin": ADA}
    deal = slack.add_channel("deal", ADA, GRACE, who["member"], is_private=True)
    fair = slack.add_channel("fair", *(one for role, one in who.items() if role != "outsider"), is_private=True)
    slack.add_channel("secret", slack.add_user("linus").id, is_private=True)
    slack.dm(GRACE)
    return who, {DEAL: deal.id, FAIR: fair.id}


async def prepared(slack, places):
    """Let answers stand in both channels and a card before the administrator; return what buttons below them say."""
    said = {}
    for name, channel in places.items():
        root = await slack.say(ADA, channel, f"<@{slack.bot}> {HOSTING}")
        answer = await _standing(slack, channel, root.ts, "evidence_show")
        said[name] = _named(answer, "; answer ")
        if name == DEAL:
            await slack.click(ADA, answer, "owner_ask")
            await _standing(slack, channel, root.ts, "owner_resolved")
    own = slack.dm(ADA).id
    await slack.command("/vendor-check", "Hikvision USA", ADA, places[DEAL])
    card = await _standing(slack, own, None, "match_decide")
    await slack.click(ADA, card, "evidence_show")
    await slack.wait(lambda: "in bold" in str(slack.modal(ADA).body), 60)
    shown = [element for block in card.blocks for element in block.get("elements", ()) if "action_id" in element]
    match = next(one["value"] for one in shown if one["action_id"] == "match_decide")
    until = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
    party = json.loads(match)[1][0][0]
    return said | {
        "card": _named(card, "; check "),
        "match": match,
        "party": party,
        "deal_id": places[DEAL],
        "until": until,
    }


async def _standing(slack, channel, root, button):
    """Wait for a message with a button: before it, the notice may stand that it takes longer."""
    return await slack.wait(
        lambda: next((one for one in answers(slack, channel, root) if button in str(one.blocks)), None), 60
    )


def _named(message, before):
    return re.match(r"[0-9A-Za-z_-]+", str(message.blocks).partition(before)[2])[0]


def wrong(hand, uses):
    """Return where somebody heard something else than the matrix says."""
    found = []
    for use in uses:
        words, heard = use.row.words(use.role).replace("{mark}", use.mark), hand.heard(use)
        told = not heard if words == NOTHING else any(re.search(words, one) for one in heard)
        # A refusal is all that somebody hears, unless a form asked before.
        alone = words.startswith(("Only", "not open", "You are not in")) and any(
            not re.search(words, one) for one in heard
        )
        if not told or alone:
            found.append((use.row.kind, use.row.name, use.row.place, use.role, words, [one[:300] for one in heard]))
    return found


_FILE, _READ = "As an administrator you can file it", "You shared a file(?!.*As an administrator)"


async def spoken(slack, who, places):
    """Let everybody mention the app, write to it and share a file with it; return each message with the reply's words."""
    fair, said = places[FAIR], []
    for role in (one for one in ROLES if one != "twin"):
        if role != "outsider":
            said.append((role, await slack.say(who[role], fair, f"<@{slack.bot}> hello"), ""))
        own = slack.dm(who[role]).id
        said.append((role, await slack.say(who[role], own, "hello"), ""))
        await slack.share(who[role], own, "robots.md", b"# Robots")
        said.append((role, slack.messages(own)[-1], _FILE if role == "admin" else _READ))
    return said


async def homes(slack, who):
    """Let everybody open the app's home; return who sees an administrator's."""
    for role in ROLES:
        if role != "twin":
            await slack.open_home(who[role])
    await slack.wait(lambda: all(slack.home(who[role]) for role in PEOPLE), 60)
    return {
        role
        for role in ROLES
        if role != "twin" and (view := slack.home(who[role])) and "For administrators" in str(view.body)
    }


def kept(home):
    """Return all that anybody could have changed."""
    return {
        "feedback": rows(home, "SELECT answer_id, who, value FROM feedback"),
        "handoffs": rows(home, "SELECT answer_id, asker, resolver <> '' FROM handoffs"),
        "decisions": rows(home, "SELECT n, vendor, who, second FROM decisions"),
        "rulings": sorted(set(rows(home, "SELECT vendor, who FROM rulings"))),
        "watches": rows(home, "SELECT watcher, count(*) FROM watches GROUP BY watcher"),
        "deeds": rows(home, "SELECT who, what, substr(outcome, 1, 7) FROM deeds"),
        "rest": [rows(home, f"SELECT count(*) FROM {one}") for one in ("sources", "editions", "renewals", "pairs", "dead_letters")],
    }  # fmt: skip


def story(slack):
    """Return all that anybody can read, and how often."""
    every = [one for messages in slack.workspace.messages.values() for one in messages]
    return Counter((one.channel, one.visible_to, one.text, str(one.blocks), len(one.files)) for one in every)


@pytest.mark.timeout(600)  # some four hundred uses of one server: minutes on a machine that does much else
async def test_exactly_the_permitted_may_use_each_thing_and_replayed_or_altered_payloads_do_nothing(home):
    waiting(home)
    named = "U0ADA,U0GUEST,U0SINGLE,U0EXTERNAL,U0ROBOT,U0GONE,T0ELSEWHERE/U0GRACE"
    free = {"CAVEAT_QUESTIONS_PER_USER": "0", "CAVEAT_QUESTIONS_PER_PLACE": "0"}
    reviewers = "T0ACME/U0GRACE,U0LINUS,U0GUEST,U0SINGLE,U0EXTERNAL,U0ROBOT,U0GONE,T0ELSEWHERE/U0ADA"
    async with served(home, CAVEAT_ADMINS=named, CAVEAT_REVIEWERS=reviewers, **free) as (slack, server):
        who, places = joined(slack)
        values = await prepared(slack, places)
        hand = Hand(slack, who, places, values)
        before = kept(home)
        uses = [
            hand.use(row, role, f"q{at}{role}")
            for at, row in enumerate((*MATRIX, *ALTERED))
            for role in row.roles
        ]  # fmt: skip
        await hand.send(uses)
        said = await spoken(slack, who, places)
        await slack.idle()
        await drained(home)
        await settled(slack)
        assert wrong(hand, [one for one in uses if one.row.name not in ALONE and one.row.value != "status"]) == []
        assert _alone(slack, who) == []
        assert _unanswered(slack, said) == []
        assert await homes(slack, who) == {"admin"}
        now = kept(home)
        assert _changed(before, now, values) == []
        assert not [one for one in slack.messages("C0SECRET") if one.bot_id]

        # Replayed, nothing is done twice; a form that was opened by the first is at most said to be open.
        before = story(slack)
        await hand.send(
            [one for one in uses if one.kind != "command" or one.role not in {"external", "twin"}], fresh=False
        )
        await drained(home)
        await settled(slack)
        again = story(slack) - before
        assert {text for _, _, text, _, _ in again if "A window was opened for this already" not in text} == set()
        assert kept(home) == now
        await forged(slack, server, uses)


def _alone(slack, who):
    """Return where the messages that come to one person alone are not as the matrix says."""
    expected = Counter()
    for row in MATRIX:
        if row.name in ALONE or row.value == "status":
            told = [role for role in PEOPLE if row.name in ALONE or role == "admin"]
            expected.update((who[role], row.words(role)) for role in told)
    found = []
    for (user, words), count in expected.items():
        alone = [one for one in answers(slack, slack.dm(user).id) if one.thread_ts is None]
        came = [one for one in alone if re.search(words, str((one.text, one.blocks)))]
        found += [] if len(came) == count else [(user, words, count, len(came))]
    return found


def _unanswered(slack, said):
    """Return the roles whose message should have been answered and was not so, or the other way round."""
    came = [(role, words, answers(slack, one.channel, one.ts)) for role, one, words in said]
    return [
        (role, words, [one.text for one in told])
        for role, words, told in came
        if (bool(told) is (role in NOBODY)) or not all(re.search(words, one.text) for one in told)
    ]


def _changed(before, now, values):
    """Return what is kept that nobody was permitted to change, or not kept though somebody was."""
    deal, fair = values["deal"], values["fair"]
    staff = ("slack:U0ADA", "slack:U0BOB", "slack:U0GRACE")
    guests = ("slack:U0GUEST", "slack:U0SINGLE")
    people = (*staff, *guests, "slack:U0EVE")
    expected = before | {
        "feedback": sorted([(deal, one) for one in staff] + [(fair, one) for one in (*staff, *guests)]),
        "handoffs": [(deal, ADA, 1)],
        "decisions": [(1, "Kappa Robotics", "U0LINUS", True), (2, "Lambda Robotics", "U0LINUS", True)],
        "own": [(ADA, ""), (GRACE, "")],
        "rulings": [("Hikvision USA", "ada"), ("Hikvision USA", "grace")],
        "watches": sorted([(one, 2) for one in people] + [("slack:T0ELSEWHERE:U0EXTERNAL", 1)]),
        "deeds": sorted(("slack:U0ADA", what, "refused") for what in ("refresh", "source removed", "rollback")),
    }
    have = now | {
        # Of a thumb and a reason the later one counts: which that is, is chance here.
        "feedback": sorted({(one, by) for one, by, _ in now["feedback"]}),
        "decisions": [(*one[:3], one[3] in {ADA, GRACE}) for one in now["decisions"][:2]],
        "own": sorted(one[2:] for one in now["decisions"][2:]),
    }
    return [(name, have[name], want) for name, want in expected.items() if have[name] != want]


async def forged(slack, server, uses):
    """Send a payload of each kind under a false seal, an old one, and altered after it was sealed: nobody hears anything."""
    chosen = {use.kind: use for use in uses if use.role == "admin"}
    event = slack.sent("app_mention")[0].payload | {"event_id": "EvForged"}
    kinds = {"event": event} | {kind: use.payload | {"trigger_id": "forged.1"} for kind, use in chosen.items()}
    before, called = story(slack), len(slack.calls())
    async with aiohttp.ClientSession() as session:
        for kind, payload in kinds.items():
            refused = [
                await slack.forge(payload, kind, secret="another"), await slack.forge(payload, kind, age=400),
                await slack.forge(payload, kind, age=-400), await slack.forge(payload, kind, signed=False),
            ]  # fmt: skip
            assert [one.status for one in refused] == [401] * 4
            content_type, body = encoded(kind, payload)
            now = int(slack.workspace.clock())
            seal = {
                "X-Slack-Request-Timestamp": str(now),
                "X-Slack-Signature": signature(slack.signing_secret, now, body),
            }
            headers = {"Content-Type": content_type} | seal
            altered = body.replace(b"T0ACME", b"T0ELSE")
            async with session.post(f"{server.url}/slack/events", data=altered, headers=headers) as answer:
                assert answer.status == 401
    await asyncio.sleep(0.5)
    assert (story(slack), len(slack.calls())) == (before, called)
