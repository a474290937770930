"""The UK Sanctions List, the World Bank's debarred firms, the exclusions in SAM and CISA's catalogue."""

import csv
import io
import json
import zipfile
from collections import Counter
from datetime import date

import pytest

from knowledge.errors import ListRefused
from knowledge.lists import kev, sam, uksl, worldbank
from knowledge.party import Identifier, NameKind, PartyKind, Relation
from tests.rules.samples import LISTS, files, tenths

needs_samples = pytest.mark.skipif(not LISTS.is_dir(), reason="the samples of lists are not here")
UK = "uk_sanctions_list_2026_format_sample.csv"


def uk_table(*changes):
    """The header of the sample with rows of our own, which name what is not empty."""
    header = files("uk", UK)[UK].decode().splitlines()[1].split(",")
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(["Report Date: 13-Feb-2026"])
    out.writerow(header)
    for row in changes:
        out.writerow([row.get(name, "") for name in header])
    return text.getvalue().encode()


@needs_samples
def test_the_uk_sample_has_its_report_day_native_names_and_freeze():
    read = uksl.read(files("uk", UK)[UK])
    firm, person = read.parties
    assert (read.rows, read.snapshot) == (2, date(2026, 2, 13))
    assert [(name.text, name.kind) for name in firm.names] == [
        ("HAJI KHAIRULLAH HAJI SATTAR MONEY EXCHANGE", NameKind.PRIMARY), ("حاجی خيرالله و حاجی ستار صرافی", NameKind.NATIVE),
    ]  # fmt: skip
    assert (person.kind, person.name, person.identifiers) == (PartyKind.PERSON, "MOHAMMAD HASSAN AKHUND", ())
    assert (firm.listings[0].measure, firm.listings[0].start) == ("uk-asset-freeze", date(2012, 6, 29))
    assert person.listings[0].excerpt.startswith("Asset freeze|Travel Ban")


@needs_samples
def test_the_rows_of_one_uk_party_are_joined_with_weak_names_numbers_and_ties():
    both = {"Unique ID": "RUS1", "Designation Type": "Entity", "Sanctions Imposed": "Trust services sanctions"}
    primary = both | {"Name 6": "ACME JSC", "Name type": "Primary Name", "Parent company": "BIG GROUP; OTHER GROUP"}
    alias = both | {"Name 6": "ACE", "Name type": "Alias", "Alias strength": "Low quality a.k.a.", "Address Country": "Russia",
                    "Business registration number (s)": "1027700132195 (Russia)"}  # fmt: skip
    (party,) = uksl.read(uk_table(alias, primary)).parties
    assert [(name.text, name.kind) for name in party.names] == [("ACME JSC", NameKind.PRIMARY), ("ACE", NameKind.WEAK)]
    assert party.identifiers == (Identifier("ogrn", "1027700132195", "RU"),)
    assert party.relations == (Relation("BIG GROUP", "parent"), Relation("OTHER GROUP", "parent"))
    assert (party.countries, party.listings[0].measure) == (("RU",), "uk-sanctions")


@needs_samples
def test_the_retired_list_of_ofsi_is_refused_with_its_reason():
    name = "ofsi_conlist_OLD_format_sample.csv"
    with pytest.raises(ListRefused, match="closed on 2026-01-28"):
        uksl.read(files("uk", name)[name])


@needs_samples
def test_the_uk_list_and_the_banks_answer_are_refused_when_cut_at_any_tenth():
    bank = "debarred_2021.json"
    for read, raw in ((uksl.read, files("uk", UK)[UK]), (worldbank.read, files("worldbank", bank)[bank])):
        for cut in tenths(raw):
            with pytest.raises(ListRefused):
                read(cut)


@needs_samples
def test_debarred_firms_are_joined_by_name_and_keep_native_names_and_codes():
    read = worldbank.read(files("worldbank", "debarred_2021.json")["debarred_2021.json"])
    assert (read.rows, len(read.parties), read.snapshot) == (1_264, 1_200, date(2021, 1, 18))
    assert Counter(party.kind for party in read.parties) == {PartyKind.ORGANISATION: 919, PartyKind.PERSON: 281}
    firm = next(party for party in read.parties if party.name.startswith("DAYU JIANGDI"))
    assert (firm.names[1].text, firm.names[1].kind) == ("大余县江地建设工程有限公司", NameKind.NATIVE)
    assert firm.identifiers == (Identifier("uscc", "91360723MA35L4TP1P"),)
    assert not any("*" in name.text for party in read.parties for name in party.names)


def debarred(name, more=None, until="2030-01-01", **other):
    row = {"SUPP_ID": 1, "SUPP_NAME": name, "ADD_SUPP_INFO": more, "DEBAR_FROM_DATE": "2020-01-01", "DEBAR_TO_DATE": until,
           "DEBAR_REASON": "Proc. Guidelines, 1.14(a)(ii)", "LAND1": "CN", "SUPP_TYPE_CODE": "F"} | other  # fmt: skip
    (party,) = worldbank.read(json.dumps({"response": {"ZPROCSUPP": [row]}}).encode()).parties
    return party


@pytest.mark.parametrize(
    ("name", "more", "names"),
    [
        ("SOPROEN CORP. (FORMERLY AYALA CONSULTING)", "*505", [("SOPROEN CORP.", "primary"), ("AYALA CONSULTING", "former")]),
        ("X B.V.", "(a.k.a. DRC b.v.), also d.b.a. DRC Medical *161", [("X B.V.", "primary"), ("DRC b.v.", "alias"), ("DRC Medical", "alias")]),
        ("AKA COMPEQ", "FULL NAME LTDA", [("COMPEQ", "primary"), ("FULL NAME LTDA", "alias")]),
        ("GLOBAL INC.*11", None, [("GLOBAL INC.", "primary")]),
        ("A LTD", "* 43 and 45", [("A LTD", "primary")]),
        ("TECHNO FZ-LLC", "(previously known as Techno FZE) (Reg. No.: R-1)*545", [("TECHNO FZ-LLC", "primary"), ("Techno FZE", "former")]),
        ("GEM INC.", "formerly DBA ENGINEERING LTD. *150", [("GEM INC.", "primary"), ("DBA ENGINEERING LTD.", "former")]),
        ("HIFAB OY (FINLAND)", None, [("HIFAB OY (FINLAND)", "primary")]),
    ],
)  # fmt: skip
def test_the_bank_writes_aliases_and_footnotes_into_one_text(name, more, names):
    assert [(one.text, one.kind.value) for one in debarred(name, more).names] == names


def test_a_permanent_debarment_has_no_end_and_an_ended_one_keeps_its_day():
    assert debarred("A", until="2999-12-31").listings[0].end is None
    assert debarred("A", until="2021-01-19").listings[0].end == date(2021, 1, 19)


def test_an_answer_without_the_list_is_refused():
    for answer in (
        b'{"statusCode": 401, "message": "Access denied"}',
        b'{"response": {"ZPROCSUPP": []}}',
        b'{"response": {"ZPROCSUPP": [{"A": 1}]}}',
    ):
        with pytest.raises(ListRefused):
            worldbank.read(answer)


SAM = (
    "Classification,Name,Prefix,First,Middle,Last,Suffix,Country,Unique Entity ID,Exclusion Program,Excluding Agency,CT Code,"
    "Exclusion Type,Additional Comments,Active Date,Termination Date,Record Status,Cross-Reference,SAM Number,CAGE\n"
    "Firm,Acme LLC,,,,,,USA,ABCDEF123456,Reciprocal,GSA,R,Ineligible (Proceedings Completed),Fraud,01/31/2024,Indefinite,Active,(also Acme Inc),S4MR1,1ABC2\n"
    "Individual,,,Jane,,Doe,,CAN,,Reciprocal,GSA,R,Ineligible,,02/01/2024,02/01/2027,Active,,S4MR2,\n"
    "Firm,Old Co,,,,,,USA,,Reciprocal,GSA,R,Ineligible,,02/01/2014,02/01/2017,Inactive,,S4MR3,\n"
)


def test_sam_columns_are_found_by_name_and_inactive_records_are_counted():
    """Unverified: written from the description of the extract."""
    read = sam.read(SAM.encode())
    firm, person = read.parties
    assert (read.rows, read.skipped) == (3, {"inactive": 1})
    assert (firm.ref, firm.countries, firm.relations) == ("S4MR1", ("US",), (Relation("(also Acme Inc)", "linked"),))
    assert firm.identifiers == (Identifier("uei", "ABCDEF123456"), Identifier("cage", "1ABC2"))
    assert (firm.listings[0].start, firm.listings[0].end) == (date(2024, 1, 31), None)
    assert (person.kind, person.name, person.listings[0].end) == (PartyKind.PERSON, "Jane Doe", date(2027, 2, 1))
    assert sam.read(SAM.replace("Unique Entity ID", "UEI SAM").encode()).parties == read.parties
    with pytest.raises(ListRefused, match="no column is known for start"):
        sam.read(SAM.replace("Active Date", "When").encode())


def test_the_archive_of_sam_is_opened_and_dated_by_its_name():
    """Unverified: written from the description of the extract."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("SAM_Exclusions_Public_Extract_V2_26329.CSV", SAM)
    raw = packed.getvalue()
    read = sam.read({"SAM_Exclusions_Public_Extract_V2_26329.ZIP": raw})
    assert (read.parties, read.snapshot) == (sam.read(SAM.encode()).parties, date(2026, 11, 25))
    for cut in tenths(raw):
        with pytest.raises(ListRefused):
            sam.read(cut)


@needs_samples
def test_exploited_vulnerabilities_are_listed_by_vendor_and_counted():
    name = "known_exploited_vulnerabilities.json"
    raw = files("kev", name)[name]
    read = kev.read(raw)
    assert (read.rows, read.snapshot) == (1_404, date(2025, 8, 25))
    listings = [one for party in read.parties for one in party.listings]
    assert len(listings) == 1_404
    assert sum("ransomware use: Known" in one.excerpt for one in listings) == 293
    with pytest.raises(ListRefused, match="announces 1405 entries and has 1404"):
        kev.read(raw.replace(b'"count": 1404', b'"count": 1405'))
