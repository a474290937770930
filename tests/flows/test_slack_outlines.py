"""Ten typical answers and cards as Slack shows them, with all their buttons, within what Slack takes."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from inline_snapshot import snapshot

from bot import vetting
from bot.model import VendorCheck
from bot.settings import Settings
from bot.slack import blocks, cards
from bot.slack.elements import size
from knowledge.decision import Choice, Decision, Standing
from tests.flows.asking import ANN, TERMINAL, ask
from tests.servers.slack.blocks import problems

TODAY = date(2026, 11, 28)
LONGEST = 70


@pytest.fixture
def dated(desk):
    """The desk on a day that does not pass."""
    return replace(desk, today=lambda: TODAY)


@pytest.fixture
def checking(library):
    """Checks on that day."""
    return replace(vetting.checking(Settings(CAVEAT_HOME="/nowhere"), library), today=lambda: TODAY)


def outline(message):
    """Return each block in a line: its first words, or what its buttons do."""
    assert problems(message["blocks"]) == []
    assert size(message["blocks"]) <= 12_000
    return [_line(block) for block in message["blocks"]]


def _line(block):
    actions = [one["action_id"] for one in block.get("elements", ()) if "action_id" in one]
    said = " ".join("".join(_texts(block)).split())
    return f"{block['type']}: {' '.join(actions) or said[:LONGEST]}"


def _texts(value):
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        yield value["text"]
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(one)


async def carded(checking, name):
    return await checking.check(VendorCheck(f"outline {name}", name, ANN, TERMINAL))


async def test_an_answer_about_a_vendor(dated):
    answer = await ask(dated, "Can we host EU customer data on Alibaba Cloud?", key="o1")
    assert outline(blocks.render(answer)) == snapshot(
        [
            "rich_text: High risk for Alibaba Cloud: the vendor's group stands on an official ",
            "rich_text: Listed [1] Section 1260H list, edition of 8 June 2026 · 8 Jun 2026, ou",
            "rich_text: Company policy [2] POL-02 §3.1 · 9 Feb 2026, in force3.1 A cloud provi",
            "rich_text: The law [3] GDPR Chapter V · 4 May 2016, in force, our summary of 5 Au",
            "rich_text: Reported [4] Reuters, 18 Jan 2022 · 18 Jan 2022, allegation, not a fin",
            "rich_text: Not knownNo evidence from Alibaba Cloud itself (contract, certificate,",
            "rich_text: Next stepsAsk the Chief Information Security Officer, who owns POL-02.",
            "actions: evidence_show memo_file owner_ask vendor_decide",
            "context_actions: feedback",
            "context: Edition 1; as of 28 Nov 2026; R1: no language model used, sentences ar",
        ]
    )


async def test_an_answer_about_a_rule_of_our_own(dated):
    answer = await ask(dated, "How long does an exception last?", key="o2")
    assert outline(blocks.render(answer)) == snapshot(
        [
            "rich_text: Company policy [1] POL-09 §4.1 · 8 Dec 2025, in force4.1 An exception ",
            "rich_text: Company policy [2] POL-09 §4.2 · 8 Dec 2025, in force4.2 An exception ",
            "rich_text: Next stepsEach approver may revoke an exception at any time, with imme",
            "actions: evidence_show memo_file owner_ask",
            "context_actions: feedback",
            "context: Edition 1; as of 28 Nov 2026; R1: no language model used, sentences ar",
        ]
    )


async def test_an_answer_from_the_law_alone(dated):
    answer = await ask(dated, "Which contract clauses does DORA require?", key="o3")
    assert outline(blocks.render(answer)) == snapshot(
        [
            "rich_text: The law [1] DORA Art. 30(1)-(2) · 27 Dec 2022, in force, our summary o",
            "actions: evidence_show memo_file",
            "context_actions: feedback",
            "context: Edition 1; as of 28 Nov 2026; R1: no language model used, sentences ar",
        ]
    )


async def test_a_refusal_with_the_nearest_sources(dated):
    answer = await ask(dated, "How many screening analysts do we employ?", key="o4")
    assert outline(blocks.render(answer)) == snapshot(
        [
            "rich_text: I found no source that answers this, so I give no answer. I searched 3",
            "rich_text: Next stepsAsk the Head of Trade Compliance, who owns POL-03 (Sanctions",
            "rich_text: Nearest sourcesPOL-03 §4.2 – Sanctions and restricted-party screening ",
            "actions: evidence_show memo_file owner_ask",
            "context_actions: feedback",
            "context: Edition 1; as of 28 Nov 2026; answer 741678afaa980e08",
        ]
    )


async def test_a_question_back(dated):
    answer = await ask(dated, "Is it sanctioned?", key="o5")
    assert outline(blocks.render(answer)) == snapshot(
        [
            "rich_text: Which vendor do you mean? Name it in the question.",
            "actions: ask_0 ask_1 ask_2 ask_3",
            "context: Edition 1; as of 28 Nov 2026; answer 5984c8544ba7c819",
        ]
    )


async def test_a_greeting(dated):
    assert outline(blocks.render(await ask(dated, "hello", key="o6"))) == snapshot(
        [
            "rich_text: Hello. Ask me a procurement-risk question and I answer from regulation",
            "context: as of 28 Nov 2026; answer ed2d57aba879a620",
        ]
    )


async def test_a_card_of_a_listed_vendor(checking):
    assert outline(cards.render(await carded(checking, "Hikvision USA"))) == snapshot(
        [
            "rich_text: High risk for Hikvision USA: company policy forbids it for this vendor",
            "rich_text: Procurement bans · high",
            "rich_text: [1] Possible affiliate, ownership not evidenced: Hangzhou Hikvision Di",
            "rich_text: [2] Possible affiliate, ownership not evidenced: Hangzhou Hikvision Di",
            "rich_text: Ground: Hikvision is another name of Hangzhou Hikvision Digital Techno",
            "rich_text: Company policy [3] POL-07 §5.2 · 19 Jan 2026, in force5.2 Telecommunic",
            "rich_text: The law [7] Section 889(a)(1)(A); FAR 52.204-25(b)(1) · 13 Aug 2018, i",
            "rich_text: Listed [5] FCC Covered List, entries of 2021 to 2024 · 12 Mar 2021, in",
            "rich_text: The law [6] FAR 52.204-25(a) · 13 Aug 2018, in force, our summary of 1",
            "rich_text: Cyber",
            "rich_text: Listed [4] CISA KEV catalog, version 2025.08.25 · 3 Nov 2021, in force",
            "rich_text: Not found, or not askedNo match in these lists as of these dates: DoD ",
            "rich_text: Next stepsThe screening analyst must, within 2 working days, either cl",
            "actions: watch_add match_decide evidence_show memo_file owner_ask vendor_decide",
            "context_actions: feedback",
            "context: Edition 1; as of 28 Nov 2026; R1: no language model used, sentences ar",
        ]
    )


async def test_a_card_of_a_vendor_that_nothing_is_known_of(checking):
    assert outline(cards.render(await carded(checking, "Bäckerei Müller"))) == snapshot(
        [
            "rich_text: Risk unknown for Bäckerei Müller: no list row and no source found here",
            "rich_text: Not found, or not askedNo match in these lists as of these dates: FCC ",
            "rich_text: Next stepsA vendor whose risk level is unknown must be treated as rate",
            "actions: watch_add evidence_show memo_file owner_ask vendor_decide",
            "context_actions: feedback",
            "context: Edition 1; as of 28 Nov 2026; check 8d520d64de2bf0d0",
        ]
    )


async def test_a_card_with_a_decision_that_waits_after_one_that_ended(checking):
    ended = Decision(
        "e1", "a" * 64, "Huawei", "", Choice.CONDITIONS, "Spare parts only", "A trial", date(2026, 6, 1), "critical", "r1",
        "U1", "ann", datetime(2025, 6, 1, tzinfo=UTC), needs_second=True, second="U2", second_named="bob",
        second_at=datetime(2025, 6, 2, tzinfo=UTC), n=1,
    )  # fmt: skip
    waits = replace(ended, key="e2", choice=Choice.APPROVED, conditions="", until=date(2027, 6, 1), n=2,
        made_at=datetime(2026, 11, 27, tzinfo=UTC), second="", second_named="", second_at=None)  # fmt: skip
    card = replace(await carded(checking, "Huawei"), standing=Standing(TODAY, ended, waits))
    message = cards.render(card)
    said = str(message["blocks"])
    assert "Expired: approved with conditions by ann and bob on 1 Jun 2025 until 1 Jun 2026; it holds no longer" in said
    assert "Waiting for a second approver: approved by ann on 27 Nov 2026 at critical risk" in said
    assert outline(message) == snapshot(
        [
            "rich_text: High risk for Huawei: possible match, probable by its name, with Huawe",
            "rich_text: DecisionExpired: approved with conditions by ann and bob on 1 Jun 2025",
            "rich_text: Procurement bans · high",
            "rich_text: [1] Possible match, probable by its name, for a person to confirm: Hua",
            "rich_text: [2] Possible match, probable by its name, for a person to confirm: Hua",
            "rich_text: [3] Possible match, probable by its name, for a person to confirm: Hua",
            "rich_text: Ground: the listed name.",
            "rich_text: Company policy [4] POL-07 §5.2 · 19 Jan 2026, in force5.2 Telecommunic",
            "rich_text: The law [12] Section 889(a)(1)(A); FAR 52.204-25(b)(1) · 13 Aug 2018, ",
            "rich_text: Listed [7] NDAA FY2024 Section 805(a)(1)(B) · 8 Jun 2026, our summary ",
            "rich_text: Listed [9] FCC Covered List, entries of 2021 to 2024 · 12 Mar 2021, in",
            "rich_text: The law [10] FAR 52.204-25(a) · 13 Aug 2018, in force, our summary of ",
            "rich_text: Data access and foreign-government control · moderate",
            "rich_text: The law [6] Data Security Law Art. 36 · 27 Jun 2017, in force · our su",
            "rich_text: Not found, or not askedNo match in these lists as of these dates: Sect",
            "rich_text: Next stepsThe screening analyst must, within 2 working days, either cl",
            "actions: watch_add match_decide vendor_second_card evidence_show memo_file owner_ask vendor_decide",
            "context_actions: feedback",
            "context: Edition 1; as of 28 Nov 2026; R1: no language model used, sentences ar",
        ]
    )


async def test_a_name_that_cannot_be_checked(checking):
    assert outline(cards.render(await carded(checking, "???"))) == snapshot(
        ["rich_text: A name needs at least two letters. Nothing was searched; give the comp"]
    )
