"""Brands lead to the legal entity behind them, with the grade that the tie carries, and not once it has ended."""

import pytest

from knowledge.names.brands import background, brands
from knowledge.names.find import Names
from knowledge.names.forms import form
from knowledge.names.grade import Grade
from knowledge.names.index import Row
from knowledge.party import NameKind, PartyName
from tests.listed import brand_cases

CASES = brand_cases()
pytestmark = pytest.mark.xdist_group("brands")


@pytest.fixture(scope="module")
def parents() -> Names:
    """Every parent that the table names, as a list of its own would have it."""
    legal = dict.fromkeys(parent for brand in brands() for parent in brand.parents)
    return Names(Row(parent, (PartyName(parent, NameKind.PRIMARY),)) for parent in legal)


@pytest.mark.parametrize("case", CASES, ids=[case["query"] for case in CASES])
def test_a_brand_leads_to_the_party_behind_it_with_its_grade(parents: Names, case: dict[str, str]) -> None:
    grades = {match.party: match.grade for match in parents.find(case["query"])}
    assert grades.get(case["party"], Grade.NONE) == case["grade"]


def test_what_is_known_of_a_brand_is_said_though_nobody_is_listed_or_the_tie_has_ended() -> None:
    (honor,) = background("Honor")
    assert honor == (
        "Honor is a brand of Huawei Technologies Co., Ltd. until 2020-11-17; sold to Shenzhen Zhixin New Information Technology"
        " (source: joint announcement of 17 November 2020)"
    )
    assert background("飞书") == ("飞书 is a brand of ByteDance Ltd. (source: company website)",)
    assert background("Nordwind Logistik") == ()


def test_no_spelling_belongs_to_two_groups() -> None:
    owners: dict[str, set[str]] = {}
    for brand in brands():
        for spelling in brand.spellings:
            owners.setdefault(form(spelling).script or form(spelling).key, set()).add(brand.parents[0])
    assert not {spelling: groups for spelling, groups in owners.items() if len(groups) > 1}
