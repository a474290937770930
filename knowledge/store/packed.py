"""Parties as compressed JSON and back: the same party always gives the same bytes."""

import json
import zlib
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any

from knowledge.party import Identifier, Listing, NameKind, Party, PartyKind, PartyName, Relation

_PART = 200
"""Parties in one part."""


def parts(parties: Iterable[Party]) -> Iterator[bytes]:
    """Yield the parties in their order, some hundred in each part."""
    left = iter(parties)
    while some := list(islice(left, _PART)):
        yield squeezed([_plain(party) for party in some])


def unpacked(part: bytes) -> Iterator[Party]:
    """Yield the parties of a part."""
    yield from map(_party, stretched(part))


def packed(list_id: str, party: Party) -> bytes:
    """Return one party with the id of its list."""
    return squeezed([list_id, _plain(party)])


def opened(body: bytes) -> tuple[str, Party]:
    """Return what `packed` was given."""
    list_id, plain = stretched(body)
    return list_id, _party(plain)


def squeezed(value: Any) -> bytes:
    """Return plain JSON values as compressed bytes."""
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def stretched(body: bytes) -> Any:
    """Return what `squeezed` was given."""
    return json.loads(zlib.decompress(body).decode("utf-8", "surrogatepass"))


def _plain(party: Party) -> list[Any]:
    return [
        party.ref,
        party.kind,
        [[name.text, name.kind, name.language] for name in party.names],
        [[one.measure, one.citation, one.url, _said(one.start), _said(one.end), one.excerpt] for one in party.listings],
        party.countries,
        [[one.scheme, one.value, one.country] for one in party.identifiers],
        [[tie.other, tie.type] for tie in party.relations],
    ]


def _party(plain: list[Any]) -> Party:
    ref, kind, names, listings, countries, identifiers, relations = plain
    return Party(
        ref,
        PartyKind(kind),
        tuple(PartyName(text, NameKind(known), language) for text, known, language in names),
        tuple(
            Listing(measure, citation, url, _day(start), _day(end), excerpt)
            for measure, citation, url, start, end, excerpt in listings
        ),
        tuple(countries),
        tuple(Identifier(*number) for number in identifiers),
        tuple(Relation(*tie) for tie in relations),
    )


def _said(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(said: str) -> date | None:
    return date.fromisoformat(said) if said else None
