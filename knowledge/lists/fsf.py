"""Reads the EU's consolidated list of financial sanctions in XML (FSF 1.1)."""

from datetime import date

from lxml import etree

from knowledge.errors import ListRefused
from knowledge.lists.content import Content, day, single
from knowledge.lists.countries import codes
from knowledge.lists.identifiers import number
from knowledge.lists.naming import distinct, latin
from knowledge.lists.stream import all_said, children, elements, said
from knowledge.parse.clean import line
from knowledge.party import Identifier, Listing, ListRead, NameKind, Party, PartyKind, PartyName

URL = "https://webgate.ec.europa.eu/fsd/fsf/public/files/xmlFullSanctionsList_1_1/content"

_SCHEMES = {"imo": "imo", "swift": "bic", "vat": "vat", "tax": "tax", "fiscal": "tax", "regist": "registration", "regnumber": "registration"}  # fmt: skip


def read(content: Content) -> ListRead:
    """Read the full list; the branch of entities is unverified until a first live run, since the sample holds persons only."""
    snapshot: date | None = None
    parties: list[Party] = []
    for element in elements(single(content), "export", "sanctionEntity"):
        snapshot = snapshot or day(element.getroottree().getroot().get("generationDate", ""))
        parties.append(_party(element))
    if not parties:
        raise ListRefused("the list has no entries")
    return ListRead("eu.fsf", tuple(parties), len(parties), snapshot)


def _party(element: etree._Element) -> Party:
    ref = element.get("logicalId", "")
    names = _names(element)
    if not names:
        raise ListRefused(f"the entry {ref} has no name, so the format has changed")
    subject = next((one.get("classificationCode") for one in children(element, "subjectType")), "")
    places = [*children(element, "address"), *children(element, "citizenship")]
    return Party(
        ref,
        PartyKind.PERSON if subject == "P" else PartyKind.ORGANISATION,
        names,
        tuple(_listing(element, regulation) for regulation in children(element, "regulation")),
        codes(place.get("countryIso2Code", "") for place in places),
        tuple(filter(None, (_identifier(one) for one in children(element, "identification")))) if subject != "P" else (),
    )  # fmt: skip


def _names(element: etree._Element) -> tuple[PartyName, ...]:
    """Return the names, one that the list does not call weak and that is English or of no language first."""
    found = [
        (line(alias.get("wholeName", "")), alias.get("strong") != "false", alias.get("nameLanguage", "").lower())
        for alias in children(element, "nameAlias")
    ]
    said_so = [name for name in found if name[0]]
    first = next((name for name in said_so if name[1] and name[2] in ("", "en")), next(iter(said_so), None))
    if first is None:
        return ()
    rest = (PartyName(text, _kind(text, strong=strong), language) for text, strong, language in said_so)
    return distinct((PartyName(first[0], NameKind.PRIMARY, first[2]), *rest))


def _kind(text: str, *, strong: bool) -> NameKind:
    if not strong:
        return NameKind.WEAK
    return NameKind.ALIAS if latin(text) else NameKind.NATIVE


def _listing(element: etree._Element, regulation: etree._Element) -> Listing:
    cited = (element.get("euReferenceNumber", ""), regulation.get("numberTitle", ""), regulation.get("programme", ""))
    remarks = (*all_said(element, "remark"), line(element.get("designationDetails", "")))
    return Listing(
        "eu-asset-freeze",
        citation=" ".join(filter(None, map(line, cited))),
        url=said(regulation, "publicationUrl") or URL,
        start=day(element.get("designationDate", "")) or day(regulation.get("entryIntoForceDate", "")),
        excerpt="\n".join(filter(None, remarks)),
    )


def _identifier(element: etree._Element) -> Identifier | None:
    what = f"{element.get('identificationTypeCode', '')} {element.get('identificationTypeDescription', '')}".lower()
    scheme = next((scheme for word, scheme in _SCHEMES.items() if word in what), "")
    country = next(iter(codes((element.get("countryIso2Code", ""),))), "")
    return number(scheme, element.get("number", ""), country) if scheme else None
