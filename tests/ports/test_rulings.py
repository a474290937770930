"""Decisions and watches in the ledger, on SQLite and on PostgreSQL."""

from dataclasses import replace
from datetime import UTC, datetime

from knowledge.ruling import Ruling, Verdict
from knowledge.store.rulings import Rulings
from knowledge.store.watches import Watch, Watches

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
RULING = Ruling("a" * 64, "Orion", "us.ofac-sdn:1", "Orion Lines", "b" * 64, Verdict.OUT, "Another", "ann", NOW)
WATCH = Watch("w1", "ann", "Orion", "", {"door": "slack"}, NOW, "m1", {"level": "low"})


def test_decisions_of_one_event_are_kept_once_and_in_order(engine):
    rulings = Rulings(engine)
    other = replace(RULING, party="un:1")
    for _ in range(2):
        rulings.keep("e1", [RULING, other])
    later = replace(RULING, verdict=Verdict.REOPENED)
    rulings.keep("e2", [later])
    assert rulings.of(RULING.asked) == (RULING, other, later)
    assert rulings.of("c" * 64) == ()
    assert rulings.all() == (RULING, other, later)


def test_of_two_that_look_at_a_watch_at_once_one_alone_keeps_what_it_found(engine):
    watches = Watches(engine)
    assert watches.add(WATCH)
    assert not watches.add(replace(WATCH, look="m9"))
    assert [one.id for one in watches.due("m2")] == ["w1"]
    assert watches.looked(WATCH, "m2", {"level": "high"}, ["New"])
    assert not watches.looked(WATCH, "m2", {"level": "low"}, ["Other"])
    assert watches.due("m2") == []
    kept = watches.find("w1")
    assert (kept.seen, list(kept.news), kept.back) == ({"level": "high"}, ["New"], {"door": "slack"})
    assert watches.looked(kept, "m3", {"level": "high"}, [])
    assert list(watches.find("w1").news) == ["New"]
    assert watches.remove("w1")
    assert not watches.remove("w1")
    assert watches.of("ann") == []
