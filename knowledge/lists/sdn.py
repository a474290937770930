"""Reads OFAC's lists in its older XML (sdnList): it names weak aliases, and says how many entries it has."""

from datetime import date

from lxml import etree

from knowledge.errors import ListRefused
from knowledge.lists import programs, remarks
from knowledge.lists.content import Content, day, single
from knowledge.lists.countries import code, codes
from knowledge.lists.identifiers import SCHEMES, number
from knowledge.lists.naming import distinct, forms
from knowledge.lists.ofac import URLS
from knowledge.lists.stream import all_said, children, elements, local, said
from knowledge.party import Identifier, Listing, ListRead, NameKind, Party, PartyKind, PartyName

_KINDS = {"Individual": PartyKind.PERSON, "Vessel": PartyKind.VESSEL, "Aircraft": PartyKind.AIRCRAFT}


def read_sdn(content: Content) -> ListRead:
    """Read sdn.xml; parties have the same refs as in the CSV files."""
    return _read("us.ofac-sdn", single(content), blocked=True)


def read_consolidated(content: Content) -> ListRead:
    """Read consolidated.xml: the lists that do not block."""
    return _read("us.ofac-non-sdn", single(content), blocked=False)


def _read(list_id: str, raw: bytes, *, blocked: bool) -> ListRead:
    snapshot: date | None = None
    announced = ""
    parties: list[Party] = []
    for element in elements(raw, "sdnList", "publshInformation", "sdnEntry"):
        if local(element) == "sdnEntry":
            parties.append(_party(element, blocked=blocked))
        else:
            snapshot, announced = day(said(element, "Publish_Date"), "%m/%d/%Y"), said(element, "Record_Count")
    if not announced.isdigit() or int(announced) != len(parties):
        raise ListRefused(f"the file announces {announced or 'no number of'} entries and has {len(parties)}")
    if not parties:
        raise ListRefused("the list has no entries")
    return ListRead(list_id, tuple(parties), len(parties), snapshot)


def _party(element: etree._Element, *, blocked: bool) -> Party:
    remark, under = said(element, "remarks"), all_said(element, "programList/program")
    papers = [
        (said(one, "idType"), said(one, "idNumber"), said(one, "idCountry")) for one in children(element, "idList/id")
    ]
    told = "; ".join((remark, *(f"{what} {value}" for what, value, _ in papers)))
    kind = _KINDS.get(said(element, "sdnType"), PartyKind.ORGANISATION)
    places = (
        *all_said(element, "addressList/address/country"),
        *all_said(element, "nationalityList/nationality/country"),
    )
    return Party(
        said(element, "uid"),
        kind,
        (forms if kind is PartyKind.ORGANISATION else distinct)((PartyName(_name(element), NameKind.PRIMARY), *map(_alias, children(element, "akaList/aka")))),
        tuple(
            Listing(measure, citation="; ".join(under), url=URLS[blocked], excerpt=remark)
            for measure in programs.measures(under, told, blocked=blocked)
        ),
        codes((*places, said(element, "vesselInfo/vesselFlag"), *remarks.seats(told))),
        () if kind is PartyKind.PERSON else tuple(filter(None, (_identifier(*paper) for paper in papers))),
        remarks.ties(remark),
    )  # fmt: skip


def _name(element: etree._Element) -> str:
    return ", ".join(filter(None, (said(element, "lastName"), said(element, "firstName"))))


def _alias(element: etree._Element) -> PartyName:
    if said(element, "category") == "weak":
        return PartyName(_name(element), NameKind.WEAK)
    return PartyName(_name(element), NameKind.FORMER if said(element, "type") == "f.k.a." else NameKind.ALIAS)


def _identifier(what: str, value: str, country: str) -> Identifier | None:
    return number(SCHEMES[what], value, code(country)) if what in SCHEMES else None
