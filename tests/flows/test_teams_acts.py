"""What people do with an answer in Teams: look into it, judge it, ask its owner, decide, share it; and what nobody may forge."""

import asyncio
import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from bot import build
from bot.settings import Settings
from bot.words import CLOSED
from knowledge.decision import Choice, Decision
from knowledge.store.decisions import Decisions
from knowledge.store.feedback import Feedback
from tests.flows.processes import running
from tests.flows.sides import KEPT
from tests.servers.teams import Teams
from tests.servers.teams.content import dialog, elements, shown
from tests.servers.teams.model import ELSEWHERE
from tests.servers.teams.server import BOT

HOSTING = "Can we host EU customer data on Alibaba Cloud?"
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("teams_acts")]


class Stage:
    """A team with a channel, a chat that a guest reads, and what the ledger keeps of what they do."""

    def __init__(self, teams, engine):
        self.teams, self.engine = teams, engine
        self.ada, self.grace, self.general = teams.ada, teams.grace, teams.general
        self.bob, self.eve = teams.add_person("Bob"), teams.add_person("Eve")
        self.guy = teams.add_person("Guy", role="guest")
        self.general.people.append(self.bob)

    def mixed(self):
        """Open a chat that a guest reads."""
        return self.teams.add("groupChat", self.ada, self.grace, self.bob, self.guy)

    async def asked(self, where, who=None, text=HOSTING):
        """Ask, and return the answer that stands for all."""
        before = len(self.teams.said(where))
        await self.teams.say(who or self.ada, where, text)
        await self.teams.wait(lambda: len(self.teams.said(where)) > before, 60)
        return self.teams.said(where)[-1]

    async def told(self, who, where, words):
        """Wait until somebody alone is told something, in a conversation of several or in his own."""

        def found():
            own = self.teams.said(self.teams.personal(who))
            alone = own if where.kind == "personal" else self.teams.whispered(who, where)
            return next((one for one in reversed(alone) if words in read(one)), None)

        return await self.teams.wait(found, 60)

    def _alone(self, who):
        everywhere = [one for where in self.teams.conversations.values() for one in where.messages]
        return [*self.teams.said(self.teams.personal(who)), *(one for one in everywhere if one.only == who.id)]

    async def closed(self, pressing, who):
        """Let somebody press what is not open to him, and see that he alone is told so."""
        seen = sum(map(is_closed, self._alone(who)))
        await pressing
        await self.teams.wait(lambda: sum(map(is_closed, self._alone(who))) == seen + 1, 60)


def read(message):
    """All that a message says, as it is read."""
    return "\n".join([message.text.replace("\\", ""), *map(shown, message.cards)])


def is_closed(message):
    return CLOSED[:40] in read(message)


def kept_of(message):
    return KEPT.search(read(message))[1]


def bold(message):
    return [one["text"] for card in message.cards for one in elements(card) if one.get("weight") == "Bolder"]


def verbs(message):
    return [one["verb"] for card in message.cards for one in elements(card) if one.get("verb")]


def ending(engine, teams):
    """Keep a decision of last month that ends next week, of somebody who decided in a channel."""
    back = {
        "service": teams.service_url, "conversation": teams.general.id, "kind": "channel", "tenant": teams.ada.tenant,
        "user": teams.ada.id, "object": teams.ada.object, "name": "Ada", "bot": BOT["id"], "shared": False, "text": "Zephyr",
        "pressed": False,
    }  # fmt: skip
    now = datetime.now(UTC)
    decision = Decision(
        "e1", "a" * 64, "Zephyr Robotics", "", Choice.APPROVED, "", "A trial", now.date() + timedelta(days=7), "low", "r1",
        teams.ada.object, "Ada", now - timedelta(days=30), back={"door": "teams", "payload": back},
    )  # fmt: skip
    Decisions(engine).keep(decision)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(starter_home, tmp_path_factory):
    """One server process for the tests of this file, which may send targeted messages."""
    home = shutil.copytree(starter_home, tmp_path_factory.mktemp("teams_acts") / "home")
    async with Teams() as teams:
        there = {
            **teams.environment, "CAVEAT_REVIEWERS": f"{teams.ada.object},{teams.grace.object}",
            "CAVEAT_PUBLIC_URL": "https://caveat.example", "CAVEAT_TEAMS_TARGETED": "true",
        }  # fmt: skip
        engine = build.library(Settings(CAVEAT_HOME=home)).engine
        ending(engine, teams)
        async with running(home, "serve", **there) as server:
            teams.endpoint = f"{server.url}/api/messages"
            yield Stage(teams, engine)
            assert "Traceback" not in server.errors.read_text()


async def test_evidence_and_memo_come_to_who_pressed_alone_and_to_nobody_who_may_not_read_all_of_it(stage):
    teams, general = stage.teams, stage.general
    answer = await stage.asked(general)
    alone = await stage.asked(teams.personal(stage.ada))
    count = len(teams.said(general))
    told = await teams.press(stage.bob, answer, "Show evidence")
    assert "you alone" in told["value"]
    await teams.deliver(teams.deliveries[-1][0])
    view = await stage.told(stage.bob, general, "Edition 1, as of")
    assert "allegation, not a finding" in read(view)
    assert "https://caveat.example/receipts/" in json.dumps(view.body)
    assert sum(one in answer.text.replace("\\", "") for one in bold(view)) >= 3
    await teams.press(stage.bob, answer, "Memo")
    memo = await stage.told(stage.bob, general, "print it or save it")
    (link,) = [one["url"] for one in memo.cards[0]["actions"]]
    assert link.startswith(f"https://caveat.example/receipts/{kept_of(answer)}?")
    eves = teams.add("groupChat", stage.eve, stage.bob)
    await stage.closed(teams.press(stage.eve, answer, "Show evidence"), stage.eve)
    await stage.closed(teams.press(stage.eve, answer, "Show evidence", where=eves), stage.eve)
    await stage.closed(teams.press(stage.bob, answer, "Memo", where=eves), stage.bob)
    await stage.closed(teams.press(stage.eve, answer, "Memo", where=teams.personal(stage.eve)), stage.eve)
    await stage.closed(teams.press(stage.guy, answer, "Show evidence"), stage.guy)
    await stage.closed(teams.press(stage.bob, alone, "Show evidence", where=teams.personal(stage.bob)), stage.bob)
    await stage.closed(teams.press(stage.bob, answer, "Show evidence", text="0" * 16), stage.bob)
    # A targeted message that Teams does not take comes into the person's own chat, and there its buttons work as well.
    teams.targeting = False
    own = teams.personal(stage.bob)
    await teams.press(stage.bob, answer, "Show evidence")
    there = await stage.told(stage.bob, own, "Edition 1, as of")
    assert there.conversation == own.id
    teams.targeting = True
    assert len(teams.said(general)) == count
    assert len([one for one in teams.whispered(stage.bob, general) if "Edition 1" in read(one)]) == 1


async def test_the_evidence_of_a_card_is_turned_page_by_page(stage):
    teams, own = stage.teams, stage.teams.personal(stage.grace)
    card = await stage.asked(own, stage.grace, "vendor-check Hikvision USA")
    await teams.press(stage.grace, card, "Show evidence")
    first = await stage.told(stage.grace, own, "page 1 of")
    assert "listed since" in read(first)
    await teams.press(stage.grace, first, "Next page")
    second = await stage.told(stage.grace, own, "page 2 of")
    assert "Page before" in read(second)


async def test_an_opinion_is_kept_once_for_each_person_and_can_be_changed(stage):
    teams, general = stage.teams, stage.general
    answer = await stage.asked(general)
    opinions = Feedback(stage.engine)

    async def kept(*expected):
        def same():
            found = [(one.who, one.value, one.reasons, one.words) for one in opinions.of(kept_of(answer))]
            return sorted(found) == sorted(expected)

        for _ in range(1_200):
            if await asyncio.to_thread(same):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(opinions.of(kept_of(answer)))

    grace, bob = f"teams:{stage.grace.object}", f"teams:{stage.bob.object}"
    thanked = await teams.judge(stage.grace, answer, "like")
    assert dialog(thanked) == {}
    await kept((grace, "up", (), ""))
    form = dialog(await teams.judge(stage.bob, answer, "dislike"))
    assert "What should it have said?" in [one.get("label") for one in elements(form)]
    await kept((grace, "up", (), ""), (bob, "down", (), ""))
    filled = json.dumps({"reasons": "outdated,other,made_up", "words": "<at>all</at> since  May"})
    assert await teams.judge(stage.bob, answer, "dislike", filled) == {}
    await teams.deliver(teams.deliveries[-1][0])
    await kept((grace, "up", (), ""), (bob, "down", ("outdated", "other"), "<at>all</at> since May"))
    await teams.judge(stage.grace, answer, "dislike", "plain words")
    await kept((grace, "down", (), "plain words"), (bob, "down", ("outdated", "other"), "<at>all</at> since May"))
    await stage.closed(teams.judge(stage.eve, answer, "dislike", "x"), stage.eve)
    await teams.judge(stage.bob, answer, "like", replyToId="m0")
    await stage.told(stage.bob, general, "your opinion was not kept")
    assert len(opinions.of(kept_of(answer))) == 2
    for odd in ({}, {"actionName": "feedback"}, {"actionName": "feedback", "actionValue": {"reaction": ["x"]}}):
        assert await teams.judge(stage.bob, answer, "like", "x", value=odd) == {}


async def test_the_owner_is_asked_once_where_the_answer_stands_and_who_may_says_that_it_is_resolved(stage):
    teams, general = stage.teams, stage.general
    answer = await stage.asked(general)
    root = answer.conversation.partition("=")[2]
    await teams.press(stage.bob, answer, "Ask the owner")
    await teams.deliver(teams.deliveries[-1][0])
    await teams.wait(lambda: len(teams.said(general, root)) == 2, 60)
    handed = teams.said(general, root)[1]
    assert "who owns the policy that this answer stands on, is asked" in read(handed)
    assert HOSTING in read(handed)
    assert "Asked by Bob" in read(handed)
    await teams.press(stage.grace, answer, "Ask the owner")
    await stage.told(stage.grace, general, "already, in this conversation; it is open")
    carl = teams.add_person("Carl")
    general.people.append(carl)
    await teams.press(carl, handed, "Mark resolved")
    await stage.told(carl, general, "it stays open")
    await teams.press(stage.ada, handed, "Mark resolved")
    await teams.wait(lambda: handed.edits, 60)
    assert "Resolved by Ada on" in read(handed)
    assert verbs(handed) == []
    own = teams.personal(stage.bob)
    await teams.press(stage.bob, await stage.asked(own, stage.bob), "Ask the owner")
    await stage.told(stage.bob, own, "Nobody but you sees this answer")
    assert len(teams.said(general, root)) == 2


async def test_reviewers_decide_a_second_agrees_and_the_card_says_so_in_its_place(stage):
    teams, general = stage.teams, stage.general
    own = teams.personal(stage.ada)
    reminder = await stage.told(stage.ada, own, "Your decision about Zephyr Robotics ends on")
    assert verbs(reminder) == ["check"]
    card = await stage.asked(general, text="vendor-check Hikvision USA")
    count, checked = len(teams.said(general)), kept_of(card)
    given = {"choice": "approved with conditions", "until": (datetime.now(UTC) + timedelta(days=90)).date().isoformat()}

    async def decide(who, below=card, **said):
        told = await teams.press(who, below, "Decide", verb="decide_vendor", **{**given, "conditions": "", **said})
        return told["value"]

    assert "Only reviewers" in await decide(stage.bob, reason="Spare parts only", conditions="No network")
    assert "conditions" in await decide(stage.ada, reason="Spare parts only")
    assert "reason" in await decide(stage.ada, reason=" ", conditions="No network")
    await decide(stage.ada, reason="Spare parts only", conditions="No network", until="2026-01-01")
    await stage.told(stage.ada, general, "nothing was decided")
    await decide(stage.ada, reason="Spare parts only", conditions="No *network*")
    await teams.deliver(teams.deliveries[-1][0])
    await teams.wait(lambda: card.edits, 60)
    assert "Waiting for a second approver: approved with conditions by Ada" in read(card)
    assert kept_of(card) != checked
    other = await stage.asked(general, text="vendor-check Alibaba Cloud")
    (agree,) = [one for one in elements(card.cards[0]) if one.get("verb") == "second_below"]
    number = agree["data"]["text"].partition(":")[0]
    await stage.closed(teams.press(stage.grace, card, "Agree", text=f"{number}:{kept_of(other)}"), stage.grace)
    await stage.closed(teams.press(stage.grace, card, "Agree", text=f"999:{kept_of(card)}"), stage.grace)
    assert "Only reviewers" in (await teams.press(stage.bob, card, "Agree"))["value"]
    await teams.press(stage.ada, card, "Agree")
    await stage.told(stage.ada, general, "must be another person")
    await teams.press(stage.grace, card, "Agree")
    await teams.wait(lambda: card.edits == 2, 60)
    assert "Decided: approved with conditions by Ada and Grace" in read(card)
    assert "second_below" not in verbs(card)
    assert len(teams.said(general)) == count + 1
    kept = Decisions(stage.engine).all()
    assert set(kept[-1].back["payload"]) == set(kept[0].back["payload"])
    answer = await stage.asked(general)
    root = answer.conversation.partition("=")[2]
    await decide(stage.ada, below=answer, reason="As the policy says", conditions="No personal data")
    await teams.wait(lambda: len(teams.said(general, root)) == 2, 60)
    made = teams.said(general, root)[1]
    await teams.press(stage.grace, made, "Agree")
    await teams.wait(lambda: made.edits, 60)
    assert "Decided: approved with conditions by Ada and Grace" in read(made)


async def test_where_guests_read_along_no_decision_is_offered_or_told(stage):
    teams, mixed = stage.teams, stage.mixed()
    card = await stage.asked(mixed, text="vendor-check Alibaba Cloud")
    assert "decide_vendor" not in verbs(card)
    count = len(teams.said(mixed))
    said = {"choice": "rejected", "until": datetime.now(UTC).date().isoformat(), "reason": "A secret reason"}
    for who in (stage.ada, stage.bob):
        data = {"verb": "decide_vendor", "text": kept_of(card), **said}
        action = {"action": {"type": "Action.Execute", "verb": "decide_vendor", "data": data}}
        odd = teams.activity(who, mixed, "invoke", name="adaptiveCard/action", value=action, replyToId=card.id)
        await teams.deliver(odd)
    assert "Only reviewers" in teams.deliveries[-1][2]["value"]
    await stage.told(stage.ada, mixed, "so only you are shown this")
    again = await stage.asked(mixed, text="vendor-check Alibaba Cloud")
    assert "rejected" not in read(again)
    assert "secret" not in json.dumps([one.body for one in teams.said(mixed)])
    assert (len(teams.said(mixed)), card.edits) == (count + 1, 0)


async def test_guests_and_people_of_other_tenants_do_no_more_with_an_answer_than_read_it(stage):
    teams, mixed = stage.teams, stage.mixed()
    zed = teams.add_person("Zed", tenant=ELSEWHERE)
    mixed.people.append(zed)
    answer = await stage.asked(mixed)
    count = len(teams.said(mixed))
    for who in (stage.guy, zed):
        await teams.press(who, answer, "Show evidence")
        view = await stage.told(who, mixed, "Quotes are in bold")
        assert "POL-0" not in read(view)
        await teams.press(who, answer, "Show evidence", verb="evidence", text=f"{kept_of(answer)}:7")
        data = {"verb": "owner", "text": kept_of(answer)}
        action = {"action": {"type": "Action.Execute", "verb": "owner", "data": data}}
        await teams.deliver(teams.activity(who, mixed, "invoke", name="adaptiveCard/action", value=action))
        await stage.told(who, mixed, "Only people of the company")
    outside = teams.activity(zed, teams.personal(zed), "invoke", name="adaptiveCard/action", value=action)
    assert await teams.deliver(outside) == 401
    # A guest who joins a channel closes what stands there to everybody's buttons: the place shows no more than he may read.
    room = teams.add("channel", stage.ada, stage.grace)
    open_ = await stage.asked(room)
    assert "POL-02" in read(open_)
    room.people.append(stage.guy)
    await stage.closed(teams.press(stage.guy, open_, "Show evidence"), stage.guy)
    await stage.closed(teams.press(stage.grace, open_, "Show evidence"), stage.grace)
    assert len(teams.said(mixed)) == count


async def test_what_somebody_may_read_beyond_a_place_he_alone_is_shown_and_what_he_shares_is_redacted(stage):
    teams, mixed = stage.teams, stage.mixed()
    answer = await stage.asked(mixed)
    assert "POL-0" not in json.dumps(answer.body)
    await teams.press(stage.ada, answer, "See what you may read beyond")
    full = await stage.told(stage.ada, mixed, "POL-02 §3.1")
    await stage.closed(teams.press(stage.grace, full, "Share to the chat"), stage.grace)
    await stage.closed(teams.press(stage.bob, full, "Show evidence"), stage.bob)
    await teams.press(stage.ada, full, "Share to the chat")
    await teams.wait(lambda: len(teams.said(mixed)) == 2, 60)
    shared = teams.said(mixed)[1]
    assert "**Ada asked:**" in shared.text
    assert "POL-0" not in json.dumps(shared.body)
    teams.targeting = False
    own = teams.personal(stage.bob)
    card = await stage.asked(mixed, text="vendor-check Alibaba Cloud")
    await teams.press(stage.bob, card, "See what you may read beyond")
    whole = await stage.told(stage.bob, own, "Share to the chat")
    assert "POL-0" in read(whole)
    assert "POL-0" not in read(card)
    await teams.press(stage.bob, whole, "Show evidence")
    await stage.told(stage.bob, own, "Quotes are in bold")
    before = len(teams.said(mixed))
    await teams.press(stage.bob, whole, "Share to the chat")
    await teams.wait(lambda: len(teams.said(mixed)) > before, 60)
    teams.targeting = True
    assert "Bob asked for a check of Alibaba Cloud" in read(teams.said(mixed)[-1])
    assert "POL-0" not in json.dumps([one.body for one in teams.said(mixed)])


async def test_what_is_asked_in_private_is_answered_in_private_also_where_teams_loses_it(stage):
    teams, general = stage.teams, stage.general
    count, private = len(teams.said(general)), {"recipient": {**BOT, "isTargeted": True}}
    await teams.say(
        stage.grace, general, "How many hours does a tier 1 vendor have to report a security incident?", **private
    )
    await stage.told(stage.grace, general, "POL-06 §2")
    teams.fail("lost")
    await teams.say(stage.grace, general, HOSTING, mention=False, **private)
    doubt = await stage.told(stage.grace, general, "did not confirm")
    seen = len(teams.whispered(stage.grace, general))
    await teams.press(stage.bob, doubt, "Show the answer")
    await stage.told(stage.bob, general, "Nothing is kept here")
    await teams.press(stage.grace, doubt, "Show the answer")
    await teams.wait(lambda: len(teams.whispered(stage.grace, general)) == seen + 1, 60)
    assert "POL-02 §3.1" in read(teams.whispered(stage.grace, general)[-1])
    assert len(teams.said(general)) == count
    chat = teams.add("groupChat", stage.bob, stage.guy)
    teams.targeting = False
    await teams.say(stage.bob, chat, "hello", **private)
    await stage.told(stage.bob, teams.personal(stage.bob), "Hello")
    teams.targeting = True
    assert teams.said(chat) == []
