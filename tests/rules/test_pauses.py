"""When an answer that could not be delivered is tried again."""

from datetime import UTC, datetime, timedelta

from bot.jobs import PAUSES, _next


def test_the_pauses_grow_to_a_day_and_then_somebody_decides():
    assert list(PAUSES) == sorted(PAUSES)
    assert (PAUSES[0], PAUSES[-1]) == (timedelta(minutes=5), timedelta(days=1))
    now = datetime.now(UTC)
    for tries, pause in enumerate(PAUSES):
        assert abs(_next(tries) - now - pause) < timedelta(seconds=30)
    assert _next(len(PAUSES)) is None
