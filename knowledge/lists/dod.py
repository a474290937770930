"""Reads the Section 1260H list from a table of ours: the department publishes a PDF, which somebody has to transcribe."""

from collections import defaultdict

from knowledge.lists.content import Content, day, single, table
from knowledge.lists.naming import distinct, spelled
from knowledge.party import Listing, ListRead, NameKind, Party, PartyKind, PartyName, Relation

COLUMNS = ("Name", "Alias", "Previous Name", "Parent Name", "Start date", "End date", "Source Url")
"""Columns of the table, one row for a company in one edition; several aliases are divided by semicolons."""

_Row = dict[str, str]


def read(content: Content) -> ListRead:
    """Read the CSV file; a company in several editions is one party with a listing for each."""
    found = table(single(content), COLUMNS)
    groups: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in found:
        groups[_name(row).casefold()].append(row)
    nameless = len(groups.pop("", ()))
    parties = tuple(_party(ref, rows) for ref, rows in groups.items())
    return ListRead("us.dod-1260h", parties, len(found), None, {"no name": nameless} if nameless else {})


def _party(ref: str, rows: list[_Row]) -> Party:
    kinds = (("Alias", NameKind.ALIAS), ("Previous Name", NameKind.FORMER))
    names = [*spelled(PartyName(_name(rows[-1]), NameKind.PRIMARY))]
    names += [
        PartyName(part.strip(), kind) for row in rows for column, kind in kinds for part in row[column].split(";")
    ]
    return Party(
        ref,
        PartyKind.ORGANISATION,
        distinct(names),
        tuple(dict.fromkeys(_listing(row) for row in rows)),
        relations=tuple(dict.fromkeys(Relation(row["Parent Name"], "parent") for row in rows if row["Parent Name"])),
    )


def _listing(row: _Row) -> Listing:
    start = day(row["Start date"])
    return Listing(
        "dod-1260h",
        citation=f"Section 1260H list, edition of {start}" if start else "Section 1260H list",
        url=row["Source Url"],
        start=start,
        end=day(row["End date"]),
        excerpt=row["Name"],
    )


def _name(row: _Row) -> str:
    """Return the name without the marks of footnotes and without an alias in parentheses behind it."""
    name = row["Name"].rstrip(" *†")
    short = next((alias for alias in row["Alias"].split(";") if alias and name.endswith(f"({alias.strip()})")), "")
    return name.removesuffix(f"({short.strip()})").rstrip() if short else name
