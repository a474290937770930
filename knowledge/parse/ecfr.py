"""Reads eCFR XML: parts, sections and appendices in order, with italics where they tell one level from another."""

import re
from collections.abc import Iterator

from lxml import etree

from knowledge.model import Part
from knowledge.parse.cfr import levels
from knowledge.parse.clean import line
from knowledge.parse.paragraph import plain, prescribes, starred
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build

NOTES = frozenset(
    "CITA SECAUTH PARAUTH AUTH SOURCE APPRO EDNOTE FTNT NOTE CROSSREF EFFDNOT EFFDNOTP SEEALSO TNOTE".split()
)
"""Elements that explain the law or say where it comes from."""
TABLES = frozenset({"TABLE", "GPOTABLE"})
_LEFT_OUT = frozenset({"HEAD", "CFRTOC", "HEADER", "AMDDATE", "PRTPAGE", "STARS"})
_GROUPS = frozenset({"EXTRACT", "SECTION", "DIV", "DIV1", "NOTES"})
INLINE = frozenset("E I B SU FR AC XREF A SUP SUB STRONG EM SPAN FTREF PRTPAGE BR".split())
"""What stands within a line; every other element is a line of its own."""
_TITLE = re.compile(r"/title-(\d+)\b")
_WITHIN = re.compile(r" to (?:Part \d+|(Subpart \w+) of Part \d+)$")
_NUMBER = re.compile(r"\d+\.[\w.-]+")
_GUIDING = re.compile(
    r"\b(?:guidance|guidelines?|interpretations?|commentary|examples?|sample|model forms?)\b", re.IGNORECASE
)
_POWER = re.compile(r"(?:(?<![\d.,])10|\b[ckm]?m)\s*$")
"""What a raised number is a power of, ten or a unit of length; else it refers to a footnote."""


def read(root: etree._Element) -> tuple[Parsed, ...]:
    """Parse what the versioner or the bulk files give: a title, a part or a section; one document for each part."""
    title = next((str(one.get("N")) for one in root.iter("DIV1")), "")
    title = title or (root.findtext(".//IDNO[@TYPE='title']") or "").strip() or _titled(root)
    parts = [root] if root.tag == "DIV5" else list(root.iter("DIV5"))
    if not parts:
        return (_part(root, title, ""),)
    return tuple(_part(part, title, str(part.get("N"))) for part in parts)


def _titled(root: etree._Element) -> str:
    """Return the number of the title that an excerpt of the versioner says itself to be from; nothing else names it."""
    said = next(filter(None, (one.get("hierarchy_metadata") for one in root.iter())), "")
    found = _TITLE.search(said)
    return found[1] if found else ""


def _part(node: etree._Element, title: str, number: str) -> Parsed:
    hierarchy = re.match(r"(\d+):", str(node.get("NODE") or ""))
    title = title or (hierarchy[1] if hierarchy else "")
    heading = _heading(node)
    name = f"{title} CFR Part {number}".strip() if number else f"{title} CFR".strip()
    meta: dict[str, object] = {
        "title": f"{name}: {heading}" if heading else name, "short": f"{title} CFR {number}".strip(), "citation": name,
        "kind": "regulation", "jurisdiction": "US", "licence": "US Government work",
    }  # fmt: skip
    if title and number:
        meta |= {"id": f"us:cfr:{title}:{number}", "url": f"https://www.ecfr.gov/current/title-{title}/part-{number}"}
    flags: list[str] = []
    sections = [node] if node.tag in {"DIV8", "DIV9"} else node
    blocks = list(_blocks(sections, flags, number))
    kept = (f"numbering_inconsistent:{','.join(flags)}"[:200],) if flags else ()
    return build(
        blocks, title=str(meta["title"]), meta=meta, prefix=f"{title} CFR".strip(), fragment=number, flags=kept
    )


def _heading(node: etree._Element) -> str:
    head = node.find("HEAD")
    return line(plain(slanted(head))) if head is not None else ""


def _blocks(nodes: etree._Element | list[etree._Element], flags: list[str], part: str) -> Iterator[Block]:
    """Yield headings, sections and appendices, and what stands between them under the number of the part."""
    for child in nodes:
        if not isinstance(child.tag, str) or child.tag in _LEFT_OUT:
            continue
        if child.tag in {"DIV8", "DIV9"}:
            yield from _section(child, flags, part)
        elif child.tag.startswith("DIV"):
            if heading := _heading(child):
                yield Block(Shape.HEADING, heading, int(child.tag[3:]) if child.tag[3:].isdigit() else 1)
            yield from _blocks(child, flags, part)
        elif part:
            for text, kind in rows(child):
                note = Part.NOTE if kind == "NOTE" else Part.BODY
                yield Block(Shape.PARAGRAPH, line(plain(text)), pinpoint=Pinpoint((f"part {part}",), note))


def _section(node: etree._Element, flags: list[str], part: str) -> Iterator[Block]:
    named = _NUMBER.search(str(node.get("N") or ""))
    appendix = node.tag == "DIV9"
    number = line(str(node.get("N"))) if appendix or not named else named[0]
    heading = _heading(node) or number
    yield Block(Shape.HEADING, heading, 8)
    if appendix:  # "Appendix A to Subpart B of Part 604" stands in part 604
        within = _WITHIN.search(number)
        named_there = f"{number[: within.start()]}{f' to {within[1]}' if within[1] else ''}" if within else number
        number = f"part {part} {named_there}".strip()
    found = [row for child in node for row in rows(child)]
    if appendix:
        body = Part.NOTE if guides(heading) else Part.BODY
        yield from (
            Block(
                Shape.PARAGRAPH, line(plain(text)), pinpoint=Pinpoint((number,), Part.NOTE if kind == "NOTE" else body)
            )
            for text, kind in found
        )
    else:
        yield from placed(found, number, flags)


def guides(heading: str) -> bool:
    """Tell by its heading whether an appendix explains a regulation and binds nobody."""
    return _GUIDING.search(heading) is not None


def placed(found: list[tuple[str, str]], number: str, flags: list[str]) -> Iterator[Block]:
    """Yield a section's rows under their paths; one whose numbering does not add up is cited as a whole."""
    law = [text for text, kind in found if kind == "P"]
    known = levels(law, number)
    if known is None:
        flags.append(number)
    places = iter(known or [Pinpoint((number,))] * len(law))
    last = section = Pinpoint((number,))
    for text, kind in found:
        at = Pinpoint((number,), Part.NOTE) if kind == "NOTE" else section
        if kind == "P":
            at = last = next(places)
            at = Pinpoint((number,), Part.PREAMBLE) if prescribes(text) else at
        elif kind == "FP":
            at = _hung(last)
        yield Block(Shape.PARAGRAPH, line(plain(text)), pinpoint=at)


def _hung(last: Pinpoint) -> Pinpoint:
    """Return where flush text after a list stands: at what the list hangs on, at the section where several are open."""
    marks = [element for element in last.path[1:] if element.startswith("(")]
    return Pinpoint(last.path[:-1], last.part, last.term) if len(marks) == 1 else Pinpoint(last.path[:1])


def rows(node: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield an element's lines as (text with italics marked, kind): P, FP, NOTE or ROW."""
    if not isinstance(node.tag, str) or node.tag in _LEFT_OUT:
        return
    if node.tag in TABLES:
        yield from ((" | ".join(cells), "ROW") for cells in _cells(node))
    elif node.tag in NOTES:
        if said := line(slanted(node)):
            yield said, "NOTE"
    elif node.tag in _GROUPS or any(child.tag in TABLES for child in node.iterdescendants()):
        if node.text and node.text.strip():
            yield line(starred(node.text)), "P"
        for child in node:
            yield from rows(child)
            if child.tail and child.tail.strip():
                yield line(starred(child.tail)), "P"
    elif said := line(slanted(node)):
        yield said, "FP" if node.tag.startswith("FP") else "P"


def _cells(table: etree._Element) -> Iterator[list[str]]:
    """Yield a table's rows, its title and notes as rows of one; an empty cell keeps its column."""
    for row in table.iter("TR", "ROW", "tr", "BOXHD", "TTITLE", "TDESC", "TNOTE", "CAPTION"):
        inner = [cell for cell in row if isinstance(cell.tag, str) and cell.tag not in INLINE]
        cells = [line(plain(slanted(cell))) for cell in inner] if inner else [line(plain(slanted(row)))]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield cells


def slanted(node: etree._Element) -> str:
    """Return an element's text in reading order, runs of italics between asterisks.

    A raised number is a power after a figure or a unit and written with ^; it is left out where it refers to a footnote.
    """
    said = starred(node.text or "")
    for child in node:
        if isinstance(child.tag, str) and child.tag not in {"PRTPAGE", "FTREF"}:
            if "\n" in said[len(said.rstrip()) :] and said.rstrip().endswith(("(", "[", "“", "‘")):
                said = said.rstrip()
            said += _inner(child, said)
        said += _tail(child.tail or "")
    return said


def _tail(text: str) -> str:
    """Return what follows a run, without a line break that was put before a mark of punctuation."""
    closes = "\n" in text[: len(text) - len(text.lstrip())] and text.lstrip()[:1] in set("—,.;:)]”’")
    return starred(text.lstrip() if closes else text)


def _inner(child: etree._Element, before: str) -> str:
    """Return what a child adds to a line of which `before` is known."""
    inner = slanted(child)
    kind = child.get("T")
    if str(child.tag).upper() not in INLINE:
        return f" {inner} "
    if child.tag == "BR":
        return " "
    if str(child.tag).upper() in {"SU", "SUP"} or kind == "51":
        return _raised(child, inner, before)
    if (child.tag in {"I", "EM"} or (child.tag == "E" and kind == "03")) and inner.strip():
        start, end = len(inner) - len(inner.lstrip()), len(inner.rstrip())
        return f"{inner[:start]}*{inner.strip()}*{inner[end:]}"
    return inner


def _raised(child: etree._Element, inner: str, before: str) -> str:
    follows = child.getnext()
    refers = follows is not None and follows.tag == "FTREF" and not (child.tail or "").strip()
    if refers or not inner.strip():
        return ""
    if not before.strip():
        return f"{inner} "  # a footnote's own number
    if not inner.strip().lstrip("-−–+")[:1].isdigit():
        return inner
    return f"^{inner.strip()}" if _POWER.search(before) else ""
