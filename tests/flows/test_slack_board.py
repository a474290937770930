"""The message of a refresh where things go wrong: it is gone, Slack is slow, the process always dies, two workers tell."""

import asyncio
from contextlib import asynccontextmanager

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Untold
from bot.kb.board import TRIES, Board
from bot.slack.clients import OneWorkspace
from bot.slack.teller import Teller
from knowledge.store.database import open_database
from knowledge.store.lease import refresh_lease
from knowledge.store.renewals import Renewals
from tests.flows.test_slack import ADA, answers
from tests.servers.slack import Slack

PUBLISHED = {
    "edition": 2, "previous": 1, "added": 1, "changed": 0, "removed": 0, "unchanged": 0, "failed": [], "lists": [],
}  # fmt: skip


async def dies(key, names):
    """A process of a refresh that ends without a word."""
    return await asyncio.create_subprocess_exec("false")


@asynccontextmanager
async def boards(tmp_path, number=1, ts=""):
    """A local Slack with a message of the app, a refresh that was asked for below it, and workers that may tell of it."""
    engine = open_database(f"sqlite:///{tmp_path / 'caveat.db'}")
    wishes = Renewals(engine)
    async with Slack() as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        own = slack.dm(ADA).id
        told = (await client.chat_postMessage(channel=own, text="Read all?"))["ts"]
        wishes.ask("wish", "slack:U0ADA", "T0ACME", [], {"channel": own, "ts": ts or told, "user": ADA})

        def lease(of):
            return refresh_lease(tmp_path, engine, of)

        tellers = {"slack": Teller(OneWorkspace(lambda _: client, "xoxb"))}
        yield slack, wishes, [Board(tellers, wishes, lease, dies) for _ in range(number)]
    engine.dispose()


async def test_a_message_that_is_gone_is_replaced_by_one_that_says_how_the_refresh_ended(tmp_path):
    async with boards(tmp_path, ts="1.000001") as (slack, wishes, (board,)):
        wishes.end("wish", PUBLISHED)
        await board.step()
        assert [message.text.split(".")[0] for message in answers(slack, slack.dm(ADA).id)] == [
            "Read all?",
            "The refresh is done: edition 2 is in service",
        ]
        assert wishes.open() is None


async def test_the_end_is_told_later_where_slack_does_not_take_it_now(tmp_path):
    async with boards(tmp_path) as (slack, wishes, (board,)):
        wishes.end("wish", PUBLISHED)
        slack.fail("chat.update", status=429, retry_after=1)
        for _ in range(2):
            try:
                await board.step()
            except Untold:
                assert wishes.open() is not None
        (message,) = answers(slack, slack.dm(ADA).id)
        assert "The refresh is done" in message.text
        assert wishes.open() is None


async def test_a_process_that_always_dies_is_begun_three_times_and_then_told_of_by_one_worker_alone(tmp_path):
    async with boards(tmp_path, number=2) as (slack, wishes, workers):
        await asyncio.gather(*(one.step() for one in workers))
        kept = wishes.find("wish")
        assert (kept.tries, wishes.open()) == (TRIES, None)
        (message,) = answers(slack, slack.dm(ADA).id)
        assert "ended 3 times without a result" in message.text
        assert len(slack.calls("chat.update")) == 2
