"""Messages to Teams, sent once: streams in their pace, what a crash or a lost answer leaves open, and what is refused."""

import asyncio

import aiohttp
import pytest
import pytest_asyncio

from bot.settings import Settings
from bot.teams import notices
from bot.teams.connector import Connector, Unreachable
from bot.teams.post import Post
from bot.teams.registration import registered
from bot.teams.streams import Streams
from knowledge.store.database import open_database
from knowledge.store.sent import Sent
from tests.servers.teams import Teams
from tests.servers.teams.content import shown

WHOLE = "The first words.\n\nThe second paragraph.\n\nThe third."


class Sender:
    """The sending side of a door before a strict Teams, with a ledger of its own."""

    def __init__(self, teams, session, folder):
        self.teams = teams
        self._session = session
        self.registration = registered(Settings(CAVEAT_HOME="/nowhere", **teams.environment))
        self.sent = Sent(open_database(f"sqlite:///{folder / 'ledger.db'}"))
        self.restart()

    def restart(self):
        """Forget all that a process forgets when it dies."""
        connector = Connector(self._session, self.registration)
        self.post = Post(connector, self.sent, Streams(connector))

    def payload(self, where):
        """What is kept of a question asked there."""
        return {"service": self.teams.service_url, "conversation": where.id}

    def message(self, where, text=WHOLE, **more):
        """A message of these words."""
        return {"conversation": where.id, "activity": {**notices.said("x"), "text": text}, **more}

    async def streamed(self, key, where, seconds=1.0):
        """Work for some seconds and send what came of it."""
        payload = self.payload(where)
        text, stream = await self.post.streams.during(asyncio.sleep(seconds, WHOLE), payload)
        return await self.post.once(key, payload, self.message(where, text, stream=stream))


@pytest_asyncio.fixture
async def sender(tmp_path):
    async with Teams() as teams, aiohttp.ClientSession() as session:
        yield Sender(teams, session, tmp_path)


def kinds(teams):
    infos = [
        entity for *_, body in teams.calls for entity in body.get("entities", []) if entity["type"] == "streaminfo"
    ]
    return [info["streamType"] for info in infos]


async def test_a_slow_answer_is_a_status_then_its_first_words_then_the_whole_and_a_quick_one_is_plain(sender):
    teams = sender.teams
    own, quick = teams.personal(teams.ada), teams.personal(teams.grace)
    ids = await asyncio.gather(sender.streamed("slow", own), sender.streamed("quick", quick, 0.1))
    assert kinds(teams) == ["informative", "streaming", "final"]
    assert {status for *_, status, _ in teams.calls} == {201, 202}
    (stream,) = teams.streams.all
    assert [one.text for one in teams.said(own)] == [WHOLE] == [stream.text]
    assert teams.said(own)[0].id == stream.id == ids[0]
    assert [one.text for one in teams.said(quick)] == [WHOLE]
    assert await sender.post.once("slow", sender.payload(own), sender.message(own)) == stream.id
    assert len(teams.said(own)) == 1


async def test_a_stream_that_was_whole_before_a_crash_is_not_told_again_and_one_that_was_not_is_ended(sender):
    teams = sender.teams
    own, other = teams.personal(teams.ada), teams.personal(teams.grace)
    streams = [
        (await sender.post.streams.during(asyncio.sleep(1.0), sender.payload(where)))[1] for where in (own, other)
    ]
    for key, where, stream in zip("ab", (own, other), streams, strict=True):
        sender.sent.begin(key, where.id, sender.message(where, stream=stream))
    await asyncio.sleep(0.5)
    assert await sender.post.streams.end(teams.service_url, sender.message(own, stream=streams[0])) == streams[0]
    sender.restart()
    await asyncio.sleep(1.0)
    for key, where, stream in zip("ab", (own, other), streams, strict=True):
        assert await sender.post.once(key, sender.payload(where), sender.message(where, stream=stream)) == stream
        assert [one.text for one in teams.said(where)] == [WHOLE]


async def test_stop_ends_a_stream_without_an_answer_and_a_stream_out_of_time_becomes_a_plain_message(sender):
    teams = sender.teams
    own, late = teams.personal(teams.ada), teams.personal(teams.grace)

    async def interrupted(key, where, words):
        working = asyncio.create_task(sender.streamed(key, where, 1.5))
        stream = await teams.wait(
            lambda: next((one for one in teams.streams.all if one.conversation == where.id), None)
        )
        stream.over = words
        return await working

    await asyncio.gather(
        interrupted("stopped", own, "Content stream was canceled by user"),
        interrupted("late", late, "Content stream finished due to exceeded streaming time"),
    )
    assert teams.said(own) == []
    assert [one.text for one in teams.said(late)] == [WHOLE]


@pytest.mark.parametrize("fault", ["begun", "lost", 500])
async def test_where_it_is_not_known_whether_a_message_arrived_it_is_offered_and_not_told_again(sender, fault):
    teams = sender.teams
    where = teams.general
    if fault == "begun":
        sender.sent.begin("k", where.id, sender.message(where))
    else:
        teams.fail(fault)
    id_ = await sender.post.once("k", sender.payload(where), sender.message(where))
    doubt = teams.said(where)[-1]
    assert doubt.id == id_
    assert "did not confirm" in shown(doubt.cards[0])
    assert [one.text for one in teams.said(where)[:-1]] == ([WHOLE] if fault == "lost" else [])
    kept = sender.sent.find("k")
    assert kept.message["activity"]["text"] == WHOLE
    again = {**sender.message(where, replace=id_), "activity": kept.message["activity"]}
    assert await sender.post.once("shown", sender.payload(where), again) == id_
    assert doubt.text == WHOLE
    assert sender.sent.find("shown").message is None


async def test_what_teams_will_not_take_may_be_sent_again_and_what_it_cannot_read_goes_as_plain_words(sender):
    teams = sender.teams
    where, payload = teams.group, sender.payload(teams.group)
    teams.fail(400)
    await sender.post.once("a", payload, sender.message(where))
    assert "its receipt holds it" in teams.said(where)[0].text
    where.installed = False
    with pytest.raises(Unreachable):
        await sender.post.once("b", payload, sender.message(where))
    assert len(teams.said(where)) == 1
    where.installed = True
    sent = await sender.post.once("b", payload, sender.message(where))
    assert await sender.post.once("b", payload, sender.message(where)) == sent
    assert [one.text for one in teams.said(where)[1:]] == [WHOLE]
    elsewhere = {**payload, "service": "http://127.0.0.1:1/teams/"}
    with pytest.raises(Unreachable):
        await sender.post.once("c", elsewhere, sender.message(where))
