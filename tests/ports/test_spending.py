"""What is spent on models, on SQLite and on PostgreSQL: no limit is passed together, and nothing held is lost."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from bot.errors import BudgetSpent
from bot.ports import Tokens
from bot.purse import DailyPurse, Limits
from knowledge.store import schema
from knowledge.store.database import open_database
from knowledge.store.spending import KEPT, LimitPassed, Spending, Spent

DAY = date(2026, 11, 25)


def test_of_many_that_hold_at_once_only_so_many_pass_as_the_limit_allows(database):
    engines = [open_database(database) for _ in range(3)]

    def hold(n):
        try:
            Spending(engines[n % 3]).hold(DAY, Spent(100), {"all": Spent(1000), f"user:{n}": Spent(0)})
        except LimitPassed as passed:
            return passed.scope
        return ""

    try:
        with ThreadPoolExecutor(8) as pool:
            told = list(pool.map(hold, range(40)))
        assert told.count("") == 10
        assert set(told) == {"", "all"}
        spending = Spending(engines[0])
        assert spending.of(DAY, "all") == Spent(1000)
        # Who was turned away by one limit has nothing set aside under another.
        assert sum(spending.of(DAY, f"user:{n}").tokens for n in range(40)) == 1000
    finally:
        for engine in engines:
            engine.dispose()


def test_old_days_are_taken_away_when_a_new_one_begins(engine):
    spending = Spending(engine)
    spending.add(DAY, Spent(5), {"all": Spent()})
    spending.add(DAY + KEPT, Spent(5), {"all": Spent()})
    assert spending.of(DAY, "all").tokens == 5
    spending.add(DAY + KEPT + timedelta(days=1), Spent(5), {"all": Spent()})
    assert spending.of(DAY, "all").tokens == 0


@pytest.mark.parametrize(
    ("limits", "whose"),
    [
        (Limits(user=250), "user"),
        (Limits(place=250), "place"),
        (Limits(everyone=250), "all"),
        (Limits(cost=0.0005, price_in=1.0, price_out=3.0), "cost"),
    ],
)
def test_the_limit_that_is_passed_is_named_and_what_was_not_used_comes_back(engine, limits, whose):
    purse = DailyPurse(Spending(engine), limits, lambda: DAY)

    async def spend():
        held = await purse.hold("ann", "slack:C1", Tokens(100, 100))
        with pytest.raises(BudgetSpent) as spent:
            await purse.hold("ann", "slack:C1", Tokens(100, 100))
        assert spent.value.whose == whose
        await purse.settle(held, Tokens(20, 10))
        await purse.hold("ann", "slack:C1", Tokens(100, 100))

    asyncio.run(spend())
    assert Spending(engine).of(DAY, "user:ann").tokens == 230


def test_another_user_and_the_next_day_have_budgets_of_their_own(engine):
    days = iter([DAY, DAY, DAY + timedelta(days=1)])
    purse = DailyPurse(Spending(engine), Limits(user=200), lambda: next(days))

    async def spend():
        for user in ("ann", "bob", "ann"):
            await purse.hold(user, "slack:C1", Tokens(100, 100))

    asyncio.run(spend())


def test_figures_that_cannot_be_read_spend_nothing_and_those_that_cannot_be_written_lose_no_answer(engine):
    purse = DailyPurse(Spending(engine), Limits(user=1000), lambda: DAY)

    async def spend():
        held = await purse.hold("ann", "slack:C1", Tokens(100, 100))
        schema.spending.drop(engine)
        with pytest.raises(BudgetSpent) as spent:
            await purse.hold("ann", "slack:C1", Tokens(100, 100))
        assert spent.value.whose == "unknown"
        await purse.settle(held, Tokens(20, 10))

    asyncio.run(spend())
