"""Reads the short lists that ship with Caveat: names that a statute or a notice gives, transcribed with their dates."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from knowledge import yamls
from knowledge.party import Listing, ListRead, NameKind, Party, PartyKind, PartyName, Relation


@cache
def shipped() -> tuple[ListRead, ...]:
    """Return the lists as they ship; one that is not whole says so in its `gap`."""
    rows = yamls.read(files("knowledge.lists").joinpath("statutory.yaml").read_text("utf-8"))
    return tuple(_list(row) for row in rows)


def _list(row: Mapping[str, Any]) -> ListRead:
    parties = tuple(_party(row, party) for party in row["parties"])
    return ListRead(row["list_id"], parties, len(parties), row["as_of"], {}, row.get("gap", ""))


def _party(row: Mapping[str, Any], party: Mapping[str, Any]) -> Party:
    first, *others = party["names"]
    start = party.get("start", row["as_of"])
    return Party(
        first.casefold(),
        PartyKind.CATEGORY if party.get("category") else PartyKind.ORGANISATION,
        (PartyName(first, NameKind.PRIMARY), *(PartyName(name, NameKind.ALIAS) for name in others)),
        (Listing(row["measure"], row["citation"], row["url"], start, None, party.get("excerpt", "")),),
        (party["country"],) if "country" in party else (),
        (),
        (Relation(party["parent"], "parent"),) if "parent" in party else (),
    )
