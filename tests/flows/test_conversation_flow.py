"""A conversation in Slack: follow-ups in their thread, choices, and an answer that comes with a later edition."""

import asyncio

from bot.doorway import Why
from bot.rounds import GAPS_EVERY
from bot.slack.door import SlackDoor
from tests.flows.processes import caveat, caveat_json
from tests.flows.test_slack import ADA, GENERAL, answers, served, settled, walk
from tests.servers.slack.blocks import problems

HOURS = "How many hours does a tier 1 vendor have to report a security incident?"
UNKNOWN = "Does Quenvora Cloud hold a SOC 2 Type II report?"
EVIDENCE = """---
id: evidence.quenvora
title: Quenvora Cloud SOC 2 Type II report, summary
short: Quenvora SOC 2
citation: "Quenvora Cloud, SOC 2 Type II report, 4 Nov 2026"
kind: vendor-evidence
jurisdiction: US
authority: Quenvora Cloud
url: ""
published: 2026-11-04
status: in_force
licence: internal
visibility: public
wording: official
vendors: [Quenvora Cloud]
topics: [cyber]
---

## 1 Report

Quenvora Cloud holds a SOC 2 Type II report for the period from October 2025 to September 2026.
"""


async def said(slack, count, root=None):
    await slack.wait(lambda: len(answers(slack, GENERAL, root)) >= count, 20)
    return answers(slack, GENERAL, root)[-1]


async def test_a_follow_up_leans_on_the_asker_s_own_thread_and_on_no_other_s(home):
    async with served(home) as (slack, _):
        slack.world.channel_messages = True
        linus = slack.add_user("linus").id
        slack.workspace.channels[GENERAL].members.add(linus)
        first = await slack.say(ADA, GENERAL, f"<@{slack.bot}> {HOURS}")
        await said(slack, 1, first.ts)
        await slack.say(ADA, GENERAL, f"<@{slack.bot}> and one below that?", first.ts)
        assert "POL-06 §2" in str((await said(slack, 2, first.ts)).blocks)
        await slack.say("U0GRACE", GENERAL, f"<@{slack.bot}> and one below that?", first.ts)
        assert "POL-06 §2" not in str((await said(slack, 3, first.ts)).blocks)
        elsewhere = await slack.say(linus, GENERAL, "Anybody for lunch?")
        for who, text, thread in (
            (ADA, "thanks a lot", first.ts), (ADA, "<@U0GRACE> and what do you think?", first.ts),
            (linus, "and one of tier 2?", first.ts), (ADA, "and one of tier 2?", elsewhere.ts),
            (ADA, "And how many hours do tier 2 vendors have to report a security incident?", first.ts),
        ):  # fmt: skip
            await slack.say(who, GENERAL, text, thread)
        assert "POL-06 §2.3" in str((await said(slack, 4, first.ts)).blocks)
        await settled(slack)
        assert len(answers(slack, GENERAL)) == 4, "talk among people is left to them"


async def test_a_pressed_choice_is_asked_in_the_thread_by_who_pressed_it(home):
    async with served(home) as (slack, _):
        first = await slack.say(ADA, GENERAL, f"<@{slack.bot}> Can we use Huawei Cloud?")
        answer = await said(slack, 1, first.ts)
        await slack.click(ADA, answer, "ask_0")
        await said(slack, 2, first.ts)
        await settled(slack)
        _, second = answers(slack, GENERAL, first.ts)
        pressed = next(part["value"] for part in walk(answer.blocks) if part.get("action_id") == "ask_0")
        assert f"asked: {pressed}" in str(second.blocks), "nobody has seen what a button asked"
        assert problems(second.blocks) == []


async def test_a_choice_below_an_answer_that_only_the_asker_sees_is_answered_to_the_asker(home):
    async with served(home) as (slack, _):
        elsewhere = slack.add_channel("elsewhere", ADA, bot=False, is_private=True)
        await slack.command("/vendor-ask", "Can we use Huawei Cloud?", ADA, elsewhere.id)
        await slack.wait(lambda: any("ask_0" in str(one.blocks) for one in slack.whispers(ADA)), 20)
        whispered = len(slack.whispers(ADA))
        delivery = await slack.click(ADA, slack.whispers(ADA)[-1], "ask_0")
        assert delivery.acked
        await slack.wait(lambda: len(slack.whispers(ADA)) > whispered, 20)
        assert answers(slack, elsewhere.id) == []


def test_a_gap_that_breaks_while_it_is_tried_again_says_nothing():
    door = SlackDoor(None, None, None, None, None, None)
    assert door.apology("gap:a:2", {"gap": "a"}, Why.BROKEN) == {}
    assert "Something broke" in door.apology("Ev1", {}, Why.BROKEN)["text"]


async def test_a_question_that_a_later_edition_answers_is_answered_where_it_was_asked_and_once(home, tmp_path):
    files = tmp_path / "evidence"
    files.mkdir()
    async with served(home) as (slack, _):
        first = await slack.say(ADA, GENERAL, f"<@{slack.bot}> {UNKNOWN}")
        refusal = await said(slack, 1, first.ts)
        assert "I searched" in refusal.text
        (files / "other.md").write_text(EVIDENCE.replace("Quenvora", "Oltrevia").replace("quenvora", "oltrevia"))
        caveat(home, "sources", "add", "evidence", "--type", "folder", "--at", str(files), "--visibility", "public")
        await asyncio.to_thread(caveat_json, home, "refresh")
        await asyncio.sleep(1.5 * GAPS_EVERY)
        assert len(answers(slack, GENERAL, first.ts)) == 1, "an edition that does not fill the gap says nothing"
        (files / "quenvora.md").write_text(EVIDENCE)
        await asyncio.to_thread(caveat_json, home, "refresh")
        later = await said(slack, 2, first.ts)
        assert "You asked this before" in str(later.blocks)
        assert "holds a SOC 2 Type II report" in str(later.blocks)
        (files / "more.md").write_text(EVIDENCE.replace("Quenvora", "Drovanta").replace("quenvora", "drovanta"))
        await asyncio.to_thread(caveat_json, home, "refresh")
        await asyncio.sleep(1.5 * GAPS_EVERY)
        assert len(answers(slack, GENERAL, first.ts)) == 2, "who was told is not told again"
