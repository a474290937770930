"""Reads OFAC's lists in their advanced XML: names in their own scripts, numbers, ties between parties, days of listing.

Unverified until a first live run: no sample of the format was at hand, only its description.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from lxml import etree

from knowledge.errors import ListRefused
from knowledge.lists import programs
from knowledge.lists.content import Content, day, single
from knowledge.lists.countries import code, codes
from knowledge.lists.identifiers import SCHEMES, number
from knowledge.lists.naming import distinct, forms, latin
from knowledge.lists.ofac import URLS
from knowledge.lists.stream import all_said, children, elements, local, said
from knowledge.parse.clean import line
from knowledge.party import Identifier, Listing, ListRead, NameKind, Party, PartyKind, PartyName, Relation

_KINDS = {"Individual": PartyKind.PERSON, "Vessel": PartyKind.VESSEL, "Aircraft": PartyKind.AIRCRAFT}
_PARTS = ("DateOfIssue", "ReferenceValueSets", "Location", "IDRegDocument", "DistinctParty", "ProfileRelationship", "SanctionsEntry")  # fmt: skip


@dataclass
class _Read:
    """What has been read so far: the file names its values first and says only at its end what is listed under what."""

    issued: date | None = None
    values: dict[tuple[str, str], str] = field(default_factory=dict)
    subtypes: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    papers: dict[str, list[Identifier]] = field(default_factory=lambda: defaultdict(list))
    parties: dict[str, Party] = field(default_factory=dict)
    ties: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    listings: dict[str, list[Listing]] = field(default_factory=lambda: defaultdict(list))


def read_sdn(content: Content) -> ListRead:
    """Read sdn_advanced.xml; parties have the same refs as in the CSV files."""
    return _read("us.ofac-sdn", single(content))


def read_consolidated(content: Content) -> ListRead:
    """Read cons_advanced.xml: the lists that do not block."""
    return _read("us.ofac-non-sdn", single(content))


def _read(list_id: str, raw: bytes) -> ListRead:
    so_far = _Read()
    for element in elements(raw, "Sanctions", *_PARTS):
        _TAKE[local(element)](so_far, element)
    if not so_far.parties:
        raise ListRefused("the list has no parties")
    if bare := len(so_far.parties.keys() - so_far.listings.keys()):
        raise ListRefused(f"{bare} parties stand under no list, so the file is incomplete or its format has changed")
    parties = tuple(_whole(so_far, ref) for ref in so_far.parties)
    return ListRead(list_id, parties, len(parties), so_far.issued)


def _issue(so_far: _Read, element: etree._Element) -> None:
    so_far.issued = _day(element)


def _values(so_far: _Read, element: etree._Element) -> None:
    for value in element.iter():
        if isinstance(value.tag, str) and (key := value.get("ID")):
            so_far.values[local(value), key] = line(value.text or "")
            if kind := value.get("PartyTypeID"):
                so_far.subtypes[key] = kind


def _location(so_far: _Read, element: etree._Element) -> None:
    named = (
        so_far.values.get(("Country", one.get("CountryID", "")), "") for one in children(element, "LocationCountry")
    )
    so_far.places[element.get("ID", "")] = next(filter(None, map(code, named)), "")


def _paper(so_far: _Read, element: etree._Element) -> None:
    what = so_far.values.get(("IDRegDocType", element.get("IDRegDocTypeID", "")), "")
    country = code(so_far.values.get(("Country", element.get("IssuedBy-CountryID", "")), ""))
    if what in SCHEMES and (found := number(SCHEMES[what], said(element, "IDRegistrationNo"), country)):
        so_far.papers[element.get("IdentityID", "")].append(found)


def _party(so_far: _Read, element: etree._Element) -> None:
    for profile in children(element, "Profile"):
        identities = list(children(profile, "Identity"))
        kind = _kind(so_far, profile.get("PartySubTypeID", ""))
        said_so = (name for identity in identities for name in _names(so_far, identity))
        names = forms(said_so) if kind is PartyKind.ORGANISATION else distinct(said_so)
        if not names:
            raise ListRefused(f"party {element.get('FixedRef', '')} has no name, so the format has changed")
        papers = (paper for identity in identities for paper in so_far.papers[identity.get("ID", "")])
        ref = profile.get("ID", "")
        so_far.parties[ref] = Party(
            ref,
            kind,
            names,
            (),
            codes(so_far.places.get(place, "") for place in _places(profile)),
            () if kind is PartyKind.PERSON else tuple(dict.fromkeys((*papers, *_features(so_far, profile)))),
        )


def _kind(so_far: _Read, subtype: str) -> PartyKind:
    kind = _KINDS.get(so_far.values.get(("PartySubType", subtype), ""))
    return kind or _KINDS.get(
        so_far.values.get(("PartyType", so_far.subtypes.get(subtype, "")), ""), PartyKind.ORGANISATION
    )


def _names(so_far: _Read, identity: etree._Element) -> list[PartyName]:
    found = [name for alias in children(identity, "Alias") for name in _alias(so_far, alias)]
    return sorted(found, key=lambda name: name.kind is not NameKind.PRIMARY)


def _alias(so_far: _Read, alias: etree._Element) -> Iterator[PartyName]:
    former = so_far.values.get(("AliasType", alias.get("AliasTypeID", "")), "").upper().startswith("F")
    for documented in children(alias, "DocumentedName"):
        text = " ".join(all_said(documented, "DocumentedNamePart/NamePartValue"))
        if alias.get("LowQuality") == "true":
            yield PartyName(text, NameKind.WEAK)
        elif not latin(text):
            yield PartyName(text, NameKind.NATIVE)
        elif alias.get("Primary") == "true":
            yield PartyName(text, NameKind.PRIMARY)
        else:
            yield PartyName(text, NameKind.FORMER if former else NameKind.ALIAS)


def _places(profile: etree._Element) -> Iterator[str]:
    for place in children(profile, "Feature/FeatureVersion/VersionLocation"):
        yield place.get("LocationID", "")


def _features(so_far: _Read, profile: etree._Element) -> Iterator[Identifier]:
    for feature in children(profile, "Feature"):
        what = so_far.values.get(("FeatureType", feature.get("FeatureTypeID", "")), "")
        for text in all_said(feature, "FeatureVersion/VersionDetail") if what in SCHEMES else ():
            if found := number(SCHEMES[what], text):
                yield found


def _tie(so_far: _Read, element: etree._Element) -> None:
    kind = so_far.values.get(("RelationType", element.get("RelationTypeID", "")), "").lower()
    owned = "parent" if kind.startswith("owned") else "linked"
    so_far.ties[element.get("From-ProfileID", "")].append((element.get("To-ProfileID", ""), owned))


def _entry(so_far: _Read, element: etree._Element) -> None:
    name = so_far.values.get(("List", element.get("ListID", "")), "")
    under = all_said(element, "SanctionsMeasure/Comment")
    started = next(filter(None, (_day(one) for one in children(element, "EntryEvent/Date"))), None)
    blocked = "SDN" in name.upper().replace("NON-SDN", "")
    for measure in programs.measures(under, name, blocked=blocked):
        so_far.listings[element.get("ProfileID", "")].append(
            Listing(measure, citation="; ".join(under), url=URLS[blocked], start=started, excerpt=name)
        )


def _whole(so_far: _Read, ref: str) -> Party:
    bare = so_far.parties[ref]
    known = ((so_far.parties[to].name, kind) for to, kind in so_far.ties[ref] if to in so_far.parties)
    relations = tuple(dict.fromkeys(Relation(name, kind) for name, kind in known))
    return Party(ref, bare.kind, bare.names, tuple(so_far.listings[ref]), bare.countries, bare.identifiers, relations)


def _day(element: etree._Element) -> date | None:
    return day("-".join(said(element, part).zfill(2) for part in ("Year", "Month", "Day")))


_TAKE = {
    "DateOfIssue": _issue, "ReferenceValueSets": _values, "Location": _location, "IDRegDocument": _paper,
    "DistinctParty": _party, "ProfileRelationship": _tie, "SanctionsEntry": _entry,
}  # fmt: skip
