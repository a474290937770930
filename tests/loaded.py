"""Lists as a test writes them, in service as the screening sees them."""

from collections.abc import Iterable
from datetime import date

from knowledge.names.find import Names
from knowledge.names.index import Row
from knowledge.party import Listing, ListRead, NameKind, Party, PartyKind, PartyName
from knowledge.screened import ListState, Loaded


def party(name: str, measure: str, ref: str = "", country: str = "", **days: date | str) -> Party:
    """Return a party under one measure; its ref is its name in small letters."""
    listing = Listing(measure, f"row of {name}", "https://example.org/list", **days)
    names = (PartyName(name, NameKind.PRIMARY),)
    countries = (country,) if country else ()
    return Party(ref or name.casefold(), PartyKind.ORGANISATION, names, (listing,), countries)


def read(list_id: str, *parties: Party) -> ListRead:
    return ListRead(list_id, parties, len(parties), date(2026, 11, 20))


def loaded(*reads: ListRead, beside: Iterable[ListState] = ()) -> Loaded:
    """Return lists in service, and others that are known and not loaded."""
    parties = {f"{one.list_id}:{each.ref}": (one.list_id, each) for one in reads for each in one.parties}
    states = [
        ListState(one.list_id, f"List {one.list_id}", "Somebody", "https://example.org", one.rows, one.snapshot)
        for one in reads
    ]
    names = Names(Row(key, each.names, each.countries, each.identifiers) for key, (_, each) in parties.items())
    return Loaded(names, parties.__getitem__, (*beside, *states))
