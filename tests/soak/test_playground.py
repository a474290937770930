"""A look at Microsoft's own playground for Teams, where somebody has installed it and accepted its terms: drawn as it should be.

`CAVEAT_PLAYGROUND` names the folder that `npm install @microsoft/m365agentsplayground` was run in. It is pre-release software for
evaluation; nothing of it belongs to this project. The pictures are kept beside the test's other files, to be looked at.
"""

import asyncio
import json
import os
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import yaml

from tests.flows.browser import DESK, browser
from tests.flows.processes import free_port, running

TENANT = "11111111-2222-3333-4444-555555555555"
ENTER, COMPOSER = "\ue007", '[data-lexical-editor="true"]'


@pytest.mark.soak
async def test_the_playground_draws_answers_cards_and_labels(home, tmp_path, record_property):
    folder = os.environ.get("CAVEAT_PLAYGROUND", "")
    if not folder:
        pytest.skip("CAVEAT_PLAYGROUND names no installed playground")
    port = free_port()
    there = {
        "CAVEAT_HOST": "127.0.0.1", "DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS": "true", "TENANT_ID": TENANT,
        "CAVEAT_TEAMS_HOSTS": f"127.0.0.1:{port},localhost:{port}",
    }  # fmt: skip
    async with (
        running(home, "serve", **there) as server,
        _playground(Path(folder), tmp_path, port, f"{server.url}/api/messages"),
        browser(tmp_path / "profile") as page,
    ):
        await page.become(DESK)
        await page.open(f"http://127.0.0.1:{port}")
        await _shown(page, "In a channel or a group, mention me.")
        await _say(page, "Can we host EU customer data on Alibaba Cloud?")
        await _shown(page, "is an allegation, not a finding")
        await _shown(page, "AI generated")
        await page.picture(tmp_path / "answer.png")
        await _say(page, "vendor-check Huawei")
        await _shown(page, "Watch this vendor")
        await page.picture(tmp_path / "card.png")
        record_property("pictures", str(tmp_path))
        print("pictures:", tmp_path / "answer.png", tmp_path / "card.png")
    answered = [one["response"]["statusCode"] for one in _recorded(tmp_path)]
    assert len(answered) >= 6
    assert all(200 <= code < 300 for code in answered), answered


@asynccontextmanager
async def _playground(folder: Path, at: Path, port: int, endpoint: str):
    """Run the playground until the block ends; it tells nobody and opens no browser of its own."""
    (at / ".m365agentsplayground.yml").write_text(yaml.safe_dump(_people()), encoding="utf-8")
    command = [
        folder / "node_modules/.bin/agentsplayground", "start", "-e", endpoint, "-c", "msteams", "-p", str(port),
        "--enable-events-recording", "--disable-telemetry",
    ]  # fmt: skip
    env = {**os.environ, "TEAMSAPPTESTER_BROWSER": "none", "APPLICATION_INSIGHTS_NO_STATSBEAT": "true"}
    process = await asyncio.create_subprocess_exec(*command, cwd=at, env=env, stdout=asyncio.subprocess.DEVNULL)
    try:
        async with asyncio.timeout(60):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                except OSError:
                    assert process.returncode is None, "the playground ended by itself: see its log in devTools"
                    await asyncio.sleep(0.2)
        yield
    finally:
        process.terminate()
        await process.wait()


def _people() -> dict:
    people = [
        {
            "id": f"user-{n}", "name": f"User {n}", "userPrincipleName": f"user{n}@example.com", "givenName": "User",
            "aadObjectId": f"aaaaaaaa-0000-0000-0000-00000000000{n}", "surname": str(n), "email": f"user{n}@example.com",
        }
        for n in range(6)
    ]  # fmt: skip
    return {
        "version": "0.1.1", "tenantId": TENANT, "bot": {"id": "bot-caveat", "name": "Caveat"}, "currentUser": people[0],
        "users": people[1:], "personalChat": {"id": "personal-chat"}, "groupChat": {"id": "group-chat", "name": "group chat"},
        "team": {
            "id": "team", "aadGroupId": "bbbbbbbb-0000-0000-0000-000000000001", "name": "Procurement",
            "channels": [{"id": "channel-1", "name": "General"}],
        },
    }  # fmt: skip


async def _say(page, text: str) -> None:
    found = await page.call("POST", "/element", {"using": "css selector", "value": COMPOSER})
    element = next(iter(found.values()))
    await page.call("POST", f"/element/{element}/click", {})
    await page.call("POST", f"/element/{element}/value", {"text": text + ENTER})


async def _shown(page, words: str) -> None:
    async with asyncio.timeout(60):
        while words not in await page.run("return document.body.innerText"):  # noqa: ASYNC110 - a page of another's has no event for us
            await asyncio.sleep(0.3)


def _recorded(at: Path) -> list[dict]:
    file = next((at / "devTools").glob("events_recording_*.log"))
    parts = file.read_text(encoding="utf-8").split("\n---\n")
    return [json.loads(part.strip().strip("-")) for part in parts if part.strip().strip("-")]
