"""Faults that a test orders for the next calls of a method."""

from collections import defaultdict, deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with a call: a status, an error name, a Retry-After, an answer lost on its way back, or one that is late."""

    status: int = 200
    error: str | None = None
    retry_after: int | None = None
    lost: bool = False
    slow: float = 0.0
    """Seconds that the answer takes, which is the true one where nothing else is wrong."""

    @property
    def answered(self) -> bool:
        """Tell whether the call takes effect."""
        return self.lost or (self.slow > 0 and self.error is None and self.status == 200)


class Faults:
    """The faults in waiting, a queue for each method."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = defaultdict(deque)

    def order(self, method: str, fault: Fault, times: int) -> None:
        """Let the next ``times`` calls of the method meet this fault."""
        self._waiting[method].extend([fault] * times)

    def take(self, method: str) -> Fault | None:
        """Hand over the next fault of a method, if one was ordered."""
        return self._waiting[method].popleft() if self._waiting[method] else None
