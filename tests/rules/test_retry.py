"""What is tried again, and how long it waits."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tenacity import Future, RetryCallState, Retrying

from bot.llm.retry import ATTEMPTS, LONGEST_WAIT, Asked, Transient, asked_by_server, transient, within
from tests.rules.properties import PROPERTY

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def _asked(**headers):
    return asked_by_server({name.replace("_", "-"): value for name, value in headers.items()}.get, NOW)


@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0), ("7", 7), ("1.5", 1.5), (" 3 ", 3), ("1e2", 100), ("99999999", LONGEST_WAIT)]
)
def test_seconds_are_read(text, seconds):
    assert _asked(retry_after=text) == seconds


def test_milliseconds_are_read():
    assert _asked(retry_after_ms="250") == 0.25


def test_milliseconds_win_over_seconds():
    assert _asked(retry_after_ms="250", retry_after="9") == 0.25


def test_senseless_milliseconds_leave_the_word_to_seconds():
    assert _asked(retry_after_ms="soon", retry_after="9") == 9


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=2)), timezone(-timedelta(hours=8))])
def test_a_date_is_read_as_seconds_from_now(zone):
    assert _asked(retry_after=format_datetime((NOW + timedelta(seconds=30)).astimezone(zone))) == 30


def test_a_date_in_the_form_of_http_is_read():
    assert _asked(retry_after="Wed, 25 Nov 2026 12:01:00 GMT") == 60


def test_a_date_without_a_zone_counts_as_utc():
    assert _asked(retry_after="Wed, 25 Nov 2026 12:01:00 -0000") == 60


def test_a_date_in_the_past_asks_for_no_wait():
    assert _asked(retry_after="Wed, 25 Nov 2020 12:01:00 GMT") == 0


def test_a_date_far_away_is_cut():
    assert _asked(retry_after="Wed, 25 Nov 2099 12:01:00 GMT") == LONGEST_WAIT


@pytest.mark.parametrize(
    "text",
    [None, "", "soon", "-5", "nan", "inf", "-inf", "1e999", "5 seconds", "Wed, 99 Nov 2026 12:01:00 GMT", "0x10",
     "Wed, 25 Nov 2026 12:01:00 +99999999999999", "Wed, 25 Nov 99999 12:01:00 GMT", ",", "Mon, , ,", "\x00"],
)  # fmt: skip
def test_what_makes_no_sense_asks_for_no_wait(text):
    assert _asked(**({"retry_after": text} if text is not None else {})) == 0


@PROPERTY
@given(st.text() | st.floats().map(str) | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,5} \d\d?:\d\d:\d\d [+-]?\w{1,12}"))  # fmt: skip
def test_no_header_asks_for_a_senseless_wait(text):
    assert 0 <= _asked(retry_after=text) <= LONGEST_WAIT
    assert 0 <= _asked(retry_after_ms=text) <= LONGEST_WAIT


def _state(error, attempt=1):
    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = attempt
    state.outcome = Future.construct(attempt, error, has_exception=True)
    state.outcome_timestamp = state.start_time
    return state


@PROPERTY
@given(st.floats(5, 1000))
def test_the_wait_is_what_was_asked_and_up_to_a_tenth_more(seconds):
    assert seconds <= Asked()(_state(Transient("status", seconds))) <= seconds * 1.1


@pytest.mark.parametrize("attempt", range(1, 10))
def test_without_being_asked_the_wait_is_jitter_below_four_seconds(attempt):
    assert 0 <= Asked()(_state(Transient("connection"), attempt)) <= 4


def test_only_what_is_transient_is_tried_again():
    assert transient()(_state(Transient("connection")))
    assert not transient()(_state(ValueError()))


def test_it_stops_after_three_attempts():
    state = _state(Transient("connection"), ATTEMPTS)
    state.upcoming_sleep = 0.0
    assert within(60.0)(state)


def test_it_stops_before_a_wait_beyond_the_budget():
    state = _state(Transient("status", 30))
    state.upcoming_sleep = 30.0
    assert within(6.0)(state)


def test_it_goes_on_while_a_wait_fits_the_budget():
    state = _state(Transient("status", 1))
    state.upcoming_sleep = 1.0
    assert not within(6.0)(state)
