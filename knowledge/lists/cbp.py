"""Reads the withhold release orders and findings of US Customs from the tables of its web page, one for each country.

The texts that name several companies are verified on real ones; the layout of the page is not, until a first live run.
"""

from collections.abc import Iterator
from dataclasses import replace

from knowledge.errors import ListRefused
from knowledge.lists.companies import Company, companies, gathered
from knowledge.lists.content import Content, day, single
from knowledge.lists.countries import code
from knowledge.lists.web import Table, tables
from knowledge.party import Listing, ListRead

URL = "https://www.cbp.gov/document/stats/withhold-release-orders-findings"

_WHO = ("manufacturer", "producer", "entit")
_ENDED = ("inactive", "revoked")
_DAYS = ("%m/%d/%Y", "%B %d, %Y", "%Y-%m-%d")


def read(content: Content) -> ListRead:
    """Read the page; orders that are no longer active are left out and counted."""
    found = [table for table in tables(single(content)) if table.place(*_WHO) >= 0 and table.place("date") >= 0]
    if not found:
        raise ListRefused("the page has no table of orders, so its layout has changed")
    ended = sum(_ended(table, row) for table in found for row in table.rows)
    odd = sum(table.odd for table in found)
    parties = gathered(one for table in found for one in _parties(table))
    if not parties:
        raise ListRefused("the tables of orders have no active rows")
    skipped = {reason: count for reason, count in (("no longer active", ended), ("row of another shape", odd)) if count}
    return ListRead("us.cbp-wro", parties, sum(len(table.rows) for table in found) + odd, None, skipped)


def _ended(table: Table, row: tuple[str, ...]) -> bool:
    status = table.place("status")
    return status >= 0 and row[status].lower().startswith(_ENDED)


def _parties(table: Table) -> Iterator[tuple[Company, Listing]]:
    who, when, what = table.place(*_WHO), table.place("date"), table.place("merchandise")
    for row in table.rows:
        if _ended(table, row) or not row[who]:
            continue
        scope = row[what] if what >= 0 else ""
        listing = Listing("cbp-wro", table.heading, URL, day(row[when], *_DAYS), None, "\n".join(filter(None, (row[who], scope))))  # fmt: skip
        for company in companies(row[who]):
            yield replace(company, country=company.country or code(table.heading)), listing
