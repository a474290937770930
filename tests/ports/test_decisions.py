"""Decisions about vendors, opinions and handed-over answers in the ledger, on SQLite and on PostgreSQL."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from knowledge.decision import Choice, Decision, standing
from knowledge.store.decisions import Decisions
from knowledge.store.feedback import DOWN, UP, Feedback, Opinion
from knowledge.store.handoffs import Handoff, Handoffs

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
DECISION = Decision(
    "e1", "a" * 64, "Orion", "", Choice.APPROVED, "", "Known for years", date(2027, 11, 28), "high", "r1", "U1", "ann", NOW,
    needs_second=True, back={"door": "slack"},
)  # fmt: skip


def test_a_decision_is_kept_once_and_counts_once_another_person_agrees(engine):
    decisions = Decisions(engine)
    made = decisions.keep(DECISION)
    assert decisions.keep(DECISION) == made
    assert standing(decisions.of(DECISION.asked), TODAY).waits == made
    assert not decisions.second(made.n, "U1", "ann", NOW)
    assert decisions.second(made.n, "U2", "bob", NOW)
    assert not decisions.second(made.n, "U3", "eve", NOW)
    stands = standing(decisions.of(DECISION.asked), TODAY)
    assert (stands.counts.second, stands.waits, stands.expired) == ("U2", None, False)
    assert standing(decisions.of(DECISION.asked), TODAY - timedelta(days=1)).counts is None
    assert standing(decisions.of(DECISION.asked), date(2028, 1, 1)).expired
    assert decisions.of("b" * 64) == ()


def test_a_decision_that_another_followed_cannot_be_seconded_and_what_counted_stays(engine):
    decisions = Decisions(engine)
    first = decisions.keep(replace(DECISION, needs_second=False))
    waits = decisions.keep(replace(DECISION, key="e2"))
    stands = standing(decisions.of(DECISION.asked), TODAY)
    assert (stands.counts, stands.waits) == (first, waits)
    decisions.keep(replace(DECISION, key="e3", choice=Choice.REJECTED, needs_second=False))
    assert not decisions.second(waits.n, "U2", "bob", NOW)
    stands = standing(decisions.all(), TODAY)
    assert (stands.counts.choice, stands.waits) == (Choice.REJECTED, None)


def test_a_decider_is_reminded_once_and_only_of_the_decision_that_stands(engine):
    decisions = Decisions(engine)
    month = NOW - timedelta(days=30)
    ends = replace(DECISION, made_at=month, until=TODAY + timedelta(days=14), needs_second=False)
    kept = decisions.keep(ends)
    decisions.keep(replace(ends, key="e2", asked="b" * 64, until=TODAY + timedelta(days=15)))
    decisions.keep(replace(ends, key="e3", asked="c" * 64, back=None))
    decisions.keep(replace(ends, key="e4", asked="d" * 64, needs_second=True))
    decisions.keep(replace(ends, key="e5", asked="e" * 64, made_at=NOW))
    assert decisions.ending(TODAY) == [kept]
    decisions.reminded(kept.n)
    assert decisions.ending(TODAY) == []


def test_of_each_person_the_last_opinion_stands_whatever_comes_in_last(engine):
    feedback = Feedback(engine)
    feedback.keep(Opinion("a1", "U1", DOWN, NOW))
    feedback.keep(Opinion("a1", "U1", DOWN, NOW + timedelta(seconds=9), ("outdated",), "Since May"))
    feedback.keep(Opinion("a1", "U1", UP, NOW + timedelta(seconds=1)))
    feedback.keep(Opinion("a1", "U2", UP, NOW))
    assert [(one.who, one.value, one.reasons) for one in feedback.of("a1")] == [
        ("U2", UP, ()),
        ("U1", DOWN, ("outdated",)),
    ]
    assert feedback.counts() == {UP: 1, DOWN: 1}
    assert [one.words for one in feedback.down()] == ["Since May"]


def test_an_answer_is_handed_over_once_and_resolved_once(engine):
    handoffs = Handoffs(engine)
    first = Handoff("a1", "e1", ("Security",), "U1", NOW)
    assert handoffs.open(first) == first
    assert handoffs.open(replace(first, key="e2", asker="U2")) == first
    assert handoffs.resolve("a1", "U3", NOW)
    assert not handoffs.resolve("a1", "U4", NOW)
    assert not handoffs.resolve("a2", "U4", NOW)
    assert (handoffs.find("a1").resolver, handoffs.find("a2")) == ("U3", None)
