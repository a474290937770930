"""Screens a typed name: the listed parties that it may be, with what their listings entail on a day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from knowledge.lists.measures import BESIDE, measure
from knowledge.names.asked import Asked, understand
from knowledge.names.brands import Brand, Relation, background, branded
from knowledge.names.find import Match
from knowledge.names.forms import Form, form
from knowledge.names.grade import Grade, How
from knowledge.names.score import legally_different
from knowledge.party import Force, Listing
from knowledge.screened import Found, Loaded, Screened, Standing

MOST = 20
"""Parties of a screening; a name that may be more of them is too short to be asked."""
_GATHERED = "us.csl"
"""The list that repeats other lists of the same country."""
_GROUP = frozenset({Relation.BRAND, Relation.SUBSIDIARY})


def screen(loaded: Loaded, query: str, country: str, day: date) -> Screened:
    """Look for a name on all loaded lists; a name that cannot be searched comes back with the sentence that says why.

    `country` is ISO 3166-1 alpha-2, or empty.
    """
    asked = understand(query, country)
    lists = tuple(sorted(loaded.lists, key=lambda state: not state.loaded))
    if asked.refused:
        return Screened(query, country, day, refused=asked.refused, lists=lists)
    owned = _owned(asked, loaded.names.own)
    found = [_found(loaded, match, day, owned) for match in loaded.names.find(query, country, MOST)]
    said = background(asked.name, loaded.names.own) if asked.name else ()
    return Screened(query, asked.country, day, "", tuple(_once(found)), lists, said)


def alike(one: Found, other: Found) -> bool:
    """Tell whether two rows are of the same party: a name of both agrees but for its spelling of the legal form.

    Rows of one list under one measure are of two parties: a list names nobody twice.
    """
    here, there = one.party.countries, other.party.countries
    if here and there and not set(here) & set(there):
        return False
    if one.list_id == other.list_id and _measures(one) & _measures(other):
        return False
    pairs = ((left, right) for left in _forms(one) for right in _forms(other))
    return any(_same(left, right) for left, right in pairs)


def groups(found: Iterable[Found]) -> list[list[Found]]:
    """Put what was found of the same party on several lists together, in the order of the surest of each."""
    parties: list[list[Found]] = []
    for one in found:
        known = next((group for group in parties if any(alike(one, other) for other in group)), None)
        if known is None:
            parties.append([one])
        else:
            known.append(one)
    return parties


def _found(loaded: Loaded, match: Match, day: date, owned: frozenset[str]) -> Found:
    list_id, party = loaded.party(match.party)
    standings = tuple(standing for listing in party.listings for standing in _standings(listing, day))
    ours = match.how is How.BRAND and match.grade is Grade.AFFILIATE and match.reasons[0] in owned
    return Found(
        list_id, party, match.name, match.how.value, match.score, match.grade, match.reasons, standings, owned=ours
    )


def _standings(listing: Listing, day: date) -> Iterator[Standing]:
    """Yield a listing under its measure, and under the measures that carry this one on to affiliates."""
    over = listing.end is not None and listing.end < day
    for key in (listing.measure, *BESIDE.get(listing.measure, ())):
        held = measure(key, day)
        if listing.start and listing.start > day:
            held = replace(held, force=Force.UPCOMING, valid_from=max(listing.start, held.valid_from or date.min))
        yield Standing(listing, held, over=over)


def _owned(asked: Asked, own: tuple[Brand, ...]) -> frozenset[str]:
    """Return the ties that make the name itself, with nothing added and nothing disguised, part of a group."""
    wanted = form(asked.name)
    ties = branded(wanted, asked.name, own) if asked.name and not wanted.disguised else ()
    return frozenset(tie.reason for tie in ties if not tie.rest and tie.brand.relation in _GROUP)


def _once(found: Sequence[Found]) -> Iterator[Found]:
    """Leave out the gathered list's copy of what its own list has as well."""
    for one in found:
        others = (other for other in found if other.list_id != one.list_id)
        if one.list_id != _GATHERED or not any(_copied(one, other) for other in others):
            yield one


def _copied(copy: Found, own: Found) -> bool:
    """Tell whether both are one row: the publisher's own key stands after the colon, or list and party are the same."""
    same = _measures(copy) & _measures(own)
    return bool(same) and (copy.party.ref.rpartition(":")[2] == own.party.ref or alike(copy, own))


def _measures(found: Found) -> set[str]:
    return {listing.measure for listing in found.party.listings}


def _forms(found: Found) -> list[Form]:
    return [form(name.text) for name in found.party.names]


def _same(left: Form, right: Form) -> bool:
    agree = {left.key, left.script} & {right.key, right.script} - {""}
    return bool(agree) and not legally_different(left, right)
