"""Reads the Denied Persons List of BIS as its own tab-separated file, where one party has a row for each address."""

from collections import defaultdict

from knowledge.lists.content import Content, day, single, table
from knowledge.lists.countries import codes
from knowledge.party import Listing, ListRead, NameKind, Party, PartyKind, PartyName

URL = "https://www.bis.doc.gov/index.php/the-denied-persons-list"

_COLUMNS = ("Name", "Country", "Effective_Date", "Expiration_Date", "Action", "FR_Citation")
_DAY = "%m/%d/%Y"


def read(content: Content) -> ListRead:
    """Read dpl.txt; orders that have ended keep their last day, and nothing in the file tells persons from companies."""
    found = table(single(content), _COLUMNS, delimiter="\t")
    rows: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in found:
        rows[row["Name"]].append(row)
    nameless = len(rows.pop("", ()))
    parties = tuple(_party(name, of_name) for name, of_name in rows.items())
    return ListRead("us.bis-dpl", parties, len(found), None, {"no name": nameless} if nameless else {})


def _party(name: str, rows: list[dict[str, str]]) -> Party:
    orders = {(row["FR_Citation"], row["Effective_Date"]): row for row in rows}
    return Party(
        name,
        PartyKind.ORGANISATION,
        (PartyName(name, NameKind.PRIMARY),),
        tuple(
            Listing("bis-dpl", row["FR_Citation"], URL, day(row["Effective_Date"], _DAY), day(row["Expiration_Date"], _DAY), row["Action"])
            for row in orders.values()
        ),
        codes(row["Country"] for row in rows),
    )  # fmt: skip
