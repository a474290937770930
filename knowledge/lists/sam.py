"""Reads the public extract of SAM exclusions, whose columns are found by name since their spelling differs between editions.

Unverified until a first live run: no sample of the extract was at hand, only its description.
"""

import re
from hashlib import sha256

from knowledge.errors import ListRefused
from knowledge.lists.content import Content, day, single, table, unpacked
from knowledge.lists.countries import codes
from knowledge.lists.identifiers import number
from knowledge.lists.naming import distinct
from knowledge.party import Listing, ListRead, NameKind, Party, PartyKind, PartyName, Relation

URL = "https://sam.gov/data-services/Exclusions/Public%20V2"

_COLUMNS = {
    "classification": ("classification", "classificationtype"),
    "name": ("name", "firmname", "entityname"),
    "country": ("country", "countrycode"),
    "uei": ("uniqueentityid", "uei", "ueisam"),
    "program": ("exclusionprogram",),
    "agency": ("excludingagency", "excludingagencyname"),
    "kind": ("exclusiontype",),
    "start": ("activedate", "activationdate"),
    "end": ("terminationdate",),
    "status": ("recordstatus",),
    "other": ("crossreference",),
    "number": ("samnumber",),
    "cage": ("cage", "cagecode"),
}
_MORE = {"duns": ("duns",), "code": ("ctcode",), "comments": ("additionalcomments", "comments")}
_PARTS = ("prefix", "first", "middle", "last", "suffix")
_KINDS = {"individual": PartyKind.PERSON, "vessel": PartyKind.VESSEL}
_DATED = re.compile(r"(?<=_)\d{5}(?=\.)")
_DAYS = ("%m/%d/%Y", "%Y-%m-%d", "%m-%d-%Y")

_Row = dict[str, str]


def read(content: Content) -> ListRead:
    """Read the extract, as CSV or in its archive; records that SAM calls inactive are left out and counted.

    The day of the list is that in the file's name, SAM_Exclusions_Public_Extract_V2_YYDDD, where it came with one.
    """
    found = table(unpacked(single(content), ".csv"), ())
    dated = None if isinstance(content, bytes) else _DATED.search(next(iter(content)))
    named = {"".join(filter(str.isalnum, column.lower())): column for column in found[0]}
    places = {ours: next((named[theirs] for theirs in names if theirs in named), "") for ours, names in (_COLUMNS | _MORE).items()}  # fmt: skip
    if missing := [ours for ours in _COLUMNS if not places[ours]]:
        raise ListRefused(f"no column is known for {', '.join(missing)}, so the format has changed")
    parties: dict[str, Party] = {}
    skipped: dict[str, int] = {}
    for row in found:
        ours = {name: row.get(column, "") for name, column in places.items()}
        party = _party(
            ours, ours["name"] or " ".join(filter(None, (row.get(named.get(part, ""), "") for part in _PARTS)))
        )
        if reason := _left_out(ours, party, parties):
            skipped[reason] = skipped.get(reason, 0) + 1
        else:
            parties[party.ref] = party
    return ListRead(
        "us.sam-exclusions", tuple(parties.values()), len(found), day(dated[0], "%y%j") if dated else None, skipped
    )


def _left_out(row: _Row, party: Party, parties: dict[str, Party]) -> str:
    if row["status"].lower() == "inactive":
        return "inactive"
    if not party.names:
        return "no name"
    return "the same record twice" if party.ref in parties else ""


def _party(row: _Row, name: str) -> Party:
    words = sha256("\n".join((name, row["program"], row["start"], row["country"])).encode()).hexdigest()[:24]
    kind = _KINDS.get(row["classification"].lower(), PartyKind.ORGANISATION)
    numbers = (number(scheme, row[scheme]) for scheme in ("uei", "cage", "duns"))
    told = (row["program"], row["kind"], row["comments"])
    return Party(
        row["number"] or words,
        kind,
        distinct((PartyName(name, NameKind.PRIMARY),)),
        (
            Listing(
                "sam-exclusion",
                citation=" ".join(filter(None, (row["agency"], row["code"]))),
                url=URL,
                start=day(row["start"], *_DAYS),
                end=day(row["end"], *_DAYS),
                excerpt="\n".join(filter(None, told)),
            ),
        ),
        codes((row["country"],)),
        tuple(filter(None, numbers)),
        (Relation(row["other"], "linked"),) if row["other"] else (),
    )
