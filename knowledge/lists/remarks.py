"""Takes apart the remarks of OFAC's rows: weak aliases, numbers, ties to others and days, each as the remark writes it."""

import re
from collections.abc import Iterator
from datetime import date

from knowledge.lists.content import day
from knowledge.lists.countries import code
from knowledge.lists.identifiers import said
from knowledge.lists.naming import unquoted
from knowledge.party import Identifier, NameKind, PartyName, Relation

_ALIAS = re.compile(r"(?:alt\. )?[afn]\.k\.a\. (?P<name>'.+'|\".+\")\.?")
_LINKED = re.compile(r"\(?Linked To: (?P<name>.+?)\)?")
_SEAT = re.compile(r"(?:alt\. )?Nationality of Registration (?P<country>.+?)\.?")
_LISTED = re.compile(r"Listing Date \((?P<what>[^)]+)\):? (?P<day>\d\d \w{3} \d{4})")
_ABBREVIATED = re.compile(r"(?:\b\w\.(?:\w\.)*\w|\b(?:LTD|CO|INC|CORP|LTDA|BHD|PTY|PVT|ASS|HNOS))\.$", re.IGNORECASE)


def phrases(remarks: str) -> tuple[str, ...]:
    """Return the phrases that semicolons divide."""
    return tuple(filter(None, (part.strip() for part in remarks.split(";"))))


def aliases(remarks: str) -> Iterator[PartyName]:
    """Yield the aliases in quotation marks: OFAC puts there, and not into the file of aliases, those it holds to be weak."""
    for phrase in phrases(remarks):
        if found := _ALIAS.fullmatch(phrase):
            yield PartyName(unquoted(found["name"]), NameKind.WEAK)


def numbers(remarks: str) -> tuple[Identifier, ...]:
    """Return the numbers that name the party, some perhaps twice."""
    return tuple(filter(None, map(said, phrases(remarks))))


def ties(remarks: str) -> tuple[Relation, ...]:
    """Return whom the party is linked to."""
    found = (_LINKED.fullmatch(phrase) for phrase in phrases(remarks))
    return tuple(dict.fromkeys(Relation(ended(match["name"]), "linked") for match in found if match))


def seats(remarks: str) -> tuple[str, ...]:
    """Return the countries of registration by their codes."""
    found = (_SEAT.fullmatch(phrase) for phrase in phrases(remarks))
    return tuple(filter(None, (code(match["country"]) for match in found if match)))


def listed(remarks: str) -> dict[str, date]:
    """Return the days of listing by what OFAC says they belong to, such as CMIC or EO 14024 Directive 3."""
    found = ((match["what"], day(match["day"], "%d %b %Y")) for match in _LISTED.finditer(remarks))
    return {what: when for what, when in found if when}


def ended(name: str) -> str:
    """Return a name without the full stop that ends the remarks, unless it belongs to an abbreviation."""
    return name[:-1] if name.endswith(".") and not _ABBREVIATED.search(name) else name
