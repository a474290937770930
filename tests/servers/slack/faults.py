"""Faults that a test orders for the next calls of a method."""

from collections import defaultdict, deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with a call: a status, an error name, a Retry-After, or an answer lost on its way back."""

    status: int = 200
    error: str | None = None
    retry_after: int | None = None
    lost: bool = False


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
