"""From a Slack event to the answer in its thread: a real server process, and a local Slack that speaks the protocol."""

import asyncio
import io
import re
import shutil
import time
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.flows.processes import running
from tests.servers.slack import Slack
from tests.servers.slack.blocks import problems

HOSTING = "Can we host EU customer data on Alibaba Cloud?"
ADA, GENERAL = "U0ADA", "C0GENERAL"


@asynccontextmanager
async def served(home, *, socket_mode=False, command="serve", **environment):
    """A local Slack and a server process connected to it."""
    async with Slack() as slack:
        ways = {"SLACK_APP_TOKEN": slack.app_token} if socket_mode else {"SLACK_SIGNING_SECRET": slack.signing_secret}
        async with running(
            home, command, SLACK_API_URL=slack.api_url, SLACK_BOT_TOKEN=slack.bot_token, **ways, **environment
        ) as server:
            if socket_mode:
                await slack.wait(lambda: slack.connected)
            else:
                slack.events_url = f"{server.url}/slack/events"
            yield slack, server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def started(starter_home, tmp_path_factory):
    """One server process for all tests that only talk to it."""
    home = Path(shutil.copytree(starter_home, tmp_path_factory.mktemp("shared") / "home"))
    async with served(home) as (slack, _):
        yield slack


@pytest.fixture
def room(started):
    """The local Slack of that server, and a channel that no other test has."""
    name = f"room{len(started.workspace.channels)}"
    return started, started.add_channel(name, ADA).id


shared_server = pytest.mark.asyncio(loop_scope="module")


def answers(slack, channel, root=None):
    """The bot's messages in a channel, or in one thread of it."""
    return [
        message
        for message in slack.messages(channel)
        if message.user == slack.bot and (root is None or message.thread_ts == root)
    ]


async def shared_card(slack, user, name):
    """Check a vendor by command and share the card, which comes to its asker alone, where it was asked for: its root and the card."""
    before, own = len(answers(slack, GENERAL)), slack.dm(user).id
    told = len(answers(slack, own))
    await slack.command("/vendor-check", name, user, GENERAL)
    await slack.wait(
        lambda: len(answers(slack, own)) > told and "card_share" in str(answers(slack, own)[told].blocks), 60
    )
    await slack.click(user, answers(slack, own)[told], "card_share")
    await slack.wait(lambda: "watch_add" in str([one.blocks for one in answers(slack, GENERAL)[before:]]), 60)
    return answers(slack, GENERAL)[before : before + 2]  # a long card goes on in more messages below


async def settled(slack):
    """Wait until nothing is on its way any more, and a little longer for what should not come."""
    await slack.idle()
    await asyncio.sleep(0.7)


@shared_server
async def test_a_mention_gets_exactly_one_answer_in_its_thread(room):
    slack, general = room
    asked = await slack.say(ADA, general, f"<@{slack.bot}> {HOSTING}")
    await slack.wait(lambda: answers(slack, general), 15)
    await settled(slack)
    (answer,) = answers(slack, general)
    assert answer.thread_ts == asked.ts
    assert "18 Jan 2022" in answer.text
    assert "allegation, not a finding" in answer.text
    assert "POL-02 §3.1" in str(answer.blocks)
    assert problems(answer.blocks) == []
    posted = [call for call in slack.calls("chat.postMessage") if call.args["channel"] == general]
    assert [call.args["unfurl_links"] for call in posted] == [False]
    assert [call.args["unfurl_media"] for call in posted] == [False]
    assert all(attempt.status == 200 for delivery in slack.deliveries for attempt in delivery.attempts)


@shared_server
async def test_sources_are_numbered_and_link_to_the_official_text_only(room):
    slack, general = room
    await slack.say(ADA, general, f"<@{slack.bot}> {HOSTING}")
    await slack.wait(lambda: answers(slack, general), 15)
    (answer,) = answers(slack, general)
    links = [part["url"] for part in walk(answer.blocks) if part.get("type") == "link"]
    assert links
    assert all(link.startswith("https://") for link in links)
    heads = [part["text"] for part in walk(answer.blocks) if str(part.get("text", "")).endswith("] ")]
    assert [re.search(r"\[(\d)\]", head)[1] for head in heads] == [str(n) for n in range(1, len(heads) + 1)]


@shared_server
async def test_a_redelivered_event_brings_no_second_answer(room):
    slack, general = room
    await slack.say(ADA, general, f"<@{slack.bot}> {HOSTING}")
    (mention,) = [one for one in slack.sent("app_mention") if one.payload["event"]["channel"] == general]
    await asyncio.gather(*(slack.redeliver(mention) for _ in range(5)))
    await slack.wait(lambda: answers(slack, general), 15)
    await slack.redeliver(mention)
    await settled(slack)
    assert len(answers(slack, general)) == 1


@shared_server
async def test_a_direct_message_is_answered_and_the_bot_s_own_messages_are_not(room):
    slack, _ = room
    grace = slack.add_user("hopper").id
    direct = slack.dm(grace).id
    await slack.say(grace, direct, "How long does an exception last?")
    await slack.wait(lambda: answers(slack, direct), 15)
    await settled(slack)
    (answer,) = answers(slack, direct)
    assert "at most 6 months" in str(answer.blocks)


@shared_server
async def test_the_command_posts_the_question_and_its_answer_in_a_thread(room):
    slack, general = room
    sent = await slack.command("/vendor-ask", HOSTING, ADA, general)
    await slack.wait(lambda: len(answers(slack, general)) == 2, 15)
    root, answer = answers(slack, general)
    assert HOSTING in str(root.blocks)
    assert answer.thread_ts == root.ts
    assert "looking into it" in sent.attempts[0].body


@shared_server
async def test_a_command_where_the_bot_may_not_write_is_answered_to_the_asker_alone(room):
    slack, _ = room
    elsewhere = slack.add_channel("elsewhere", ADA, bot=False, is_private=True)
    await slack.command("/vendor-ask", HOSTING, ADA, elsewhere.id)
    await slack.wait(lambda: any("allegation" in message.text for message in slack.whispers(ADA)), 20)
    assert answers(slack, elsewhere.id) == []
    shown = next(message for message in slack.whispers(ADA) if "allegation" in message.text)
    assert "POL-0" not in str(shown.blocks)


@shared_server
async def test_the_command_without_a_question_says_how_to_use_it_at_once(room):
    slack, general = room
    sent = await slack.command("/vendor-ask", "  ", ADA, general)
    assert "/vendor-ask Can we" in sent.attempts[0].body
    await settled(slack)
    assert answers(slack, general) == []


@shared_server
async def test_what_is_no_question_gets_an_honest_reply_without_sources(room):
    texts = ["", "hello", "🎉🎉", "Who won the 2018 World Cup?", "我可以买吗", "x " * 10_000]
    slack, general = room
    for count, text in enumerate(texts, 1):
        await slack.say(ADA, general, f"<@{slack.bot}> {text}")
        await slack.wait(lambda count=count: len(answers(slack, general)) == count, 15)
    for answer in answers(slack, general):
        assert answer.text
        assert not [part for part in walk(answer.blocks) if part.get("type") in {"link", "rich_text_list"}]


async def test_forged_requests_get_401_and_reach_nobody(home):
    async with served(home) as (slack, server):
        general = GENERAL
        await slack.say(ADA, general, f"<@{slack.bot}> hello")
        await slack.wait(lambda: answers(slack, general), 15)
        body = b'{"type":"event_callback","event_id":"EvForged","event":{"type":"app_mention"}}'
        now = str(int(time.time()))
        forged = [
            {},
            {"x-slack-request-timestamp": now, "x-slack-signature": "v0=" + "0" * 64},
            {"x-slack-request-timestamp": "abc", "x-slack-signature": "v0=" + "0" * 64},
            {"x-slack-request-timestamp": "1e9", "x-slack-signature": "v0=" + "0" * 64},
            {"x-slack-request-timestamp": now, "x-slack-signature": "nonsense"},
            {"x-slack-request-timestamp": "9" * 5000, "x-slack-signature": "v0="},
        ]
        async with aiohttp.ClientSession() as session:
            for headers in forged:
                async with session.post(f"{server.url}/slack/events", data=body, headers=headers) as response:
                    assert response.status in {400, 401}, headers
                    assert response.status == 401 or len(str(headers)) > 4000
            async with session.post(f"{server.url}/slack/events", data=io.BytesIO(b"x" * 1_100_000)) as response:
                assert response.status == 413
        assert len(answers(slack, general)) == 1
        assert "EvForged" not in server.errors.read_text()


@shared_server
async def test_an_event_nobody_listens_to_is_taken(room):
    slack, _ = room
    opened = await slack.open_home(ADA)
    await slack.idle()
    assert opened.attempts[0].status == 200


async def test_socket_mode_brings_the_same_answer_once(home):
    async with served(home, socket_mode=True) as (slack, _):
        general = GENERAL
        asked = await slack.say(ADA, general, f"<@{slack.bot}> {HOSTING}")
        await slack.wait(lambda: answers(slack, general), 15)
        (mention,) = [delivery for delivery in slack.deliveries if delivery.name == "app_mention"]
        await slack.redeliver(mention)
        await settled(slack)
        (answer,) = answers(slack, general)
        assert answer.thread_ts == asked.ts
        assert "allegation, not a finding" in answer.text


async def test_a_guest_in_a_channel_keeps_policies_out_of_it(home):
    async with served(home) as (slack, _):
        guest = slack.add_user("guest", is_restricted=True)
        mixed = slack.add_channel("mixed", ADA, guest.id)
        await slack.say(ADA, mixed.id, f"<@{slack.bot}> {HOSTING}")
        await slack.wait(lambda: answers(slack, mixed.id), 15)
        assert "POL-0" not in str(answers(slack, mixed.id)[0].blocks)


@shared_server
async def test_a_shared_channel_and_a_guest_s_direct_message_show_public_sources_only(room):
    slack, _ = room
    shared = slack.add_channel("partners", ADA, is_ext_shared=True)
    guest = slack.add_user("guest", is_ultra_restricted=True)
    direct = slack.dm(guest.id).id
    await slack.say(ADA, shared.id, f"<@{slack.bot}> {HOSTING}")
    await slack.say(guest.id, direct, HOSTING)
    await slack.wait(lambda: answers(slack, shared.id) and answers(slack, direct), 15)
    told = answers(slack, shared.id)[0]
    assert "POL-0" not in str(told.blocks)
    assert problems(told.blocks) == []
    # Whoever presses it sees what he may read, and he alone: the member his policies, the guest none.
    await slack.click(ADA, told, "ask_own")
    own = slack.dm(ADA).id
    await slack.wait(lambda: answers(slack, own), 15)
    assert "POL-0" in str(answers(slack, own)[0].blocks)
    assert f"asked: {HOSTING}" in str(answers(slack, own)[0].blocks)
    await slack.click(guest.id, told, "ask_own")
    await slack.wait(lambda: len(answers(slack, direct)) == 2, 15)
    assert "POL-0" not in str(answers(slack, direct)[1].blocks)
    assert "POL-0" not in str(answers(slack, direct)[0].blocks)


@shared_server
async def test_a_rate_limit_and_a_fault_of_slack_delay_the_answer_and_do_not_double_it(room):
    slack, general = room
    slack.fail("chat.postMessage", status=429, error="ratelimited", retry_after=1)
    await slack.say(ADA, general, f"<@{slack.bot}> hello")
    await slack.wait(lambda: answers(slack, general), 20)
    slack.fail("chat.postMessage", status=503, error="service_unavailable", times=2)
    await slack.say(ADA, general, f"<@{slack.bot}> hello again, thanks")
    await slack.wait(lambda: len(answers(slack, general)) == 2, 30)
    await settled(slack)
    assert len(answers(slack, general)) == 2


async def test_a_question_taken_before_a_kill_is_answered_once_after_the_restart(home):
    async with Slack() as slack:
        general = GENERAL
        there = {
            "SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret, "CAVEAT_EXECUTOR": "one",
        }  # fmt: skip
        async with running(home, "web", **there) as web:
            slack.events_url = f"{web.url}/slack/events"
            asked = [await slack.say(ADA, general, f"<@{slack.bot}> {HOSTING} ({number})") for number in range(6)]
            await slack.idle()
            await web.kill()
        assert answers(slack, general) == []
        async with running(home, "worker", ready=False, **there) as worker:
            await worker.started()
            await slack.wait(lambda: len(answers(slack, general)) >= 2, 20)
            await worker.kill()
        async with running(home, "worker", ready=False, **there) as worker:
            await worker.started()
            await slack.wait(lambda: len(answers(slack, general)) >= 6, 30)
            await settled(slack)
        assert sorted(message.thread_ts for message in answers(slack, general)) == sorted(
            message.ts for message in asked
        )


async def test_web_and_worker_share_the_work_in_two_processes(home):
    async with served(home, command="web") as (slack, _):
        there = {"SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": slack.bot_token}
        general = GENERAL
        await slack.say(ADA, general, f"<@{slack.bot}> {HOSTING}")
        async with running(home, "worker", ready=False, **there):
            await slack.wait(lambda: answers(slack, general), 20)


async def test_a_server_says_when_it_is_well(home):
    async with running(home, "web") as server, aiohttp.ClientSession() as session:
        async with session.get(f"{server.url}/healthz") as response:
            assert response.status == 200
        async with session.post(f"{server.url}/slack/events", data=b"{}") as response:
            assert response.status == 404
        async with session.get(server.url) as response:
            about = await response.text()
            assert (response.status, response.headers["Content-Security-Policy"][:18]) == (200, "default-src 'none'")
        # The app packages of chat platforms lead here.
        assert 'id="privacy"' in about
        assert 'id="terms"' in about


def walk(part):
    """Every element of a message, at any depth."""
    if isinstance(part, dict):
        yield part
        for value in part.values():
            yield from walk(value)
    elif isinstance(part, list):
        for value in part:
            yield from walk(value)
