"""The breaker leaves a failing model alone, sends one probe after each pause, and closes on a proved one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.breaker import FAILURES, LONGEST_PAUSE, PAUSE, PROBE, RECENT, Breaker


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def opened(clock):
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        assert breaker.allows()
        breaker.failed()
    return breaker


def test_it_opens_after_failures_in_a_row_and_not_before(clock):
    breaker = Breaker(clock)
    for _ in range(3):
        for _ in range(FAILURES - 1):
            breaker.failed()
        breaker.replied(proved=True)
    assert breaker.allows()
    assert not opened(clock).allows()


def test_it_opens_when_most_recent_drafts_could_not_be_proved(clock):
    breaker = Breaker(clock)
    for at in range(RECENT):
        breaker.replied(proved=at % 2 == 0)
    assert breaker.allows()
    for _ in range(2):
        breaker.replied(proved=False)
        breaker.replied(proved=False)
    assert not breaker.allows()


def test_after_the_pause_one_probe_goes_and_decides(clock):
    breaker = opened(clock)
    clock.now = PAUSE - 1
    assert not breaker.allows()
    clock.now = PAUSE
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.replied(proved=True)
    assert [breaker.allows() for _ in range(3)] == [True, True, True]


def test_a_failed_probe_doubles_the_pause_up_to_its_longest(clock):
    breaker, pause = opened(clock), PAUSE
    for _ in range(8):
        clock.now += pause - 0.5
        assert not breaker.allows()
        clock.now += 0.5
        assert breaker.allows()
        breaker.failed()
        pause = min(2 * pause, LONGEST_PAUSE)
    assert pause == LONGEST_PAUSE


def test_a_probe_that_writes_nothing_provable_keeps_it_open(clock):
    breaker = opened(clock)
    clock.now = PAUSE
    assert breaker.allows()
    breaker.replied(proved=False)
    assert not breaker.allows()


def test_a_lost_probe_is_replaced_and_an_unused_one_at_once(clock):
    breaker = opened(clock)
    clock.now = PAUSE
    assert breaker.allows()
    clock.now += PROBE - 1
    assert not breaker.allows()
    clock.now += 1
    assert breaker.allows()
    breaker.unused()
    assert breaker.allows()


def test_a_late_reply_from_before_the_pause_does_not_close_it(clock):
    breaker = opened(clock)
    breaker.replied(proved=True)
    assert not breaker.allows()


@given(st.lists(st.sampled_from(["ask", "good", "bad", "failed", "later"]), max_size=120))
def test_while_it_is_open_there_is_never_more_than_one_probe_in_its_time(steps):
    clock = Clock()
    breaker, running, since = Breaker(clock), 0, 0.0
    for step in steps:
        if step == "later":
            clock.now += 7.0
        elif step == "ask":
            was_open = breaker.open
            if breaker.allows() and was_open:
                assert running == 0 or clock.now - since >= PROBE
                running, since = 1, clock.now
        else:
            {"good": lambda: breaker.replied(proved=True), "bad": lambda: breaker.replied(proved=False)}.get(
                step, breaker.failed
            )()
            running = 0
