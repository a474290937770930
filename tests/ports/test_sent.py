"""What was sent, in the ledger, on SQLite and on PostgreSQL."""

from datetime import UTC, datetime, timedelta

from knowledge.store.pruning import Pruning
from knowledge.store.sent import KEPT, Begun, Sent

MESSAGE = {"conversation": "c1", "activity": {"text": "An answer"}}


def test_what_was_begun_once_is_known_and_stays_until_it_has_ended(engine):
    sent = Sent(engine)
    assert sent.find("k") is None
    assert sent.begin("k", "c1", MESSAGE) is None
    assert sent.begin("k", "c2", {}) == Begun("c1", "", MESSAGE)
    sent.end("k", "m1", keep=True)
    assert sent.find("k") == Begun("c1", "m1", MESSAGE)
    sent.end("k", "m2")
    assert sent.begin("k", "c2", MESSAGE) == Begun("c1", "m2", None)


def test_a_message_tells_which_answer_it_shows_also_where_it_went_elsewhere_and_the_latest_first(engine):
    sent = Sent(engine)
    sent.begin("a", "c1", MESSAGE, "answer-a")
    assert sent.shown("m1") == []
    sent.end("a", "m1", where="own")
    sent.begin("b", "c2", MESSAGE, "answer-b")
    sent.end("b", "m1")
    sent.begin("c", "c2", MESSAGE)
    sent.end("c", "m1")
    assert sent.shown("m1") == [("c2", "answer-b"), ("own", "answer-a")]


def test_what_was_sent_is_forgotten_after_a_quarter_and_not_before(engine):
    sent = Sent(engine)
    sent.begin("a", "c1", MESSAGE)
    now = datetime.now(UTC)
    assert not Pruning(engine).aged(now + KEPT - timedelta(hours=1))
    assert sent.find("a")
    assert Pruning(engine).aged(now + KEPT + timedelta(hours=1)) == {"sent": 1}
    assert sent.find("a") is None
    assert sent.begin("a", "c1", MESSAGE) is None
