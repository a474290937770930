"""When an answer that could not be delivered is tried again."""

from datetime import UTC, datetime, timedelta

from bot.delivering import PAUSES, next_try


def test_the_pauses_grow_to_a_day_and_then_somebody_decides():
    assert list(PAUSES) == sorted(PAUSES)
    assert (PAUSES[0], PAUSES[-1]) == (timedelta(minutes=5), timedelta(days=1))
    now = datetime.now(UTC)
    for tries, pause in enumerate(PAUSES):
        assert abs(next_try(tries) - now - pause) < timedelta(seconds=30)
    assert next_try(len(PAUSES)) is None
