"""What a trace shows of a question, a check and a refresh: from the event to the delivery, through the queue and a kill."""

import asyncio
import json

import pytest

from bot.settings import Settings
from bot.tracing import tracing
from knowledge.spans import carrier, ids, span
from tests.flows.processes import caveat, running
from tests.flows.slow import SlowModel
from tests.flows.test_slack import ADA, GENERAL, HOSTING, answers
from tests.servers.otlp import Collector
from tests.servers.slack import Slack

pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra otel is not installed")
SECRET_WORD = "zanzibarium"
KEY = "sk-tracemarker123456"


async def arrived(collector, name, count=1):
    async with asyncio.timeout(30):
        while len(collector.named(name)) < count:  # noqa: ASYNC110 - spans come from another process
            await asyncio.sleep(0.05)
    return collector.named(name)


async def test_a_question_is_one_trace_from_its_event_to_its_delivery_also_across_a_kill(home):
    async with Collector() as collector, Slack() as slack, SlowModel() as model:
        there = {
            "SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": slack.bot_token, "CAVEAT_MODEL": "local",
            "SLACK_SIGNING_SECRET": slack.signing_secret, "OPENAI_BASE_URL": model.base_url, "OPENAI_API_KEY": KEY,
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=here",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }  # fmt: skip
        async with running(home, "serve", **there) as server:
            slack.events_url = f"{server.url}/slack/events"
            await slack.say(ADA, GENERAL, f"<@{slack.bot}> {HOSTING}")
            await slack.wait(lambda: answers(slack, GENERAL), 30)
            (delivered,) = await arrived(collector, "deliver slack")
            await arrived(collector, "process conversations")
            logged = [json.loads(line) for line in server.errors.read_text().splitlines()]
            await slack.command("/vendor-check", SECRET_WORD, ADA, GENERAL)
            await arrived(collector, "process conversations", 2)

            model.shut()
            before = len(collector.named("send conversations"))
            await slack.say(ADA, GENERAL, f"<@{slack.bot}> {HOSTING} ({SECRET_WORD})")
            cut_off = (await arrived(collector, "send conversations", before + 1))[-1]
            async with asyncio.timeout(20):
                while model.calls < 3:  # noqa: ASYNC110 - so do calls
                    await asyncio.sleep(0.05)
            await server.kill()
        model.open()
        async with running(home, "serve", **there) as server:
            slack.events_url = f"{server.url}/slack/events"
            again = (await arrived(collector, "process conversations", 3))[-1]
            await server.stop()

    assert collector.above(delivered) == ["process conversations", "send conversations", "receive http"]
    mine = {span.name: span for span in collector.spans if span.trace == delivered.trace}
    assert mine["send conversations"].kind == "producer"
    assert mine["process conversations"].kind == "consumer"
    assert {
        "understand",
        "search",
        "search words",
        "search vectors",
        "weigh",
        "restate",
        "rank",
        "draft",
        "gate",
        "keep receipt",
    } <= set(mine)
    calls = {
        collector.above(one)[0]: one
        for one in collector.spans
        if (one.trace, one.name) == (delivered.trace, "chat local")
    }
    call = calls["draft"]
    assert collector.above(calls["restate"])[:2] == ["restate", "answer"]
    assert collector.above(call)[:2] == ["draft", "answer"]
    assert (call.kind, call.attributes["gen_ai.operation.name"], call.attributes["gen_ai.request.model"]) == (
        "client",
        "chat",
        "local",
    )
    assert call.attributes["gen_ai.usage.input_tokens"] > 0
    assert call.attributes["gen_ai.usage.output_tokens"] > 0
    assert mine["answer"].attributes["caveat.rung"] == "R0"
    assert call.resource["service.name"] == "caveat"
    assert call.resource["deployment.environment.name"] == "here"
    assert any(line.get("trace_id") == delivered.trace for line in logged)

    assert collector.above(collector.named("screen")[0])[:3] == ["check", "compose slack", "process conversations"]

    assert again.trace == cut_off.trace
    assert again.links == (cut_off.trace,)
    assert (again.attributes["caveat.again"], cut_off.attributes.get("caveat.again")) == (True, None)

    seen = b"".join(collector.bodies)
    for secret in (SECRET_WORD, "EU customer data", ADA, GENERAL, KEY, slack.bot_token, slack.signing_secret):
        assert secret.encode() not in seen


async def test_a_refresh_is_a_trace_of_its_steps(home, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "pol.md").write_text(
        "---\nid: pol.x\ntitle: X\ncitation: POL-99\nkind: policy\npublished: 2026-01-01\n---\n\n1.1 A vendor must ask.\n"
    )
    caveat(home, "sources", "add", "mine", "--type", "folder", "--at", str(tmp_path / "mine"), "--kind", "policy")
    async with Collector() as collector:
        ran = await asyncio.to_thread(caveat, home, "refresh", "--json", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
        assert ran.returncode == 0, ran.stderr
    (whole,) = collector.named("refresh")
    assert (whole.attributes["caveat.state"], whole.parent) == ("published", "")
    assert collector.above(collector.named("read source")[0]) == ["harvest", "refresh"]
    assert collector.above(collector.named("embed")[0]) == ["shelve", "refresh"]
    assert collector.above(collector.named("publish")[0]) == ["refresh"]


@pytest.mark.parametrize("off", [{"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}])
async def test_nothing_is_sent_where_tracing_is_turned_off(off):
    assert Settings(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1").traces
    assert not Settings(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1", **off).traces
    assert not Settings().traces
    with tracing(Settings(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1", **off)), span("answer") as traced:
        traced.note({"caveat.rung": "R1"})
        assert (carrier(), ids()) == ({}, {})
