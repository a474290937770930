"""Lists in XML: UN, EU and OFAC's two forms, read whole or not at all, and nothing hostile is expanded."""

from collections import Counter
from datetime import date

import pytest

from knowledge.errors import ListRefused
from knowledge.lists import advanced, fsf, sdn, un
from knowledge.party import Identifier, NameKind, PartyKind, Relation
from tests.rules.samples import LISTS, files, tenths

needs_samples = pytest.mark.skipif(not LISTS.is_dir(), reason="the samples of lists are not here")


def sample(folder, name):
    return files(folder, name)[name]


@needs_samples
def test_the_un_list_keeps_former_and_native_names_and_its_day():
    read = un.read(sample("un", "consolidated.xml"))
    assert Counter(party.kind for party in read.parties) == {PartyKind.PERSON: 730, PartyKind.ORGANISATION: 273}
    assert (read.rows, read.snapshot, len({party.ref for party in read.parties})) == (1_003, date(2026, 2, 27), 1_003)
    adf = next(party for party in read.parties if party.ref == "CDe.001")
    assert {name.text: name.kind for name in adf.names}["ADF/NALU"] is NameKind.FORMER
    assert adf.listings[0].start == date(2014, 6, 30)
    assert adf.listings[0].excerpt.startswith("ADF founder and leader")
    aiai = next(party for party in read.parties if party.ref == "QDe.002")
    assert [(name.text, name.kind) for name in aiai.names if name.kind is NameKind.NATIVE or name.text == "AIAI"] == [
        ("AIAI", NameKind.ALIAS), ("الاتحاد الاسلامي", NameKind.NATIVE),
    ]  # fmt: skip


@needs_samples
def test_a_low_quality_alias_of_the_un_is_weak():
    (party, *_) = un.read(sample("un", "sample_2024.xml")).parties
    assert {name.text for name in party.names if name.kind is NameKind.WEAK} == {"Abdul-Ghani", "Abu Muhammad"}


@needs_samples
def test_the_older_ofac_xml_has_the_refs_and_measures_of_the_csv_and_names_weak_aliases():
    read = sdn.read_consolidated(sample("ofac", "consolidated_non_sdn_2020.xml"))
    assert (read.rows, read.snapshot) == (376, date(2020, 12, 14))
    assert Counter(name.kind for party in read.parties for name in party.names)[NameKind.WEAK] == 32
    vtb = next(party for party in read.parties if party.ref == "17013")
    assert Identifier("inn", "7702070139", "RU") in vtb.identifiers
    assert {name.text: name.kind for name in vtb.names}["VNESHTORGBANK"] is NameKind.FORMER


@needs_samples
def test_a_list_with_fewer_entries_than_it_announces_is_refused():
    with pytest.raises(ListRefused, match="announces 8197 entries and has 8"):
        sdn.read_sdn(sample("ofac", "sample_consolidated_sdnList.xml"))


@needs_samples
@pytest.mark.parametrize(
    ("read", "folder", "name"),
    [
        (un.read, "un", "consolidated.xml"),
        (fsf.read, "eu", "fsf_xml_1_1_sample.xml"),
        (sdn.read_consolidated, "ofac", "consolidated_non_sdn_2020.xml"),
    ],
)
def test_xml_cut_at_any_tenth_is_refused(read, folder, name):
    for cut in tenths(sample(folder, name)):
        with pytest.raises(ListRefused):
            read(cut)


@needs_samples
def test_the_eu_sample_is_read_with_its_persons():
    read = fsf.read(sample("eu", "fsf_xml_1_1_sample.xml"))
    assert (read.rows, read.snapshot, {party.kind for party in read.parties}) == (
        7,
        date(2020, 4, 15),
        {PartyKind.PERSON},
    )
    assert read.parties[0].listings[0].citation == "EU.2026.82 2019/555 (OJ L97) TAQA"


EU = """<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-11-20T10:00:00.000+01:00">
<sanctionEntity designationDetails="Seat in Example City" euReferenceNumber="EU.1.1" logicalId="7"><remark>Owned by the state.</remark>
<regulation entryIntoForceDate="2024-02-24" numberTitle="2024/1 (OJ L1)" programme="UKR"><publicationUrl>https://eur-lex.europa.eu/x</publicationUrl></regulation>
<subjectType code="enterprise" classificationCode="E"/>
<nameAlias wholeName="Пример" strong="true" nameLanguage="RU"/><nameAlias wholeName="Primer AO" strong="true" nameLanguage="EN"/>
<nameAlias wholeName="Star" strong="false" nameLanguage="EN"/>
<address countryIso2Code="RU"/><identification identificationTypeCode="regnumber" number="1027700167110" countryIso2Code="RU"/>
</sanctionEntity></export>"""


def test_an_eu_entity_has_its_native_and_weak_names_apart():
    """Unverified: the shared sample holds no entity."""
    (party,) = fsf.read(EU.encode()).parties
    assert [(name.text, name.kind, name.language) for name in party.names] == [
        ("Primer AO", NameKind.PRIMARY, "en"), ("Пример", NameKind.NATIVE, "ru"), ("Star", NameKind.WEAK, "en"),
    ]  # fmt: skip
    assert party.identifiers == (Identifier("ogrn", "1027700167110", "RU"),)
    assert (party.countries, party.listings[0].excerpt) == (("RU",), "Owned by the state.\nSeat in Example City")


ADVANCED = """<Sanctions xmlns="http://www.un.org/sanctions/1.0"><DateOfIssue><Year>2026</Year><Month>11</Month><Day>2</Day></DateOfIssue>
<ReferenceValueSets>
<AliasTypeValues><AliasType ID="1">A.K.A.</AliasType><AliasType ID="2">F.K.A.</AliasType><AliasType ID="3">Name</AliasType></AliasTypeValues>
<CountryValues><Country ID="10" ISO2="IR">Iran</Country></CountryValues>
<IDRegDocTypeValues><IDRegDocType ID="20">Registration Number</IDRegDocType></IDRegDocTypeValues>
<FeatureTypeValues><FeatureType ID="60">Location</FeatureType></FeatureTypeValues>
<ListValues><List ID="30">SDN List</List><List ID="31">Sectoral Sanctions Identifications List</List></ListValues>
<PartySubTypeValues><PartySubType ID="1" PartyTypeID="4">Vessel</PartySubType><PartySubType ID="3" PartyTypeID="2">Unknown</PartySubType></PartySubTypeValues>
<PartyTypeValues><PartyType ID="2">Entity</PartyType><PartyType ID="4">Transport</PartyType></PartyTypeValues>
<RelationTypeValues><RelationType ID="40">Owned or Controlled By</RelationType></RelationTypeValues></ReferenceValueSets>
<Locations><Location ID="50"><LocationCountry CountryID="10"/></Location></Locations>
<IDRegDocuments><IDRegDocument ID="70" IDRegDocTypeID="20" IdentityID="5" IssuedBy-CountryID="10"><IDRegistrationNo>341189</IDRegistrationNo></IDRegDocument></IDRegDocuments>
<DistinctParties>
<DistinctParty FixedRef="36"><Profile ID="36" PartySubTypeID="3"><Identity ID="5" Primary="true">
<Alias AliasTypeID="1" Primary="false" LowQuality="true"><DocumentedName><DocumentedNamePart><NamePartValue>ACE</NamePartValue></DocumentedNamePart></DocumentedName></Alias>
<Alias AliasTypeID="3" Primary="true" LowQuality="false">
<DocumentedName><DocumentedNamePart><NamePartValue>ACME</NamePartValue></DocumentedNamePart></DocumentedName>
<DocumentedName><DocumentedNamePart><NamePartValue>شركة</NamePartValue></DocumentedNamePart></DocumentedName></Alias>
<Alias AliasTypeID="2" Primary="false" LowQuality="false"><DocumentedName><DocumentedNamePart><NamePartValue>OLD ACME</NamePartValue></DocumentedNamePart></DocumentedName></Alias>
</Identity><Feature FeatureTypeID="60"><FeatureVersion><VersionLocation LocationID="50"/></FeatureVersion></Feature></Profile></DistinctParty>
<DistinctParty FixedRef="37"><Profile ID="37" PartySubTypeID="1"><Identity ID="6"><Alias AliasTypeID="3" Primary="true" LowQuality="false"><DocumentedName><DocumentedNamePart><NamePartValue>SEA STAR</NamePartValue></DocumentedNamePart></DocumentedName></Alias></Identity></Profile></DistinctParty>
</DistinctParties>
<ProfileRelationships><ProfileRelationship From-ProfileID="37" To-ProfileID="36" RelationTypeID="40"/></ProfileRelationships>
<SanctionsEntries>
<SanctionsEntry ProfileID="36" ListID="30"><EntryEvent><Date><Year>2020</Year><Month>1</Month><Day>9</Day></Date></EntryEvent><SanctionsMeasure><Comment/></SanctionsMeasure><SanctionsMeasure><Comment>IRAN</Comment></SanctionsMeasure></SanctionsEntry>
<SanctionsEntry ProfileID="37" ListID="31"><SanctionsMeasure><Comment>UKRAINE-EO13662</Comment></SanctionsMeasure></SanctionsEntry>
</SanctionsEntries></Sanctions>"""


def test_the_advanced_xml_gives_scripts_kinds_ties_and_days():
    """Unverified: written from the format's description."""
    read = advanced.read_sdn(ADVANCED.encode())
    company, vessel = read.parties
    assert read.snapshot == date(2026, 11, 2)
    assert [(name.text, name.kind) for name in company.names] == [
        ("ACME", NameKind.PRIMARY), ("ACE", NameKind.WEAK), ("شركة", NameKind.NATIVE), ("OLD ACME", NameKind.FORMER),
    ]  # fmt: skip
    assert (company.kind, company.countries, company.identifiers) == (PartyKind.ORGANISATION, ("IR",), (Identifier("registration", "341189", "IR"),))  # fmt: skip
    assert [(one.measure, one.start, one.citation) for one in company.listings] == [
        ("ofac-sdn", date(2020, 1, 9), "IRAN")
    ]
    assert (vessel.kind, vessel.relations, vessel.listings[0].measure) == (PartyKind.VESSEL, (Relation("ACME", "parent"),), "ofac-ssi")  # fmt: skip


def test_a_party_that_stands_under_no_list_means_a_changed_format():
    with pytest.raises(ListRefused, match="1 parties stand under no list"):
        advanced.read_sdn(ADVANCED.replace('ProfileID="36" ListID', 'ProfileID="99" ListID').encode())


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "hostile",
    [
        f'{BOMB}<export><sanctionEntity logicalId="&b;"/></export>'.encode(),
        f'<?xml version="1.0" encoding="UTF-16"?>{BOMB}<export><sanctionEntity/></export>'.encode("utf-16"),
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><export/>',
        b"<export>" + b"<a>" * 100_000,
        b"<CONSOLIDATED_LIST><sanctionEntity/></CONSOLIDATED_LIST>",
        b"<export/>",
        b"<!DOCTYPE html><html><body>503</body></html>",
        b"\x00\xff\xfe garbage",
        b"",
        b'{"error": "token"}',
    ],
)
def test_hostile_or_foreign_content_is_refused(hostile):
    with pytest.raises(ListRefused):
        fsf.read(hostile)
