"""What may be spent on language models: limits by user, place and day, over the figures that the ledger keeps."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import BudgetSpent
from bot.ports import Held, Tokens
from knowledge.store.spending import LimitPassed, Spending, Spent

log = structlog.get_logger()

PATIENCE, SETTLING = 2.0, 0.5
"""Seconds that an answer waits for the figures before a call and after it, which a long transaction may hold up."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Tokens a day for one user, for one place, for all together, and money a day; 0 is no limit.

    `price_in` and `price_out` are for a million tokens, in the currency of `cost`.
    """

    user: int = 0
    place: int = 0
    everyone: int = 0
    cost: float = 0.0
    price_in: float = 0.0
    price_out: float = 0.0


@dataclass(frozen=True, slots=True)
class DailyPurse:
    """Pays for calls out of the day's budgets; a process that dies in a call leaves what it held as spent.

    Figures that cannot be read count as a budget that is used up; a settlement that fails leaves what was held as spent.
    """

    spending: Spending
    limits: Limits
    today: Callable[[], date]

    async def hold(self, user: str, place: str, tokens: Tokens) -> Held:
        """Set tokens aside for everyone, the user and the place, or raise BudgetSpent with whose limit it is."""
        held = Held(user, place, self.today(), tokens)
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.to_thread(self._hold, held)
        except (SQLAlchemyError, TimeoutError) as error:
            log.warning("budget.unknown")
            raise BudgetSpent("unknown") from error
        return held

    def _hold(self, held: Held) -> None:
        try:
            self.spending.hold(held.day, self._amount(held.tokens), self._scopes(held))
        except LimitPassed as passed:
            whose = passed.scope.split(":", 1)[0]
            raise BudgetSpent("cost" if whose == "all" and not self._by_tokens(held) else whose) from passed

    async def settle(self, held: Held, used: Tokens) -> None:
        """Count what the call took in place of what was held."""
        change = self._amount(used) - self._amount(held.tokens)
        try:
            async with asyncio.timeout(SETTLING):
                await asyncio.to_thread(self.spending.add, held.day, change, self._scopes(held))
        except (SQLAlchemyError, TimeoutError):
            log.warning("budget.unsettled")

    def _scopes(self, held: Held) -> dict[str, Spent]:
        """Return the limits of each scope that a call counts for."""
        return {
            "all": Spent(self.limits.everyone, round(self.limits.cost * 1_000_000)),
            f"user:{held.user}": Spent(self.limits.user),
            f"place:{held.place}": Spent(self.limits.place),
        }

    def _by_tokens(self, held: Held) -> bool:
        """Tell whether it was the tokens of all, and not the money, that ran out."""
        spent = self.spending.of(held.day, "all").tokens + held.tokens.read + held.tokens.written
        return bool(self.limits.everyone) and spent > self.limits.everyone

    def _amount(self, tokens: Tokens) -> Spent:
        # A price for a million tokens is the price of one in millionths.
        micros = math.ceil(tokens.read * self.limits.price_in + tokens.written * self.limits.price_out)
        return Spent(tokens.read + tokens.written, micros)
