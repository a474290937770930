"""Reads the UK Sanctions List in the table of 58 columns that is the only one since January 2026."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from knowledge.errors import ListRefused
from knowledge.lists.content import Content, day, decoded, rows, single, table
from knowledge.lists.countries import code, codes
from knowledge.lists.identifiers import number, said, seated
from knowledge.lists.naming import distinct, forms
from knowledge.parse.clean import line
from knowledge.party import Identifier, Listing, ListRead, NameKind, Party, PartyKind, PartyName, Relation

URL = "https://www.gov.uk/government/publications/the-uk-sanctions-list"

COLUMNS = 58
_GIVEN = ("Name 1", "Name 2", "Name 3", "Name 4", "Name 5", "Name 6")
_NEEDED = (
    "Unique ID", *_GIVEN, "Name type", "Alias strength", "Name non-latin script", "Regime Name", "Designation Type",
    "Sanctions Imposed", "Other Information", "UK Statement of Reasons", "Address Country", "Date Designated",
    "Nationality(/ies)", "Subsidiaries", "Parent company", "Business registration number (s)", "IMO number",
    "Current owner/operator (s)", "Current believed flag of ship",
)  # fmt: skip
_KINDS = {"individual": PartyKind.PERSON, "ship": PartyKind.VESSEL}
_TIES = {"Subsidiaries": "subsidiary", "Parent company": "parent", "Current owner/operator (s)": "linked"}
_SEVERAL = re.compile(r"\s*(?:;|\||\n|\(\d+\))\s*")
_PLACED = re.compile(r"(?P<value>.+?)\s*\((?P<country>[^()]+)\)")
_DAY = "%d/%m/%Y"

_Row = dict[str, str]


def read(content: Content) -> ListRead:
    """Read UK-Sanctions-List.csv; one party has a row for each of its names and addresses."""
    raw = single(content)
    snapshot = _reported(raw)
    found = table(raw, _NEEDED, skip=1, ragged=1)
    if len(found[0]) != COLUMNS:
        raise ListRefused(f"the table has {len(found[0])} columns where the UK Sanctions List has {COLUMNS}")
    parties: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in found:
        parties[row["Unique ID"]].append(row)
    nameless = len(parties.pop("", ()))
    read = tuple(_party(ref, of_party) for ref, of_party in parties.items())
    return ListRead("uk.sanctions-list", read, len(found), snapshot, {"no unique id": nameless} if nameless else {})


def _reported(raw: bytes) -> date | None:
    first = next(rows(decoded(raw)), [""])[0].strip()
    if first.startswith("Last Updated"):
        raise ListRefused(
            "this is the consolidated list of OFSI, which was closed on 2026-01-28; the UK Sanctions List has taken its place"
        )
    if not first.startswith("Report Date:"):
        raise ListRefused("the first line is not the report's date, so it is not the UK Sanctions List of 2026")
    return day(first.partition(":")[2], "%d-%b-%Y", _DAY)


def _party(ref: str, found: list[_Row]) -> Party:
    main = next((row for row in found if row["Name type"].lower() == "primary name"), found[0])
    kind = _KINDS.get(main["Designation Type"].lower(), PartyKind.ORGANISATION)
    names = (name for row in (main, *found) for name in _names(row))
    countries = codes(text for row in found for text in (row["Address Country"], *_parts(row["Nationality(/ies)"]), row["Current believed flag of ship"]))  # fmt: skip
    frozen = "asset freeze" in main["Sanctions Imposed"].lower()
    told = (main["Sanctions Imposed"], main["UK Statement of Reasons"], main["Other Information"])
    return Party(
        ref,
        kind,
        (forms if kind is PartyKind.ORGANISATION else distinct)(names),
        (
            Listing(
                "uk-asset-freeze" if frozen else "uk-sanctions",
                citation=f"{main['Regime Name']} {ref}".strip(),
                url=URL,
                start=day(main["Date Designated"], _DAY),
                excerpt="\n".join(filter(None, told)),
            ),
        ),
        countries,
        seated((one for row in found for one in _identifiers(row)), countries) if kind is not PartyKind.PERSON else (),
        tuple(dict.fromkeys(Relation(line(other), kind) for row in found for column, kind in _TIES.items() for other in _parts(row[column]))),
    )  # fmt: skip


def _names(row: _Row) -> Iterator[PartyName]:
    """Yield the name of a row: the last of the columns is the family name or the whole name, and comes last."""
    text = line(" ".join(filter(None, (row[part] for part in _GIVEN))))
    if row["Name type"].lower() == "primary name":
        yield PartyName(text, NameKind.PRIMARY)
    else:
        yield PartyName(text, NameKind.WEAK if row["Alias strength"].lower().startswith("low") else NameKind.ALIAS)
    yield PartyName(line(row["Name non-latin script"]), NameKind.NATIVE)


def _identifiers(row: _Row) -> Iterator[Identifier]:
    for text in _parts(row["Business registration number (s)"]):
        placed = _PLACED.fullmatch(text)
        country = code(placed["country"]) if placed else ""
        if found := said(text) or number("registration", placed["value"] if placed and country else text, country):
            yield found
    for text in _parts(row["IMO number"]):
        if found := number("imo", text):
            yield found


def _parts(text: str) -> list[str]:
    return [part for part in _SEVERAL.split(text) if part]
