"""Vendors that a text can name: the shipped table, whose names stand in the text, which names a group goes by."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge import yamls
from knowledge.words import holds, terms

_DATA = Path(__file__).parent / "data"
COUNTRIES = {"CN": "China", "RU": "Russia", "IR": "Iran", "KP": "North Korea", "BY": "Belarus", "US": "United States"}
"""What the country of a vendor's group is called in texts, where rules speak of it."""
ADEQUATE = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO"
    " AD AR CA FO GG IL IM JP JE NZ CH GB UY KR US BR".split()
)
"""The EEA, and countries with an adequacy decision, the US for certified companies and Canada for commercial ones only."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor that a question can name: its group's other names lead to what is known about the group."""

    name: str
    aliases: tuple[str, ...]
    group: str
    country: str


@cache
def known_vendors() -> tuple[Vendor, ...]:
    """Return the shipped vendor table."""
    rows = yamls.read((_DATA / "vendors.yaml").read_text(encoding="utf-8"))
    return tuple(Vendor(row["name"], tuple(row["aliases"]), row["group"], row["country"]) for row in rows)


def vendors_in(text: str, words: Sequence[str]) -> tuple[Vendor, ...]:
    """Return the vendors named, longest name first; a name inside a longer one does not count again."""
    found: list[tuple[int, Vendor]] = []
    for vendor in known_vendors():
        matched = [
            name for name in names_of(vendor) if holds(words, terms(name)) or (not name.isascii() and name in text)
        ]
        if matched and not (
            len(matched[0]) <= 4 and matched[0].isupper() and not re.search(rf"\b{matched[0]}\b", text)
        ):
            found.append((max(len(terms(name)) for name in matched), vendor))
    found.sort(key=lambda pair: -pair[0])
    groups: dict[str, Vendor] = {}
    for _, vendor in found:
        groups.setdefault(vendor.group, vendor)
    return tuple(groups.values())


def names_of(vendor: Vendor) -> tuple[str, ...]:
    """Return the names that a text may call a vendor by, its own first."""
    return (vendor.name, *vendor.aliases)


def family(vendor: Vendor) -> tuple[str, ...]:
    """Return every name under which a vendor's group is known here."""
    names = [vendor.group]
    for other in known_vendors():
        if other.group == vendor.group:
            names += names_of(other)
    return tuple(dict.fromkeys(names))
