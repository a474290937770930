"""Every door leads to the same desk: the same scenarios through Slack and through Teams, and what was kept of each."""

import asyncio
import re
import shutil

import pytest
import pytest_asyncio

from bot import build
from bot.settings import Settings
from knowledge.model import Kind, SourceSpec
from knowledge.store.decisions import Decisions
from knowledge.store.deeds import Deeds
from knowledge.store.feedback import Feedback
from knowledge.store.handoffs import Handoffs
from tests.flows.processes import running
from tests.flows.sides import KEPT, SlackSide, TeamsSide
from tests.servers.slack import Slack
from tests.servers.teams import Teams
from tests.servers.teams.content import elements

HOSTING = "Can we host EU customer data on Alibaba Cloud?"
HOURS = "How many hours does a tier 1 vendor have to report a security incident?"
KITES = "When must kites of Quenvora be taken in?"
COMPARED = (
    "question",
    "outcome",
    "edition",
    "level",
    "summary",
    "claims",
    "quoted",
    "findings",
    "next_steps",
    "choices",
)
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("doors")]


class Doors:
    """Both sides in front of one desk, and what the desk keeps."""

    def __init__(self, home, sides):
        self.sides = sides
        self.library = build.library(Settings(CAVEAT_HOME=home))
        self.receipts = self.library.receipts
        self.opinions, self.handoffs = Feedback(self.library.engine), Handoffs(self.library.engine)
        self.decisions = Decisions(self.library.engine)

    async def through(self, scenario):
        """Play a scenario on both sides; each returns what it was shown last, and all of it was kept alike."""
        shown = [await scenario(side) for side in self.sides]
        kept = [self.receipts.find(one.kept) for one in shown]
        assert all(kept)
        alike = [{name: one.get(name) for name in COMPARED} for one in kept]
        assert alike[0] == alike[1]
        for one, side in zip(kept, self.sides, strict=True):
            assert one["asker"].startswith(f"{side.name}:")
            assert one["place"]["name"].startswith(f"{side.name}:")
        for message in shown:
            missing = [claim["quote"] for claim in alike[0]["claims"] if claim["quote"] not in message.words]
            split = ("shortened to fit, the receipt holds the rest", "it goes on below")
            assert not missing or any(words in message.words for words in split)
        return alike[0], shown


async def told(side, who, doing):
    """What somebody is told alone after this was done."""
    own = side.alone(who)
    before = len(side.said(own))
    await doing
    await side.wait(lambda: len(side.said(own)) > before, 60)
    return side.said(own)[-1]


async def answered(side, who, where, text, root=""):
    """Ask, and return the answer with its thread."""
    before = len(side.said(where))
    root = await side.ask(who, where, text, root)
    await side.wait(lambda: len(side.said(where)) > before)
    return side.said(where)[-1], root


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def doors(starter_home, tmp_path_factory):
    """One process behind both doors, that died once after it had taken a question through each."""
    home = shutil.copytree(starter_home, tmp_path_factory.mktemp("doors") / "home")
    async with Slack() as slack, Teams() as teams:
        sides = [SlackSide(slack), TeamsSide(teams)]
        there = {**sides[0].environment, **sides[1].environment, "CAVEAT_EXECUTOR": "one"}
        there["CAVEAT_ADMINS"] = ",".join(side.named for side in sides)
        there["CAVEAT_REVIEWERS"] = f"U0ADA,U0GRACE,{teams.ada.object},{teams.grace.object}"
        async with running(home, "web", **there) as web:
            for side in sides:
                side.meets(web.url)
                await side.ask(side.ada, side.general, HOURS)
            await slack.idle()
            await web.kill()
        assert [side.said(side.general) for side in sides] == [[], []]
        async with running(home, "serve", **there) as server:
            for side in sides:
                side.meets(server.url)
                await side.wait(lambda side=side: side.said(side.general), 60)
            yield Doors(home, sides)
            assert "Traceback" not in server.errors.read_text()


async def test_what_was_taken_before_a_crash_is_answered_once_after_it(doors):
    async def crashed(side):
        await side.wait(lambda: side.said(side.general))
        await asyncio.sleep(0.5)
        told = [one for one in side.said(side.general) if KEPT.search(one.words)]
        about = [one for one in told if doors.receipts.find(one.kept)["question"] == HOURS]
        assert len(about) == 1
        return about[0]

    kept, _ = await doors.through(crashed)
    assert kept["outcome"] == "answered"


async def test_a_question_and_its_follow_up_are_answered_in_their_thread_and_once(doors):
    async def asked(side):
        first, root = await answered(side, side.ada, side.general, HOSTING)
        assert "POL-02 §3.1" in first.words
        await side.again()
        follow, _ = await answered(side, side.ada, side.general, "and on AWS?", root)
        await side.again()
        await asyncio.sleep(0.5)
        assert len(side.said(side.general, root)) == 2
        assert doors.receipts.find(first.kept)["claims"]
        assert doors.receipts.find(follow.kept)["before"]
        return follow

    await doors.through(asked)
    kept, _ = await doors.through(lambda side: _first(side, HOSTING))
    assert (kept["level"], kept["outcome"]) == ("high", "answered")


async def _first(side, text):
    who = side.somebody()
    shown, _ = await answered(side, who, side.alone(who), text)
    return shown


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Who won the 2018 World Cup?", "refused"), ("hello", "greeting"), ("", "empty"), ("我可以买吗", "language"),
        ("Is this vendor sanctioned?", "unclear"),
    ],
)  # fmt: skip
async def test_what_has_no_answer_gets_the_same_honest_reply(doors, text, outcome):
    kept, _ = await doors.through(lambda side: _first(side, text))
    assert kept["outcome"] == outcome


async def test_a_choice_is_asked_by_who_pressed_it(doors):
    async def pressed(side):
        first, root = await answered(side, side.ada, side.general, "Can we use Huawei Cloud?")
        choice = doors.receipts.find(first.kept)["choices"][0]
        await side.press(side.ada, first, choice[:60])
        await side.wait(lambda: len(side.said(side.general, root)) == 2)
        second = side.said(side.general, root)[1]
        assert f"asked: {choice}" in " ".join(second.words.replace("**", "").split())
        return second

    kept, _ = await doors.through(pressed)
    assert "Huawei Cloud" in kept["question"]


@pytest.mark.parametrize(
    "name", ["Alibaba Cloud", "Hikvision USA", "阿里云", "<b>[x](http://evil.example)</b> & *Ltd*"]
)
async def test_a_check_gives_the_same_card(doors, name):
    async def checked(side):
        before = len(side.said(side.general))
        await side.check(side.ada, side.general, name)
        await side.wait(lambda: len(side.said(side.general)) > before)
        return side.said(side.general)[before]

    kept, shown = await doors.through(checked)
    assert kept["outcome"] == "answered"
    for one in shown:
        assert kept["summary"] in one.words
        assert all(step["text"] in one.words for step in kept["next_steps"])


async def test_reviewers_decide_about_a_match_and_others_are_told_that_they_may_not(doors):
    async def decided(side):
        count = len(side.said(side.general))
        await side.check(side.ada, side.general, "Hikvision Texas")
        await side.wait(lambda: len(side.said(side.general)) > count)
        card = side.said(side.general)[count]
        other = side.somebody()
        await side.decide(other, card, "I think so")
        await side.decide(side.ada, card, "no ")
        why = f"A reseller of Texas, as {side.name} knows"
        await side.decide(side.ada, card, why)
        await side.wait(lambda: any(why in one.words for one in side.said(side.general)))
        told = [one for one in side.said(side.general) if why in one.words][-1]
        assert "decided about Hangzhou Hikvision" in " ".join(told.words.split())
        assert "I think so" not in told.words
        return told

    kept, _ = await doors.through(decided)
    assert "Section 889" not in kept["summary"]


async def test_a_guest_is_shown_public_sources_only(doors):
    async def guest(side):
        shown, _ = await answered(side, side.guest, side.alone(side.guest), HOSTING)
        assert "POL-0" not in shown.words
        return shown

    kept, _ = await doors.through(guest)
    assert kept["outcome"] == "answered"


async def test_watches_are_kept_and_told_to_one_person_alone(doors):
    for side in doors.sides:
        own = side.alone(side.ada)
        before = len(side.said(own))
        for count, words in enumerate(["Zephyr Robotics", "list", "stop Zephyr Robotics"], before + 1):
            await side.watch(side.ada, side.general, words)
            await side.wait(lambda side=side, own=own, count=count: len(side.said(own)) == count)
        begun, listed, stopped = (one.words for one in side.said(own)[before:])
        assert "You watch Zephyr Robotics. After each refresh I tell you here" in begun
        assert "Zephyr Robotics" in listed
        assert "unknown" in listed
        assert "You do not watch Zephyr Robotics any more." in stopped


async def test_administrators_keep_the_knowledge_base_alike_and_an_update_finds_the_door_of_its_answer(doors, tmp_path):
    place = tmp_path / "kites"
    place.mkdir()
    assert doors.library.catalog.add(SourceSpec("kites", "folder", str(place), Kind.POLICY, "", "staff", ""))
    deeds, kept = Deeds(doors.library.engine), []
    for side, weather in zip(doors.sides, ("rains", "snows"), strict=True):
        since = len(deeds.all())
        (place / "kites.md").write_text(
            f"# Kites\n\n## 1 Rule\n\nKites of Quenvora must be taken in before it {weather}.\n"
        )
        words, ended = await _kept(side)
        made = deeds.all()[since:]
        assert {(one.door, one.who) for one in made} == {(side.name, f"{side.name}:{side.named}")}
        kept.append(([(one.what, one.subject, _plain(one.outcome)) for one in made], words))
        if side.name == "slack":
            asked = [(await answered(one, one.ada, one.general, KITES))[1] for one in doors.sides]
            gone = doors.sides[1].teams.add("groupChat", doors.sides[1].ada)
            await answered(doors.sides[1], doors.sides[1].ada, gone, KITES)
    assert [what for what, *_ in kept[0][0]] == ["pair added", "pair removed", "refresh"]
    assert kept[0] == kept[1]
    teams, keeper = doors.sides[1], doors.sides[1].keeper
    own, gone.installed = teams.alone(keeper), False
    tell = [one for one in elements(ended.own.cards[0]) if one.get("title", "").startswith("Post an update")]
    before = len(teams.said(own))
    for one in tell:
        value = {"action": {"type": "Action.Execute", "verb": one["verb"], "data": one["data"]}}
        press = teams.teams.activity(keeper, own, "invoke", name="adaptiveCard/action", value=value)
        await teams.teams.deliver(press)
    await teams.wait(lambda: len(teams.said(own)) == before + 4, 60)
    said = sorted(one.words.strip()[:40] for one in teams.said(own)[before:])
    assert said == ["Teams does not let me write into the con", *["The update goes into the thread of that "] * 3]
    for side, root in zip(doors.sides, asked, strict=True):
        await side.wait(lambda side=side, root=root: len(side.said(side.general, root)) == 3, 60)
        first, notice, again = (one.words for one in side.said(side.general, root))
        assert "before it rains" in first
        assert "What this answer stood on has changed" in notice
        assert "before it snows" in again
    twice = await told(teams, keeper, teams.press(keeper, ended, "Post an update"))
    assert "posted already" in twice.words
    sure = await told(teams, keeper, teams.keep(keeper, own, "rollback"))
    await teams.press(keeper, sure, "Go back to edition")
    await teams.wait(lambda: "is in service again" in str(sure.own.cards), 60)
    assert "Action.Execute" not in str(sure.own.cards)
    assert deeds.all()[-1].what == "rollback"


async def _kept(side):
    """What an administrator is told, in the order it was asked for, and the message of the refresh."""
    keeper, own, words = side.keeper, side.alone(side.keeper), []
    for command in (
        "pairs add Kite Nimbus = Hangzhou Hikvision (report, p. 1)", "pairs list", "pairs remove kite nimbus", "remove nothing",
        "refresh kites",
    ):  # fmt: skip
        last = await told(side, keeper, side.keep(keeper, own, command))
        words.append(_plain(last.words))
    await side.press(keeper, last, "Refresh now")
    (ended,) = await side.wait(lambda: _ended(side, keeper), 60)
    return [*words, _plain(ended.words.partition("earlier answers cite")[0])], ended


def _ended(side, keeper):
    return [one for one in side.said(side.alone(keeper)) if "The refresh is done" in one.words]


def _plain(words):
    """Words without what a door adds to show them: how lists look, editions and buttons."""
    return " ".join(re.sub(r"\{'type'.*?\}|\d+|[•*]|\"\"", " ", words).lower().split())


async def until(found, seconds=20.0):
    """Wait for what the desk keeps; no platform tells of it."""
    for _ in range(int(seconds / 0.05)):
        if value := await asyncio.to_thread(found):
            return value
        await asyncio.sleep(0.05)
    raise AssertionError(found())


async def test_evidence_opinions_and_the_owner_are_the_same_through_both_doors(doors):
    kept = []

    async def worked(side):
        room = side.room()
        answer, root = await answered(side, side.ada, room, HOSTING)
        evidence = await side.look(side.grace, answer)
        assert re.search(r"Edition \d+, as of", evidence)
        quotes = [one["quote"] for one in doors.receipts.find(answer.kept)["claims"]]
        assert [one for one in quotes if one not in evidence] == []
        await side.judge(side.ada, answer)
        await side.judge(side.grace, answer, ("outdated", "other"), "since <b>May</b>")
        opinions = await until(
            lambda: sum(bool(one.reasons) for one in doors.opinions.of(answer.kept)) and doors.opinions.of(answer.kept)
        )
        await side.hand_over(side.grace, answer)
        await side.hand_over(side.grace, answer)
        await side.wait(lambda: len(side.said(room, root)) == 2)
        handed = side.said(room, root)[1]
        assert HOSTING in handed.words
        await side.press(side.ada, handed, "Mark resolved")
        done = await until(lambda: (one := doors.handoffs.find(answer.kept)).resolver and one)
        await side.wait(lambda: "Resolved by" in side.said(room, root)[1].words)
        kept.append((sorted((one.value, tuple(one.reasons), one.words) for one in opinions), done.owners))
        return answer

    await doors.through(worked)
    assert kept[0] == kept[1]
    assert kept[0][0] == [("down", ("outdated", "other"), "since <b>May</b>"), ("up", (), "")]


async def test_a_decision_needs_its_second_approver_through_both_doors(doors):
    kept = []

    async def decided(side):
        room = side.room()
        before = len(side.said(room))
        await side.check(side.ada, room, f"Hikvision {side.name}")
        await side.wait(lambda: len(side.said(room)) > before)
        card = side.said(room)[-1]
        receipt = card.kept
        await side.approve(side.ada, card, "Spare parts only", f"No network at {side.name}")
        await side.wait(
            lambda: any(
                "Waiting for a second approver" in one.words and side.name in one.words for one in side.said(room)
            )
        )
        waits = [one for one in side.said(room) if "Waiting for a second approver" in one.words][-1]
        await side.press(side.grace, waits, "Agree")
        made = await until(lambda: [one for one in doors.decisions.all() if one.receipt == receipt and one.second])
        await side.wait(lambda: any("Decided: approved with conditions by" in one.words for one in side.said(room)))
        kept.append(
            [(one.choice, one.why, one.level, one.needs_second, one.who != one.second, one.until) for one in made]
        )

    for side in doors.sides:
        await decided(side)
    assert kept[0] == kept[1]
    assert len(kept[0]) == 1


async def test_what_is_shared_shows_no_more_than_its_readers_may_read(doors):
    async def shared(side):
        where = side.mixed()
        seen = await side.share(side.ada, where, "Alibaba Cloud")
        assert "POL-0" in seen.words
        await side.wait(lambda: side.said(where))
        assert [one for one in side.said(where) if "POL-0" in one.words] == []
        return side.said(where)[-1]

    kept, _ = await doors.through(shared)
    assert kept["outcome"] == "answered"
