"""Small promises of the Slack door: an owner who is mentioned, a command's thread that goes on, a card that comes once."""

from bot import build
from bot.settings import Settings
from knowledge.model import Kind, SourceSpec
from knowledge.refresh import refresh
from tests.flows.test_conversation_flow import HOURS
from tests.flows.test_slack import ADA, GENERAL, answers, served, settled, walk

RULE = "# Robots\n\n## 1 Rule\n\nZephyr robots may be kept for six months at most after the contract has ended.\n"


async def test_an_owner_with_an_address_is_mentioned_a_command_s_thread_goes_on_and_a_lost_reply_doubles_no_card(
    home, tmp_path
):
    place = tmp_path / "policies"
    place.mkdir()
    (place / "robots.md").write_text(RULE)
    library = build.library(Settings(CAVEAT_HOME=home))
    library.catalog.add(
        SourceSpec("mine", "folder", str(place), Kind.POLICY, "", "staff", "Grace <GRACE@example.test>")
    )
    refresh(library.refresher)
    async with served(home) as (slack, _):
        slack.world.channel_messages = True
        await slack.say(ADA, GENERAL, f"<@{slack.bot}> For how many months may Zephyr robots be kept?")
        await slack.wait(lambda: answers(slack, GENERAL), 60)
        (answer,) = answers(slack, GENERAL)
        await slack.click(ADA, answer, "owner_ask")
        await slack.wait(lambda: len(answers(slack, GENERAL)) == 2, 60)
        mentioned = [part["user_id"] for part in walk(answers(slack, GENERAL)[1].blocks) if part.get("type") == "user"]
        assert mentioned == ["U0GRACE", ADA]

        await slack.command("/vendor-ask", HOURS, ADA, GENERAL)
        await slack.wait(lambda: len(answers(slack, GENERAL)) == 4, 60)
        root = answers(slack, GENERAL)[2].ts
        await slack.say(ADA, GENERAL, "And one of tier 2?", root)
        await slack.wait(lambda: len(answers(slack, GENERAL, root)) == 2, 60)
        assert "POL-06 §2.3" in str(answers(slack, GENERAL, root)[1].blocks)

        own = slack.dm(ADA).id
        slack.fail("chat.postMessage", lost=True)
        await slack.command("/vendor-check", "Zephyr Robotics", ADA, GENERAL)
        await slack.wait(lambda: answers(slack, own), 60)
        await settled(slack)
        await slack.command("/vendor-check", "Quiet Acorn Bakery", ADA, GENERAL)
        await slack.wait(lambda: any("Acorn" in one.text for one in answers(slack, own)), 60)
        assert ["Zephyr" in one.text for one in answers(slack, own)] == [True, False]
        assert {call.args["channel"] for call in slack.calls("conversations.history")} == {own}
        assert len(slack.calls("conversations.open")) == 1
