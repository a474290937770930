"""Reads the UFLPA Entity List from the tables of the web page of Homeland Security.

Unverified until a first live run: no sample of the page was at hand, only the grammar of its texts.
"""

from collections.abc import Iterator

from knowledge.errors import ListRefused
from knowledge.lists.companies import Company, companies, gathered
from knowledge.lists.content import Content, day, single
from knowledge.lists.web import Table, tables
from knowledge.party import Listing, ListRead

URL = "https://www.dhs.gov/uflpa-entity-list"

_DAY = "%B %d, %Y"


def read(content: Content) -> ListRead:
    """Read the page; one text may name a company, its aliases and its listed subsidiaries, each of which is a party."""
    found = [table for table in tables(single(content)) if table.place("name of entity", "entity name") >= 0]
    if not found:
        raise ListRefused("the page has no table of entities, so its layout has changed")
    parties = gathered(one for table in found for one in _parties(table))
    if not parties:
        raise ListRefused("the tables of entities have no rows")
    odd = sum(table.odd for table in found)
    return ListRead("us.uflpa", parties, sum(len(table.rows) for table in found) + odd, None, {"row of another shape": odd} if odd else {})  # fmt: skip


def _parties(table: Table) -> Iterator[tuple[Company, Listing]]:
    name, when = table.place("name of entity", "entity name"), table.place("date")
    for row in table.rows:
        listing = Listing("uflpa", table.heading, URL, day(row[when], _DAY) if when >= 0 else None, None, row[name])
        for company in companies(row[name]) if row[name] else ():
            yield company, listing
