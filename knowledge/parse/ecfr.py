"""Reads eCFR XML: parts, sections and appendices in order, with italics where they tell one level from another."""

import re
from collections.abc import Iterator

from lxml import etree

from knowledge.model import Part
from knowledge.parse.cfr import levels, plain
from knowledge.parse.clean import line
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build

_NOTES = {"CITA", "SECAUTH", "AUTH", "SOURCE", "EDNOTE", "FTNT", "NOTE", "CROSSREF", "EFFDNOT"}
_LEFT_OUT = {"HEAD", "CFRTOC", "HEADER", "AMDDATE", "PRTPAGE"}
_NUMBER = re.compile(r"\d+\.[\w.-]+")


def read(root: etree._Element) -> tuple[Parsed, ...]:
    """Parse what the versioner or the bulk files give: a title, a part or a section; one document for each part."""
    title = next((str(one.get("N")) for one in root.iter("DIV1")), "")
    title = title or (root.findtext(".//IDNO[@TYPE='title']") or "").strip()
    parts = [root] if root.tag == "DIV5" else list(root.iter("DIV5"))
    if not parts:
        return (_part(root, title, ""),)
    return tuple(_part(part, title, str(part.get("N"))) for part in parts)


def _part(node: etree._Element, title: str, number: str) -> Parsed:
    hierarchy = re.match(r"(\d+):", str(node.get("NODE") or ""))
    title = title or (hierarchy[1] if hierarchy else "")
    heading = line(node.findtext("HEAD") or "")
    name = f"{title} CFR Part {number}".strip() if number else f"{title} CFR".strip()
    meta: dict[str, object] = {
        "title": f"{name}: {heading}" if heading else name, "short": f"{title} CFR {number}".strip(), "citation": name,
        "kind": "regulation", "jurisdiction": "US", "licence": "US Government work",
    }  # fmt: skip
    if title and number:
        meta |= {"id": f"us:cfr:{title}:{number}", "url": f"https://www.ecfr.gov/current/title-{title}/part-{number}"}
    flags: list[str] = []
    blocks = list(_blocks(node, flags, number))
    kept = (f"numbering_inconsistent:{','.join(flags)}"[:200],) if flags else ()
    return build(
        blocks, title=str(meta["title"]), meta=meta, prefix=f"{title} CFR".strip(), fragment=number, flags=kept
    )


def _blocks(node: etree._Element, flags: list[str], part: str) -> Iterator[Block]:
    for child in node:
        if child.tag in {"DIV8", "DIV9"}:
            yield from _section(child, flags, part)
        elif isinstance(child.tag, str) and child.tag.startswith("DIV"):
            head = child.find("HEAD")
            if heading := line("".join(head.itertext())) if head is not None else "":
                yield Block(Shape.HEADING, heading, int(child.tag[3:]) if child.tag[3:].isdigit() else 1)
            yield from _blocks(child, flags, part)
        elif child.tag in _NOTES and (said := line(" ".join(child.itertext()))):
            yield Block(Shape.PARAGRAPH, said, pinpoint=Pinpoint((f"part {part}",), Part.NOTE))


def _section(node: etree._Element, flags: list[str], part: str) -> Iterator[Block]:
    named = _NUMBER.search(str(node.get("N") or ""))
    appendix = node.tag == "DIV9"
    number = line(str(node.get("N"))) if appendix or not named else named[0]
    head = node.find("HEAD")
    yield Block(Shape.HEADING, line("".join(head.itertext())) if head is not None else number, 8)
    number = f"part {part} {number}" if appendix else number
    rows = list(_rows(node))
    law = [text for text, kind in rows if kind == "P"]
    found = None if appendix else levels(law, number)
    if found is None and not appendix:
        flags.append(number)
    places = iter(found or [Pinpoint((number,))] * len(law))
    last = Pinpoint((number,))
    for text, kind in rows:
        if kind == "P":
            last = next(places)
            yield Block(Shape.PARAGRAPH, line(plain(text)), pinpoint=last)
        elif kind == "FP":  # flush text after a list belongs to what the list hangs on
            yield Block(
                Shape.PARAGRAPH, line(plain(text)), pinpoint=Pinpoint(last.path[:-1] or (number,), last.part, last.term)
            )
        else:
            yield Block(
                Shape.PARAGRAPH,
                line(plain(text)),
                pinpoint=Pinpoint((number,), Part.NOTE if kind == "NOTE" else Part.BODY),
            )


def _rows(node: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield (text with italics marked, kind): P, FP, NOTE or ROW."""
    for child in node:
        if not isinstance(child.tag, str) or child.tag in _LEFT_OUT:
            continue
        if child.tag in _NOTES:
            kind = "NOTE"
        elif child.tag.startswith("FP"):
            kind = "FP"
        elif child.tag in {"TABLE", "GPOTABLE", "DIV"}:
            yield from ((" | ".join(cells), "ROW") for cells in _cells(child))
            continue
        elif child.tag in {"EXTRACT", "SECTION"}:
            yield from _rows(child)
            continue
        else:
            kind = "P"
        if said := line(slanted(child)):
            yield said, kind


def _cells(table: etree._Element) -> Iterator[list[str]]:
    for row in table.iter("TR", "ROW", "tr"):
        cells = [line(" ".join(cell.itertext())) for cell in row if isinstance(cell.tag, str)]
        if any(cells):
            yield [cell for cell in cells if cell]


def slanted(node: etree._Element) -> str:
    """Return an element's text in reading order, runs of italics between asterisks."""
    said = (node.text or "").replace("*", "∗")
    for child in node:
        if isinstance(child.tag, str) and child.tag not in {"PRTPAGE", "SU", "FTREF"}:
            inner = slanted(child)
            italic = child.tag == "I" or (child.tag == "E" and child.get("T") == "03")
            said += f"*{inner.strip()}*" + (" " if inner.endswith(" ") else "") if italic and inner.strip() else inner
        said += (child.tail or "").replace("*", "∗")
    return said
