"""The use case of a decision about a vendor: who may decides, a second person agrees where the risk is grave, and it ends."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.checking import Checking
from bot.decision import needs_second
from bot.errors import DecisionRefused
from bot.model import LEVELS, Asker, Level, Place, VendorCheck
from knowledge.decision import Choice, Decision, Standing, standing
from knowledge.ruling import asked_for
from knowledge.store.chain import Kept
from knowledge.store.decisions import Decisions

SHORTEST_WHY, LONGEST_WORDS, LONGEST_YEARS = 3, 1_000, 5
REMIND = "remind"
"""The `do` of work that tells a decider that a decision ends soon."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a decider wants kept, as a door hands it over; `key` identifies the event, so that it is decided once.

    `until` is the last day, None for the default. `seen` is the level that he was shown and `receipt` what showed it, empty
    where he saw none. `who` is his id without a door's name, so that one person is the same one at every door; `back` is how
    a door reaches him.
    """

    key: str
    vendor: str
    choice: Choice
    why: str
    who: str
    named: str
    country: str = ""
    conditions: str = ""
    until: date | None = None
    seen: str = Level.UNKNOWN.value
    receipt: str = ""
    back: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Deciding:
    """Keeps decisions about vendors; whether somebody may decide is for the door to ask before. `days` is how long they hold."""

    checking: Checking
    decisions: Decisions
    days: int
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def decide(self, wish: Wish, asker: Asker, place: Place) -> Decision:
        """Keep a decision at the graver of the level that was shown and that of a check made now.

        Raises DecisionRefused, in words for people, where something is missing or the name cannot be checked.
        """
        made_at = self.now()
        why, conditions = _spaced(wish.why), _spaced(wish.conditions)
        until = wish.until or self.until(made_at.date())
        _look(why, conditions, wish.choice, until, made_at.date())
        card = await self.checking.check(VendorCheck(wish.key, wish.vendor, asker, place, wish.country))
        if card.refused:
            raise DecisionRefused(f"{card.refused.rstrip('.')}; nothing was decided")
        level = max((Level(wish.seen), card.risk.level), key=LEVELS.index).value
        decision = Decision(
            wish.key, asked_for(wish.vendor, wish.country), wish.vendor[:300], wish.country, wish.choice,
            conditions if wish.choice is Choice.CONDITIONS else "", why, until, level, wish.receipt or card.id, wish.who,
            wish.named, made_at, needs_second=wish.choice.approves and needs_second(level), back=wish.back,
        )  # fmt: skip
        return await asyncio.to_thread(self.decisions.keep, decision)

    async def second(self, n: int, who: str, named: str) -> Decision:
        """Note that a second person agrees, and return the decision, which counts from now on.

        Raises DecisionRefused where there is nothing to agree with, or for the person who decided first.
        """
        return await asyncio.to_thread(self._seconded, n, who, named)

    def _seconded(self, n: int, who: str, named: str) -> Decision:
        done = self.decisions.second(n, who, named, self.now())
        kept = self.decisions.find(n)
        if kept is None:
            raise DecisionRefused("there is no such decision; nothing was changed")
        if done or kept.second == who:
            return kept
        if kept.who == who:
            raise DecisionRefused(
                "the second approver must be another person than the first; the decision is kept and waits"
            )
        if kept.second:
            raise DecisionRefused(f"{kept.second_named} agreed before you; the decision counts already")
        raise DecisionRefused(
            "this decision waits for nobody any more, another one was made since; check the vendor to see what stands"
        )

    def stands(self, vendor: str, country: str, day: date) -> Standing:
        """Return what is decided about a vendor on a day; it blocks."""
        return standing(self.decisions.of(asked_for(vendor, country)), day)

    def until(self, day: date) -> date:
        """Return the last day of a decision that is made on a day and says none."""
        return day + timedelta(days=self.days)


def vendor_of(kept: Kept) -> tuple[str, str]:
    """Return the vendor that an answer or a card is about, and its country, empty where none was told."""
    body = kept.body
    return (body["query"] if body.get("kind") == "check" else body.get("vendor") or "", body.get("country") or "")


def _look(why: str, conditions: str, choice: Choice, until: date, today: date) -> None:
    """Raise DecisionRefused for what a decision lacks."""
    if not SHORTEST_WHY <= len(why) <= LONGEST_WORDS:
        raise DecisionRefused(
            f"a decision needs its reason, in {SHORTEST_WHY} to {LONGEST_WORDS} characters; nothing was decided"
        )
    if choice is Choice.CONDITIONS and not SHORTEST_WHY <= len(conditions) <= LONGEST_WORDS:
        raise DecisionRefused(
            f"an approval with conditions needs them, in {SHORTEST_WHY} to {LONGEST_WORDS} characters; nothing was decided"
        )
    if not today <= until <= today + timedelta(days=365 * LONGEST_YEARS + 2):
        raise DecisionRefused(f"a decision ends between today and {LONGEST_YEARS} years from now; nothing was decided")


def _spaced(text: str) -> str:
    return " ".join(text.split())
