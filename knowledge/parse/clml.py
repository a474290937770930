"""Reads UK legislation in CLML: every provision under its number, with the dates from which its text holds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from lxml import etree

from knowledge.model import Part
from knowledge.parse.clean import line
from knowledge.parse.tree import NOWHERE, Block, Parsed, Pinpoint, Shape, build

_SPACES = {
    "dc": "http://purl.org/dc/elements/1.1/", "dct": "http://purl.org/dc/terms/", "ukm": "http://www.legislation.gov.uk/namespaces/metadata",
}  # fmt: skip
_WORDS = {"uksi": "reg. ", "ssi": "reg. ", "wsi": "reg. ", "nisr": "reg. ", "uksro": "reg. ", "eur": "Art. "}
_LEFT_OUT = {
    "Metadata",
    "Commentaries",
    "Contents",
    "CommentaryRef",
    "FootnoteRef",
    "Footnotes",
    "MarginNotes",
    "Resources",
    "Versions",
}
_PROVISIONS = {"P1", "P2", "P3", "P4", "P5", "P6", "P7"}


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where the walk stands: the pinpoint, and what numbers are called here (reg., s., Sch. 2 para.)."""

    pinpoint: Pinpoint
    word: str
    outer: tuple[str, ...] = ()


def read(root: etree._Element) -> tuple[Parsed, ...]:
    """Parse an act or instrument. A provision's start is kept where it is later than the whole text's was made."""
    address = root.get("IdURI") or root.get("DocumentURI") or ""
    found = re.search(r"legislation\.gov\.uk/(?:id/)?(([a-z]+)/(\d{4})/(\d+))", address)
    title = line(root.findtext(".//dc:title", "", _SPACES))
    kind = found[2] if found else ""
    made = root.find(".//ukm:Made", _SPACES)
    made = made if made is not None else root.find(".//ukm:EnactmentDate", _SPACES)
    meta: dict[str, object] = {
        "title": title, "short": _short(title), "citation": _cited(title, found), "kind": "regulation", "jurisdiction": "GB",
        "licence": "Open Government Licence v3.0", "attribution": "Contains public sector information licensed under the Open Government Licence v3.0",
    }  # fmt: skip
    if found:
        meta |= {"id": f"uk:{found[1]}", "url": f"https://www.legislation.gov.uk/{found[1]}"}
    for name, value in (
        ("as_of", root.findtext(".//dct:valid", "", _SPACES)),
        ("published", made.get("Date") if made is not None else ""),
    ):
        if value:
            meta[name] = value
    if any(one.get("Applied") != "true" for one in root.iter(f"{{{_SPACES['ukm']}}}UnappliedEffect")):
        meta["status"] = "amended_since"
    word = _WORDS.get(kind, "s. ")
    blocks = list(_walk(root, _Spot(NOWHERE, word)))
    return (build(blocks, title=title, meta=meta, prefix=str(meta["short"])),)


def _walk(node: etree._Element, spot: _Spot) -> Iterator[Block]:
    for child in node:
        if not isinstance(child.tag, str):
            continue
        name = etree.QName(child).localname
        if name in _LEFT_OUT or etree.QName(child).namespace in {_SPACES["ukm"], _SPACES["dc"], _SPACES["dct"]}:
            continue
        here = replace(spot, pinpoint=_dated(child, spot.pinpoint))
        yield from _element(child, name, here)


def _element(node: etree._Element, name: str, spot: _Spot) -> Iterator[Block]:
    if name in _PROVISIONS:
        yield from _walk(node, _numbered(node, name, spot))
    elif name in {"Part", "Chapter", "Pblock", "PsubBlock", "P1group", "P2group", "Schedule"}:
        number, title = _own(node, "Number"), _own(node, "Title", "TitleBlock")
        if heading := line(f"{number} {title}"):
            yield Block(
                Shape.HEADING,
                heading,
                {"Part": 1, "Schedule": 1, "Chapter": 2, "Pblock": 3, "PsubBlock": 4}.get(name, 5),
            )
        yield from _walk(node, _schedule(number, spot) if name == "Schedule" else spot)
    elif name in {"Number", "Title", "TitleBlock", "Pnumber", "Reference"}:
        return
    elif name in {"Text", "Para", "ListItem"} and not any(
        etree.QName(one).localname in {"Text", *_PROVISIONS, "BlockText"}
        for one in node.iterdescendants()
        if isinstance(one.tag, str)
    ):
        yield from _paragraph(node, spot)
    elif name == "tr":
        cells = [line(_said(cell)) for cell in node]
        if any(cells):
            yield Block(Shape.PARAGRAPH, " | ".join(cell for cell in cells if cell), pinpoint=_placed(spot))
    else:
        yield from _walk(node, spot)


def _paragraph(node: etree._Element, spot: _Spot) -> Iterator[Block]:
    said = line(_said(node))
    if not said:
        return
    pinpoint = _placed(spot)
    mark = _mark(node, pinpoint)
    term = next(
        (line(_said(one)) for one in node.iter() if isinstance(one.tag, str) and etree.QName(one).localname == "Term"),
        "",
    )
    if term and re.match(r"[“\"‘]", said):
        pinpoint = replace(pinpoint, part=Part.DEFINITION, term=term.strip('“”"‘’'))
    yield Block(Shape.PARAGRAPH, f"{mark}{said}", pinpoint=pinpoint)


def _mark(node: etree._Element, pinpoint: Pinpoint) -> str:
    """Return a provision's own number before its first words, as it is printed."""
    above = node.getparent()
    provision = above.getparent() if above is not None else None
    if above is None or provision is None or etree.QName(provision).localname not in _PROVISIONS:
        return ""
    bodies = [one for one in provision if isinstance(one.tag, str) and etree.QName(one).localname != "Pnumber"]
    if provision.find("{*}Pnumber") is None or bodies[:1] != [above] or next(iter(above)) is not node:
        return ""
    last = pinpoint.path[-1] if pinpoint.path else ""
    return f"{last} " if last.startswith("(") else f"{last.rpartition(' ')[2]}. " if last else ""


def _numbered(node: etree._Element, name: str, spot: _Spot) -> _Spot:
    printed = node.find("{*}Pnumber")
    number = line(_said(printed)).strip("().") if printed is not None else ""
    if not number:
        return spot
    path = spot.pinpoint.path
    if name == "P1":
        return replace(spot, pinpoint=replace(spot.pinpoint, path=(*spot.outer, f"{spot.word}{number}")))
    return replace(spot, pinpoint=replace(spot.pinpoint, path=(*path, f"({number})"))) if path else spot


def _schedule(number: str, spot: _Spot) -> _Spot:
    """Open a schedule: its paragraphs are counted anew, and are cited with it."""
    named = re.search(r"\d+[A-Z]*", number)
    outer = (f"Sch. {named[0]}" if named else "Sch.",)
    return _Spot(replace(spot.pinpoint, path=outer, part=Part.ANNEX), "para. ", outer)


def _placed(spot: _Spot) -> Pinpoint:
    return spot.pinpoint if spot.pinpoint.path else replace(spot.pinpoint, path=("preamble",), part=Part.PREAMBLE)


def _dated(node: etree._Element, pinpoint: Pinpoint) -> Pinpoint:
    """Take over the dates between which this text of a provision holds."""
    start, end = node.get("RestrictStartDate"), node.get("RestrictEndDate")
    if start:
        pinpoint = replace(pinpoint, applies_from=date.fromisoformat(start[:10]))
    if end:
        pinpoint = replace(pinpoint, ends_on=date.fromisoformat(end[:10]))
    return pinpoint


def _own(node: etree._Element, *names: str) -> str:
    return " ".join(
        line(_said(one)) for one in node if isinstance(one.tag, str) and etree.QName(one).localname in names
    )


def _said(node: etree._Element) -> str:
    """Return an element's words in reading order without references to commentary."""
    said = node.text or ""
    for child in node:
        if isinstance(child.tag, str) and etree.QName(child).localname not in _LEFT_OUT:
            said += _said(child)
        said += child.tail or ""
    return said


def _short(title: str) -> str:
    """Return a title as it is cited: "NIS Regulations 2018" where it abbreviates itself, else without its article."""
    known = {"The Network and Information Systems Regulations 2018": "NIS Regulations 2018"}
    return known.get(title, title.removeprefix("The "))[:120]


def _cited(title: str, found: re.Match[str] | None) -> str:
    number = f" (SI {found[3]}/{found[4]})" if found and found[2] == "uksi" else ""
    return f"{title.removeprefix('The ')}{number}"[:200]
