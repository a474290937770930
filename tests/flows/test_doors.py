"""Every door leads to the same desk: the same scenarios through Slack and through Teams, and what was kept of each."""

import asyncio
import shutil

import pytest
import pytest_asyncio

from bot import build
from bot.settings import Settings
from tests.flows.processes import running
from tests.flows.sides import SlackSide, TeamsSide
from tests.servers.slack import Slack
from tests.servers.teams import Teams

HOSTING = "Can we host EU customer data on Alibaba Cloud?"
HOURS = "How many hours does a tier 1 vendor have to report a security incident?"
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
        self.receipts = build.library(Settings(CAVEAT_HOME=home)).receipts

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
        there["CAVEAT_REVIEWERS"] = f"U0ADA,{teams.ada.object}"
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
        about = [one for one in side.said(side.general) if doors.receipts.find(one.kept)["question"] == HOURS]
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
