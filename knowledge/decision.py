"""What a company decided about a vendor: an approval of a grave risk counts once a second person agrees, and every one ends."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Choice(StrEnum):
    """What can be decided about a vendor."""

    APPROVED = "approved"
    CONDITIONS = "approved with conditions"
    REJECTED = "rejected"
    REVIEW = "needs review"

    @property
    def approves(self) -> bool:
        """Tell whether the vendor may be bought from, if only on conditions."""
        return self in {Choice.APPROVED, Choice.CONDITIONS}


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision about a vendor: `asked` is the name as `ruling.asked_for` keys it, `vendor` the name as it was typed.

    `key` identifies the event, so that it is decided once. `until` is its last day (UTC). `level` is the risk level that the
    decider was shown, `receipt` the answer or check that showed it. `who` is the decider's id and `named` the name that people
    know. Where `needs_second` it counts from `second_at` on. `back` is how a door reaches the decider, plain JSON. `n` is its
    place among all decisions, 0 before it is kept.
    """

    key: str
    asked: str
    vendor: str
    country: str
    choice: Choice
    conditions: str
    why: str
    until: date
    level: str
    receipt: str
    who: str
    named: str
    made_at: datetime
    needs_second: bool = False
    second: str = ""
    second_named: str = ""
    second_at: datetime | None = None
    back: Mapping[str, Any] | None = None
    n: int = 0

    def counts(self, day: date) -> bool:
        """Tell whether everybody who must agree had agreed by the end of a day."""
        if self.made_at.date() > day:
            return False
        return not self.needs_second or (self.second_at is not None and self.second_at.date() <= day)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is decided about a vendor on a day: the last decision that counts, if only an expired one, and a later one that waits."""

    day: date
    counts: Decision | None = None
    waits: Decision | None = None

    @property
    def expired(self) -> bool:
        """Tell whether what counted last has ended."""
        return self.counts is not None and self.counts.until < self.day


def standing(decisions: Iterable[Decision], day: date) -> Standing:
    """Return what stands on a day (UTC); `decisions` are those about one name, in their order."""
    made = [one for one in decisions if one.made_at.date() <= day]
    last = next((one for one in reversed(made) if one.counts(day)), None)
    return Standing(day, last, made[-1] if made and made[-1] is not last else None)
