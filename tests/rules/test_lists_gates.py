"""What stands between a reading and its use, what listings entail on a day, and the lists that ship."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.model import Category
from knowledge.lists import csl, ofac, programs, un
from knowledge.lists.catalogue import LISTS, source
from knowledge.lists.gates import difference, digest, organisations, refusals, shape
from knowledge.lists.measures import BESIDE, measure, measures, standing
from knowledge.lists.statutory import shipped
from knowledge.party import Force, Listing, ListRead, NameKind, Party, PartyKind, PartyName
from tests.rules.samples import LISTS as FOLDER
from tests.rules.samples import files

needs_samples = pytest.mark.skipif(not FOLDER.is_dir(), reason="the samples of lists are not here")
DAY = date(2026, 11, 25)


def party(number, **fields):
    names = (PartyName(f"Firm {number}", NameKind.PRIMARY), PartyName(f"F{number}", NameKind.ALIAS))
    listings = (Listing("ofac-sdn", "SDGT", "https://x", DAY),)
    return replace(Party(str(number), PartyKind.ORGANISATION, names, listings, ("CN",)), **fields)


def reading(count=100, **fields):
    return ListRead("x", tuple(party(number, **fields) for number in range(count)), count, DAY)


BEFORE = shape(reading())


def test_a_list_that_grew_shrank_a_little_or_was_reordered_is_taken():
    for after in (reading(100), reading(75), reading(150), replace(reading(), parties=reading().parties[::-1])):
        assert refusals(BEFORE, after) == ()


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (reading(10), "The list has 10 rows where the last one had 100, which is 10% of it"),
        (reading(200), "The list has 200 rows where the last one had 100, which is 200% of it"),
        (replace(reading(), parties=reading(30).parties), "The list has 30 parties where the last one had 100"),
        (reading(countries=()), "0% of the parties have a country where 100% had one"),
        (reading(listings=(Listing("ofac-sdn", "", ""),)), "0% of the parties have a date where 100% had one"),
        (reading(names=(PartyName("A", NameKind.PRIMARY),)), "0% of the parties have more than one name"),
        (replace(reading(), parties=tuple(party(f"k{number}") for number in range(100))), "Only 0 of the 100 known keys come again"),
        (reading(listings=()), "100 of 100 parties stand under no measure"),
        (reading(listings=(Listing("bis-uvl", "", "", DAY),)), "No party stands under ofac-sdn, where 100 did"),
        (replace(reading(), snapshot=DAY - timedelta(days=1)), "The list is of 2026-11-24 and older than the one in service"),
        (reading(kind=PartyKind.PERSON), "0% of the parties have an organisation's kind where 100% had one"),
        (reading(names=(PartyName("-", NameKind.PRIMARY), PartyName("A", NameKind.ALIAS))), "1% of the parties have a name of its own"),
        (reading(names=()), "100 of 100 parties have no name"),
        (replace(reading(), parties=(party(1),) * 100), "99 of 100 parties have a key that another one has as well"),
    ],
)  # fmt: skip
def test_a_suspicious_list_is_refused_with_its_figures(after, reason):
    assert any(said.startswith(reason) for said in refusals(BEFORE, after))


def test_keys_that_changed_in_one_list_within_a_list_are_seen():
    def keyed(*prefixes):
        return replace(
            reading(), parties=tuple(party(f"{prefix}{number}") for prefix in prefixes for number in range(50))
        )

    assert refusals(shape(keyed("SDN:", "EL:")), keyed("SDN:", "EL:x")) == (
        "Only 0 of the 50 known keys of EL come again among 50, so the publisher's keys have changed.",
    )


def test_a_first_reading_is_held_against_the_fewest_rows_that_the_list_has():
    assert refusals(None, reading(10)) == ()
    assert refusals(None, reading(10), least=500) == ("The list has 10 rows where it is known to have at least 500.",)


def test_a_whole_list_may_follow_one_that_says_what_it_lacks():
    assert refusals(shape(replace(reading(5), gap="Five names only.")), reading(200)) == ()


def test_the_difference_names_what_came_went_and_changed_and_no_reordering():
    before = [party(1), party(2), party(3)]
    after = [party(4), party(3, names=party(3).names[::-1]), party(2, countries=("RU",))]
    found = difference(before, after)
    assert (found.added, found.removed, found.changed) == (("4",), ("1",), ("3", "2"))
    assert digest(party(1, countries=("CN", "RU"))) == digest(party(1, countries=("RU", "CN")))


def test_persons_vessels_and_aircraft_are_counted_when_they_are_left_out():
    parties = (
        party(1),
        party(2, kind=PartyKind.PERSON),
        party(3, kind=PartyKind.VESSEL),
        party(4, kind=PartyKind.PERSON),
        party(5, kind=PartyKind.CATEGORY),
    )
    read = organisations(replace(reading(), parties=parties, skipped={"no name": 2}))
    assert [one.ref for one in read.parties] == ["1", "5"]
    assert read.skipped == {"no name": 2, "person": 2, "vessel": 1}


@needs_samples
def test_a_real_list_cut_at_the_end_of_a_row_is_refused_by_the_gates():
    content = files("ofac", "sdn.csv", "add.csv", "alt.csv", "sdn_comments.csv")
    whole = ofac.read_sdn(content)
    before = shape(whole)
    assert refusals(before, whole, least=source("us.ofac-sdn").least) == ()
    for tenth in range(1, 7):
        kept = whole.parties[: len(whole.parties) * tenth // 10]
        assert refusals(before, ListRead("us.ofac-sdn", kept, len(kept)))


@needs_samples
def test_a_real_list_that_lost_its_aliases_is_refused_by_the_gates():
    content = files("ofac", "sdn.csv", "add.csv", "sdn_comments.csv") | {"alt.csv": b"\x1a"}
    before = shape(ofac.read_sdn(files("ofac", "sdn.csv", "add.csv", "alt.csv", "sdn_comments.csv")))
    assert any("more than one name" in said for said in refusals(before, ofac.read_sdn(content)))


def test_every_measure_has_a_category_an_official_address_and_spans_that_do_not_overlap():
    for rows in measures().values():
        for row in rows:
            Category(row.category)
            assert row.url.startswith("https://")
            assert row.effect.endswith(".")
        for before, after in itertools.pairwise(rows):
            assert after.valid_from == before.valid_to + timedelta(days=1)


def test_every_measure_that_a_reader_names_is_known():
    named = {listing.measure for read in shipped() for one in read.parties for listing in one.listings}
    named |= {beside for others in BESIDE.values() for beside in others} | set(BESIDE)
    assert named <= set(measures())
    assert set(csl.MEASURES.values()) | set(programs.PROGRAMS.values()) | {programs.NON_SDN} <= set(measures())


@needs_samples
def test_every_measure_of_a_real_list_is_known():
    name = "consolidated.xml"
    assert {one.measure for party_ in un.read(files("un", name)).parties for one in party_.listings} <= set(measures())


@pytest.mark.parametrize(
    ("key", "day", "force"),
    [
        ("bis-affiliates-rule", date(2025, 9, 28), Force.UPCOMING),
        ("bis-affiliates-rule", date(2025, 11, 9), Force.IN_FORCE),
        ("bis-affiliates-rule", date(2025, 11, 10), Force.SUSPENDED),
        ("bis-affiliates-rule", date(2026, 11, 9), Force.SUSPENDED),
        ("bis-affiliates-rule", date(2026, 11, 10), Force.VERIFY),
        ("ndaa-154", DAY, Force.UPCOMING),
        ("ndaa-154", date(2027, 10, 1), Force.IN_FORCE),
        ("ndaa-5949", date(2027, 12, 22), Force.UPCOMING),
        ("ofac-sdn", DAY, Force.IN_FORCE),
        ("eu-833-2014", DAY, Force.VERIFY),
    ],
)
def test_a_measure_stands_as_its_dates_say(key, day, force):
    assert measure(key, day).force is force


def test_a_1260h_listing_entails_more_from_june_2026_and_again_from_june_2027():
    effects = [measure("dod-1260h", day).effect for day in (date(2026, 6, 29), date(2026, 6, 30), date(2027, 6, 30))]
    assert "forbids no purchase by itself" in effects[0]
    assert "must not enter into" in effects[1]
    assert "include theirs" in effects[2]


def test_a_measure_that_is_over_says_so():
    over = replace(measures()["ndaa-154"][0], valid_to=date(2028, 1, 1))
    assert standing([over], date(2028, 1, 1)).force is Force.IN_FORCE
    assert standing([over], date(2028, 1, 2)).force is Force.ENDED


def test_the_lists_that_ship_hold_the_seed_vendor_and_say_what_they_lack():
    reads = {read.list_id: read for read in shipped()}
    assert {name: len(read.parties) for name, read in reads.items()} == {
        "us.ndaa-889": 5, "us.ndaa-5949": 3, "us.ndaa-154": 6, "us.fcc-covered-list": 19, "us.dod-1260h": 5,
    }  # fmt: skip
    alibaba = next(one for one in reads["us.dod-1260h"].parties if one.name == "Alibaba Group Holding Limited")
    assert (alibaba.countries, alibaba.listings[0].start) == (("CN",), date(2026, 6, 8))
    assert "five names" in reads["us.dod-1260h"].gap
    assert reads["us.ndaa-889"].gap == ""
    assert all(
        listing.url.startswith("https://")
        for read in reads.values()
        for one in read.parties
        for listing in one.listings
    )
    for one in (one for one in LISTS if one.format == "shipped"):
        assert refusals(None, one.read({}), least=one.least) == ()
        assert one.read({}).list_id == one.list_id


def test_the_catalogue_names_each_list_and_format_once_at_an_official_address():
    keys = [(one.list_id, one.format) for one in LISTS]
    assert len(keys) == len(set(keys))
    assert all(address.startswith("https://") for one in LISTS for address in one.addresses.values())
    assert all(one.stale_after_days > 0 and one.rights for one in LISTS)
    assert source("us.ofac-sdn", "advanced xml").verified is False
    with pytest.raises(KeyError):
        source("us.nothing")
