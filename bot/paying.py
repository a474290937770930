"""Pays for one call to a model out of the budgets of the day, whatever becomes of it."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from bot.errors import ModelFailed
from bot.ports import Purse, Tokens

_FREE = frozenset({"connection", "status", "refused", "quota"})
"""Failures before the model did any work."""


class _Costing(Protocol):
    """What a model gives; `used` are the tokens that it took."""

    @property
    def used(self) -> Tokens: ...


T = TypeVar("T", bound=_Costing)


async def paid(purse: Purse | None, user: str, place: str, most: Tokens, call: Callable[[], Awaitable[T]]) -> T:
    """Return what a call gives; raise BudgetSpent before it is made where `most` would pass a limit."""
    if purse is None:
        return await call()
    held = await purse.hold(user, place, most)
    used = most
    try:
        given = await call()
        used = given.used
    except ModelFailed as failure:
        used = Tokens() if failure.why in _FREE else most
        raise
    finally:
        await purse.settle(held, used)
    return given
