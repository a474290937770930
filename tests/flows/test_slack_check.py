"""A vendor check in Slack: the command, its card, the choices, and names that mean harm."""

import json

from tests.flows.processes import caveat
from tests.flows.test_slack import ADA, GENERAL, answers, served, walk
from tests.servers.slack.blocks import problems, view_problems


async def checked(slack, name, count=1):
    """Check a vendor by command and return its card, which its asker alone sees."""
    own = slack.dm(ADA).id
    await slack.command("/vendor-check", name, ADA, GENERAL)
    await slack.wait(lambda: len(answers(slack, own)) == count, 20)
    return answers(slack, own)[-1]


async def test_a_card_comes_to_its_asker_alone_and_is_shared_in_a_thread_where_it_was_asked_for(home):
    async with served(home) as (slack, _):
        card = await checked(slack, "阿里云")
        shown = str(card.blocks)
        assert "affiliate of Alibaba Group Holding Limited" in card.text
        assert "https://media.defense.gov" in shown
        assert "Not loaded, and so not asked" in shown
        assert "POL-0" in shown
        assert len(json.dumps(card.blocks)) < 13_000
        assert answers(slack, GENERAL) == []
        await slack.click(ADA, card, "card_share")
        await slack.wait(lambda: len(answers(slack, GENERAL)) == 2, 20)
        root, shared = answers(slack, GENERAL)
        assert "阿里云" in str(root.blocks)
        assert shared.thread_ts == root.ts
        assert "card_share" not in str(shared.blocks)


async def test_a_form_asks_for_the_name_markup_stays_text_and_a_message_s_vendors_are_checked(home):
    async with served(home) as (slack, _):
        sent = await slack.command("/vendor-check", "help", ADA, GENERAL)
        assert "/vendor-check Alibaba Cloud" in sent.attempts[0].body
        await slack.command("/vendor-check", " ", ADA, GENERAL)
        form = await slack.wait(lambda: slack.modal(ADA))
        assert view_problems(form.body, "modal") == []
        own = slack.dm(ADA).id
        await slack.submit(ADA, {"name": "<!channel> =HYPERLINK(1) Ltd", "country": "Germany"}, form)
        await slack.wait(lambda: len(answers(slack, own)) == 1, 20)
        card = answers(slack, own)[0]
        kinds = {part.get("type") for part in walk(card.blocks)}
        assert not kinds & {"user", "usergroup", "broadcast", "mrkdwn"}
        assert "<!channel>" not in card.text
        assert "No match in these lists" in str(card.blocks)
        said = await slack.say(ADA, GENERAL, "Offers came from Bäckerei Müller GmbH and Hikvision USA, says Bob")
        await slack.shortcut(ADA, said, "vendors_named")
        await slack.wait(lambda: len(answers(slack, own)) == 2, 20)
        named = answers(slack, own)[1]
        assert "2 vendors are named there" in named.text
        assert problems(named.blocks) == []
        await slack.click(ADA, named, "check_1")
        await slack.wait(lambda: len(answers(slack, own)) == 3, 20)
        assert "Hikvision USA" in answers(slack, own)[2].text


async def test_reviewers_decide_in_a_modal_and_watchers_are_told_once_what_a_refresh_changed(home, tmp_path):
    async with served(home, CAVEAT_REVIEWERS=ADA) as (slack, _):
        general = slack.workspace.channels[GENERAL]
        general.members.add(slack.add_user("bob").id)
        own = slack.dm(ADA).id
        await checked(slack, "Hikvision USA")
        await slack.click(ADA, answers(slack, own)[0], "card_share")
        await slack.wait(lambda: len(answers(slack, GENERAL)) == 2, 20)
        card = answers(slack, GENERAL)[1]
        await slack.click("U0BOB", card, "match_decide")
        assert "none here" in str((await slack.wait(lambda: slack.modal("U0BOB"))).body)
        await slack.click(ADA, card, "match_decide")
        modal = await slack.wait(lambda: slack.modal(ADA))
        short = await slack.submit(ADA, {"party": "0", "verdict": "ruled out", "why": "no "}, modal)
        assert "please write one" in short.attempts[0].body
        await slack.submit(ADA, {"party": "0", "verdict": "ruled out", "why": "A reseller of <!here> Texas"}, modal)
        await slack.wait(lambda: len(answers(slack, GENERAL)) == 3, 20)
        told = answers(slack, GENERAL)[-1]
        assert told.thread_ts == card.thread_ts
        assert "decided about Hangzhou Hikvision" in str(told.blocks)
        assert "is not this vendor, decided by ada on " in str(told.blocks)
        assert not [part for part in walk(told.blocks) if part.get("type") == "broadcast"]
        assert problems(told.blocks) == []

        usage = await slack.command("/vendor-watch", "stop", ADA, GENERAL)
        assert "/vendor-watch list" in usage.attempts[0].body
        await slack.command("/vendor-watch", "Zephyr Robotics", ADA, GENERAL)
        await slack.wait(lambda: len(answers(slack, own)) == 2, 20)
        assert "You watch Zephyr Robotics" in answers(slack, own)[1].text
        policy = tmp_path / "policies" / "robots.md"
        policy.parent.mkdir()
        policy.write_text("# Robots\n\n## 1 Rule\n\nDevices of Zephyr Robotics must not be bought for any site.\n")
        assert (
            caveat(
                home, "sources", "add", "mine", "--type", "folder", "--at", str(policy.parent), "--kind", "policy"
            ).returncode
            == 0
        )
        assert caveat(home, "refresh").returncode == 0
        await slack.wait(lambda: len(answers(slack, own)) == 3, 40)
        news = answers(slack, own)[2]
        assert "Zephyr Robotics, which you watch, has changed" in news.text
        assert "must not be bought for any site" in str(news.blocks)
        assert problems(news.blocks) == []
        await slack.click(ADA, news, "watch_stop")
        await slack.wait(lambda: len(answers(slack, own)) == 4, 20)
        await slack.command("/vendor-watch", "list", ADA, GENERAL)
        await slack.wait(lambda: len(answers(slack, own)) == 5, 20)
        assert [message.text for message in answers(slack, own)[3:]] == [
            "You do not watch Zephyr Robotics any more.",
            "You watch no vendor. /vendor-watch NAME begins to.",
        ]
