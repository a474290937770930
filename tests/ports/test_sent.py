"""What was sent, in the ledger, on SQLite and on PostgreSQL."""

from knowledge.store.sent import Begun, Sent

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
