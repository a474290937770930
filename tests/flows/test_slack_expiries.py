"""What is pressed too late or into a void in Slack: windows that do not open, reply addresses that expired, places that are gone."""

import asyncio
from dataclasses import replace

import pytest

from tests.flows.permissions import DEAL, FAIR, MATRIX
from tests.flows.pressing import Hand, drained, rows
from tests.flows.processes import caveat_json
from tests.flows.test_slack import ADA, HOSTING, answers, served, settled
from tests.flows.test_slack_permissions import GRACE, joined, prepared, story, waiting
from tests.servers.slack.respond import MOST_USES

OVER = "Slack opens a window only within three seconds, and they were over."
USED = "A window was opened for this already."
BUSY = "Slack did not open the window now."
NOTHING = "Nothing was done. Please {}"
REFUSALS = (
    ({"error": "expired_trigger_id"}, OVER),
    ({"error": "trigger_expired"}, OVER),
    ({"error": "invalid_trigger_id"}, OVER),
    ({"error": "exchanged_trigger_id"}, USED),
    ({"error": "trigger_exchanged"}, USED),
    ({"status": 429}, BUSY),
    ({"status": 503}, BUSY),
    ({"slow": 2.4}, BUSY),
    ({"lost": True}, BUSY),
)
"""What Slack says to a window that is to be opened, and what the person hears of it."""
WINDOWS = (
    ("command", "/vendor-check", FAIR, "", "send the command again"),
    ("command", "/vendor-kb", FAIR, "add", "send the command again"),
    ("action", "match_decide", DEAL, "{match}", "press the button again"),
    ("action", "vendor_decide", DEAL, "{deal}", "press the button again"),
    ("action", "evidence_show", DEAL, "{deal}", "press the button again"),
    ("action", "feedback", DEAL, "down:{deal}", "press the button again"),
    ("action", "kb_file_0", "own", '["F0", "robots.md"]', "press the button again"),
)
"""Everything that opens a window, and how it is asked for once more."""


def used(hand, name, place, value=None, role="admin"):
    """Make a use of what a row of the matrix has, with another value where one is given."""
    row = next(one for one in MATRIX if one.name == name)
    return hand.use(replace(row, place=place, value=row.value if value is None else value), role, "none")


async def done(hand, home, *uses):
    """Use these and return what each made its person hear."""
    await hand.send(uses)
    await drained(home)
    return [str(hand.heard(use)) for use in uses]


async def windows(slack, home, hand):
    """Whatever Slack says to a window, its person is told once how to go on, nothing else happens, and the next press opens it."""
    presses = [
        (window, refusal) for refusal in REFUSALS for window in (WINDOWS if refusal is REFUSALS[0] else WINDOWS[2:4])
    ]
    before = story(slack), len(slack.calls("views.open"))
    feedback = rows(home, "SELECT count(*) FROM feedback")
    for (_, name, place, value, again), (fault, words) in presses:
        use = used(hand, name, place, value)
        slack.fail("views.open", **fault)
        (heard,) = await done(hand, home, use)
        assert words in heard, (name, fault, heard)
        assert again in heard, (name, fault, heard)
        assert ("Your opinion counts" if name == "feedback" else "Nothing was done") in heard
    assert len(slack.calls("views.open")) <= before[1] + len(presses), "one try each"
    told = story(slack) - before[0]
    assert {(whom, count) for (_, whom, _, _, _), count in told.items() if whom != ADA} == set()
    assert rows(home, "SELECT count(*) FROM feedback") == [(feedback[0][0] + 1,)]
    opened = [used(hand, name, place, value) for _, name, place, value, _ in WINDOWS]
    assert all(one != "[]" for one in await done(hand, home, *opened))


async def addresses(slack, home, hand, places):
    """Where a reply address has expired or is used up, what is said there comes as a message of the app's own."""
    own = slack.dm(ADA).id
    for spoil in (lambda one: replace(one, expires=0.0), lambda one: replace(one, uses=[{}] * MOST_USES)):
        for name, place, words in (
            ("feedback", DEAL, "Thank you"), ("owner_ask", DEAL, "was asked about this"), ("memo_file", DEAL, "no file was posted"),
            ("vendor_second", DEAL, "Decided|already"), ("ask_0", FAIR, "asked: hello"), ("no_such", DEAL, "another version"),
        ):  # fmt: skip
            before = len(answers(slack, own))
            use = used(hand, "memo_file" if name == "no_such" else name, place)
            if name == "no_such":
                use.payload["actions"][0]["action_id"] = name
            key = use.payload["response_url"].rpartition("/")[2]
            slack.world.replies[key] = spoil(slack.world.replies[key])
            await hand.send([use])
            await drained(home)
            (said,) = answers(slack, own)[before:]
            assert any(one in str((said.text, said.blocks)) for one in words.split("|")), (name, said.text)
    # A question by command where the app may not write, answered after its address has expired.
    before = len(answers(slack, own))
    void = slack.add_channel("void", ADA, bot=False, is_private=True)
    use = used(hand, "/vendor-ask", void.id, HOSTING)
    slack.world.replies.pop(use.payload["response_url"].rpartition("/")[2])
    await hand.send([use])
    await drained(home)
    (late,) = answers(slack, own)[before:]
    assert "allegation" in late.text
    assert "POL-0" not in str(late.blocks), "who reads along there is not known"


async def voids(slack, home, hand, places):
    """Where a message, a channel or the app's place in it is gone, whoever pressed is told alone what was done."""
    deal = slack.workspace.channels[places[DEAL]]
    handed = next(one for one in answers(slack, deal.id) if "owner_resolved" in str(one.blocks))
    handed.deleted = True
    assert "Resolved by" in (await done(hand, home, used(hand, "owner_resolved", DEAL)))[0]
    deal.is_archived = True
    uses = [used(hand, name, DEAL) for name in ("evidence_show", "feedback", "memo_file", "vendor_decide")]
    shown, thanked, memo, form = await done(hand, home, *uses)
    assert "in bold" in shown
    assert "Thank you" in thanked
    assert "no file was posted" in memo
    assert "Valid until" in form
    submitted = used(hand, "vendor_decide", DEAL)
    submitted = hand.use(
        next(one for one in MATRIX if (one.kind, one.name) == ("view", "vendor_decide")), "admin", "none"
    )
    assert "Waiting for a second" in (await done(hand, home, submitted))[0]
    deal.is_archived = False
    own = slack.dm(ADA).id
    before = len(answers(slack, own))
    slack.workspace.channels[places[FAIR]].members.discard(slack.bot)
    closed, share = (
        used(hand, "evidence_show", FAIR, role="reviewer"),
        used(hand, "card_share", "own", f"{places[FAIR]}|Zeta"),
    )
    closed, shared = await done(hand, home, closed, share)
    assert "not open to you" in closed
    assert "does not let me write in that channel" in shared
    assert len(answers(slack, own)) == before


async def slowness(slack, home, hand, places):
    """While Slack is slow or down nothing is said in public, and each press comes to its end once."""
    before = story(slack)
    for name in ("evidence_show", "feedback"):
        for fault in ({"slow": 2.6}, {"status": 503}, {"lost": True}):
            slack.fail("users.info", **fault)
            slack.fail("views.update", status=503)
            (heard,) = await done(hand, home, used(hand, name, DEAL))
            assert any(one in heard for one in ("in bold", "Thank you", "not open to you")), (name, fault, heard)
    assert {key[1] for key in story(slack) - before} <= {ADA}
    slack.fail("users.info", slow=1.5)
    (heard,) = await done(hand, home, used(hand, "/vendor-kb", FAIR, "status"))
    assert "did not tell me in time who you are" in heard
    slack.fail("users.info", slow=2.6)
    held = used(hand, "card_share", "own", f"{places[DEAL]}|Omega Robotics")
    count = len(answers(slack, places[DEAL]))
    await done(hand, home, held)
    root, card = answers(slack, places[DEAL])[count:]
    assert "Omega Robotics" in card.text
    assert card.thread_ts == root.ts
    slack.fail("users.info", slow=2.6)
    own = slack.dm(GRACE).id
    await done(hand, home, used(hand, "/vendor-check", FAIR, "Omega Robotics", role="reviewer"))
    (private,) = answers(slack, own)
    assert "Omega Robotics" in private.text, "the notice that it takes longer became the card"


@pytest.mark.timeout(600)
async def test_what_slack_lets_expire_is_told_in_words_and_neither_lost_nor_done_twice(home):
    waiting(home)
    free = {"CAVEAT_QUESTIONS_PER_USER": "0", "CAVEAT_QUESTIONS_PER_PLACE": "0"}
    async with served(home, CAVEAT_ADMINS="U0ADA", CAVEAT_REVIEWERS="U0GRACE", **free) as (slack, _):
        who, places = joined(slack)
        hand = Hand(slack, who, places, await prepared(slack, places))
        await windows(slack, home, hand)
        await addresses(slack, home, hand, places)
        await slowness(slack, home, hand, places)
        await voids(slack, home, hand, places)
        await settled(slack)
        calls = len(slack.calls())
        await asyncio.sleep(1.0)
        assert len(slack.calls()) == calls, "nothing loops"
    assert caveat_json(home, "status")["dead_letters"] == []
