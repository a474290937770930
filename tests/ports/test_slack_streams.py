"""What stands in Slack while an answer is made becomes that answer: a stream, a placeholder, and whatever a fault or a kill leaves."""

import asyncio
from datetime import date

import aiohttp
import pytest
import pytest_asyncio

from bot.model import Answer, Asker, Outcome, Place, Question
from bot.progress import Lead, Stage, keep
from bot.slack import blocks, steps
from bot.slack.clients import Client, OneWorkspace
from bot.slack.delivering import Delivering
from bot.slack.door import SlackDoor
from bot.slack.people import People
from bot.slack.post import WAITING, marker
from bot.slack.streams import Streams
from knowledge.store.database import open_database
from knowledge.store.posts import Posts
from knowledge.store.sent import Sent
from tests.servers.slack import Slack

ADA, GENERAL, TEAM = "U0ADA", "C0GENERAL", "T0ACME"
SEARCHED = Stage("search", "Searched 50 documents of edition 1")
READ = Stage(
    "read", "Read 2 passages that bear on it",
    leads=(Lead("GDPR Art. 28", "https://eur-lex.europa.eu/gdpr"), Lead("Cloud policy 4.2", "")),
)  # fmt: skip
WRITING = Stage("draft", "Having sentences written from them", done=False, lasting=True)
WRITTEN = Stage("draft", "Had 2 sentences written from them")
CHECKED = Stage("check", "Checked 2 sentences against their quotes: 2 proved")
FIRST, LATER = (SEARCHED, READ, WRITING), (SEARCHED, READ, WRITTEN, CHECKED)


class Desk:
    """A place where questions are asked before a local Slack, through the real door, with a ledger of its own."""

    def __init__(self, slack, session, folder, desk):
        self.slack, self._session, self._desk = slack, session, desk
        self._engine = open_database(f"sqlite:///{folder / 'ledger.db'}")
        self.sent = Sent(self._engine)
        self.restart()

    def restart(self):
        """Forget all that a process forgets when it dies."""
        client = Client(
            told=lambda *_: None, token=self.slack.bot_token, base_url=self.slack.api_url, session=self._session
        )
        clients = OneWorkspace(lambda _token, _renew=None: client, self.slack.bot_token)
        people = People(clients, {})
        streams = Streams(self.sent)
        delivering = Delivering(self._desk, streams, Posts(self._engine))
        self.door = SlackDoor(clients, people, self._desk, None, streams, delivering)

    async def ask(self, where=GENERAL):
        """Write a question; returns its key and payload."""
        asked = await self.slack.say(ADA, where, "Can we host EU customer data on Alibaba Cloud?")
        kind = "channel" if where == GENERAL else "im"
        payload = {
            "team": TEAM, "channel": asked.channel, "user": ADA, "text": asked.text, "kind": kind,
            "thread_ts": asked.ts, "said_at": asked.ts,
        }  # fmt: skip
        return f"Ev{asked.ts}", payload

    def replies(self, payload):
        """What the bot wrote below a question."""
        return [one for one in self.slack.thread(payload["channel"], payload["thread_ts"]) if one.bot_id]

    def close(self):
        self._engine.dispose()


@pytest_asyncio.fixture
async def place(tmp_path, desk):
    async with Slack() as slack, aiohttp.ClientSession() as session:
        opened = Desk(slack, session, tmp_path, desk)
        yield opened
        opened.close()


ANSWER = Answer("0123456789abcdef", "?", Outcome.REFUSED, 1, date(2026, 11, 28), "R1", summary="Nothing bears on it.")


def rendered():
    return blocks.render(ANSWER)


def answered(place, key, payload):
    """Tell whether exactly one message stands there, and is the whole answer."""
    (one,) = place.replies(payload)
    mark = one.metadata["event_payload"]
    return (one.is_streaming, mark, one.blocks) == (False, {"key": key}, rendered()["blocks"])


def running(place, payload):
    (one,) = place.replies(payload)
    return one


async def test_steps_are_streamed_with_their_sources_and_the_stream_ends_as_the_answer(place):
    slack = place.slack
    for where in (GENERAL, slack.bot):
        key, payload = await place.ask(where)
        assert await place.door.show(key, payload, {}, FIRST) == {}
        signed = slack.status(payload["channel"], payload["thread_ts"])
        assert signed == ("is reading the sources that you may read…" if where == slack.bot else "")
        held = await place.door.hold(key, payload, 0, FIRST, again=False)
        message = running(place, payload)
        assert message.is_streaming
        assert slack.status(payload["channel"], payload["thread_ts"]) == ""
        assert slack.session(payload["channel"], payload["thread_ts"])["status"] == "processing"
        read = message.stream.tasks[f"{marker(key)}-read"]
        assert read["sources"] == [{"type": "url", "url": "https://eur-lex.europa.eu/gdpr", "text": "GDPR Art. 28"}]
        assert read["details"].replace("\u2060", "") == "Cloud policy 4.2"
        held = await place.door.show(key, payload, held, LATER)
        assert [one["status"] for one in message.stream.tasks.values()] == ["complete"] * 4
        await place.door.deliver(key, payload, {**rendered(), "held": held}, again=False)
        assert answered(place, key, payload)
        assert slack.session(payload["channel"], payload["thread_ts"])["status"] == "active"
    assert slack.session(payload["channel"], payload["thread_ts"])["title"].startswith("Can we host EU customer data")
    assert {one.method for one in slack.calls()} & {"chat.postMessage", "chat.update"} == set()
    assert len(slack.calls("chat.appendStream")) == 2


async def test_a_step_that_is_at_work_when_the_stream_ends_is_at_work_no_more(place):
    key, payload = await place.ask()
    held = await place.door.hold(key, payload, 0, FIRST, again=False)
    message = {**blocks.apology(key, "stopped"), "unanswered": True, "held": {**held, **keep(FIRST)}}
    await place.door.deliver(key, payload, message, again=False)
    one = running(place, payload)
    assert one.stream.tasks[f"{marker(key)}-draft"]["status"] == "error"
    assert one.stream.shown[0]["title"] == steps.ENDED
    assert "gave this question up" in str(one.blocks)


def test_the_name_of_a_source_is_no_markup_no_mention_and_no_link():
    hostile = "<!channel> *Bold* [go](https://evil.example/x) www.evil.example a@evil.example <@U0ADA|x>"
    shown = steps.literal(hostile)
    assert not set("<>[]*|`~") & set(shown)
    assert not any(one in shown for one in ("://", ".e", "@e"))
    wanted = Stage("read", "Read", leads=(Lead(hostile, "javascript:alert(1)"), Lead("", "https://a.example/<x>")))
    (task,) = steps.chunks("k", [wanted], {})
    assert "sources" not in task
    assert "[" not in task["details"]


FAULTS = [
    {"status": 429, "retry_after": 0}, {"status": 500}, {"error": "internal_error"}, {"lost": True},
    {"error": "missing_scope"}, {"error": "unknown_method"}, {"error": "channel_type_not_supported"},
    {"error": "message_not_in_streaming_state"}, {"error": "msg_blocks_too_long"}, {"error": "message_not_found"},
]  # fmt: skip
METHODS = [
    "assistant.threads.setStatus", "agents.sessions.setStatus", "chat.startStream", "chat.appendStream", "chat.stopStream",
]  # fmt: skip


async def through(place, key, payload):
    """Go through the whole of a slow question."""
    await place.door.show(key, payload, {}, FIRST)
    held = await place.door.hold(key, payload, 0, FIRST, again=False)
    for stages in (LATER[:3], LATER):
        held = await place.door.show(key, payload, held, stages)
    return await place.door.deliver(key, payload, {**rendered(), "held": held}, again=False)


@pytest.mark.parametrize("method", METHODS)
async def test_whatever_fails_on_the_way_the_answer_ends_up_whole_in_one_message(place, method):
    for fault in FAULTS:
        if method == "chat.stopStream" and fault.get("error") == "message_not_found":
            continue  # Slack says so of a message that is gone, and then the answer is a new one: below
        place.restart()
        key, payload = await place.ask(place.slack.bot)
        place.slack.fail(method, **fault)
        await through(place, key, payload)
        assert answered(place, key, payload), (method, fault)
        session = place.slack.session(payload["channel"], payload["thread_ts"])
        assert session.get("status") != "processing", (method, fault)


async def test_where_changes_of_its_message_fail_for_a_while_the_answer_is_the_next_change(place):
    for fault in FAULTS[:4]:
        key, payload = await place.ask()
        held = await place.door.hold(key, payload, 0, FIRST, again=False)
        place.slack.expire(running(place, payload))
        held = await place.door.show(key, payload, held, LATER)
        place.slack.fail("chat.update", times=2, **fault)
        held = await place.door.show(key, payload, held, LATER)
        await place.door.deliver(key, payload, {**rendered(), "held": held}, again=False)
        assert answered(place, key, payload), fault


async def test_a_stream_that_ends_early_at_any_moment_goes_on_as_changes_of_its_message(place):
    for at in range(3):
        key, payload = await place.ask()
        held = await place.door.hold(key, payload, 0, FIRST, again=False)
        for number, stages in enumerate((LATER[:3], LATER)):
            if at == number:
                place.slack.expire(running(place, payload))
            held = await place.door.show(key, payload, held, stages)
            if held.get("behind"):
                held = await place.door.show(key, payload, held, stages)
        if at < 2:
            one = running(place, payload)
            assert one.metadata["event_payload"] == {"key": key, "state": WAITING}
            assert "eur-lex.europa.eu" in str(one.blocks)
        place.slack.expire(running(place, payload))
        await place.door.deliver(key, payload, {**rendered(), "held": held}, again=False)
        assert answered(place, key, payload), at


async def test_where_a_stream_or_what_took_over_was_deleted_the_answer_is_a_new_message(place):
    for expired in (False, True):
        key, payload = await place.ask()
        held = await place.door.hold(key, payload, 0, FIRST, again=False)
        one = running(place, payload)
        if expired:
            place.slack.expire(one)
        one.deleted = True
        held = await place.door.show(key, payload, held, LATER)
        await place.door.deliver(key, payload, {**rendered(), "held": held}, again=False)
        assert answered(place, key, payload)


async def test_a_stream_that_cannot_be_ended_becomes_the_answer_once_slack_has_ended_it(place, monkeypatch):
    monkeypatch.setattr("bot.slack.post.STILL", 0.1)
    key, payload = await place.ask()
    held = await place.door.hold(key, payload, 0, FIRST, again=False)
    place.slack.fail("chat.stopStream", error="missing_scope", times=50)
    delivering = asyncio.create_task(place.door.deliver(key, payload, {**rendered(), "held": held}, again=False))
    await place.slack.wait(lambda: place.slack.calls("chat.update"))
    assert running(place, payload).is_streaming
    place.slack.expire(running(place, payload))
    await delivering
    assert answered(place, key, payload)


async def test_whenever_a_process_dies_the_next_one_makes_the_same_message_the_answer(place):
    """The calls of one question, broken off after each of them; the next run is quick, or slow enough to hold again."""

    async def begun(number, key, payload, place):
        held = {}
        works = [
            lambda: place.door.show(key, payload, {}, FIRST),
            lambda: place.door.hold(key, payload, 0, FIRST, again=False),
            lambda: place.door.show(key, payload, held, LATER),
            lambda: place.door.deliver(key, payload, {**rendered(), "held": held}, again=False),
        ]
        for work in works[: number + 1]:
            came = await work()
            held = came if isinstance(came, dict) else held

    for number in range(4):
        for unnoted in (False, True):
            for slow in (False, True):
                key, payload = await place.ask()
                await begun(number, key, payload, place)
                before = [one.ts for one in place.replies(payload)]
                if unnoted:
                    place.sent.end(f"slack:{key}", "")  # as if it had died before it could keep which stream it was
                place.restart()
                held = await place.door.hold(key, payload, 0, FIRST, again=True) if slow else {}
                held = await place.door.show(key, payload, held, LATER) if held else held
                await place.door.deliver(key, payload, {**rendered(), "held": held}, again=True)
                assert answered(place, key, payload), (number, unnoted, slow)
                assert not before or before == [one.ts for one in place.replies(payload)]


async def test_a_question_that_waits_in_the_queue_keeps_its_placeholder_and_shows_its_steps_there(place):
    key, payload = await place.ask()
    held = await place.door.hold(key, payload, 3, (), again=False)
    assert "number 3 in my queue" in running(place, payload).text
    held = await place.door.show(key, payload, held, FIRST)
    assert "Read 2 passages" not in str(running(place, payload).blocks), "perhaps the answer is there in a moment"
    held = await place.door.show(key, payload, held, FIRST)
    assert "Read 2 passages" in str(running(place, payload).blocks)
    assert (await place.door.show(key, payload, held, LATER))["behind"], "changes of a message are kept apart in time"
    await place.door.deliver(key, payload, {**rendered(), "held": held}, again=False)
    assert answered(place, key, payload)
    assert place.slack.calls("chat.startStream") == []


async def test_what_is_for_one_person_takes_the_place_of_its_placeholder_in_their_conversation(place):
    for again in (False, True):
        key = f"private-{again}"
        payload = {
            "team": TEAM, "channel": ADA, "user": ADA, "text": "Alibaba Cloud", "kind": "im", "thread_ts": "",
            "to": "person", "do": "watch",
        }  # fmt: skip
        held = await place.door.hold(key, payload, 0, (), again=False)
        held = await place.door.show(key, payload, held, FIRST) if not again else {}
        await place.door.deliver(key, payload, {**rendered(), "held": held}, again=again)
        own = [one for one in place.slack.messages(place.slack.dm(ADA).id) if one.metadata]
        (one,) = [one for one in own if one.metadata["event_payload"]["key"] == key]
        assert (one.metadata["event_payload"], one.blocks) == ({"key": key}, rendered()["blocks"])


async def test_a_run_that_was_taken_over_takes_back_its_stream(place):
    key, payload = await place.ask()
    held = await place.door.hold(key, payload, 0, FIRST, again=False)
    await place.door.retract(key, payload, held)
    assert place.replies(payload) == []


async def test_slack_s_limit_on_streams_makes_placeholders_of_the_rest(place, tmp_path, desk):
    async with Slack(limits=True) as slack, aiohttp.ClientSession() as session:
        folder = tmp_path / "limited"
        folder.mkdir()
        busy = Desk(slack, session, folder, desk)
        asked = [await busy.ask() for _ in range(24)]
        held = [await busy.door.hold(key, payload, 0, FIRST, again=False) for key, payload in asked]
        assert sum(bool(one.get("stream")) for one in held) == 20
        assert len(slack.calls("chat.startStream")) == 21, "after the first refusal nobody asks before the time is over"
        messages = [{**rendered(), "held": one} for one in held[-4:]]
        for (key, payload), message in zip(asked[-4:], messages, strict=True):
            await busy.door.deliver(key, payload, message, again=False)
            assert answered(busy, key, payload)
        busy.close()


async def test_without_a_model_the_desk_tells_of_no_step_so_that_its_answer_is_one_plain_message(desk):
    told = []
    question = Question("k", "Can we host EU customer data on Alibaba Cloud?", Asker("ann", staff=True), Place("own"))
    assert (await desk.ask(question, told.append)).claims
    assert told == []
