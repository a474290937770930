"""Reads CISA's catalogue of exploited vulnerabilities by vendor: a risk of products, never a restriction on their maker."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from knowledge.errors import ListRefused
from knowledge.lists.content import Content, day, decoded, single
from knowledge.parse.clean import line
from knowledge.party import Listing, ListRead, NameKind, Party, PartyKind, PartyName

URL = "https://www.cisa.gov/known-exploited-vulnerabilities-catalog"

_NEEDED = ("cveID", "vendorProject", "product", "vulnerabilityName", "dateAdded")

_Row = Mapping[str, Any]


def read(content: Content) -> ListRead:
    """Read known_exploited_vulnerabilities.json; a vendor has a listing for each CVE, which names product and ransomware use."""
    try:
        value = json.loads(decoded(single(content)))
    except ValueError as error:
        raise ListRefused("the JSON is broken or cut off, so nothing of it was taken") from error
    found = value.get("vulnerabilities") if isinstance(value, dict) else None
    if not isinstance(found, list) or not found:
        raise ListRefused("the JSON holds no vulnerabilities, so it is not the catalogue")
    if not all(isinstance(row, dict) and all(isinstance(row.get(name), str) for name in _NEEDED) for row in found):
        raise ListRefused(f"entries lack one of {', '.join(_NEEDED)}, so the format has changed")
    if value.get("count") != len(found):
        raise ListRefused(f"the file announces {value.get('count')} entries and has {len(found)}")
    vendors: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in found:
        vendors[line(row["vendorProject"]).casefold()].append(row)
    nameless = len(vendors.pop("", ()))
    parties = tuple(_party(ref, rows) for ref, rows in vendors.items())
    skipped = {"no vendor": nameless} if nameless else {}
    return ListRead("us.cisa-kev", parties, len(found), day(str(value.get("dateReleased", ""))), skipped)


def _party(ref: str, rows: list[_Row]) -> Party:
    name = PartyName(line(rows[0]["vendorProject"]), NameKind.PRIMARY)
    return Party(ref, PartyKind.ORGANISATION, (name,), tuple(map(_listing, rows)))


def _listing(row: _Row) -> Listing:
    used = "ransomware use: " + line(row["knownRansomwareCampaignUse"]) if row.get("knownRansomwareCampaignUse") else ""
    told = (line(row["product"]), line(row["vulnerabilityName"]), used)
    return Listing("cisa-kev", row["cveID"], URL, day(row["dateAdded"]), None, "\n".join(filter(None, told)))
