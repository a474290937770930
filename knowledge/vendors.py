"""Vendors that a text can name: the shipped table, whose names stand in the text, which names a group goes by."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge import yamls
from knowledge.words import Phrases, terms

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
    said = {name for _, name in _phrases().within(words)} | {name for name in _foreign() if name in text}
    found: list[tuple[int, Vendor]] = []
    for vendor in known_vendors() if said else ():
        matched = [name for name in names_of(vendor) if name in said]
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
    return _families().get(vendor.group, (vendor.group,))


@cache
def _families() -> dict[str, tuple[str, ...]]:
    names: dict[str, dict[str, None]] = {}
    for vendor in known_vendors():
        names.setdefault(vendor.group, {vendor.group: None}).update(dict.fromkeys(names_of(vendor)))
    return {group: tuple(known) for group, known in names.items()}


@cache
def _phrases() -> Phrases[str]:
    return Phrases((tuple(terms(name)), name) for vendor in known_vendors() for name in names_of(vendor))


@cache
def _foreign() -> tuple[str, ...]:
    """Return the names that are not in ASCII: Chinese does not part its words, so one may stand within a longer run."""
    return tuple(name for vendor in known_vendors() for name in names_of(vendor) if not name.isascii())
