"""The Consolidated Screening List in its two tables and its JSON, and the older file of denied persons."""

import json
from collections import Counter
from datetime import date

import pytest

from knowledge.errors import ListRefused
from knowledge.lists import csl, dpl
from knowledge.party import Identifier, PartyKind, Relation
from tests.rules.samples import LISTS, files, tenths

needs_samples = pytest.mark.skipif(not LISTS.is_dir(), reason="the samples of lists are not here")
NOW, OLD, DENIED = "consolidated_current_format.csv", "csl_2017_format.csv", "bis_denied_persons_list.txt"


def sample(name):
    return files("csl", name)[name]


def named(read, name):
    return next(party for party in read.parties if party.name == name)


def row(**cells):
    columns = ("_id", *csl.COLUMNS)
    line = ",".join('"{}"'.format(cells.get(name, "")) for name in columns)
    return f"{','.join(columns)}\n{line}\n".encode()


@needs_samples
def test_every_row_of_both_formats_is_a_party_under_the_measure_of_its_list():
    now, old = csl.read(sample(NOW)), csl.read(sample(OLD))
    assert (now.rows, len(now.parties), now.skipped) == (13, 13, {})
    assert (old.rows, len(old.parties), old.skipped) == (115, 115, {})
    assert Counter(one.measure for party in old.parties for one in party.listings) == {
        "ofac-sdn": 28, "ofac-ssi": 26, "bis-entity-list": 22, "ofac-ns-plc": 13, "state-dtc": 10, "bis-dpl": 8, "bis-uvl": 4,
        "state-isn": 3, "ofac-capta": 1,
    }  # fmt: skip
    assert len({party.ref for party in old.parties}) == 115


@needs_samples
def test_the_last_alias_loses_its_and_and_acronyms_become_aliases():
    party = named(
        csl.read(sample(NOW)), "China Electronics Technology Group Corporation 13th Research Institute (CETC 13)"
    )
    assert {"CETC 13", "CETC Research Institute 13", "HSRI", "Hebei Semiconductor Research Institute"} <= {name.text for name in party.names}  # fmt: skip
    assert party.countries == ("CN",)
    assert party.listings[0].start == date(2018, 8, 1)
    assert party.listings[0].citation == "83 FR 37423; 87 FR 77505"


@needs_samples
def test_the_tail_about_successors_is_no_part_of_the_name_but_of_the_excerpt():
    party = named(csl.read(sample(NOW)), "Sinobright Import and Export Company")
    assert party.listings[0].excerpt.startswith("Sinobright Import and Export Company; and any successor")


@needs_samples
def test_numbers_are_read_in_the_order_of_today_and_of_2017():
    assert (
        Identifier("vat", "CHE-267.936.404", "CH")
        in named(csl.read(sample(NOW)), "TNK Trading International S.A.").identifiers
    )
    achim = named(csl.read(sample(OLD)), "ACHIM DEVELOPMENT, OOO")
    assert {Identifier("inn", "8904075533"), Identifier("ogrn", "1148904001971")} <= set(achim.identifiers)
    assert achim.relations == (Relation("OPEN JOINT STOCK COMPANY GAZPROM", "linked"),)


@needs_samples
def test_an_apostrophe_that_was_lost_in_another_encoding_is_put_back():
    assert any(party.name.startswith("Gui’an New District Huawei") for party in csl.read(sample(OLD)).parties)


@needs_samples
def test_denied_persons_keep_the_end_of_their_order_and_their_rows_are_joined():
    read = dpl.read(sample(DENIED))
    assert (read.rows, len(read.parties)) == (546, 415)
    ash = named(read, "I. ASH")
    assert ash.listings[0].end == date(2056, 6, 29)
    assert len(ash.listings) == 3


@needs_samples
@pytest.mark.parametrize(("read", "name"), [(csl.read, NOW), (csl.read, OLD), (dpl.read, DENIED)])
def test_a_table_cut_at_any_tenth_is_refused(read, name):
    for cut in tenths(sample(name)):
        with pytest.raises(ListRefused):
            read(cut)


def test_a_list_that_is_not_known_is_counted_and_not_lost_in_silence():
    known = row(_id="a", source="Entity List (EL) - Bureau of Industry and Security", name="Acme")
    other = row(_id="b", source="New List (NEW) - Somewhere", name="Other").splitlines(keepends=True)[1]
    read = csl.read(known + other)
    assert (read.rows, [party.name for party in read.parties]) == (2, ["Acme"])
    assert read.skipped == {"unknown list: New List (NEW) - Somewhere": 1}


def test_a_key_that_comes_twice_is_kept_apart():
    one = row(source="Specially Designated Nationals (SDN) - Treasury Department", entity_number="5", name="Acme")
    read = csl.read(one + one.splitlines(keepends=True)[1])
    assert [party.ref for party in read.parties] == ["SDN:5", "SDN:5#2"]


def test_an_older_header_is_refused_by_the_names_of_its_missing_columns():
    with pytest.raises(ListRefused, match="alt_names, ids are missing"):
        csl.read(row(source="x", name="y").replace(b",alt_names,ids", b",aliases,numbers"))


def test_the_json_is_read_like_the_table():
    """Unverified: written from the description of the API's fields."""
    entry = {
        "id": "abc", "source": "Entity List (EL) - Bureau of Industry and Security", "name": "Acme Ltd", "type": None,
        "alt_names": ["ACME", "and Acme Works"], "addresses": [{"address": "1 Road", "city": "Minsk", "country": "BY"}],
        "ids": [{"type": "Registration Number", "number": "12", "country": "BY"}], "start_date": "2024-05-01", "programs": [],
        "federal_register_notice": "89 FR 1", "source_list_url": "https://www.bis.gov", "license_policy": "Policy of denial",
    }  # fmt: skip
    (party,) = csl.read(json.dumps({"total": 1, "results": [entry]}).encode()).parties
    assert (party.ref, party.kind, party.countries) == ("EL:abc", PartyKind.ORGANISATION, ("BY",))
    assert [name.text for name in party.names] == ["Acme Ltd", "ACME", "Acme Works"]
    assert party.identifiers == (Identifier("registration", "12", "BY"),)
    with pytest.raises(ListRefused, match="announces 2 entries and has 1"):
        csl.read(json.dumps({"total": 2, "results": [entry]}).encode())


@pytest.mark.parametrize(
    "garbage", [b"", b"\x00\x01", b"PK\x03\x04zip", b"<html>login</html>", b'{"results": [', b"{}", b"a,b\n1,2\n"]
)
def test_what_is_no_list_is_refused(garbage):
    with pytest.raises(ListRefused):
        csl.read(garbage)
