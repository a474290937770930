"""Reads tables of controls and sections in JSON: NIST CSF, SP 800-171 and SP 800-161, UK GDPR, 23 NYCRR 500."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from knowledge.errors import DocumentRefused
from knowledge.model import Part
from knowledge.parse.clean import line
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build

LONGEST = 20_000
"""Characters of one control's text; what is longer has swallowed the rest of its publication."""
_TAGS = re.compile(r"<[^>]{1,200}>")
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
    active = [row for row in rows if row["status"] == "active"]
    meta: dict[str, object] = {**_NIST, "id": "nist:sp800-171", "title": "NIST SP 800-171: Protecting Controlled Unclassified Information",
            "short": "NIST SP 800-171"}  # fmt: skip
    blocks = _table(active, "requirement_id", "family_name")
    return build(blocks, title=str(meta["title"]), meta=meta, flags=_flags(len(rows) - len(active)))


def _800_161(rows: _Rows) -> Parsed:
    meta: dict[str, object] = {**_NIST, "id": "nist:sp800-161r1", "title": "NIST SP 800-161r1: Cybersecurity Supply Chain Risk Management",
            "short": "NIST SP 800-161r1"}  # fmt: skip
    cut = any(len(row["content"]) > LONGEST for row in rows)
    return build(
        _table(rows, "control_id", "family_name"),
        title=str(meta["title"]),
        meta=meta,
        flags=("truncated",) if cut else (),
    )


def _table(rows: _Rows, key: str, family: str) -> Iterator[Block]:
    last = ""
    for row in rows:
        if row[family] != last:
            last = row[family]
            yield Block(Shape.HEADING, line(last), 1)
        yield Block(Shape.HEADING, f"{row[key]} {line(row['title'])}", 2)
        for text in _paragraphs(row["content"]):
            yield Block(Shape.PARAGRAPH, text, pinpoint=Pinpoint((row[key],)))


def _paragraphs(content: str) -> Iterator[str]:
    """Return a cell's paragraphs without markup; of one that has swallowed more, its own part up to the bound."""
    for part in re.split(
        r"\n+|(?<=[.;:]) - (?=[a-z0-9]{1,2}\. )", content[: LONGEST if len(content) <= LONGEST else 3_000]
    ):
        if text := line(_TAGS.sub("", part)).removeprefix("- "):
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
    """Several paragraphs stand in one line of this table, so only sections are cited."""
    meta: dict[str, object] = {
        "id": "us:nycrr:23:500", "title": "23 NYCRR Part 500 Cybersecurity Requirements for Financial Services Companies",
        "short": "23 NYCRR 500", "citation": "23 NYCRR 500", "kind": "regulation", "jurisdiction": "US",
        "authority": "New York State Department of Financial Services", "status": "in_force",
        "url": "https://www.dfs.ny.gov/industry_guidance/cybersecurity",
    }  # fmt: skip

    def blocks() -> Iterator[Block]:
        for row in rows:
            yield Block(Shape.HEADING, f"Section {row['section']} {line(row['title'])}", 1)
            for text in _paragraphs(row["content"]):
                yield Block(Shape.PARAGRAPH, text, pinpoint=Pinpoint((row["section"],)))

    return build(blocks(), title=str(meta["title"]), meta=meta, prefix="23 NYCRR")


def _natural(section: str) -> tuple[int, str]:
    found = re.match(r"(\d+)(.*)", section)
    return (int(found[1]), found[2]) if found else (0, section)


def _flags(withdrawn: int) -> tuple[str, ...]:
    return (f"withdrawn:{withdrawn}",) if withdrawn else ()


_FORMS: tuple[tuple[set[str], Callable[[_Rows], Parsed]], ...] = (
    ({"Function ID", "Category ID", "Subcategory ID", "Status"}, _csf),
    ({"requirement_id", "family_name", "status", "content"}, _800_171),
    ({"control_id", "family_name", "levels", "content"}, _800_161),
    ({"section", "id", "title", "part", "chapter", "content"}, _uk_gdpr),
    ({"section", "title", "content"}, _nycrr),
)
