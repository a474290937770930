"""Reads Federal Register documents: full rules and notices in XML, and the rows of its interface with their abstracts."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from knowledge.model import Part
from knowledge.parse.clean import line
from knowledge.parse.ecfr import INLINE, NOTES, TABLES, placed, rows, slanted
from knowledge.parse.paragraph import plain
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build

_NUMBER = re.compile(r"FR Doc\. ([\w-]+)")
_LEFT_OUT = {"PRTPAGE", "FTREF", "SU", "CONTENTS", "BILCOD", "FRDOC", "STARS"}
_SECTION = re.compile(r"§?[\s\u2009]*(\d+[\w.-]*\d[\w-]*)\.?")
_STARS = re.compile(r"\*(?:\s*\*){2,}")


def knows(row: Any) -> bool:
    """Tell whether a JSON value is a document of the Federal Register's interface."""
    return isinstance(row, dict) and {"document_number", "publication_date", "title"} <= row.keys()


def read_row(row: Mapping[str, Any]) -> Parsed:
    """Parse a row: its title and abstract, a summary of the document and not its text."""
    number = str(row["document_number"])
    known = facts(row)
    meta = {**known, "id": f"{known['id']}:abstract", "wording": "summary"}
    blocks = [Block(Shape.HEADING, line(str(row["title"])), 1)]
    said = filter(None, (line(str(row.get(name) or "")) for name in ("abstract", "action", "dates")))
    blocks += [Block(Shape.PARAGRAPH, text, pinpoint=Pinpoint(("abstract",))) for text in said]
    if len(blocks) == 1:
        blocks.append(Block(Shape.PARAGRAPH, line(str(row["title"])), pinpoint=Pinpoint(("title",))))
    return build(blocks, title=line(str(row["title"])), meta=meta, prefix=f"FR Doc. {number}", fragment=number)


def read_one(row: Mapping[str, Any]) -> tuple[Parsed, ...]:
    """Parse a file that holds one such document."""
    return (read_row(row),)


def facts(row: Mapping[str, Any]) -> dict[str, object]:
    """Return what the interface says of a document, for its abstract as for its full text."""
    number, day = str(row["document_number"]), str(row["publication_date"])
    # Numbers were given twice before 2016 (shared notes on sources, 2b).
    id_ = f"us:fr:{number}" if day >= "2016" else f"us:fr:{number}:{day}"
    agencies = [
        str(one.get("name") or one.get("raw_name") or "") for one in row.get("agencies") or () if isinstance(one, dict)
    ]
    found: dict[str, object] = {
        "id": id_, "title": line(str(row["title"]))[:500], "short": f"FR Doc. {number}", "citation": str(row.get("citation") or f"FR Doc. {number}"),
        "kind": "guidance", "jurisdiction": "US", "published": day, "licence": "US Government work",
    }  # fmt: skip
    optional = {
        "url": row.get("html_url"), "authority": ", ".join(filter(None, agencies))[:300], "in_force_from": row.get("effective_on"),
        "status": _status(row),
    }  # fmt: skip
    return found | {name: value for name, value in optional.items() if value}


def _status(row: Mapping[str, Any]) -> str:
    """Return what a document was on the day of its publication; a rule that takes effect later is in force when it does."""
    if row.get("type") == "Proposed Rule":
        return "proposed"
    effective = str(row.get("effective_on") or "9999")
    return "in_force" if row.get("type") == "Rule" and effective <= str(row["publication_date"]) else ""


def read(root: etree._Element) -> tuple[Parsed, ...]:
    """Parse a full document; its preamble explains, its proposed or final text is cited by section."""
    subject = line(" ".join(root.findtext(".//PREAMB/SUBJECT", "").split()))
    number = _NUMBER.search(" ".join("".join(one.itertext()) for one in root.iter("FRDOC")))
    proposed = root.tag == "PRORULE"
    short = f"FR Doc. {number[1]}" if number else subject[:80]
    meta: dict[str, object] = {
        "title": subject[:500] or short, "short": short, "kind": "guidance" if proposed or root.tag == "NOTICE" else "regulation",
        "jurisdiction": "US", "licence": "US Government work",
        "authority": line(" ".join(root.findtext(".//PREAMB/AGENCY", "").split()))[:300],
    }  # fmt: skip
    if number:
        meta["id"] = f"us:fr:{number[1]}"
    if proposed:
        meta["status"] = "proposed"
    flags: list[str] = []
    blocks = list(_walk(root, ("preamble",), flags, proposed=proposed))
    kept = (f"numbering_inconsistent:{','.join(flags)}"[:200],) if flags else ()
    return (build(blocks, title=str(meta["title"]), meta=meta, prefix=short, flags=kept),)


def _walk(node: etree._Element, path: tuple[str, ...], flags: list[str], *, proposed: bool) -> Iterator[Block]:
    for child in node:
        if not isinstance(child.tag, str) or child.tag in _LEFT_OUT:
            continue
        if child.tag == "SECTION":
            yield from _section(child, flags, proposed=proposed)
        elif child.tag in {"HD", "SUBJECT"}:
            if said := line(plain(slanted(child))):
                yield Block(Shape.HEADING, said, _level(child))
        elif child.tag in NOTES or child.tag in TABLES or not _holds_lines(child):
            for text, _ in rows(child):
                at = ("footnotes",) if child.tag == "FTNT" else path
                yield Block(Shape.PARAGRAPH, line(plain(text)), pinpoint=Pinpoint(at, Part.PREAMBLE))
        else:
            if child.tag == "REGTEXT":
                yield Block(Shape.HEADING, f"{child.get('TITLE')} CFR part {child.get('PART')}", 1)
            yield from _walk(child, path, flags, proposed=proposed)


def _holds_lines(node: etree._Element) -> bool:
    """Tell whether an element is made of lines, and has no words of its own."""
    said = (node.text or "").strip() or any((child.tail or "").strip() for child in node)
    return not said and any(isinstance(child.tag, str) and child.tag not in INLINE for child in node)


def _section(node: etree._Element, flags: list[str], *, proposed: bool) -> Iterator[Block]:
    """Yield a section under its number; where lines are left out of it, no count of its paragraphs can be trusted."""
    said = line(node.findtext("SECTNO") or "")
    one = _SECTION.fullmatch(said)
    number = one[1] if one else said.lstrip("§ \u2009")
    subject = node.find("SUBJECT")
    title = line(plain(slanted(subject))) if subject is not None else ""
    yield Block(Shape.HEADING, f"§ {number} {title}".strip(), 6)
    first = f"proposed § {number}" if proposed else f"§ {number}"
    found = [row for child in node if child.tag not in {"SECTNO", "SUBJECT"} for row in rows(child)]
    if next(node.iter("STARS"), None) is None and not any(_STARS.fullmatch(plain(text)) for text, _ in found):
        yield from placed(found, first, flags)
        return
    flags.append(first)
    for text, kind in found:
        part = Part.NOTE if kind == "NOTE" else Part.BODY
        yield Block(Shape.PARAGRAPH, line(plain(text)), pinpoint=Pinpoint((first,), part))


def _level(node: etree._Element) -> int:
    found = re.fullmatch(r"HD(\d)", node.get("SOURCE") or "")
    return int(found[1]) + 1 if found else 1
