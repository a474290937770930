"""Reads Federal Register documents: full rules and notices in XML, and the rows of its interface with their abstracts."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from knowledge.model import Part
from knowledge.parse.cfr import levels, plain
from knowledge.parse.clean import line
from knowledge.parse.ecfr import slanted
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build

_NUMBER = re.compile(r"FR Doc\. ([\w-]+)")
_TYPES = {"Rule": "in_force", "Proposed Rule": "proposed"}
_LEFT_OUT = {"PRTPAGE", "FTREF", "SU", "GPOTABLE", "CONTENTS", "BILCOD", "FRDOC", "STARS"}


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
        "status": _TYPES.get(str(row.get("type"))),
    }  # fmt: skip
    return found | {name: value for name, value in optional.items() if value}


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
    blocks = list(_walk(root, ("preamble",), proposed))
    return (build(blocks, title=str(meta["title"]), meta=meta, prefix=short),)


def _walk(node: etree._Element, path: tuple[str, ...], proposed: bool) -> Iterator[Block]:
    for child in node:
        if not isinstance(child.tag, str) or child.tag in _LEFT_OUT:
            continue
        if child.tag == "SECTION":
            yield from _section(child, proposed)
        elif child.tag in {"HD", "SUBJECT"}:
            if said := line(slanted(child).replace("*", "")):
                yield Block(Shape.HEADING, said, _level(child))
        elif child.tag in {"P", "FP", "AMDPAR"} or not len(child):
            if said := line(plain(slanted(child))):
                yield Block(Shape.PARAGRAPH, said, pinpoint=Pinpoint(path, Part.PREAMBLE))
        else:
            yield from _walk(child, ("footnotes",) if child.tag == "FTNT" else path, proposed)


def _section(node: etree._Element, proposed: bool) -> Iterator[Block]:
    number = re.sub(r"[^\d.\w-]", "", (node.findtext("SECTNO") or "").replace("§", "")).strip()
    subject = node.find("SUBJECT")
    title = line(slanted(subject).replace("*", "")) if subject is not None else ""
    yield Block(Shape.HEADING, f"§ {number} {title}".strip(), 6)
    rows = [line(slanted(one)) for one in node.iter("P", "FP") if line(slanted(one))]
    first = f"proposed § {number}" if proposed else f"§ {number}"
    places = levels(rows, first) or [Pinpoint((first,))] * len(rows)
    for text, at in zip(rows, places, strict=True):
        yield Block(Shape.PARAGRAPH, line(plain(text)), pinpoint=at)


def _level(node: etree._Element) -> int:
    found = re.fullmatch(r"HD(\d)", node.get("SOURCE") or "")
    return int(found[1]) + 1 if found else 1
