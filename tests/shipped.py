"""The lists that ship with Caveat, loaded without a store."""

from dataclasses import replace
from datetime import date
from functools import lru_cache

from knowledge.lists.catalogue import LISTS
from knowledge.lists.statutory import shipped
from knowledge.names.find import Names
from knowledge.names.index import Row
from knowledge.party import PartyKind
from knowledge.screened import ListState, Loaded


@lru_cache(maxsize=2)
def shipped_lists(day: date) -> Loaded:
    """Return the lists that ship, as they stand on a day; read without a store."""
    reads = {read.list_id: read for read in shipped()}
    parties = {f"{key}:{party.ref}": (key, party) for key, read in reads.items() for party in read.parties}
    rows = [
        Row(key, party.names, party.countries, party.identifiers)
        for key, (_, party) in parties.items()
        if party.kind is PartyKind.ORGANISATION
    ]
    states: dict[str, ListState] = {}
    for source in sorted(LISTS, key=lambda one: one.format != "shipped"):
        address = next(iter(source.addresses.values()), "")
        state = ListState(source.list_id, source.title, source.publisher, address)
        read = reads.get(source.list_id) if source.format == "shipped" else None
        if read is not None and read.snapshot is not None:
            stale = (day - read.snapshot).days > source.stale_after_days
            state = replace(state, rows=read.rows, snapshot=read.snapshot, gap=read.gap, stale=stale, shipped=True)
        states.setdefault(source.list_id, state)
    return Loaded(Names(rows), parties.__getitem__, tuple(states.values()))
