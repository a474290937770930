"""What durable work asks of a platform, and where a question stands in it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from bot.progress import Stage, Told

Payload = dict[str, Any]
UNANSWERED = "unanswered"
"""Marks a message that only says that there is no answer."""


class Why(StrEnum):
    """Why a question has no answer, only a notice."""

    BROKEN = "broken"
    LATE = "late"
    ASKER = "asker"
    PLACE = "place"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Line:
    """Where a question stands: in which conversation, whose it is and in which place; empty is none, and not limited.

    `session` is what its asker can stop at once, and `at` when he asked, in seconds since 1970 by the platform's clock.
    """

    conversation: str
    asker: str
    place: str = ""
    waits: bool = True
    """Whether somebody waits for the answer, who is to be told that it takes longer."""
    session: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What a worker holds itself to: questions, seconds; a limit of 0 is none."""

    per_asker: int = 40
    per_place: int = 200
    window: float = 600.0
    at_once_per_asker: int = 2
    at_once_per_place: int = 6
    deadline: float = 120.0
    takeover: float = 15.0


class Door(Protocol):
    """A platform, as durable work sees it."""

    def line(self, key: str, payload: Payload) -> Line:
        """Return where the question stands."""
        ...

    async def compose(self, key: str, payload: Payload, told: Told) -> Payload:
        """Return the message that answers what came in, ready to be sent and to be kept; tell of the steps on the way."""
        ...

    async def hold(self, key: str, payload: Payload, place: int, stages: tuple[Stage, ...], *, again: bool) -> Payload:
        """Tell who waits that it takes longer, its place in the queue and the steps so far.

        Return what `deliver` needs to make it the answer; with `stop`, a session that its asker can stop this one by.
        """
        ...

    async def show(self, key: str, payload: Payload, held: Payload, stages: tuple[Stage, ...]) -> Payload:
        """Show the steps in what is held, and return by what it is held now; raise nothing for what the platform refuses.

        With nothing held, a mere sign that goes away by itself may be given. With `behind` in what is returned, the steps are
        to be shown again though they are the same.
        """
        ...

    async def retract(self, key: str, payload: Payload, held: Payload) -> None:
        """Take away what `hold` sent, unless it has become the answer: another run of the work has ended without it."""
        ...

    async def deliver(self, key: str, payload: Payload, message: Payload, *, again: bool) -> str:
        """Send the message and return its id; with `again`, an earlier try may have sent it already: look first.

        The message carries under `held` what `hold` returned, where it was called, and the steps (`bot.progress.kept`), and
        under UNANSWERED why it is only a notice.
        """
        ...

    def apology(self, key: str, payload: Payload, why: Why) -> Payload:
        """Return the message that says honestly that there is no answer, and why."""
        ...

    def reason(self, error: Exception) -> str:
        """Return in words, for an administrator, why a message could not be delivered."""
        ...

    def passes(self, error: Exception) -> bool:
        """Tell whether the message may be delivered later without anybody doing anything."""
        ...

    async def anew(self, key: str, payload: Payload) -> str:
        """Return the key under which an old message is composed anew before it is sent; empty where it may go as it is.

        Who may read there is asked again: a message never shows what they may not read any more.
        """
        ...


def notice(door: Door, key: str, payload: Payload, why: Why) -> Payload:
    """Return the door's notice, marked as no answer; nothing where nobody is told."""
    apology = door.apology(key, payload, why)
    return {**apology, UNANSWERED: why.value} if apology else apology
