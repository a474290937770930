"""What administrators leave behind, in both databases: an audit log that stays, brands, and wishes for a refresh."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DatabaseError

from knowledge.report import Progress
from knowledge.store import schema
from knowledge.store.deeds import Deed, Deeds
from knowledge.store.pairs import Pair, Pairs
from knowledge.store.posts import Post, Posts
from knowledge.store.receipts import Receipts
from knowledge.store.renewals import Renewals

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
DEED = Deed("event:1", "slack", "slack:U0ADA", "T0ACME", "rollback", "3", "edition 3 is in service", NOW)


def test_a_deed_is_written_once_and_nobody_can_change_or_remove_it(engine):
    log = Deeds(engine)
    assert log.add(DEED)
    assert not log.add(DEED)
    assert log.all() == [DEED]
    for change in (update(schema.deeds).values(who="nobody"), delete(schema.deeds)):
        with pytest.raises(DatabaseError, match="never changed"), engine.begin() as connection:
            connection.execute(change)
    assert log.find("event:1") == DEED


def test_a_brand_is_kept_once_however_it_is_spelled_and_says_who_added_it(engine):
    kept = Pairs(engine)
    pair = Pair("Seagull Cloud", "Hangzhou Hikvision", "annual report", "ada", NOW)
    assert kept.add(pair)
    assert not kept.add(Pair("SEAGULL  cloud", "Hangzhou Hikvision", "elsewhere", "grace", NOW))
    assert [one.source for one in kept.rows()] == ["annual report; added by ada on 2026-03-04"]
    assert kept.remove("seagull-cloud") == 1
    assert kept.all() == ()


def test_one_refresh_is_asked_for_at_a_time_and_it_ends_once(engine):
    wishes = Renewals(engine)
    assert wishes.ask("a", "slack:U0ADA", "T0ACME", ["mine"], {"channel": "D1"})
    assert wishes.ask("a", "slack:U0ADA", "T0ACME", ["mine"], {"channel": "D1"})
    assert not wishes.ask("b", "slack:U0GRACE", "T0ACME", [], {})
    assert (wishes.begin("a"), wishes.begin("a")) == (1, 2)
    wishes.note("a", Progress("embed", 3, 9, "x"))
    held = wishes.open()
    assert held.outcome is None
    assert held.progress == {"step": "embed", "done": 3, "total": 9, "note": "x"}
    wishes.end("a", {"edition": 4})
    wishes.end("a", {"error": "a second process"})
    assert wishes.open().outcome == {"edition": 4}
    wishes.close("a")
    assert wishes.open() is None
    assert wishes.ask("b", "slack:U0GRACE", "T0ACME", [], {})


def test_questions_are_counted_by_how_they_ended_and_checks_are_left_out(engine):
    receipts = Receipts(engine)
    check = {"outcome": "answered", "kind": "check"}
    for at, body in enumerate(({"outcome": "answered"}, {"outcome": "refused"}, {"outcome": "answered"}, check)):
        receipts.keep(f"a{at}", "slack:U0ADA", 1, body)
    assert receipts.outcomes(NOW) == {"answered": 2, "refused": 1}
    assert receipts.outcomes(datetime.now(UTC) + timedelta(minutes=1)) == {}


def test_where_an_answer_was_posted_first_is_kept(engine):
    posts = Posts(engine)
    posts.keep(Post("a", "slack", {"channel": "C1"}))
    posts.keep(Post("a", "slack", {"channel": "C2"}))
    assert posts.find("a") == Post("a", "slack", {"channel": "C1"})
    assert posts.find("b") is None
