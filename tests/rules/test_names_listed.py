"""On whole lists: what is listed scores 1.0, ordinary companies raise few alarms, and the pair gates hold at one threshold."""

import time
from collections.abc import Callable

import pytest

from bot.matching import Pair, paired
from knowledge.names.asked import MOST_LETTERS
from knowledge.names.find import Names
from knowledge.names.forms import form
from knowledge.names.grade import Grade
from knowledge.names.index import NameIndex, Row, keys
from knowledge.names.score import compare
from tests import listed

pytestmark = [
    pytest.mark.skipif(not listed.LISTS.is_dir(), reason="the shared lists are not beside the project"),
    pytest.mark.xdist_group("listed names"),
]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return listed.listed()


@pytest.fixture(scope="module")
def index(rows: list[Row]) -> NameIndex:
    return NameIndex.build(rows)


def test_every_listed_name_is_found_as_itself(rows: list[Row], index: NameIndex) -> None:
    """Former names, aliases and native ones as well, each by its key and not among what is alike."""
    missed = []
    for row in rows:
        for name in row.names:
            asked = form(name.text)
            same = [found for found in index.exact(keys(asked, name.text), most=200) if found.party == row.party]
            if not any(compare(asked, found.form).score == 1 for found in same):
                missed.append(name.text)
    assert not missed


def test_a_listed_name_finds_its_party_with_the_greatest_score(rows: list[Row], index: NameIndex) -> None:
    names = Names(index=index)
    for row in rows[::40]:
        for name in row.names:
            if len(name.text) <= MOST_LETTERS:
                matches = names.find(name.text, limit=100)
                assert [match.score for match in matches if match.party == row.party] == [1.0], name.text


def test_ordinary_companies_raise_few_alarms(rows: list[Row], index: NameIndex) -> None:
    names = Names(index=index)
    known = {form(name.text).key for row in rows for name in row.names}
    ordinary = [name for name in listed.benign() if form(name).key not in known][::3]
    alarms = [name for name in ordinary if names.find(name)]
    assert len(alarms) <= 0.04 * len(ordinary), alarms
    assert all(
        match.grade is not Grade.PROBABLE or match.how == "brand" for name in alarms for match in names.find(name)
    )


@pytest.mark.parametrize(
    ("pairs", "least"), [(listed.bench_pairs, 0.90), (listed.check_pairs, 0.89)], ids=["name_bench", "checks"]
)
def test_pairs_of_organisations_are_told_apart(pairs: Callable[[], list[Pair]], least: float) -> None:
    figures = paired(pairs())
    assert figures["f1"] >= least
    assert figures["graded"]["f1"] >= least
    assert figures["sure_though_two"] <= 0.02 * figures["pairs"]


def test_a_brand_finds_its_parent_among_all_listed(index: NameIndex) -> None:
    names = Names(index=index)
    cases = [case for case in listed.brand_cases() if case["grade"] != Grade.NONE]
    wanted = [{found.party for found in index.exact([f"c{form(case['party']).key}"])} for case in cases]
    assert sum(map(bool, wanted)) > 60
    for case, parties in zip(cases, wanted, strict=True):
        assert not parties or parties & {match.party for match in names.find(case["query"])}, case


def test_an_answer_comes_at_once(index: NameIndex) -> None:
    names = Names(index=index)
    spent = []
    for name in listed.benign()[:200]:
        start = time.perf_counter()
        names.find(name)
        spent.append(time.perf_counter() - start)
    assert sorted(spent)[190] < 0.1
