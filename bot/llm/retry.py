"""When a call to the language model is tried again: only what is transient, and never beyond one total budget."""

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tenacity import RetryCallState, retry_if_exception, stop_after_attempt, stop_before_delay, wait_random_exponential
from tenacity.retry import retry_base
from tenacity.stop import stop_base
from tenacity.wait import wait_base

ATTEMPTS = 3
LONGEST_WAIT = 86_400.0


class Transient(Exception):
    """A failure that may pass; `wait` is what the server asked for, in seconds."""

    def __init__(self, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.why = why
        self.wait = wait


class Asked(wait_base):
    """Wait as long as the server asks, with up to a tenth more, or by full jitter, whichever is longer."""

    def __init__(self) -> None:
        self._jitter = wait_random_exponential(multiplier=0.25, max=4)

    def __call__(self, retry_state: RetryCallState) -> float:
        """Return the seconds to wait before the next attempt."""
        error = retry_state.outcome.exception() if retry_state.outcome else None
        asked = error.wait if isinstance(error, Transient) else 0.0
        return max(asked * random.uniform(1.0, 1.1), self._jitter(retry_state))  # noqa: S311 - jitter, not secrecy


def transient() -> retry_base:
    """Retry what is Transient and nothing else."""
    return retry_if_exception(lambda error: isinstance(error, Transient))


def within(seconds: float) -> stop_base:
    """Stop after three attempts, or before a wait that would end beyond the budget."""
    return stop_after_attempt(ATTEMPTS) | stop_before_delay(seconds)


def asked_by_server(headers: Callable[[str], str | None], now: datetime | None = None) -> float:
    """Read `retry-after-ms` and `Retry-After` (seconds or a date) as seconds from now; what makes no sense counts as 0."""
    if (milliseconds := _number(headers("retry-after-ms"))) is not None:
        return min(milliseconds / 1000, LONGEST_WAIT)
    text = headers("retry-after")
    if (seconds := _number(text)) is not None:
        return min(seconds, LONGEST_WAIT)
    try:
        when = parsedate_to_datetime(text or "")
    except (TypeError, ValueError, OverflowError, IndexError):
        return 0.0
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return min(max(0.0, (when - (now or datetime.now(UTC))).total_seconds()), LONGEST_WAIT)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
