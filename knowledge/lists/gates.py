"""The gates before a list is taken: a new reading is compared with the shape of the one in service, and what changed is named."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from knowledge.party import ListRead, Party, PartyKind

LEAST, MOST = 0.7, 1.6
"""How many rows a list may have beside those of the last one; real editions of these lists stay well within."""
FEWER = 0.15
"""How much of a field's fill rate may be lost from one reading to the next."""
KEPT = 0.4
"""Which part of the known refs must come again, of each list within a list, or the publisher's keys have changed."""

_ENOUGH = 10
"""Fewer keys or parties than this may all change from one reading to the next."""

_ORGANISATIONS = frozenset((PartyKind.ORGANISATION, PartyKind.CATEGORY))
_FIELDS: dict[str, Callable[[Party], bool]] = {
    "more than one name": lambda party: len(party.names) > 1,
    "a country": lambda party: bool(party.countries),
    "a date": lambda party: any(listing.start for listing in party.listings),
    "an identifier": lambda party: bool(party.identifiers),
    "a person's kind": lambda party: party.kind is PartyKind.PERSON,
    "an organisation's kind": lambda party: party.kind is PartyKind.ORGANISATION,
}
_OWN = "a name of its own"
"""Parties are seldom named alike: where a column has changed its place, a few words of another one name them all."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the gates must know of the reading in service: counts, how many parties have a field or measure, keys, its day."""

    rows: int
    parties: int
    filled: dict[str, int]
    measures: dict[str, int]
    refs: frozenset[str]
    snapshot: date | None = None
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """Which parties, by ref and in the order of their list, one reading has and the other has not or has otherwise."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


def shape(read: ListRead) -> Shape:
    """Return the shape of a reading; a list with a gap is partial, so that the whole list may follow it."""
    filled = {name: sum(map(has, read.parties)) for name, has in _FIELDS.items()}
    filled[_OWN] = len({party.names[0].text for party in read.parties if party.names})
    under = Counter(key for party in read.parties for key in {listing.measure for listing in party.listings})
    refs = frozenset(party.ref for party in read.parties)
    return Shape(read.rows, len(read.parties), filled, dict(under), refs, read.snapshot, bool(read.gap))


def refusals(before: Shape | None, after: ListRead, *, least: int = 0) -> tuple[str, ...]:
    """Return why a new reading must not be taken, each reason one sentence with its figures; none where it may.

    `least` is the fewest rows that the list is known to have, for the first reading, which has none to be compared with.
    """
    return (*_alone(after, least), *(_beside(before, after) if before and not before.partial else ()))


def organisations(read: ListRead) -> ListRead:
    """Return the reading without persons, vessels and aircraft, which are counted among its skipped rows."""
    kept = tuple(party for party in read.parties if party.kind in _ORGANISATIONS)
    left = [party.kind.value for party in read.parties if party.kind not in _ORGANISATIONS]
    skipped = read.skipped | {kind: left.count(kind) for kind in dict.fromkeys(left)}
    return ListRead(read.list_id, kept, read.rows, read.snapshot, skipped, read.gap)


def difference(before: Iterable[Party], after: Iterable[Party]) -> Difference:
    """Compare two readings by ref and content; a change of order alone is none."""
    was, now = ({party.ref: digest(party) for party in parties} for parties in (before, after))
    return Difference(
        tuple(ref for ref in now if ref not in was),
        tuple(ref for ref in was if ref not in now),
        tuple(ref for ref in now if ref in was and now[ref] != was[ref]),
    )


def digest(party: Party) -> str:
    """Return the SHA-256 of what a party's row says, whatever the order of its rows; empty fields do not count."""
    said = {
        "kind": party.kind, "name": party.name, "names": sorted([name.text, name.kind, name.language] for name in party.names),
        "countries": sorted(party.countries), "relations": sorted([tie.other, tie.type] for tie in party.relations),
        "identifiers": sorted([one.scheme, one.value, one.country] for one in party.identifiers),
        "listings": sorted(
            [one.measure, one.citation, one.url, str(one.start or ""), str(one.end or ""), one.excerpt] for one in party.listings
        ),
    }  # fmt: skip
    full = {name: value for name, value in said.items() if value}
    return sha256(json.dumps(full, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _alone(after: ListRead, least: int) -> Iterator[str]:
    if after.rows < least:
        yield f"The list has {after.rows} rows where it is known to have at least {least}."
    if not after.parties:
        yield f"The list has {after.rows} rows but no parties."
    if nameless := sum(not party.names for party in after.parties):
        yield f"{nameless} of {len(after.parties)} parties have no name."
    if bare := sum(not party.listings for party in after.parties):
        yield f"{bare} of {len(after.parties)} parties stand under no measure."
    if twice := len(after.parties) - len({party.ref for party in after.parties}):
        yield f"{twice} of {len(after.parties)} parties have a key that another one has as well."


def _beside(before: Shape, after: ListRead) -> Iterator[str]:
    if not LEAST * before.rows <= after.rows <= MOST * before.rows:
        yield f"The list has {after.rows} rows where the last one had {before.rows}, which is {after.rows / max(before.rows, 1):.0%} of it; {LEAST:.0%} to {MOST:.0%} is usual."
    if not LEAST * before.parties <= len(after.parties) <= MOST * before.parties:
        yield f"The list has {len(after.parties)} parties where the last one had {before.parties}; {LEAST:.0%} to {MOST:.0%} of that is usual."
    now = shape(after)
    for name, filled in before.filled.items():
        was, rate = filled / max(before.parties, 1), now.filled.get(name, 0) / max(now.parties, 1)
        if was - rate > FEWER or (was and not rate):
            yield f"{rate:.0%} of the parties have {name} where {was:.0%} had one in the last list."
    for key, count in before.measures.items():
        if count >= _ENOUGH and key not in now.measures:
            yield f"No party stands under {key}, where {count} did in the last list."
    known, come = _within(before.refs), _within(now.refs)
    for group in known.keys() & come.keys():
        again, fewer = len(known[group] & come[group]), min(len(known[group]), len(come[group]))
        if fewer >= _ENOUGH and again < KEPT * fewer:
            yield f"Only {again} of the {len(known[group])} known keys{f' of {group}' if group else ''} come again among {len(come[group])}, so the publisher's keys have changed."
    if before.snapshot and after.snapshot and after.snapshot < before.snapshot:
        yield f"The list is of {after.snapshot} and older than the one in service, which is of {before.snapshot}."


def _within(refs: Iterable[str]) -> dict[str, set[str]]:
    """Return refs by what stands before their colon: the short name of a list within the list, or nothing."""
    groups: dict[str, set[str]] = {}
    for ref in refs:
        groups.setdefault(ref.rpartition(":")[0], set()).add(ref)
    return groups
