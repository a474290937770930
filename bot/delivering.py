"""Sends a composed message once; what cannot be sent is kept as a letter, to be tried again or for somebody to see to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bot.bridge import Bridge
from bot.doorway import Door, Payload
from bot.runs import STEP_SECONDS
from knowledge.store.durable import DeadLetter, DeadLetters

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 4 * 60, 12 * 60, 24 * 60))
"""After how long what was not delivered for a cause that may pass is tried again, and again; then somebody decides."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Delivering:
    """Delivers by these doors; `up_since` stands for when work was taken in where that is not known."""

    doors: Mapping[str, Door]
    letters: DeadLetters
    bridge: Bridge
    up_since: float

    def delivered(self, key: str, door: str, payload: Payload, message: Payload, *, again: bool) -> str:
        """Send a message and return its id; where it cannot be sent, keep it as a letter and return nothing."""
        try:
            return self._sent(key, door, payload, message, again=again)
        except Exception as failure:  # noqa: BLE001 - whatever it was, the work is kept and listed
            why = self.doors[door].reason(failure)
            log.warning("answer.undelivered", door=door, key=key, why=why)
            since = datetime.fromtimestamp(payload.get("taken_at", self.up_since), UTC)
            due = next_try(0) if self.doors[door].passes(failure) else None
            self.letters.keep(DeadLetter(key, door, since, datetime.now(UTC), why, payload, message, next_at=due))
            return ""

    def delivered_again(self, letter: DeadLetter, message: Payload) -> str:
        """Send a letter's message under its own key, so that it stands there once; where it cannot be sent it stays listed."""
        try:
            sent = self._sent(letter.key, letter.door, dict(letter.payload or {}), message, again=True)
        except Exception as failure:  # noqa: BLE001 - as for the first delivery
            door = self.doors[letter.door]
            why = door.reason(failure)
            log.warning("letter.undelivered", door=letter.door, key=letter.key, why=why)
            self.letters.failed(letter.key, why, next_try(letter.tries) if door.passes(failure) else None)
            return ""
        self.letters.drop(letter.key)
        log.info("letter.sent", door=letter.door, key=letter.key)
        return sent

    def _sent(self, key: str, door: str, payload: Payload, message: Payload, *, again: bool) -> str:
        return self.bridge.wait(self.doors[door].deliver(key, payload, message, again=again), STEP_SECONDS)


def next_try(tries: int) -> datetime | None:
    """Return when a letter that was tried again so often is tried once more; None where somebody has to decide."""
    return datetime.now(UTC) + PAUSES[tries] if tries < len(PAUSES) else None
