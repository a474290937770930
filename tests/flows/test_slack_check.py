"""A vendor check in Slack: the command, its card, the choices, and names that mean harm."""

import json

from tests.flows.test_slack import ADA, GENERAL, answers, served, settled, walk


async def checked(slack, name):
    await slack.command("/vendor-check", name, ADA, GENERAL)
    await slack.wait(lambda: len(answers(slack, GENERAL)) == 2, 20)
    return answers(slack, GENERAL)


async def test_the_command_posts_the_name_and_its_card_in_a_thread(home):
    async with served(home) as (slack, _):
        root, card = await checked(slack, "阿里云")
        assert "阿里云" in str(root.blocks)
        assert card.thread_ts == root.ts
        shown = str(card.blocks)
        assert "affiliate of Alibaba Group Holding Limited" in card.text
        assert "https://media.defense.gov" in shown
        assert "Not loaded, and so not asked" in shown
        assert "POL-0" in shown
        assert len(json.dumps(card.blocks)) < 13_000


async def test_without_a_name_the_command_says_how_to_use_it_and_markup_stays_text_and_finds_nobody(home):
    async with served(home) as (slack, _):
        sent = await slack.command("/vendor-check", " ", ADA, GENERAL)
        assert "/vendor-check Alibaba Cloud" in sent.attempts[0].body
        await settled(slack)
        assert answers(slack, GENERAL) == []
        _, card = await checked(slack, "&lt;!channel&gt; =HYPERLINK(1) Ltd")
        kinds = {part.get("type") for part in walk(card.blocks)}
        assert not kinds & {"user", "usergroup", "broadcast", "mrkdwn"}
        assert "<!channel>" not in card.text
        assert "No match in these lists" in str(card.blocks)
