"""What an operator sees of a running server: figures without words, and logs without what people wrote."""

import asyncio
import json

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bot import build
from bot.metrics import Metrics, watched
from bot.settings import Settings
from bot.slack.blocks import WORKING
from bot.slack.manifest import scopes
from tests.flows.asking import ask
from tests.flows.processes import caveat, running
from tests.flows.test_slack import ADA, GENERAL, HOSTING, answers
from tests.servers.model import Fault, Hostile, Model
from tests.servers.slack import Slack

TOKEN = "xoxb-24680-markertoken"
WORD = "zanzibarium"


async def figures(url):
    """The samples of a process: name to labels to value."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as response:
        assert response.status == 200
        text = await response.text()
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found, text


async def test_figures_count_what_happened_and_neither_they_nor_the_logs_hold_what_people_wrote(home):
    async with Slack(bot_token=TOKEN) as slack:
        there = {"SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": slack.signing_secret}
        async with running(home, "serve", **there) as server:
            slack.events_url = f"{server.url}/slack/events"
            await slack.say(ADA, GENERAL, f"<@{slack.bot}> {HOSTING}")
            await slack.say(ADA, GENERAL, f"<@{slack.bot}> Has {WORD} been convicted of espionage in {WORD}?")
            await slack.command("/vendor-check", WORD, ADA, GENERAL)
            await slack.wait(lambda: len(answers(slack, GENERAL)) == 2 and answers(slack, slack.dm(ADA).id), 60)
            spoken = (GENERAL, slack.dm(ADA).id)
            await slack.wait(lambda: WORKING not in str([m.blocks for one in spoken for m in answers(slack, one)]), 60)
            slack.fail("chat.postMessage", error="restricted_action")
            await slack.say(ADA, GENERAL, f"<@{slack.bot}> Is {WORD} allowed?")
            await slack.forge({"type": "event_callback", "event": {"text": WORD}, "token": TOKEN}, secret="wrong")
            verified = await slack.forge({"type": "url_verification", "challenge": "3eZbrw1a"})
            assert (verified.status, "3eZbrw1a" in verified.body) == (200, True)
            broken = (("door", "slack"), ("step", "deliver"))
            found = {}
            async with asyncio.timeout(20):
                while not found.get("caveat_failures_total", {}).get(broken):
                    await asyncio.sleep(0.2)
                    found, text = await figures(server.url)
        log = server.errors.read_text()
    assert found["caveat_answers_total"][("outcome", "answered"), ("rung", "R1")] == 1
    assert sum(found["caveat_answers_total"].values()) == 3
    assert sum(found["caveat_checks_total"].values()) == 1
    assert found["caveat_slack_errors_total"] == {(("code", "restricted_action"), ("method", "chat.postMessage")): 1}
    assert found["caveat_step_seconds_count"][("door", "slack"), ("step", "compose")] == 4
    assert found["caveat_ack_seconds_count"][(("way", "http"),)] >= 5
    assert (found["caveat_edition"][()], found["caveat_up"][()]) == (1, 1)
    assert found["caveat_edition_age_seconds"][()] > 0
    assert {dict(labels)["state"] for labels in found["caveat_jobs"]} == {"waiting", "running", "failed"}
    for secret in (WORD, TOKEN, "markertoken", slack.signing_secret, ADA, GENERAL, "Alibaba"):
        assert secret not in text
    for secret in (WORD, "markertoken", slack.signing_secret, "Alibaba Cloud?"):
        assert secret not in log
    for line in log.splitlines():
        assert {"event", "level", "timestamp"} <= json.loads(line).keys(), line


async def test_calls_of_a_model_and_what_the_gate_dropped_are_counted_also_while_the_database_is_away(library):
    async with Model() as model:
        settings = Settings(
            CAVEAT_MODEL="local", OPENAI_BASE_URL=model.base_url, OPENAI_API_KEY="sk-test", CAVEAT_BUDGET_SECONDS=3
        )
        metrics = Metrics(lambda: None)
        desk = watched(build.desk(settings, library), metrics)
        model.behave(Hostile("altered_number"))
        await ask(desk, HOSTING)
        model.behave(Fault("500"))
        await ask(desk, HOSTING)
        await desk.drafting.close()
    page = metrics.page().decode()
    assert 'caveat_model_calls_total{outcome="ok"}' in page
    assert 'caveat_model_left_out_total{why="status"} 1.0' in page
    assert 'caveat_dropped_claims_total{check="' in page
    assert "caveat_up 0.0" in page
    assert "Alibaba" not in page


def doctor(home, **environment):
    """What `caveat doctor` says of each check, and its exit code."""
    ran = caveat(home, "doctor", "--json", **environment)
    assert "marker" not in ran.stdout + ran.stderr
    return {one["check"]: (one["state"], one["note"]) for one in json.loads(ran.stdout)["checks"]}, ran.returncode


async def test_doctor_says_of_each_part_of_slack_how_it_stands_and_what_to_do(home):
    async with Slack(bot_token=TOKEN, app_token="xapp-1234567890-marker") as slack:
        there = {"SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": TOKEN, "SLACK_APP_TOKEN": slack.app_token}
        slack.world.scopes = ",".join(scopes())
        async with running(home, "web", SLACK_SIGNING_SECRET="marker") as server:
            well, code = await asyncio.to_thread(
                doctor, home, **there, SLACK_SIGNING_SECRET="marker", CAVEAT_PUBLIC_URL=server.url
            )
        names = ("slack over HTTP", "slack token", "slack scopes", "slack socket mode", "clock", "public address")
        assert {name: well[name][0] for name in names} == dict.fromkeys(names, "ok")
        assert code == 0
        slack.world.scopes = "chat:write,commands"
        there |= {"SLACK_APP_TOKEN": "xapp-9876543210-marker", "CAVEAT_PUBLIC_URL": server.url}
        ill, code = await asyncio.to_thread(doctor, home, **there)
        assert "users:read.email" in ill["slack scopes"][1]
        assert "chat:write" not in ill["slack scopes"][1]
        assert "(invalid_auth)" in ill["slack socket mode"][1]
        assert "does not answer from here" in ill["public address"][1]
        assert {ill[name][0] for name in names} == {"ok", "off", "bad"}
        assert code == 1
        oauth, _ = await asyncio.to_thread(doctor, home, SLACK_API_URL=slack.api_url, SLACK_CLIENT_ID="1.2")
        assert "CAVEAT_SECRET_KEY" in oauth["slack by OAuth"][1]
