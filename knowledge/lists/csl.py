"""Reads the US Consolidated Screening List: 13 lists in one file, as CSV with 28 or 29 columns or as JSON."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from knowledge.errors import ListRefused
from knowledge.lists import remarks
from knowledge.lists.content import Content, day, decoded, single, table
from knowledge.lists.countries import code, codes
from knowledge.lists.identifiers import SCHEMES, number, seated
from knowledge.lists.naming import forms
from knowledge.party import Identifier, Listing, ListRead, NameKind, Party, PartyKind, PartyName

LIST_ID = "us.csl"
COLUMNS = (
    "source", "entity_number", "type", "programs", "name", "addresses", "federal_register_notice", "start_date", "end_date",
    "license_requirement", "license_policy", "vessel_flag", "remarks", "source_list_url", "alt_names", "ids",
)  # fmt: skip
"""Columns that both formats have and that are read; the 29th, `_id`, came later."""

MEASURES = {
    "SDN": "ofac-sdn", "SSI": "ofac-ssi", "PLC": "ofac-ns-plc", "CAP": "ofac-capta", "FSE": "ofac-fse", "CMIC": "ofac-cmic",
    "NS-CMIC": "ofac-cmic", "MBS": "ofac-ns-mbs", "NS-MBS": "ofac-ns-mbs", "EL": "bis-entity-list", "MEU": "bis-meu",
    "UVL": "bis-uvl", "DPL": "bis-dpl", "DTC": "state-dtc", "ISN": "state-isn",
}  # fmt: skip
"""The measure of each list, by the short name in parentheses that ends its source."""

_TREASURY = "Treasury"
_KINDS = {"individual": PartyKind.PERSON, "vessel": PartyKind.VESSEL, "aircraft": PartyKind.AIRCRAFT}
_SHORT = re.compile(r"\((?P<short>[A-Z][A-Z-]*?)(?: List)?\)")
_TAIL = re.compile(r"[;,]?\s+(?:and|or) any (?:successors?|sub-?units?|subsidiar)\b.*", re.IGNORECASE | re.DOTALL)
_AND = re.compile(r"^and\s+(?=\S)")

_Row = Mapping[str, str]


def read(content: Content) -> ListRead:
    """Read consolidated.csv or consolidated.json; the JSON branch is unverified until a first live run."""
    raw = single(content)
    found = _json(raw) if raw.lstrip()[:1] in (b"{", b"[") else table(raw, COLUMNS)
    refs: dict[str, int] = {}
    skipped: dict[str, int] = {}
    parties: list[Party] = []
    for row in found:
        if reason := _left_out(row):
            skipped[reason] = skipped.get(reason, 0) + 1
            continue
        ref = _ref(row)
        refs[ref] = refs.get(ref, 0) + 1
        parties.append(_party(row, ref if refs[ref] == 1 else f"{ref}#{refs[ref]}"))
    if not parties:
        raise ListRefused("none of its rows belongs to a list that is known, so the format has changed")
    return ListRead(LIST_ID, tuple(parties), len(found), None, skipped)


def _left_out(row: _Row) -> str:
    if not row["name"]:
        return "no name"
    return "" if _source(row) in MEASURES else f"unknown list: {row['source'][:80]}"


def _source(row: _Row) -> str:
    return next((found["short"] for found in _SHORT.finditer(row["source"])), "")


def _ref(row: _Row) -> str:
    """Return the key of a row: OFAC numbers its parties, the others have the file's own id or nothing but their words."""
    if _TREASURY in row["source"] and row["entity_number"]:
        return f"{_source(row)}:{row['entity_number']}"
    words = sha256("\n".join((row["name"], row["addresses"], row["start_date"])).encode()).hexdigest()[:24]
    return f"{_source(row)}:{row.get('_id') or words}"


def _party(row: _Row, ref: str) -> Party:
    primary = PartyName(_TAIL.sub("", row["name"]), NameKind.PRIMARY)
    countries = codes((*_seats(row["addresses"]), row["vessel_flag"]))
    aliases = (PartyName(_AND.sub("", part.strip()), NameKind.ALIAS) for part in row["alt_names"].split(";"))
    return Party(
        ref,
        _kind(row),
        forms((primary, *aliases)),
        (_listing(row, primary.text),),
        countries,
        seated(_identifiers(row["ids"]), countries) if _kind(row) is not PartyKind.PERSON else (),
        remarks.ties(row["remarks"]),
    )


def _kind(row: _Row) -> PartyKind:
    """Return what the row is; where it does not say, as outside OFAC's lists, it counts as an organisation."""
    return _KINDS.get(row["type"].lower(), PartyKind.VESSEL if row["vessel_flag"] else PartyKind.ORGANISATION)


def _listing(row: _Row, name: str) -> Listing:
    scope = (
        row["name"] if row["name"] != name else "",
        row["license_requirement"],
        row["license_policy"],
        row["remarks"],
    )
    return Listing(
        MEASURES[_source(row)],
        citation=row["federal_register_notice"] or row["programs"],
        url=row["source_list_url"],
        start=day(row["start_date"]),
        end=day(row["end_date"]),
        excerpt="\n".join(filter(None, scope)),
    )


def _seats(addresses: str) -> Iterator[str]:
    """Yield the country codes that end the addresses; a street may hold a semicolon, so only two capitals count."""
    for address in addresses.split(";"):
        last = address.rpartition(",")[2].strip()
        if len(last) == 2 and last.isupper():
            yield last


def _identifiers(ids: str) -> Iterator[Identifier]:
    """Yield the numbers of "label, number, country" (today) and "country, number, label" (2017)."""
    for phrase in ids.split(";"):
        parts = [part.strip() for part in phrase.split(",")]
        label = next((part for part in parts if part in SCHEMES), "")
        rest = [part for part in parts if part and part != label]
        country = next((part for part in rest if len(part) == 2 and code(part) == part), "")
        value = ", ".join(part for part in rest if part != country)
        if label and (found := number(SCHEMES[label], value, country)):
            yield found


def _json(raw: bytes) -> list[dict[str, str]]:
    try:
        value = json.loads(decoded(raw))
    except ValueError as error:
        raise ListRefused("the JSON is broken or cut off, so nothing of it was taken") from error
    found = value.get("results") if isinstance(value, dict) else value
    if not isinstance(found, list) or not all(
        isinstance(row, dict) and "source" in row and "name" in row for row in found
    ):
        raise ListRefused("the JSON holds no results with source and name, so it is not this list")
    total = value.get("total") if isinstance(value, dict) else None
    if isinstance(total, int) and total != len(found):
        raise ListRefused(f"the file announces {total} entries and has {len(found)}")
    return [_flat(row) for row in found]


def _flat(row: Mapping[str, Any]) -> dict[str, str]:
    """Return a JSON entry in the words of the CSV file."""
    flat = {name: _joined(row.get(name)) for name in COLUMNS}
    addresses = [one for one in row.get("addresses") or () if isinstance(one, Mapping)]
    parts = ("address", "city", "state", "postal_code", "country")
    return flat | {
        "_id": _joined(row.get("id") or row.get("_id")),
        "addresses": "; ".join(", ".join(filter(None, (_joined(one.get(part)) for part in parts))) for one in addresses),
        "ids": "; ".join(", ".join(filter(None, (_joined(one.get(part)) for part in ("type", "number", "country")))) for one in row.get("ids") or () if isinstance(one, Mapping)),
    }  # fmt: skip


def _joined(value: object) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(str(one).strip() for one in value if isinstance(one, str))
    return "" if value is None else str(value).strip()
