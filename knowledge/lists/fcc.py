"""Reads the FCC Covered List from its web page: rows name companies, or a whole category of equipment."""

import re
from collections.abc import Iterator

from knowledge.errors import ListRefused
from knowledge.lists.companies import Company, companies, gathered
from knowledge.lists.content import Content, day, single
from knowledge.lists.web import Table, tables
from knowledge.party import Listing, ListRead, NameKind, PartyKind, PartyName

URL = "https://www.fcc.gov/supplychain/coveredlist"

_WHO = re.compile(
    r"\b(?:produced|provided|supplied)\b[^.;]*?\bby (?P<who>(?!such\b)(?:[A-Z][a-z]?\. )?[A-Z].+?)"
    r"(?=,? (?:including|subject to|to the extent)\b|,? or any of\b|\.?$)"
)
_EXCEPTION = re.compile(r"\s*(?:[,;—–-]+\s*except\b|\bexcept\b).*", re.DOTALL)
_MARKS = re.compile(r"[†‡^£#§¤³²¹*]+|\bVisit -")
_DATE = re.compile(r"[A-Z][a-z]+ \d{1,2}, \d{4}")


def read(content: Content) -> ListRead:
    """Read the page; the layout of its table is unverified until a first live run."""
    found = [
        table for table in tables(single(content)) if table.place("covered equipment") >= 0 and table.place("date") >= 0
    ]
    if not found:
        raise ListRefused("the page has no table of covered equipment and services, so its layout has changed")
    parties = gathered(one for table in found for one in _parties(table))
    if not parties:
        raise ListRefused("the table of covered equipment and services has no rows")
    return ListRead("us.fcc-covered-list", parties, sum(len(table.rows) + table.odd for table in found))


def _parties(table: Table) -> Iterator[tuple[Company, Listing]]:
    what, when = table.place("covered equipment"), table.place("date")
    for row in table.rows:
        first = _DATE.search(row[when])
        start = day(first[0], "%B %d, %Y") if first else None
        for company in entries(row[what]):
            yield company, Listing("fcc-covered", "FCC Covered List", URL, start, None, row[what])


def entries(text: str) -> tuple[Company, ...]:
    """Return the companies that one row names, or the category that it covers where it names none."""
    covered = _EXCEPTION.sub("", text)
    if found := _WHO.search(covered):
        return companies(found["who"])
    name = " ".join(_MARKS.sub(" ", covered).split()).rstrip(" .,—–-")
    return (Company((PartyName(name, NameKind.PRIMARY),), PartyKind.CATEGORY),) if name else ()
