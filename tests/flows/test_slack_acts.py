"""What people do with an answer in Slack: its evidence, opinions, the policy's owner, decisions about the vendor, the memo."""

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta

from bot import build
from bot.settings import Settings
from knowledge.decision import Choice, Decision
from knowledge.store.decisions import Decisions
from tests.flows.processes import caveat_json
from tests.flows.test_slack import ADA, GENERAL, HOSTING, answers, served, shared_card
from tests.servers.slack.blocks import problems, view_problems

GRACE = "U0GRACE"


async def asked(slack, text=HOSTING, channel=GENERAL):
    """Ask in a channel and return the answer."""
    root = await slack.say(ADA, channel, f"<@{slack.bot}> {text}")
    # On a busy machine the notice that it takes longer stands there first.
    await slack.wait(lambda: "feedback" in str([one.blocks for one in answers(slack, channel, root.ts)]), 60)
    return answers(slack, channel, root.ts)[0]


async def shown(slack, user):
    """Return the modal of a user once it is filled."""
    return await slack.wait(lambda: (one := slack.modal(user)) and "looked up" not in str(one.body) and one, 30)


async def said(slack, user, words):
    """Wait until a user alone is told something."""
    return await slack.wait(lambda: next((m for m in slack.whispers(user) if words in m.text), None), 30)


async def replied(slack, root, words):
    """Wait until the thread says something."""
    return await slack.wait(
        lambda: next((m for m in answers(slack, GENERAL, root) if words in m.text or words in str(m.blocks)), None), 30
    )


async def looked_into(slack, answer):
    """Open the evidence: every quote of the answer stands there in bold."""
    await slack.click("U0BOB", answer, "evidence_show")
    view = await shown(slack, "U0BOB")
    whole = str(view.body)
    assert "Edition 1, as of" in whole
    assert "allegation, not a finding" in whole
    assert "https://caveat.example/receipts/" in whole
    bold = [one for one in _walk(view.body) if one.get("type") == "text" and one.get("style") == {"bold": True}]
    quoted = {part["text"] for part in _walk(answer.blocks) if part.get("type") == "text"}
    assert sum(one["text"] in quoted for one in bold) >= 3


async def turned(slack, card):
    """Turn the pages of a card's evidence to the end and back."""
    await slack.click("U0BOB", card, "evidence_show")
    view = await shown(slack, "U0BOB")
    assert "page 1 of 2" in str(view.body)
    assert "listed since" in str(view.body)
    await slack.click("U0BOB", view, "evidence_page_on")
    await slack.wait(lambda: "page 2 of 2" in str(view.body), 30)
    assert view_problems(view.body, "modal") == []
    await slack.click("U0BOB", view, "evidence_page_back")
    await slack.wait(lambda: "page 1 of 2" in str(view.body), 30)


async def judged(slack, answer):
    """Say that it helped, and why it did not."""
    await slack.click(GRACE, answer, "feedback", "positive")
    await said(slack, GRACE, "Thank you")
    await slack.click("U0BOB", answer, "feedback", "negative")
    form = await slack.wait(lambda: (one := slack.modal("U0BOB")) and "reasons" in str(one.body) and one, 30)
    empty = await slack.submit("U0BOB", {"reasons": ["other"]}, form)
    assert "what else it was" in empty.attempts[0].body
    await slack.submit("U0BOB", {"reasons": ["outdated", "other"], "words": "<!here> since May"}, form)
    await slack.wait(lambda: "Thank you" in str(form.body), 30)


async def handed_over(slack, answer):
    """Ask the policy's owner, once, until it is resolved."""
    await slack.click("U0BOB", answer, "owner_ask")
    handed = await replied(slack, answer.thread_ts, "is asked")
    assert HOSTING in str(handed.blocks)
    assert "https://caveat.example/receipts/" in str(handed.blocks)
    await slack.click("U0EVE", answer, "owner_ask")
    await said(slack, "U0EVE", "already, in this thread; it is open")
    await slack.click("U0EVE", handed, "owner_resolved")
    await said(slack, "U0EVE", "it stays open")
    await slack.click(ADA, handed, "owner_resolved")
    done = await replied(slack, answer.thread_ts, "Resolved by")
    assert done.ts == handed.ts
    assert "owner_resolved" not in str(done.blocks)
    assert problems(done.blocks) == []


async def taken_along(slack, answer, receipt):
    """Take the memo as a file, once in each thread, and be told where Slack does not take it."""
    await slack.click("U0BOB", answer, "memo_file")
    memo = await slack.wait(lambda: next((m for m in answers(slack, GENERAL) if m.files), None), 30)
    assert memo.thread_ts == answer.thread_ts
    assert receipt in memo.files[0].name
    assert b"<!doctype html>" in memo.files[0].body.lower()
    await slack.click(ADA, answer, "memo_file")
    await said(slack, ADA, "The memo is in this thread")
    assert len([m for m in answers(slack, GENERAL) if m.files]) == 1
    slack.fail("files.getUploadURLExternal", error="missing_scope")
    await slack.click(ADA, await asked(slack, "How long does an exception last?"), "memo_file")
    await said(slack, ADA, "no file was posted")


async def alone_and_broken(slack, home):
    """Use the buttons below an answer that one person alone sees, and then without the ledger's tables."""
    elsewhere = slack.add_channel("elsewhere", ADA, bot=False, is_private=True)
    await slack.command("/vendor-ask", HOSTING, ADA, elsewhere.id)
    answer = await said(slack, ADA, "allegation")
    await slack.click(ADA, answer, "evidence_show")
    assert "in bold" in str((await shown(slack, ADA)).body)
    own = slack.dm(ADA).id
    await slack.click(ADA, answer, "memo_file")
    await slack.wait(lambda: [file for m in answers(slack, own) for file in m.files], 30)
    with sqlite3.connect(home / "caveat.db") as ledger:
        ledger.execute("DROP TABLE feedback")
        ledger.execute("ALTER TABLE passages RENAME TO elsewhere")
    ledger.close()
    await slack.click(ADA, answer, "feedback", "positive")
    await said(slack, ADA, "Something broke on my side")
    await slack.click(ADA, answer, "evidence_show")
    await slack.wait(lambda: "Something broke on my side" in str(slack.modal(ADA).body), 30)
    await slack.click(ADA, answer, "feedback", "positive")
    slack.world.replies.clear()
    await slack.wait(lambda: [m for m in answers(slack, own) if "Something broke" in m.text], 30)
    assert answers(slack, elsewhere.id) == []


async def test_an_answer_is_looked_into_judged_handed_over_and_taken_along_and_what_breaks_is_said(home):
    environment = {"CAVEAT_REVIEWERS": GRACE, "CAVEAT_PUBLIC_URL": "https://caveat.example"}
    async with served(home, **environment) as (slack, _):
        slack.workspace.channels[GENERAL].members |= {slack.add_user(name).id for name in ("bob", "eve")}
        answer = await asked(slack)
        assert problems(answer.blocks) == []
        receipt = str(answer.blocks).partition("; answer ")[2][:16]
        await looked_into(slack, answer)
        await judged(slack, answer)
        await handed_over(slack, answer)
        await taken_along(slack, answer, receipt)
        kept = await asyncio.to_thread(caveat_json, home, "feedback")
        assert (kept["up"], kept["down"]) == (1, 1)
        assert [(one["answer_id"], one["by"], one["reasons"]) for one in kept["negative"]] == [
            (receipt, "slack:U0BOB", ["outdated", "other"])
        ]
        assert (await asyncio.to_thread(caveat_json, home, "status"))["feedback_down"] == 1
        await alone_and_broken(slack, home)


def ending(home):
    """Keep a decision of last month that ends next week."""
    back = {
        "team": "T0ACME",
        "user": ADA,
        "channel": ADA,
        "kind": "im",
        "thread_ts": "",
        "to": "person",
        "text": "Zephyr",
    }
    now = datetime.now(UTC)
    decision = Decision(
        "e1", "a" * 64, "Zephyr Robotics", "", Choice.APPROVED, "", "A trial", now.date() + timedelta(days=7), "low", "r1", ADA,
        "ada", now - timedelta(days=30), back={"door": "slack", "payload": back},
    )  # fmt: skip
    Decisions(build.library(Settings(CAVEAT_HOME=home)).engine).keep(decision)


async def test_reviewers_decide_about_a_vendor_a_second_agrees_and_every_later_card_says_so(home):
    ending(home)
    async with served(home, CAVEAT_REVIEWERS=f"{ADA},{GRACE}") as (slack, _):
        own = slack.dm(ADA).id
        (reminder,) = await slack.wait(lambda: answers(slack, own), 30)
        assert "Your decision about Zephyr Robotics ends on" in reminder.text
        assert problems(reminder.blocks) == []
        slack.workspace.channels[GENERAL].members |= {slack.add_user("bob").id}
        root, card = await shared_card(slack, ADA, "Hikvision USA")
        reminder_and_card = answers(slack, own)
        await turned(slack, card)
        await slack.click("U0BOB", card, "vendor_decide")
        await slack.wait(lambda: "none here" in str(slack.modal("U0BOB").body), 30)
        await slack.click(ADA, card, "vendor_decide")
        form = await slack.wait(lambda: slack.modal(ADA))
        assert view_problems(form.body, "modal") == []
        given = {"choice": "approved with conditions", "until": "2026-01-01", "why": "Spare parts only"}
        wrong = await slack.submit(ADA, given, form)
        assert set(wrong.answer["errors"]) == {"conditions", "until"}
        until = form.body["blocks"][2]["element"]["initial_date"]
        await slack.submit(ADA, given | {"until": until, "conditions": "No <!channel> network"}, form)
        waits = await replied(slack, root.ts, "Waiting for a second approver")
        await slack.redeliver(slack.sent("view_submission")[-1])
        assert problems(waits.blocks) == []
        assert not [part for part in _walk(waits.blocks) if part.get("type") == "broadcast"]
        await slack.click(ADA, waits, "vendor_second")
        await said(slack, ADA, "another person")
        await slack.click("U0BOB", waits, "vendor_second")
        await said(slack, "U0BOB", "Only reviewers")
        await slack.click(GRACE, waits, "vendor_second")
        await slack.wait(lambda: "Decided: approved with conditions by ada and grace" in waits.text, 30)
        assert "vendor_second" not in str(waits.blocks)
        _, later = await shared_card(slack, "U0BOB", "HIKVISION  USA")
        assert "Decided: approved with conditions by ada and grace" in str(later.blocks)
        assert "Decided" not in later.text
        assert problems(later.blocks) == []
        assert answers(slack, own) == reminder_and_card
        _, kept = caveat_json(home, "decide", "list")["decisions"]
        assert (kept["state"], kept["until"], kept["second"]) == ("counts", until, "grace")


def _walk(value):
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _walk(one)
