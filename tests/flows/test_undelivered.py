"""Answers that could not be delivered: a worker or an administrator sends each again, once, to those who may read it then."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from bot.cli import app
from knowledge.store.database import open_database
from knowledge.store.deeds import Deeds
from knowledge.store.durable import DeadLetter, DeadLetters
from tests.flows.test_operating import figures
from tests.flows.test_slack import ADA, GENERAL, HOSTING, answers, served
from tests.servers.slack import Slack

LAW = "How soon must a processor tell us about a data breach?"


STEPS = (
    "select name, queue_name, application_version, function_id, function_name"
    " from workflow_status join operation_outputs using (workflow_uuid)"
)


def journal(home):
    """What the engine has kept of works: of which name in which queue of which version, and each step with its number."""
    with closing(sqlite3.connect(home / "jobs.db")) as kept:
        return set(kept.execute(STEPS))


@pytest.fixture
def engine(home):
    opened = open_database(f"sqlite:///{home / 'caveat.db'}")
    yield opened
    opened.dispose()


async def until(found, seconds=40):
    async with asyncio.timeout(seconds):
        while not (value := await asyncio.to_thread(found)):  # noqa: ASYNC110 - another process finds it
            await asyncio.sleep(0.1)
    return value


async def undelivered(slack: Slack, letters: DeadLetters, text: str):
    """Ask in a channel that takes no message; return the question and the letter that is left of its answer."""
    known = {one.key for one in letters.all()}
    slack.workspace.channels[GENERAL].is_archived = True
    asked = await slack.say(ADA, GENERAL, f"<@{slack.bot}> {text}")
    (letter,) = await until(lambda: [one for one in letters.all() if one.key not in known])
    slack.workspace.channels[GENERAL].is_archived = False
    return asked, letter


async def work(home, *arguments):
    """Run `caveat work` in this process, which saves a start of Python each time."""
    command = ["work", *arguments, "--json"]
    ran = await asyncio.to_thread(CliRunner().invoke, app, command, env={"CAVEAT_HOME": str(home)})
    return json.loads(ran.stdout), ran.exit_code


async def test_an_undelivered_answer_is_sent_once_by_hand_or_by_itself_or_dropped_and_shows_no_more_than_may_be_read(
    home, engine
):
    letters, deeds = DeadLetters(engine), Deeds(engine)
    async with served(home) as (slack, server):
        asked, letter = await undelivered(slack, letters, HOSTING)
        assert letter.next_at is None, "a channel stays archived until somebody does something"
        assert (await figures(server.url))[0]["caveat_jobs"][(("state", "failed"),)] == letters.count() == 1
        (row,) = (await work(home, "list"))[0]["undelivered"]
        assert (row["key"], row["composed"], row["why"]) == (letter.key, True, "the channel is archived")
        assert (await work(home, "again", letter.key))[1] == 0
        await slack.wait(lambda: answers(slack, GENERAL, asked.ts), 40)
        await until(lambda: not letters.count())
        (told,) = answers(slack, GENERAL, asked.ts)
        assert told.text == letter.message["text"]
        assert (await work(home, "again", letter.key))[1] == 2

        # Its delivery was lost on the way back: what stands there already is found and not posted twice.
        posts = len(slack.calls("chat.postMessage"))
        past = datetime.now(UTC) - timedelta(seconds=1)
        letters.keep(
            DeadLetter(letter.key, "slack", past, past, "Slack was away", letter.payload, letter.message, 1, past)
        )
        await until(lambda: not letters.count())
        assert (len(slack.calls("chat.postMessage")), len(answers(slack, GENERAL, asked.ts))) == (posts, 1)

        # Who reads the channel is asked again: policy that the stored answer quotes is not for a guest.
        asked, letter = await undelivered(slack, letters, LAW)
        assert "POL-06" in json.dumps(letter.message)
        guest = slack.add_user("guest", is_restricted=True)
        slack.workspace.channels[GENERAL].members.add(guest.id)
        await work(home, "again", letter.key)
        await slack.wait(lambda: answers(slack, GENERAL, asked.ts), 40)
        await until(lambda: not letters.count())
        (told,) = answers(slack, GENERAL, asked.ts)
        assert "GDPR" in told.text
        assert "POL-06" not in json.dumps([told.text, told.blocks])

        # Work that an older version began goes on by these names, in this order: none of them may ever change.
        answer, again = ("answer", "conversations", "1"), ("again", "conversations", "1")
        steps = {(*answer, 1, "claim"), (*answer, 2, "compose"), (*answer, 3, "deliver")}
        await until(lambda: journal(home) == steps | {(*again, 1, "renew"), (*again, 2, "resend")})

        _, letter = await undelivered(slack, letters, "hello")
        assert (await work(home, "drop", letter.key))[1] == 0
        assert await work(home, "list") == ({"undelivered": []}, 0)
    done = deeds.all()
    assert [one.what for one in done] == ["work again", "work again", "work dropped"]
    assert (done[-1].subject, done[-1].outcome) == (letter.key, "never delivered: the channel is archived")
