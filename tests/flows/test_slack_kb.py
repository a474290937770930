"""Administrators in Slack: `/vendor-kb`, a refresh with its progress and what follows from it, files, brands, and who may."""

import asyncio
import re
from itertools import pairwise
from pathlib import Path

import aiohttp

from bot import build
from bot.settings import Settings
from knowledge.model import Kind, SourceSpec
from knowledge.refresh import refresh
from knowledge.store.deeds import Deeds
from tests.flows.processes import caveat, caveat_json, running
from tests.flows.test_slack import ADA, GENERAL, answers, served, settled
from tests.servers.slack import Slack
from tests.servers.slack.blocks import problems, view_problems

ADMIN = "T0ACME/U0ADA"
RULE = "# Robots\n\n## 1 Rule\n\nZephyr robots may be kept for {} months at most after the contract has ended.\n"


def folder(tmp_path: Path, months="six") -> Path:
    place = tmp_path / "policies"
    place.mkdir(exist_ok=True)
    (place / "robots.md").write_text(RULE.format(months))
    return place


def configured(home: Path, place: Path) -> build.Library:
    """The library of a state folder with one more source, which is not read yet."""
    library = build.library(Settings(CAVEAT_HOME=home))
    assert library.catalog.add(SourceSpec("mine", "folder", str(place), Kind.POLICY, "", "staff", ""))
    return library


def done(home: Path) -> list[str]:
    """What the audit log says was done."""
    return [one.what for one in Deeds(build.library(Settings(CAVEAT_HOME=home)).engine).all()]


async def replied(slack, number, own=""):
    """The administrator's conversation with the app, once it has so many messages of the app."""
    own = own or slack.dm(ADA).id
    await slack.wait(lambda: len(answered(slack, own)) >= number, 60)
    return answers(slack, own)


def answered(slack, channel):
    """The app's messages in a channel, without those that only say that it works."""
    return [one for one in answers(slack, channel) if "will appear here" not in one.text]


async def kb(slack, text, user=ADA):
    sent = await slack.command("/vendor-kb", text, user, GENERAL)
    return sent.attempts[0].body


async def test_a_refresh_is_confirmed_told_in_one_message_and_updates_the_thread_of_an_answer_once(home, tmp_path):
    refresh(configured(home, folder(tmp_path)).refresher)
    public = {"CAVEAT_PUBLIC_URL": "https://caveat.example.test"}
    async with served(home, CAVEAT_ADMINS=ADMIN, **public) as (slack, server):
        asked = await slack.say(ADA, GENERAL, f"<@{slack.bot}> For how many months may Zephyr robots be kept?")
        await slack.wait(lambda: answers(slack, GENERAL, asked.ts), 60)
        assert "six months" in str(answers(slack, GENERAL)[0].blocks)
        folder(tmp_path, "nine")
        assert "comes as a message" in await kb(slack, "refresh mine")
        (question,) = await replied(slack, 1)
        assert "Read mine again" in question.text
        await slack.click(ADA, question, "kb_refresh")
        await slack.wait(lambda: "The refresh is done" in question.text, 60)
        assert len(await replied(slack, 1)) == 1
        assert problems(question.blocks) == []
        assert "1 changed" in question.text
        updates = [call for call in slack.calls("chat.update") if call.args["ts"] == question.ts]
        assert "Refreshing mine" in updates[0].args["text"]
        moments = [call.at for call in updates]
        assert all(later - earlier > 0.9 for earlier, later in pairwise(moments))

        await slack.click(ADA, question, "kb_tell_0")
        await slack.wait(lambda: len(answers(slack, GENERAL, asked.ts)) == 3, 60)
        _, notice, again = answers(slack, GENERAL, asked.ts)
        assert "has changed with edition 3" in notice.text
        assert "https://caveat.example.test/receipts/" in str(notice.blocks)
        assert "nine months" in str(again.blocks)
        assert "goes into the thread" in (await replied(slack, 2))[1].text
        await slack.click(ADA, question, "kb_tell_0")
        assert "posted already" in (await replied(slack, 3))[2].text
        await settled(slack)
        assert len(answers(slack, GENERAL, asked.ts)) == 3

        await kb(slack, "rollback")
        sure = (await replied(slack, 4))[3]
        await slack.click(ADA, sure, "kb_rollback")
        assert "Edition 2 is in service again" in (await replied(slack, 5))[4].text
        await kb(slack, "remove mine")
        await slack.click(ADA, (await replied(slack, 6))[5], "kb_remove")
        assert "Source mine is removed" in (await replied(slack, 7))[6].text
        await _pictured(slack, server)
        for number, word in enumerate(("status", "sources", "gaps", "impact", "pairs list"), start=8):
            await kb(slack, word)
            assert problems((await replied(slack, number))[number - 1].blocks) == []
    assert caveat(home, "sources", "add", "more", "--type", "folder", "--at", str(tmp_path)).returncode == 0
    told = caveat_json(home, "audit")["actions"]
    assert [(one["door"], one["who"], one["team"], one["what"]) for one in told] == [
        ("slack", "slack:U0ADA", "T0ACME", "refresh"),
        ("slack", "slack:U0ADA", "T0ACME", "update posted"),
        ("slack", "slack:U0ADA", "T0ACME", "rollback"),
        ("slack", "slack:U0ADA", "T0ACME", "source removed"),
        ("terminal", "operator", "", "source added"),
    ]
    assert told[0]["outcome"] == "edition 3: 0 added, 1 changed, 0 removed, 0 failed, 0 lists taken"


async def _pictured(slack, server):
    """The home of an administrator shows one picture behind a signed link, which opens for no other figures."""
    await slack.open_home(ADA)
    view = await slack.wait(lambda: slack.home(ADA), 60)
    assert view_problems(view.body, "home") == []
    (image,) = [block for block in view.body["blocks"] if block["type"] == "image"]
    assert image["image_url"].startswith("https://caveat.example.test/charts/")
    own = image["image_url"].replace("https://caveat.example.test", server.url)
    async with aiohttp.ClientSession() as session:
        async with session.get(own) as response:
            assert (response.status, response.content_type) == (200, "image/png")
            assert (await response.read()).startswith(b"\x89PNG")
        async with session.get(re.sub(r"charts/\d+", "charts/999", own)) as response:
            assert response.status == 404


async def test_a_worker_that_is_killed_while_it_tells_of_a_refresh_leaves_the_end_to_the_next_one(home, tmp_path):
    place = folder(tmp_path)
    for number in range(9):
        (place / f"p{number}.md").write_text(RULE.format(number))
    configured(home, place)
    async with Slack() as slack:
        ways = {
            "SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_SIGNING_SECRET": slack.signing_secret,
            "CAVEAT_ADMINS": ADA,
        }  # fmt: skip
        async with running(home, "serve", **ways) as server:
            slack.events_url = f"{server.url}/slack/events"
            await kb(slack, "refresh")
            (question,) = await replied(slack, 1)
            await slack.click(ADA, question, "kb_refresh")
            await slack.wait(lambda: "Refreshing" in question.text, 60)
            await kb(slack, "refresh")
            assert "running already" in (await replied(slack, 2))[1].text
            await server.kill()
        async with running(home, "serve", **ways):
            await slack.wait(lambda: "The refresh is done" in question.text, 60)
        assert len(answers(slack, slack.dm(ADA).id)) == 2
        assert "10 added" in question.text
    assert done(home) == ["refresh"]


async def test_forms_name_what_is_wrong_and_files_are_kept_or_refused_in_words_and_brands_and_the_home_follow(home):
    async with served(home, CAVEAT_ADMINS=ADMIN) as (slack, _):
        await kb(slack, "add")
        form = await slack.wait(lambda: slack.modal(ADA))
        assert view_problems(form.body, "modal") == []
        said = {"name": "bad name", "type": "feed", "at": "https://example.test/feed.xml", "visibility": "everyone"}
        assert '"name"' in (await slack.submit(ADA, said, form)).attempts[0].body
        assert '"visibility"' in (await slack.submit(ADA, said | {"name": "news"}, form)).attempts[0].body
        local = {"name": "etc", "type": "folder", "at": "/etc", "visibility": "public"}
        assert "caveat sources add" in (await slack.submit(ADA, local, form)).attempts[0].body
        good = {
            "name": "news",
            "type": "feed",
            "at": "https://example.test/feed.xml",
            "visibility": "staff",
            "every": "1d",
        }
        await slack.submit(ADA, good, form)
        assert "Source news is added" in (await replied(slack, 1))[0].text

        own = slack.dm(ADA).id
        policy = await slack.share(ADA, own, "robots.md", RULE.format("six").encode())
        offer = (await replied(slack, 2))[1]
        await slack.click(ADA, offer, "kb_file_0")
        form = await slack.wait(lambda: slack.modal(ADA))
        filled = {"title": "Robots", "visibility": "public", "kind": "policy"}
        await slack.submit(ADA, filled, form)
        assert "is kept as robots-" in (await replied(slack, 3))[2].text
        assert set(policy.shown) == {slack.bot_token}
        assert len(list((home / "uploads").glob("robots-*.md"))) == 1

        await slack.share(ADA, own, "virus.exe", b"MZ")
        assert "this format is not read" in (await replied(slack, 4))[3].text
        await slack.share(ADA, own, "huge.pdf", b"%PDF", size=30_000_000)
        assert "larger than 20 MB" in (await replied(slack, 5))[4].text
        elsewhere = f"http://localhost:1/files/{policy.told['id']}/a.md"
        for number, told in ((6, {"url_private_download": elsewhere}), (8, {"content": b"<!DOCTYPE html><html>"})):
            content = told.pop("content", b"# A")
            await slack.share(ADA, own, "a.md", content, **told)
            await slack.click(ADA, (await replied(slack, number))[number - 1], "kb_file_0")
            form = await slack.wait(lambda: slack.modal(ADA))
            await slack.submit(ADA, filled, form)
            assert "was not kept" in (await replied(slack, number + 1))[number].text
        assert len(list((home / "uploads").iterdir())) == 2
        await _brands(slack, home)
        await _at_home(slack)
    assert done(home) == ["source added", "upload", "upload", "upload", "pair added", "pair removed"]


async def _brands(slack, home):
    """A brand that an administrator adds counts in the next check, in every process, and not after it is removed."""
    legal = "Hangzhou Hikvision Digital Technology Company"
    assert "pairs add BRAND" in await kb(slack, "pairs add")
    await kb(slack, f"pairs add Seagull Nimbus = {legal} (annual report 2025, p. 12)")
    assert "is tied to" in (await replied(slack, 10))[9].text
    await slack.command("/vendor-check", "Seagull Nimbus", ADA, GENERAL)
    card = str((await replied(slack, 11))[10].blocks)
    assert "is a brand of Hangzhou Hikvision" in card
    assert "annual report 2025, p. 12; added by ada on " in card
    removed = await asyncio.to_thread(caveat, home, "pairs", "remove", "SEAGULL nimbus")
    assert removed.returncode == 0
    await slack.command("/vendor-check", "Seagull Nimbus", ADA, GENERAL)
    assert "Hikvision" not in str((await replied(slack, 12))[11].blocks)


async def _at_home(slack):
    """The home shows what somebody watches, and the messages tab suggests questions that are answered."""
    own = slack.dm(ADA).id
    await slack.command("/vendor-watch", "Zephyr Robotics", ADA, GENERAL)
    await replied(slack, 13)
    await slack.open_home(ADA)
    view = await slack.wait(lambda: slack.home(ADA), 60)
    assert view_problems(view.body, "home") == []
    assert "Zephyr Robotics" in str(view.body)
    assert "You read sources for all staff" in str(view.body)
    await slack.open_home(ADA, "messages")
    prompts = await slack.wait(lambda: slack.prompts(own), 60)
    assert len(prompts["prompts"]) == 4
    assert "Zephyr Robotics" in prompts["prompts"][0]["message"], "what the person watches comes first"
    for number, prompt in enumerate(prompts["prompts"], start=14):
        await slack.say(ADA, own, prompt["message"])
        answer = (await replied(slack, number))[number - 1]
        assert "rich_text_quote" in str(answer.blocks), prompt["message"]
