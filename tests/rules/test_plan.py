"""Which shelves an edition stands on: every plan holds exactly what it must, in few shelves, with few dead."""

from hypothesis import given
from hypothesis import strategies as st

from knowledge.store.plan import DEAD, MOST, Plan, Stock, plan
from tests.rules.properties import PROPERTY


def keys(*numbers):
    return frozenset(f"k{number}" for number in numbers)


def alive(planned):
    return frozenset().union(planned.built, *(shelf.alive for shelf in planned.kept))


def test_the_first_edition_is_one_shelf():
    assert plan((), frozenset(), keys(1, 2)) == Plan((), keys(1, 2))


def test_a_few_changes_give_a_small_shelf_beside_the_large_one():
    large = Stock("large", keys(*range(100)))
    planned = plan([large], keys(1), keys(200))
    assert planned.built == keys(200)
    assert [(shelf.name, shelf.dead) for shelf in planned.kept] == [("large", keys(1))]


def test_nothing_new_builds_nothing():
    large = Stock("large", keys(*range(100)))
    assert plan([large], keys(1), frozenset()).built == frozenset()


def test_small_shelves_are_merged_before_there_are_too_many():
    stock = [Stock("large", keys(*range(100))), *(Stock(f"s{n}", keys(100 + n)) for n in range(MOST - 1))]
    planned = plan(stock, frozenset(), keys(300))
    assert [shelf.name for shelf in planned.kept] == ["large"]
    assert planned.built == keys(*range(100, 100 + MOST - 1), 300)


def test_much_that_is_dead_or_new_builds_all_of_it_anew():
    large = Stock("large", keys(*range(100)))
    assert plan([large], keys(*range(21)), frozenset()) == Plan((), keys(*range(21, 100)))
    grown = [large, *(Stock(f"s{n}", keys(*range(200 + 20 * n, 220 + 20 * n))) for n in range(3))]
    assert plan(grown, frozenset(), keys(999)).kept == ()


def test_what_comes_back_lives_in_a_newer_shelf():
    planned = plan([Stock("large", keys(*range(100)), keys(1))], frozenset(), keys(1))
    assert planned.built == keys(1)
    assert alive(planned) == keys(*range(100))


CHANGES = st.lists(
    st.tuples(st.sets(st.integers(0, 60), max_size=30), st.sets(st.integers(0, 60), max_size=30)), max_size=12
)


@PROPERTY
@given(CHANGES)
def test_after_any_changes_the_shelves_hold_exactly_what_is_wanted(changes):
    wanted, stock = frozenset(), ()
    for number, (gone, fresh) in enumerate(changes):
        gone_keys, fresh_keys = keys(*gone) & wanted, keys(*fresh) - wanted
        planned = plan(stock, gone_keys - fresh_keys, fresh_keys)
        wanted = (wanted - gone_keys) | fresh_keys
        stock = (*planned.kept, *([Stock(f"s{number}", planned.built)] if planned.built else []))
        assert alive(planned) == wanted
        assert sum(len(shelf.alive) for shelf in stock) == len(wanted)
        assert len(stock) <= MOST
        assert sum(len(shelf.dead) for shelf in stock) <= DEAD * max(1, sum(len(shelf.keys) for shelf in stock))
