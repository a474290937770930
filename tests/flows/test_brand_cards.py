"""Brands through the whole card: each leads to the listed party behind it, on the list where it stands, with its grade."""

from uuid import uuid4

import pytest

from bot import build, sourcing, vetting
from bot.checking import Checking
from bot.model import Asker, Level, Place, VendorCheck
from bot.settings import Settings
from knowledge.listing import refresh_lists
from knowledge.lists.statutory import shipped
from knowledge.names.grade import Grade
from knowledge.store.catalog import LIST
from tests.listed import brand_cases

ANN, TERMINAL = Asker("ann", staff=True), Place("terminal")
SHIPPED = {(read.list_id, party.name) for read in shipped() for party in read.parties}
CASES = brand_cases()
ENDED = [case for case in CASES if case["grade"] == Grade.NONE]
HERE = [case for case in CASES if (case.get("on"), case.get("listed")) in SHIPPED]
ELSEWHERE = [case for case in CASES if case not in HERE and case not in ENDED]
FETCHED = {
    "us.dod-1260h": "us_statutory/dod_1260h.csv", "us.ofac-sdn": "ofac", "us.ofac-non-sdn": "ofac",
}  # fmt: skip


def over(home, **lists) -> Checking:
    """A checking over lists alone: those that ship, and these in their place or beside them."""
    settings = Settings(CAVEAT_HOME=home)
    library = build.library(settings)
    for name, at in lists.items():
        assert library.catalog.add(sourcing.source_spec(settings, name, LIST, str(at), "", "", "staff", ""))
    if lists:
        assert {one.failure for one in refresh_lists(vetting.lister(settings, library)).lists} == {""}
    return vetting.checking(settings, library)


async def check(checking, name):
    return await checking.checked(VendorCheck(uuid4().hex, name, ANN, TERMINAL))


async def told(checking, case):
    """What a card says of the case's party: the best grade of its rows, none where it has no row."""
    card = await check(checking, case["query"])
    rows = [row for row in card.rows if (row.found.party.name, row.list.id) == (case.get("listed"), case.get("on"))]
    assert not rows or {row.found.grade for row in rows} == {rows[0].found.grade}
    return rows[0].found.grade if rows else Grade.NONE


async def test_every_brand_of_a_party_on_a_shipped_list_leads_to_it_with_its_grade(tmp_path):
    checking = over(tmp_path / "home")
    assert len(HERE) >= 65
    assert not [case for case in HERE if await told(checking, case) != case["grade"]]
    for case in ENDED:
        card = await check(checking, case["query"])
        assert not card.rows, case
        assert card.risk.level is Level.UNKNOWN


async def test_every_brand_leads_to_its_party_on_the_fetched_lists_as_well(tmp_path, shared):
    checking = over(tmp_path / "home", **{name: shared / "lists" / at for name, at in FETCHED.items()})
    assert len(ELSEWHERE) >= 15
    assert not [case for case in ELSEWHERE if await told(checking, case) != case["grade"]]


@pytest.mark.parametrize(
    ("name", "grade", "level"),
    [
        ("Alibaba Cloud", Grade.AFFILIATE, Level.HIGH),
        ("Aliyun", Grade.AFFILIATE, Level.HIGH),
        ("阿里云", Grade.AFFILIATE, Level.HIGH),
        ("alibaba cloud us llc", Grade.AFFILIATE, Level.HIGH),
        ("Alibaba Group Holding Ltd", Grade.PROBABLE, Level.HIGH),
    ],
)
async def test_the_seed_vendor_is_known_by_every_way_to_write_it_on_the_whole_card(library, name, grade, level):
    card = await check(vetting.checking(Settings(CAVEAT_HOME="/nowhere"), library), name)
    assert card.rung == "R1"
    assert [(one.name, one.grade) for one in card.resolved] == [("Alibaba Group Holding Limited", grade)]
    assert card.risk.level is level
    assert {row.list.id for row in card.rows} == {"us.dod-1260h"}


async def test_a_company_of_a_group_is_an_affiliate_and_not_the_listed_party_itself(tmp_path):
    """The letters alone took Hytera America for a spelling of Hytera Communications."""
    card = await check(over(tmp_path / "home"), "Hytera America")
    assert {row.found.grade for row in card.rows} == {Grade.AFFILIATE}
    assert all("adds america" in row.found.reasons[1] for row in card.rows)
