"""Follow-ups in a thread find what their stand-alone form finds, and a change of topic is not mixed with the old one."""

from pathlib import Path

import pytest

from bot.evaluate import answers
from bot.model import Outcome
from knowledge.evidence import Turn
from tests.flows.asking import ask, cited
from tests.threads import rates, read_threads

DATA = Path(__file__).parent.parent / "data"
ROWS = read_threads(DATA / "threads.jsonl")
UNSEEN = read_threads(DATA / "threads_unseen.jsonl")[40:] + read_threads(DATA / "threads_more.jsonl")[30:]
"""Threads by another hand that no rule was written for; the weights were fitted on them beside the others."""
STAFF = frozenset({"public", "staff"})
WITHIN = 0.05
"""How much rarer the gold of a follow-up may be among the first ten than that of its stand-alone form."""
WITHIN_UNSEEN = 0.08
"""The same on the halves by another hand: .06 without the rule for what has nothing to do with its thread, which costs up to .02."""
ELSEWHERE = [
    "Who won the 2018 World Cup?",
    "How do I bake sourdough bread?",
    "How do I reverse a list in Python?",
    "What is the weather in Paris tomorrow?",
    "What is the capital of Australia?",
    "Does my tenant have to pay the deposit back?",
    "How do I file for divorce?",
    "and who won the world cup?",
]
"""Questions that have nothing to do with the knowledge base: sport, cooking, code, weather, trivia, other law."""


def found(hits, gold):
    return any(answers(hit.passage.citation, gold) for hit in hits[:10])


def test_the_threads_are_whole():
    assert len(ROWS) >= 60
    assert len(UNSEEN) >= 60
    assert len({row["id"] for row in ROWS + UNSEEN}) == len(ROWS + UNSEEN)
    assert all(len(row[part]) == 3 for row in ROWS + UNSEEN for part in ("turns", "standalone", "gold", "kind"))


@pytest.mark.parametrize(
    ("rows", "within"),
    [
        pytest.param(ROWS[::3], WITHIN, id="own"),
        pytest.param(UNSEEN, WITHIN_UNSEEN, id="unseen", marks=pytest.mark.soak),
    ],
)
def test_follow_ups_are_found_about_as_often_as_their_stand_alone_form(library, record_property, rows, within):
    reading = library.searcher.at(STAFF)
    seen = rates(reading, rows)
    record_property("rates", str(seen))
    assert seen.in_thread >= seen.alone - within, seen
    assert seen.without_thread < seen.in_thread, "the set must need its threads"


def test_a_change_of_topic_finds_what_it_would_have_found_as_the_first_question(library):
    reading = library.searcher.at(STAFF)
    changed = [
        (row["turns"][:at], row["turns"][at], row["gold"][at])
        for row in ROWS
        for at, kind in enumerate(row["kind"])
        if kind == "topic-change" and row["turns"][at].casefold() == row["standalone"][at].casefold()
    ]
    assert len(changed) >= 3
    for before, turn, gold in changed:
        hits = reading.search(reading.understand(turn, [Turn(text) for text in before]), 10).hits
        assert found(hits[:3], gold) >= found(reading.find(turn, 10).hits[:3], gold), turn


@pytest.mark.parametrize("text", ["and for the US?", "what about Huawei?", "who has to approve that?"])
def test_without_a_thread_a_follow_up_is_read_as_it_stands(library, text):
    reading = library.searcher.at(STAFF)
    assert reading.understand(text, ()) == reading.understand(text)


async def test_the_desk_answers_a_follow_up_from_its_thread(desk):
    before = (Turn("How many hours does a tier 1 vendor have to report a security incident?"),)
    assert "POL-06 §2.1" in cited(await ask(desk, before[0].text))
    assert "POL-06 §2.3" in cited(await ask(desk, "and a tier 2 vendor?", before=before))


async def test_a_question_that_has_nothing_to_do_with_its_thread_is_refused_as_it_is_alone(desk):
    before = (
        Turn("Can we host EU customer data on Alibaba Cloud?", ("pol-02",)),
        Turn("Who approves 40,000 euro for a vendor rated low?", ("pol-08",)),
    )
    for text in ELSEWHERE:
        answer = await ask(desk, text, before=before)
        assert answer.outcome is Outcome.REFUSED, text
        assert (answer.claims, answer.summary) == ((), (await ask(desk, text)).summary), text


@pytest.mark.parametrize("text", ["how early?", "what about backups?", "who decides?", "and for a tier 2 vendor?"])
async def test_a_short_follow_up_is_still_answered_from_its_thread(desk, text):
    before = (Turn("What must a vendor report to us after a security incident?"),)
    assert (await ask(desk, text, before=before)).outcome is Outcome.ANSWERED
