"""Reads what somebody typed for a vendor: the name without its wrapping, a country, an identifier; or says why not."""

import re
from dataclasses import dataclass

from knowledge.names.fold import plain
from knowledge.names.identifiers import numbered
from knowledge.names.table import table
from knowledge.party import Identifier

LEAST_LETTERS, MOST_LETTERS = 2, 300
_NOTHING = "Nothing was searched;"
_LINK = re.compile(r"<(?:[a-z]+:[^|>\s]*|[@#!][^|>\s]*)\|([^>]*)>|<[@#!][^>\s]*>")
_WRAPPING = " \t\r\n*_~`\"'“”„«»‘’|<>[]{}=,;:"
_COUNTRY = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A vendor as it was typed; `country` is ISO 3166-1 alpha-2, empty when it was not told.

    `refused` says in a sentence for people why nothing is looked for; it is empty when there is something to look for.
    """

    name: str
    country: str = ""
    identifier: Identifier | None = None
    refused: str = ""


def understand(query: str, country: str = "") -> Asked:
    """Read `name`, or `name | country | number` in any order after the name."""
    if len(query) > MOST_LETTERS:
        return Asked(
            "", refused=f"A name has at most {MOST_LETTERS} characters. {_NOTHING} give the company's name alone."
        )
    parts = [part.strip(_WRAPPING) for part in _LINK.sub(r"\1", query).split("|")]
    numbers = [number for part in parts if (number := numbered(part))]
    for number in numbers:
        if number.wrong:
            return Asked(
                "",
                refused=f"{number.identifier.value} is no valid {number.title}: its check digits do not fit. {_NOTHING} check the number.",
            )
    name = "" if numbered(parts[0]) else parts[0]
    if not numbers and sum(map(str.isalnum, plain(name)[0])) < LEAST_LETTERS:
        return Asked("", refused=f"A name needs at least two letters. {_NOTHING} give the company's name.")
    told = {part: _country(part) for part in parts[1:] if part and not numbered(part)}
    if unread := next((part for part, code in told.items() if not code), ""):
        return Asked(
            "",
            refused=f"After | stands a country or a number, and {unread[:40]} is neither. {_NOTHING} check one company at a time.",
        )
    if len(set(told.values())) > 1:
        return Asked(
            "", refused=f"More than one country is named. {_NOTHING} give the one where the company is seated."
        )
    country = country or next(iter(told.values()), "")
    return Asked(name, country.upper(), numbers[0].identifier if numbers else None)


def _country(text: str) -> str:
    if _COUNTRY.fullmatch(text):
        return text.upper()
    return table().places.get(tuple(plain(text)[0].lower().split()), "")
