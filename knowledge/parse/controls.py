"""Reads tables of controls and sections in JSON: NIST CSF, SP 800-171 and SP 800-161, UK GDPR, 23 NYCRR 500."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from knowledge.errors import DocumentRefused
from knowledge.model import Part
from knowledge.parse.cfr import levels
from knowledge.parse.clean import line
from knowledge.parse.paragraph import plain
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build
from knowledge.parse.written import unmarked

_HEADING = re.compile(r"(?:^|\s)#{1,6} +")
_OWN = re.compile(r"DISCUSSION|REFERENCES|Control|Level\(s\)|\(\d+\)|[A-Z][^.|]{2,80}\|")
"""How a heading within a control begins; any other is of the publication that the cell has swallowed."""
_NEXT = re.compile(r"(?:\s|<[^<>]{1,100}>)*\*\*(?P<name>\d\d\.\d\d\.\d\d) (?P<title>[^*]{2,100})\*\*")
"""How a requirement begins that stands in the cell of the one before it."""
_NOTES = {"DISCUSSION": "Discussion", "REFERENCES": "References"}
_ITEM = re.compile(r"\n+|(?:^|\s)- (?=(?:\([a-z0-9]{1,4}\)|\d{1,2}\.|[a-z]{1,3}\.)\s)")
_FIRST = re.compile(r"\A([^()]*:) (?=\(a\) )")
"""Where the first item of a list runs on from the words that open the section."""
_FORM = re.compile(r"\s\|(?:\s*\||\s*:?-{3,})")
"""Where a table begins in a cell of a regulation that has none: the forms behind its last section."""
_NIST: dict[str, object] = {
    "jurisdiction": "US",
    "authority": "NIST",
    "kind": "guidance",
    "licence": "US Government work",
    "status": "in_force",
}

_Rows = Sequence[dict[str, Any]]


def knows(value: Any) -> bool:
    """Tell whether a JSON value is one of the tables: a list of rows with the columns of one of them."""
    return _reader(value) is not None


def read(value: Any) -> tuple[Parsed, ...]:
    """Parse a table; withdrawn rows are left out and counted in the flags."""
    reader = _reader(value)
    if reader is None:
        raise DocumentRefused("this table of controls is of no form that is read")
    return (reader(value),)


def _reader(value: Any) -> Callable[[_Rows], Parsed] | None:
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        return None
    return next((reader for columns, reader in _FORMS if columns <= value[0].keys()), None)


def _csf(rows: _Rows) -> Parsed:
    active = [row for row in rows if row["Status"] == "Active"]
    meta: dict[str, object] = {
        **_NIST,
        "id": "nist:csf:2.0",
        "title": "NIST Cybersecurity Framework (CSF) 2.0",
        "short": "NIST CSF 2.0",
        "version": "2.0",
    }
    return build(_csf_blocks(active), title=str(meta["title"]), meta=meta, flags=_flags(len(rows) - len(active)))


def _csf_blocks(rows: _Rows) -> Iterator[Block]:
    function = category = ""
    for row in rows:
        if row["Function ID"] != function:
            function = row["Function ID"]
            yield Block(Shape.HEADING, line(row["Function Name"]), 1)
            yield Block(Shape.PARAGRAPH, line(row["Function Description"]), pinpoint=Pinpoint((function,)))
        if row["Category ID"] != category:
            category = row["Category ID"]
            yield Block(Shape.HEADING, line(row["Category Name"]), 2)
            yield Block(Shape.PARAGRAPH, line(row["Category Description"]), pinpoint=Pinpoint((category,)))
        yield Block(Shape.PARAGRAPH, line(row["Subcategory"]), pinpoint=Pinpoint((row["Subcategory ID"],)))
        for example in re.split(r"\n+", row.get("Implementation Examples") or ""):
            if text := line(example):
                yield Block(Shape.PARAGRAPH, text, pinpoint=Pinpoint((row["Subcategory ID"], "examples"), Part.NOTE))


def _800_171(rows: _Rows) -> Parsed:
    """Read the requirements; those of the third revision are numbered in pairs of digits."""
    active = [row for row in rows if row["status"] == "active"]
    revised = all(re.fullmatch(r"\d\d\.\d\d\.\d\d", row["requirement_id"]) for row in rows)
    meta: dict[str, object] = {**_NIST, "id": "nist:sp800-171", "title": "NIST SP 800-171: Protecting Controlled Unclassified Information",
            "short": "NIST SP 800-171r3" if revised else "NIST SP 800-171"}  # fmt: skip
    flags: list[str] = []
    blocks = list(_table(active, "requirement_id", "family_name", flags))
    return build(
        blocks, title=str(meta["title"]), meta=meta, flags=(*_flags(len(rows) - len(active)), *_swallowed(flags))
    )


def _800_161(rows: _Rows) -> Parsed:
    meta: dict[str, object] = {**_NIST, "id": "nist:sp800-161r1", "title": "NIST SP 800-161r1: Cybersecurity Supply Chain Risk Management",
            "short": "NIST SP 800-161r1"}  # fmt: skip
    flags: list[str] = []
    blocks = list(_table(rows, "control_id", "family_name", flags))
    return build(blocks, title=str(meta["title"]), meta=meta, flags=_swallowed(flags))


def _table(rows: _Rows, key: str, family: str, flags: list[str]) -> Iterator[Block]:
    last = ""
    for row in rows:
        if row[family] != last:
            last = row[family]
            yield Block(Shape.HEADING, line(last), 1)
        yield Block(Shape.HEADING, f"{row[key]} {line(row['title'])}", 2)
        yield from _control(row[key], row["content"], flags)


def _control(name: str, content: str, flags: list[str]) -> Iterator[Block]:
    """Yield a control's own text, and what discusses it as notes, up to where the rest of its publication begins."""
    here, swallowed = Pinpoint((name,)), False
    for number, written in enumerate(_HEADING.split(content)):
        said = line(unmarked(written))
        note = next((title for word, title in _NOTES.items() if said.startswith(word)), "")
        following = _NEXT.match(written)
        if following:
            here, swallowed = Pinpoint((following["name"],)), False
            yield Block(Shape.HEADING, f"{following['name']} {line(following['title'])}", 2)
        elif number and not _OWN.match(said):
            flags.append(name)
            swallowed = True
        if swallowed:
            continue
        here = Pinpoint((here.path[0], note), Part.NOTE) if note else here
        body = written[following.end() :] if following else unmarked(written).strip()[len(note) :]
        for text in _paragraphs(body):
            yield Block(Shape.PARAGRAPH, text, pinpoint=here)


def _paragraphs(content: str) -> Iterator[str]:
    """Return a cell's paragraphs without markup, each item of its lists as one."""
    for part in _ITEM.split(unmarked(content)):
        if text := line(part or "").removeprefix("- "):
            yield text


def _uk_gdpr(rows: _Rows) -> Parsed:
    """Markers are glued to the words in this table, so only articles are cited."""
    meta: dict[str, object] = {
        "id": "uk:eur/2016/679", "title": "UK General Data Protection Regulation (Regulation (EU) 2016/679 as it forms part of UK law)",
        "short": "UK GDPR", "citation": "UK GDPR", "kind": "regulation", "jurisdiction": "GB", "authority": "UK Parliament",
        "url": "https://www.legislation.gov.uk/eur/2016/679", "licence": "Open Government Licence v3.0", "status": "in_force",
        "attribution": "Contains public sector information licensed under the Open Government Licence v3.0",
    }  # fmt: skip

    def blocks() -> Iterator[Block]:
        for row in sorted(rows, key=lambda row: _natural(row["section"])):
            yield Block(Shape.HEADING, f"Article {row['section']} {line(row['title'])}", 1)
            for text in _paragraphs(row["content"]):
                yield Block(Shape.PARAGRAPH, text, pinpoint=Pinpoint((f"Art. {row['section']}",)))

    return build(blocks(), title=str(meta["title"]), meta=meta, flags=("numbering_inconsistent",))


def _nycrr(rows: _Rows) -> Parsed:
    """Read the sections; a table that says nothing of its date does not say that its text is in force.

    Words that follow a list run on from its last item in this table, so paragraphs are cited and their lists are not.
    """
    meta: dict[str, object] = {
        "id": "us:nycrr:23:500", "title": "23 NYCRR Part 500 Cybersecurity Requirements for Financial Services Companies",
        "short": "23 NYCRR 500", "citation": "23 NYCRR 500", "kind": "regulation", "jurisdiction": "US",
        "authority": "New York State Department of Financial Services",
        "url": "https://www.dfs.ny.gov/industry_guidance/cybersecurity",
    }  # fmt: skip
    return build(
        [block for row in rows for block in _nycrr_section(row)], title=str(meta["title"]), meta=meta, prefix="23 NYCRR"
    )


def _nycrr_section(row: dict[str, Any]) -> Iterator[Block]:
    number = row["section"]
    yield Block(Shape.HEADING, f"Section {number} {line(row['title'])}", 1)
    form = _FORM.search(row["content"])
    law, forms = (row["content"][: form.start()], row["content"][form.start() :]) if form else (row["content"], "")
    items = _ITEM.split(_FIRST.sub(r"\1\n", unmarked(law, italics=True), count=1))
    marked = [line(item) for item in items if line(item or "")]
    places = levels(marked, number) or [Pinpoint((number,))] * len(marked)
    for path, group in groupby(zip(marked, places, strict=True), key=lambda pair: pair[1].path[:2]):
        together = list(group)
        text = line(plain(" ".join(one for one, _ in together)))
        yield Block(Shape.PARAGRAPH, text, pinpoint=replace(together[0][1], path=path))
    for text in re.split(r"\s*\|[\s|:-]*", unmarked(forms)):
        if any(map(str.isalnum, text)):
            at = Pinpoint((f"Part {number.split('.')[0]} forms",), Part.NOTE)
            yield Block(Shape.PARAGRAPH, line(text), pinpoint=at)


def _natural(section: str) -> tuple[int, str]:
    found = re.match(r"(\d+)(.*)", section)
    return (int(found[1]), found[2]) if found else (0, section)


def _swallowed(rows: Sequence[str]) -> tuple[str, ...]:
    return (f"tail_swallowed:{','.join(dict.fromkeys(rows))}"[:200],) if rows else ()


def _flags(withdrawn: int) -> tuple[str, ...]:
    return (f"withdrawn:{withdrawn}",) if withdrawn else ()


_FORMS: tuple[tuple[set[str], Callable[[_Rows], Parsed]], ...] = (
    ({"Function ID", "Category ID", "Subcategory ID", "Status"}, _csf),
    ({"requirement_id", "family_name", "status", "content"}, _800_171),
    ({"control_id", "family_name", "levels", "content"}, _800_161),
    ({"section", "id", "title", "part", "chapter", "content"}, _uk_gdpr),
    ({"section", "title", "content"}, _nycrr),
)
