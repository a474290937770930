"""What reviewers decided about matches: a match that was ruled out or confirmed stays so until the list's row changes."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from knowledge.lists.gates import digest
from knowledge.names.asked import understand
from knowledge.names.forms import form
from knowledge.names.grade import Grade
from knowledge.screened import Found, Ruled, Screened


class Verdict(StrEnum):
    """What a reviewer can decide about the match of a name with a party."""

    OUT = "ruled out"
    """The vendor is not this party."""
    CONFIRMED = "confirmed"
    """The vendor is this party, or, where only a tie to it was found, its affiliate."""
    REOPENED = "reopened"
    """What was decided before no longer holds."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision about one match: `asked` is the name as `asked_for` keys it, `party` a list's id, a colon and its ref.

    `row` is the SHA-256 of the party's row as the reviewer saw it; `name` the party's name then, `vendor` the name as typed.
    `who` is the reviewer as the door knows him.
    """

    asked: str
    vendor: str
    party: str
    name: str
    row: str
    verdict: Verdict
    why: str
    who: str
    made_at: datetime


def asked_for(query: str, country: str = "") -> str:
    """Return the key under which a decision about a typed name is kept.

    It is the same for other cases, spaces and punctuation, another one for another legal form, country or number: two companies
    that share a name must not share a decision.
    """
    asked = understand(query, country)
    wanted = form(asked.name)
    number = f"{asked.identifier.scheme}:{asked.identifier.value}" if asked.identifier else ""
    return hashlib.sha256(f"{wanted.full}|{wanted.script}|{asked.country}|{number}".encode()).hexdigest()


def row_of(found: Found) -> str:
    """Return the SHA-256 of what the list says of a party now."""
    return digest(found.party)


def standing(rulings: Iterable[Ruling], day: date) -> dict[str, Ruling]:
    """Return the last decision about each party up to the end of a day (UTC), by party; `rulings` are in their order."""
    last = {one.party: one for one in rulings if one.made_at.date() <= day}
    return {party: one for party, one in last.items() if one.verdict is not Verdict.REOPENED}


def ruled(screened: Screened, rulings: Mapping[str, Ruling]) -> Screened:
    """Return a screening after what reviewers decided: matches that were ruled out are set aside, confirmed ones are sure.

    A decision about a row that the list has changed since decides nothing, and is told all the same.
    """
    if not rulings:
        return screened
    kept, told = [], []
    for found in screened.found:
        ruling = rulings.get(f"{found.list_id}:{found.party.ref}")
        if ruling is None:
            kept.append(found)
            continue
        holds = ruling.row == row_of(found)
        told.append(Ruled(found, ruling.verdict.value, ruling.who, ruling.why, ruling.made_at.date(), holds=holds))
        if not holds:
            kept.append(found)
        elif ruling.verdict is Verdict.CONFIRMED:
            kept.append(_confirmed(found))
    return replace(screened, found=tuple(kept), ruled=tuple(told))


def _confirmed(found: Found) -> Found:
    """Return a match as a person made it: a party itself is CONFIRMED, a tie to one evidenced."""
    if found.grade is Grade.AFFILIATE:
        return replace(found, owned=True)
    return replace(found, grade=Grade.CONFIRMED)
