"""Lists on web pages and in texts: UFLPA, US Customs, the FCC and 1260H, where one text may name several companies."""

import csv
from collections import defaultdict

import pytest

from knowledge.errors import ListRefused
from knowledge.lists import cbp, dod, fcc, uflpa
from knowledge.lists.companies import companies
from knowledge.party import NameKind, PartyKind, Relation
from tests.rules.samples import LISTS, files

needs_samples = pytest.mark.skipif(not LISTS.is_dir(), reason="the samples of lists are not here")


def primary(text):
    return [company.names[0].text for company in companies(text)]


@needs_samples
def test_every_company_of_the_messy_texts_is_found_and_nothing_else():
    name = "cbp_wro_name_parsing_cases.csv"
    cases = defaultdict(list)
    for row in csv.DictReader(files("uflpa_cbp", name)[name].decode().splitlines()):
        cases[row["raw_list_text"]].append(row["entity_name"].strip("[]'"))
    more = {
        text: sorted(set(primary(text)) - set(names))
        for text, names in cases.items()
        if set(primary(text)) != set(names)
    }
    assert (len(cases), sum(len(names) for names in cases.values())) == (69, 83)
    assert not [text for text, names in cases.items() if not set(names) <= set(primary(text))]
    assert sorted(more.values()) == [
        ["Biopro (M) Sdn Bhd", "Brightway Holdings Sdn Bhd", "Laglove (M) Sdn Bhd"], ["Kwong Ngai Industrial Company"],
    ]  # fmt: skip


def test_named_subsidiaries_are_parties_of_their_own_tied_to_their_parent():
    found = companies(
        "Camel Group Co., Ltd. and its eight Xinjiang-based subsidiaries, which include A Co., Ltd., B Works, and C Co., Ltd."
    )
    assert [(one.names[0].text, one.relations) for one in found] == [
        ("Camel Group Co., Ltd.", ()),
        *((name, (Relation("Camel Group Co., Ltd.", "parent"),)) for name in ("A Co., Ltd.", "B Works", "C Co., Ltd.")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("X Co., Ltd. (including two aliases: Foo Co., Ltd. and Bar Textile) and its subsidiaries", ["X Co., Ltd.", "Foo Co., Ltd.", "Bar Textile"]),
        ("X Corps (including three aliases: XC; Old Corps; and Bingtuan) and its subordinate and affiliated entities", ["X Corps", "XC", "Old Corps", "Bingtuan"]),
        ("X Textile Co. Ltd. (formerly known as Y Ltd.)", ["X Textile Co. Ltd.", "Y Ltd."]),
        ("Wulin (or Wuling) Works, a/k/a Hangzhou Works", ["Wulin (or Wuling) Works", "Wulin Works", "Wuling Works", "Hangzhou Works"]),
        ("Agriculture, Industry, and Trade Co., Ltd.", ["Agriculture, Industry, and Trade Co., Ltd."]),
    ],
)  # fmt: skip
def test_aliases_stay_with_their_company(text, names):
    (one,) = companies(text)
    assert [name.text for name in one.names] == names


def site(table, tail="</body></html>"):
    return f"<!DOCTYPE html><html><body><h2>Section (i)</h2>{table}{tail}".encode()


UFLPA = (
    "<table><tr><th>Name of Entity</th><th>Effective Date</th></tr>"
    "<tr><td>X Co., Ltd. (also known as XX) and its subsidiaries</td><td>June 21, 2022</td></tr>"
    "<tr><td>only one cell</td></tr></table>"
)


def test_the_uflpa_page_gives_parties_with_their_section_and_the_whole_text():
    """Unverified: written from the description of the page."""
    read = uflpa.read(site(UFLPA))
    (party,) = read.parties
    assert (read.rows, read.skipped) == (2, {"row of another shape": 1})
    assert [name.text for name in party.names] == ["X Co., Ltd.", "XX"]
    listing = party.listings[0]
    assert (listing.citation, str(listing.start)) == ("Section (i)", "2022-06-21")
    assert listing.excerpt == "X Co., Ltd. (also known as XX) and its subsidiaries"


CBP = (
    "<h2>Malaysia</h2><table><tr><th>Date</th><th>Merchandise</th><th>Manufacturer/s</th><th>Status</th></tr>"
    "<tr><td>12/20/2021</td><td>Gloves</td><td>A Holdings Sdn Bhd and B (M) Sdn Bhd</td><td>Active</td></tr>"
    "<tr><td>01/01/2019</td><td>Hair</td><td>A Holdings Sdn Bhd</td><td>Active</td></tr>"
    "<tr><td>09/30/2019</td><td>Gloves</td><td>C Bhd</td><td>Inactive</td></tr></table>"
)


def test_the_customs_page_gives_each_company_its_orders_and_the_country_of_its_table():
    """Unverified: written from the description of the page."""
    read = cbp.read(site(CBP))
    first, second = read.parties
    assert (read.rows, read.skipped) == (3, {"no longer active": 1})
    assert (first.name, first.countries, [str(one.start) for one in first.listings]) == ("A Holdings Sdn Bhd", ("MY",), ["2021-12-20", "2019-01-01"])  # fmt: skip
    assert second.listings[0].excerpt == "A Holdings Sdn Bhd and B (M) Sdn Bhd\nGloves"


def covered(*rows):
    cells = "".join(f"<tr><td>{text}</td><td>{when}</td></tr>" for text, when in rows)
    return site(
        f"<table><tr><th>Covered Equipment or Services*</th><th>Date of Inclusion on Covered List</th></tr>{cells}</table>"
    )


def test_a_covered_list_row_names_its_companies_or_is_a_category():
    """The texts are real, the layout of the page is unverified."""
    services = "International telecommunications services provided by Pacific Networks Corp and its wholly-owned subsidiary ComNet (USA) LLC subject to section 214."
    routers = "Routers ^ produced in a foreign country, except routers which have been granted a Conditional Approval by DoW or DHS."
    kaspersky = "Information security products supplied, directly or indirectly, by AO Kaspersky Lab or any of its predecessors."
    read = fcc.read(
        covered(
            (services, "September 20, 2022"),
            (routers, "March 23, 2026Updated:July 1, 2026"),
            (kaspersky, "March 25, 2022"),
        )
    )
    assert [(party.name, party.kind) for party in read.parties] == [
        ("Pacific Networks Corp", PartyKind.ORGANISATION), ("ComNet (USA) LLC", PartyKind.ORGANISATION),
        ("Routers produced in a foreign country", PartyKind.CATEGORY), ("AO Kaspersky Lab", PartyKind.ORGANISATION),
    ]  # fmt: skip
    assert read.parties[1].relations == (Relation("Pacific Networks Corp", "parent"),)
    assert (str(read.parties[2].listings[0].start), read.parties[2].listings[0].excerpt) == ("2026-03-23", routers)


@needs_samples
def test_the_covered_list_of_july_2026_has_thirteen_companies_and_four_categories():
    name = "fcc_covered_list.csv"
    rows = [(row[0], row[1]) for row in list(csv.reader(files("us_statutory", name)[name].decode().splitlines()))[1:]]
    parties = fcc.read(covered(*rows)).parties
    assert sum(party.kind is PartyKind.CATEGORY for party in parties) == 4
    assert sum(party.kind is PartyKind.ORGANISATION for party in parties) == 13


@needs_samples
def test_a_company_in_several_editions_of_1260h_is_one_party_with_a_listing_for_each():
    name = "dod_1260h.csv"
    read = dod.read(files("us_statutory", name)[name])
    assert (read.rows, sum(len(party.listings) for party in read.parties)) == (397, 397)
    assert not [party.name for party in read.parties if "*" in party.name]
    tencent = next(party for party in read.parties if party.ref == "tencent holdings limited")
    assert [str(one.start) for one in tencent.listings] == ["2025-01-07", "2026-06-08"]
    assert [(one.text, one.kind) for one in tencent.names] == [
        ("Tencent Holdings Limited", NameKind.PRIMARY),
        ("Tencent", NameKind.ALIAS),
    ]


@pytest.mark.parametrize(("read", "table"), [(uflpa.read, UFLPA), (cbp.read, CBP)])
def test_a_page_that_is_cut_off_changed_or_no_page_is_refused(read, table):
    renamed = table.replace("Date", "When").replace("Name of Entity", "Who")
    for spoiled in (
        site(table)[:-8],
        site(table)[: len(table) // 2],
        site("<p>Moved</p>"),
        site(renamed),
        b"a,b\n1,2\n",
        b"",
    ):
        with pytest.raises(ListRefused):
            read(spoiled)
