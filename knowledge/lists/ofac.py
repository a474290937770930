"""Reads OFAC's lists in CSV: the main file joined with its addresses, its aliases and what its remarks were too long for."""

from collections import defaultdict
from collections.abc import Mapping

from knowledge.errors import ListRefused
from knowledge.lists import programs, remarks
from knowledge.lists.content import decoded, member, rows
from knowledge.lists.countries import codes
from knowledge.lists.identifiers import seated
from knowledge.lists.naming import distinct, forms
from knowledge.party import Listing, ListRead, NameKind, Party, PartyKind, PartyName

_NULL = "-0-"
_END = "\x1a"
_LONGEST = 1_000
"""Characters of remarks in the main file; what is longer goes on in the file of comments."""

_KINDS = {"": PartyKind.ORGANISATION, "individual": PartyKind.PERSON, "vessel": PartyKind.VESSEL, "aircraft": PartyKind.AIRCRAFT}  # fmt: skip
_ALIASES = {"aka": NameKind.ALIAS, "nka": NameKind.ALIAS, "fka": NameKind.FORMER}
URLS = {
    True: "https://sanctionslist.ofac.treas.gov/Home/SdnList",
    False: "https://sanctionslist.ofac.treas.gov/Home/ConsolidatedList",
}
"""Where OFAC shows the list, by whether it blocks."""

_Row = list[str]


def read_sdn(content: Mapping[str, bytes]) -> ListRead:
    """Read sdn.csv, add.csv, alt.csv and sdn_comments.csv; raise ListRefused when one is missing, cut off or does not fit."""
    return _read("us.ofac-sdn", content, ("sdn.csv", "add.csv", "alt.csv", "sdn_comments.csv"), blocked=True)


def read_consolidated(content: Mapping[str, bytes]) -> ListRead:
    """Read cons_prim.csv, cons_add.csv, cons_alt.csv and cons_comments.csv: the lists that do not block."""
    names = ("cons_prim.csv", "cons_add.csv", "cons_alt.csv", "cons_comments.csv")
    return _read("us.ofac-non-sdn", content, names, blocked=False)


def _read(list_id: str, content: Mapping[str, bytes], names: tuple[str, str, str, str], *, blocked: bool) -> ListRead:
    main = _table(content, names[0], 12)
    addresses, aliases, rests = (
        _grouped(_table(content, name, columns, marked=marked))
        for name, columns, marked in ((names[1], 6, True), (names[2], 5, True), (names[3], 2, False))
    )
    known = {row[0] for row in main}
    for name, found in ((names[1], addresses), (names[2], aliases), (names[3], rests)):
        if lost := len(found.keys() - known):
            raise ListRefused(f"{name} speaks of {lost} parties that {names[0]} does not have; the files are of different days or cut off")  # fmt: skip
    if cut := sum(len(row[11]) >= _LONGEST and row[0] not in rests for row in main):
        raise ListRefused(f"the remarks of {cut} parties go on in {names[3]}, which does not have them")
    if not main:
        raise ListRefused(f"{names[0]} has no rows")
    parties = tuple(_party(row, addresses[row[0]], aliases[row[0]], rests[row[0]], blocked=blocked) for row in main)
    return ListRead(list_id, parties, len(main))


def _table(content: Mapping[str, bytes], name: str, columns: int, *, marked: bool = True) -> list[_Row]:
    """Return a file's rows with empty cells for what OFAC writes as null; all but the comments end in a mark."""
    found = list(rows(decoded(member(content, name))))
    if found and found[-1] == [_END]:
        found.pop()
    elif marked:
        raise ListRefused(f"{name} is cut off: the mark that ends it is missing")
    if odd := next((number for number, row in enumerate(found, 1) if len(row) != columns or not row[0].isdigit()), 0):
        raise ListRefused(f"row {odd} of {name} is not one of the {columns} columns that OFAC publishes")
    return [["" if cell.strip() == _NULL else cell.strip() for cell in row] for row in found]


def _grouped(found: list[_Row]) -> defaultdict[str, list[_Row]]:
    groups: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in found:
        groups[row[0]].append(row)
    return groups


def _party(row: _Row, addresses: list[_Row], aliases: list[_Row], rests: list[_Row], *, blocked: bool) -> Party:
    ref, name, kind, program, flag, remark = row[0], row[1], row[2], row[3], row[9], row[11] + "".join(r[1] for r in rests)  # fmt: skip
    under, days = programs.split(program), remarks.listed(remark)
    countries = codes((*(address[4] for address in addresses), flag, *remarks.seats(remark)))
    return Party(
        ref=ref,
        kind=_KINDS.get(kind, PartyKind.ORGANISATION),
        names=(distinct if kind else forms)(
            (
                PartyName(name, NameKind.PRIMARY),
                *(PartyName(alias[3], _ALIASES.get(alias[2], NameKind.ALIAS)) for alias in aliases),
                *remarks.aliases(remark),
            )
        ),
        listings=tuple(
            Listing(
                measure,
                citation="; ".join(under),
                url=URLS[blocked],
                start=next((when for what, when in days.items() if programs.started(measure, what)), None),
                excerpt=remark,
            )
            for measure in programs.measures(under, remark, blocked=blocked)
        ),
        countries=countries,
        identifiers=() if kind == "individual" else seated(remarks.numbers(remark), countries),
        relations=remarks.ties(remark),
    )
