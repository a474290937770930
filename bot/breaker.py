"""When the language model is left alone: after failures in a row, or when what it writes cannot be proved any more."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

FAILURES = 4
"""Calls in a row without a usable reply after which the model is left alone."""
RECENT = 20
"""Drafts that the share of unproved ones is counted over."""
BASELINE = 0.5
"""The share of recent drafts without one proved claim above which the model is left alone."""
PAUSE = 30.0
LONGEST_PAUSE = 600.0
"""Seconds of the first pause, and of the longest: each probe that fails doubles it."""
PROBE = 60.0
"""Seconds after which a probe that never reported counts as lost, so that another may be sent."""


@dataclass(slots=True)
class Breaker:
    """Lets calls through while they succeed; after a pause one probe at a time decides. One per process and model.

    `clock` gives monotonic seconds. Every call that `allows` let through reports `replied`, `failed` or `unused` once.
    """

    clock: Callable[[], float]
    _lock: Lock = field(default_factory=Lock)
    _failures: int = 0
    _unproved: deque[bool] = field(default_factory=lambda: deque(maxlen=RECENT))
    _pause: float = PAUSE
    _opened: float | None = None
    _probe: float | None = None

    @property
    def open(self) -> bool:
        """Tell whether the model is left alone, probes aside."""
        return self._opened is not None

    def allows(self) -> bool:
        """Tell whether a call may be made now; while it is open that is one probe after each pause."""
        with self._lock:
            if self._opened is None:
                return True
            now = self.clock()
            if now - self._opened < self._pause or (self._probe is not None and now - self._probe < PROBE):
                return False
            self._probe = now
            return True

    def replied(self, proved: bool) -> None:
        """Note a usable reply, and whether at least one of its claims was proved."""
        with self._lock:
            self._failures = 0
            if self._opened is not None:
                self._after_probe(well=proved)
                return
            self._unproved.append(not proved)
            if len(self._unproved) == RECENT and sum(self._unproved) > BASELINE * RECENT:
                self._open()

    def failed(self) -> None:
        """Note a call that gave no usable reply."""
        with self._lock:
            if self._opened is not None:
                self._after_probe(well=False)
                return
            self._failures += 1
            if self._failures >= FAILURES:
                self._open()

    def unused(self) -> None:
        """Note that a call which was let through was not made."""
        with self._lock:
            self._probe = None

    def _after_probe(self, *, well: bool) -> None:
        if self._probe is None:
            return  # A call from before the pause: it says nothing about now.
        self._probe = None
        if well:
            self._opened, self._pause = None, PAUSE
            self._unproved.clear()
        else:
            self._opened, self._pause = self.clock(), min(2 * self._pause, LONGEST_PAUSE)

    def _open(self) -> None:
        self._opened, self._probe, self._failures = self.clock(), None, 0
        self._unproved.clear()
