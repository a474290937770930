"""OFAC's lists: every name and number of a row is kept, its measures are named, and a file that is cut is never read short."""

import csv
import time
from collections import Counter
from datetime import date

import pytest

from knowledge.errors import ListRefused
from knowledge.lists import ofac
from knowledge.party import Identifier, NameKind, PartyKind, Relation
from tests.rules.samples import LISTS, files, tenths

needs_samples = pytest.mark.skipif(not LISTS.is_dir(), reason="the samples of lists are not here")
SDN = ("sdn.csv", "add.csv", "alt.csv", "sdn_comments.csv")
NON_SDN = ("cons_prim.csv", "cons_add.csv", "cons_alt.csv", "cons_comments.csv")


def own(remarks="-0- ", rest=None, program="SDGT", alias='1,2,"aka","ACME TRADE",-0- \r\n'):
    """A list of one party in OFAC's format."""
    main = f'1,"ACME LTD",-0- ,"{program}",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"{remarks}"\r\n\x1a'
    return {
        "SDN.CSV": main.encode(), "ADD.CSV": b'1,1,-0- ,"Pyongyang","Korea, North",-0- \r\n\x1a',
        "ALT.CSV": alias.encode() + b"\x1a", "SDN_COMMENTS.CSV": (f'1,"{rest}"\r\n' if rest else "\r\n\x1a").encode(),
    }  # fmt: skip


@needs_samples
def test_the_whole_sdn_list_is_read_in_two_seconds_with_its_kinds_and_aliases():
    content = files("ofac", *SDN)
    begun = time.perf_counter()
    read = ofac.read_sdn(content)
    assert time.perf_counter() - begun < 2
    assert (read.rows, len(read.parties), read.skipped) == (8_976, 8_976, {})
    kinds = Counter(party.kind for party in read.parties)
    assert kinds == {
        PartyKind.ORGANISATION: 3_673,
        PartyKind.PERSON: 4_620,
        PartyKind.VESSEL: 406,
        PartyKind.AIRCRAFT: 277,
    }
    names = Counter(name.kind for party in read.parties for name in party.names)
    assert names[NameKind.PRIMARY] == 8_976
    assert names[NameKind.FORMER] == 369
    assert {listing.measure for party in read.parties for listing in party.listings} == {"ofac-sdn"}


@needs_samples
def test_every_alias_of_the_alias_file_stands_verbatim_with_its_party():
    content = files("ofac", *SDN)
    named = {party.ref: {name.text for name in party.names} for party in ofac.read_sdn(content).parties}
    rows = [row for row in csv.reader(content["alt.csv"].decode().splitlines()) if len(row) == 5]
    assert len(rows) == 11_910
    assert not [row for row in rows if row[3].strip() not in named[row[0]]]


@needs_samples
def test_a_bank_on_the_other_lists_has_all_its_names_numbers_and_each_measure_with_its_day():
    read = ofac.read_consolidated(files("ofac", *NON_SDN))
    assert read.rows == len(read.parties) == 442
    sberbank = next(party for party in read.parties if party.ref == "17018")
    names = {name.text: name.kind for name in sberbank.names}
    assert names["PJSC SBERBANK"] is NameKind.ALIAS
    assert names["OJSC SBERBANK OF RUSSIA"] is NameKind.FORMER
    assert names["SBERBANK INDIA"] is NameKind.WEAK
    assert {Identifier("inn", "7707083893", "RU"), Identifier("ogrn", "1027700132195", "RU")} < set(
        sberbank.identifiers
    )
    assert {listing.measure: listing.start for listing in sberbank.listings} == {
        "ofac-ssi": None, "ofac-capta": date(2022, 2, 24), "ofac-ns-mbs": date(2022, 2, 24),
    }  # fmt: skip
    assert sberbank.countries == ("RU", "CN", "IN")


@needs_samples
@pytest.mark.parametrize("name", [*SDN[:3], *NON_SDN])
def test_a_file_cut_at_any_tenth_is_refused(name):
    content = files("ofac", *(SDN if name in SDN else NON_SDN))
    read = ofac.read_sdn if name in SDN else ofac.read_consolidated
    for cut in tenths(content[name]):
        with pytest.raises(ListRefused):
            read(content | {name: cut})


def test_remarks_go_on_in_the_comments_where_they_were_cut_in_mid_word():
    (party,) = ofac.read_sdn(own("Tax ID No. 77; Linked To: FIRST GRO", "UP S.A.; a.k.a. 'ACE'.")).parties
    assert party.relations == (Relation("FIRST GROUP S.A.", "linked"),)
    assert [(name.text, name.kind) for name in party.names] == [
        ("ACME LTD", NameKind.PRIMARY), ("ACME TRADE", NameKind.ALIAS), ("ACE", NameKind.WEAK),
    ]  # fmt: skip
    assert party.identifiers == (Identifier("tax", "77"),)


def test_remarks_of_full_length_without_their_rest_are_refused():
    with pytest.raises(ListRefused, match="remarks of 1 parties go on"):
        ofac.read_sdn(own("x" * 1_000))


def test_an_alias_of_a_party_that_is_not_there_is_refused():
    with pytest.raises(ListRefused, match=r"alt\.csv speaks of 1 parties"):
        ofac.read_sdn(own(alias='2,2,"aka","OTHER",-0- \r\n'))


def test_programs_are_divided_and_korea_north_is_a_country():
    (party,) = ofac.read_sdn(own(program="NPWMD] [IFSR")).parties
    assert party.listings[0].citation == "NPWMD; IFSR"
    assert party.countries == ("KP",)


@pytest.mark.parametrize("lost", ["ADD.CSV", "SDN_COMMENTS.CSV"])
def test_a_list_without_one_of_its_files_is_refused(lost):
    content = own()
    del content[lost]
    with pytest.raises(ListRefused, match="is missing"):
        ofac.read_sdn(content)


def test_a_web_page_in_place_of_the_list_is_refused():
    with pytest.raises(ListRefused, match="web page"):
        ofac.read_sdn(own() | {"SDN.CSV": b"<!DOCTYPE html><html><body>Down for maintenance</body></html>"})
