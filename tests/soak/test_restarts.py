"""Many kills in a row: every question that Slack saw acknowledged is answered exactly once."""

import asyncio
import random

import pytest

from tests.flows.processes import running
from tests.servers.slack import Slack

KILLS = 30


@pytest.mark.soak
async def test_no_question_is_lost_or_answered_twice_through_thirty_kills(home):
    chance = random.Random(7)
    async with Slack(retry_delays=(0.5, 2.0, 5.0)) as slack:
        there = {
            "SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": slack.bot_token, "CAVEAT_EXECUTOR": "soak",
            "SLACK_SIGNING_SECRET": slack.signing_secret,
        }  # fmt: skip
        asked = []
        async with running(home, "web", **{**there, "CAVEAT_EXECUTOR": "soak-web"}) as web:
            slack.events_url = f"{web.url}/slack/events"
            for round_ in range(KILLS):
                async with running(home, "worker", ready=False, **there) as worker:
                    await worker.started()
                    for number in range(4):
                        text = f"<@{slack.bot}> Can we host EU customer data on Alibaba Cloud? ({round_}.{number})"
                        asked.append((await slack.say("U0ADA", "C0GENERAL", text)).ts)
                    await asyncio.sleep(chance.uniform(0.0, 0.8))
                    await worker.kill()
            async with running(home, "worker", ready=False, **there) as worker:
                await worker.started()
                await slack.wait(lambda: len(_roots(slack)) >= len(asked), 120)
                await asyncio.sleep(3)
        assert sorted(_roots(slack)) == sorted(asked)


def _roots(slack):
    return [message.thread_ts for message in slack.messages("C0GENERAL") if message.user == slack.bot]
