"""A slow question in Slack, through a real server: its steps are streamed, its asker can stop it, and a kill changes nothing."""

import asyncio
import sqlite3
from contextlib import closing

from tests.flows.processes import running
from tests.flows.slow import SlowModel
from tests.flows.test_durable import ADA, GENERAL, GRACE, HOSTING, answered, ask, headed, replies, said, slow_served
from tests.servers.slack import Slack


def streaming(slack, root):
    """The reply that streams below a message, once it shows that something is being written."""
    return next(
        (one for one in replies(slack, root) if one.is_streaming and any("draft" in id_ for id_ in one.stream.tasks)),
        None,
    )


def spent(home):
    """The tokens that the model was paid so far."""
    with closing(sqlite3.connect(home / "caveat.db")) as ledger:
        return ledger.execute("SELECT tokens FROM spending WHERE scope = 'all'").fetchone()[0]


async def test_a_slow_answer_is_streamed_in_steps_and_its_asker_can_stop_it_for_good(home):
    async with slow_served(home, CAVEAT_TOKENS_PER_DAY="1000000", CAVEAT_BUDGET_SECONDS="100") as (slack, model, _):
        greeted = await ask(slack, "hello")
        await slack.wait(lambda: answered(slack, greeted), 20)
        assert slack.calls("chat.startStream") == []

        model.shut()
        own = await slack.say(ADA, slack.bot, HOSTING)
        shared = await ask(slack, HOSTING, GRACE)
        for root in (own, shared):
            await slack.wait(lambda root=root: streaming(slack, root), 30)
        stream = streaming(slack, own).stream
        links = [one["url"] for task in stream.tasks.values() for one in task.get("sources", [])]
        assert links
        assert all(url.startswith("https://") for url in links)
        assert stream.text == ""
        assert [task["status"] for task in stream.tasks.values()][-1] == "in_progress"
        assert [one.args["channel_id"] for one in slack.calls("assistant.threads.setStatus")] == [own.channel]
        streams = [streaming(slack, root).ts for root in (own, shared)]
        model.open()
        await slack.wait(lambda: answered(slack, own, shared), 30)
        assert [replies(slack, root)[0].ts for root in (own, shared)] == streams
        assert all("Alibaba Cloud" in said(replies(slack, root)[0]) for root in (own, shared))
        titles = [task["title"] for task in replies(slack, own)[0].stream.tasks.values()]
        assert titles[0].startswith("Searched ")
        assert any(title.startswith("Checked") for title in titles)
        assert headed(replies(slack, own)[0]) == "How this was made"
        await slack.wait(lambda: slack.session(own.channel, own.ts)["status"] == "active", 10)

        model.shut()
        unwanted = await slack.say(ADA, slack.bot, HOSTING)
        (event,) = [one for one in slack.deliveries if one.payload.get("event", {}).get("ts") == unwanted.ts]
        await slack.wait(lambda: streaming(slack, unwanted), 30)
        calls, paid = model.calls, spent(home)
        await slack.stop(ADA, unwanted.channel, unwanted.ts)
        await slack.wait(lambda: answered(slack, unwanted), 20)
        (stopped,) = replies(slack, unwanted)
        assert "Stopped, as you wished" in said(stopped)
        model.open()
        await slack.redeliver(event)
        await asyncio.sleep(1.5)
        assert replies(slack, unwanted) == [stopped]
        assert "Stopped, as you wished" in said(stopped)
        assert (model.calls, spent(home)) == (calls, paid)
        again = await slack.say(ADA, slack.bot, HOSTING, unwanted.ts)
        await slack.wait(lambda: len(replies(slack, unwanted)) == 2 and answered_in(slack, unwanted, again), 30)
        assert "Alibaba Cloud" in said(replies(slack, unwanted)[1])


def answered_in(slack, root, question):
    """Tell whether what was asked in a thread has its answer there."""
    (event,) = [one for one in slack.deliveries if one.payload.get("event", {}).get("ts") == question.ts]
    marks = [(one.metadata or {}).get("event_payload") for one in replies(slack, root) if not one.is_streaming]
    return {"key": event.event_id} in marks


async def test_a_stream_that_a_kill_left_becomes_the_answer_and_one_stopped_meanwhile_is_given_up(home):
    async with Slack(retry_delays=(0.5,) * 400) as slack, SlowModel() as model:
        there = {
            "SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": slack.bot_token, "CAVEAT_MODEL": "local",
            "SLACK_SIGNING_SECRET": slack.signing_secret, "OPENAI_BASE_URL": model.base_url, "OPENAI_API_KEY": "sk-test",
            "CAVEAT_EXECUTOR": "one", "CAVEAT_BUDGET_SECONDS": "100",
        }  # fmt: skip
        model.shut()
        async with running(home, "serve", **there) as first:
            slack.events_url = f"{first.url}/slack/events"
            kept, stopped = await ask(slack, HOSTING), await ask(slack, HOSTING, GRACE)
            for root in (kept, stopped):
                await slack.wait(lambda root=root: streaming(slack, root), 30)
            before = [streaming(slack, root).ts for root in (kept, stopped)]
            await first.kill()
        await slack.stop(GRACE, GENERAL, stopped.ts)
        async with running(home, "serve", **there) as second:
            slack.events_url = f"{second.url}/slack/events"
            await slack.wait(lambda: answered(slack, stopped), 60)
            assert "Stopped, as you wished" in said(replies(slack, stopped)[0])
            assert streaming(slack, kept)
            model.open()
            await slack.wait(lambda: answered(slack, kept), 30)
        assert "Alibaba Cloud" in said(replies(slack, kept)[0])
        assert [replies(slack, root)[0].ts for root in (kept, stopped)] == before
        assert len(slack.calls("chat.startStream")) == 2
        assert not [one for one in slack.calls("chat.postMessage") if one.ok]
