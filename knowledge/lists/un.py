"""Reads the consolidated list of the UN Security Council in XML."""

from datetime import date

from lxml import etree

from knowledge.errors import ListRefused
from knowledge.lists.content import Content, day, single
from knowledge.lists.countries import codes
from knowledge.lists.naming import distinct, latin, spelled
from knowledge.lists.stream import all_said, children, elements, local, said
from knowledge.party import Listing, ListRead, NameKind, Party, PartyKind, PartyName

URL = "https://scsanctions.un.org/resources/xml/en/consolidated.xml"

_KINDS = {"ENTITY": PartyKind.ORGANISATION, "INDIVIDUAL": PartyKind.PERSON}
_ALIASES = {"f.k.a.": NameKind.FORMER, "low": NameKind.WEAK}
_PARTS = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")


def read(content: Content) -> ListRead:
    """Read consolidated.xml, entities and persons."""
    snapshot: date | None = None
    parties: list[Party] = []
    for element in elements(single(content), "CONSOLIDATED_LIST", *_KINDS):
        snapshot = snapshot or day(element.getroottree().getroot().get("dateGenerated", ""))
        parties.append(_party(element))
    if not parties:
        raise ListRefused("the list has no entries")
    return ListRead("un.consolidated", tuple(parties), len(parties), snapshot)


def _party(element: etree._Element) -> Party:
    kind = _KINDS[local(element)]
    ref, regime = said(element, "REFERENCE_NUMBER") or said(element, "DATAID"), said(element, "UN_LIST_TYPE")
    name = " ".join(filter(None, (said(element, part) for part in _PARTS)))
    if not name:
        raise ListRefused(f"the entry {ref or 'without a reference number'} has no name, so the format has changed")
    return Party(
        ref,
        kind,
        distinct((*_primary(name, kind), *_aliases(element), PartyName(said(element, "NAME_ORIGINAL_SCRIPT"), NameKind.NATIVE))),
        (
            Listing(
                "un-sanctions",
                citation=f"{regime} {ref}".strip(),
                url=URL,
                start=day(said(element, "LISTED_ON")),
                excerpt=said(element, "COMMENTS1"),
            ),
        ),
        codes((*all_said(element, "ENTITY_ADDRESS/COUNTRY"), *all_said(element, "NATIONALITY/VALUE"), *all_said(element, "INDIVIDUAL_ADDRESS/COUNTRY"))),
    )  # fmt: skip


def _primary(name: str, kind: PartyKind) -> tuple[PartyName, ...]:
    """Return the name as it stands and, for an entity, the names that the list writes into it behind ";" or "/"."""
    primary = PartyName(name, NameKind.PRIMARY)
    if kind is not PartyKind.ORGANISATION:
        return (primary,)
    parts = [part.strip() for part in name.replace(" / ", " ; ").split(" ; ")]
    if len(parts) == 1:
        return tuple(spelled(primary))
    return (primary, *(form for part in parts for form in spelled(PartyName(part, NameKind.ALIAS))))


def _aliases(element: etree._Element) -> tuple[PartyName, ...]:
    found = [*children(element, "ENTITY_ALIAS"), *children(element, "INDIVIDUAL_ALIAS")]
    said_so = [(said(alias, "ALIAS_NAME"), said(alias, "QUALITY").lower()) for alias in found]
    return tuple(
        PartyName(text, _ALIASES.get(quality, NameKind.ALIAS if latin(text) else NameKind.NATIVE))
        for text, quality in said_so
        if text
    )
