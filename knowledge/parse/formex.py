"""Reads an EU act in Formex 4, the publisher's own XML: articles, paragraphs, points, recitals and annexes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lxml import etree

from knowledge.errors import PassedOver
from knowledge.model import Part
from knowledge.parse.acts import act
from knowledge.parse.clean import line
from knowledge.parse.marks import element, mark, term
from knowledge.parse.tree import NOWHERE, Block, Parsed, Pinpoint, Shape, build

_LEFT_OUT = frozenset(("BIB.INSTANCE", "NOTE", "GR.NOTES", "TOC", "PAGE.CONTENTS"))
_BLOCKS = frozenset(
    "ALINEA ANNEX ARTICLE CELL CONSID CONTENTS CORPUS DEFINITION DIVISION DLIST DLIST.ITEM ENACTING.TERMS FINAL GR.CONSID"
    " GR.CONSID.INIT GR.SEQ GR.VISA ITEM LIST NO.P NO.PARAG NP P PARAG PL.DATE PREAMBLE PREAMBLE.FINAL PREAMBLE.INIT"
    " QUOT.S ROW SIGNATORY SIGNATURE STI STI.ART SUBDIV TBL TI TI.ART TITLE TXT VISA FORMULA.S".split()
)
_LEVELS = 5


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where the walk stands: the pinpoint, how many divisions are open, and whether terms are defined."""

    pinpoint: Pinpoint = NOWHERE
    depth: int = 0
    defines: bool = False

    def under(self, path: tuple[str, ...], part: Part) -> "_Spot":
        return replace(self, pinpoint=Pinpoint(path, part))


def read(root: etree._Element) -> tuple[Parsed, ...]:
    """Parse an act; a file with only the notice of one is passed over."""
    title = _said(root.find(".//TITLE"))
    named = act(title)
    blocks = list(_walk(root, _Spot()))
    if not blocks:
        raise PassedOver("this publisher's XML holds no text of an act")
    language = _said(root.find(".//BIB.INSTANCE/LG.DOC")).lower()
    meta = {
        **(named.meta() if named else {"kind": "regulation", "jurisdiction": "EU"}),
        **({"title": title[:500]} if title else {}),
        **({"language": language} if re.fullmatch(r"[a-z]{2}", language) else {}),
    }
    flags = (
        ("formulas_flattened",) if root.find(".//FORMULA") is not None or root.find(".//FORMULA.S") is not None else ()
    )
    return (build(blocks, title=title, meta=meta, prefix=named.short if named else "", flags=flags),)


def _walk(node: etree._Element, spot: _Spot) -> Iterator[Block]:
    """Go through an element's contents: its own words and those of inline elements are paragraphs where it stands."""
    words = node.text or ""
    for child in node:
        if not isinstance(child.tag, str) or child.tag in _LEFT_OUT:
            words += child.tail or ""
        elif child.tag in _BLOCKS:
            yield from _paragraph(words, spot)
            yield from _block(child, spot)
            words = child.tail or ""
        elif any(one.tag in _BLOCKS for one in child.iterdescendants()):
            yield from _paragraph(words, spot)
            yield from _walk(child, spot)
            words = child.tail or ""
        else:
            words += "".join(_texts(child)) + (child.tail or "")
    yield from _paragraph(words, spot)


def _paragraph(words: str, spot: _Spot) -> Iterator[Block]:
    if text := line(words):
        pinpoint = spot.pinpoint if spot.pinpoint.path else Pinpoint(("Preamble",), Part.PREAMBLE)
        yield Block(Shape.PARAGRAPH, text, pinpoint=pinpoint)


def _block(node: etree._Element, spot: _Spot) -> Iterator[Block]:
    """Read an element by its name; what is put into another act is one paragraph: its numbers are not this act's."""
    name = node.tag
    if name == "QUOT.S":
        yield from _paragraph(_said(node), spot)
    elif name == "ROW":
        yield from _paragraph(" | ".join(filter(None, map(_said, node))), spot)
    elif name in {"NP", "PARAG"}:
        yield from _numbered(node, spot)
    elif name == "CONSID":
        number = re.search(r"\d+[a-z]?", _said(node.find(".//NO.P")))
        path = (f"Recital {number[0]}",) if number else ("Preamble",)
        yield from _walk(node, spot.under(path, Part.RECITAL if number else Part.PREAMBLE))
    elif name not in _PLACES:
        yield from _walk(node, spot)
    else:
        yield from _PLACES[name](node, spot)


def _division(node: etree._Element, spot: _Spot) -> Iterator[Block]:
    if text := _said(node.find("TITLE")):
        yield Block(Shape.HEADING, text, min(spot.depth + 1, _LEVELS))
    yield from _rest(node, replace(spot, depth=spot.depth + 1), {"TITLE"})


def _article(node: etree._Element, spot: _Spot) -> Iterator[Block]:
    printed, title = _said(node.find("TI.ART")), _said(node.find("STI.ART"))
    number = re.search(r"\d+ ?[a-z]{0,2}\b", printed)
    here = spot.under((f"Art. {number[0].replace(' ', '')}",), Part.BODY) if number else spot
    yield Block(Shape.HEADING, f"{printed} {title}".strip(), _LEVELS + 1)
    defines = re.search(r"\bDefinitions?\b|\bBegriffsbestimmung", title) is not None
    yield from _rest(node, replace(here, defines=defines), {"TI.ART", "STI.ART"})


def _annex(node: etree._Element, spot: _Spot) -> Iterator[Block]:
    title = _said(node.find("TITLE"))
    number = re.match(r"\w+ ([IVXLC]+|\d{1,2})\b", title)
    yield Block(Shape.HEADING, title or "ANNEX", 1)
    yield from _rest(node, spot.under((f"Annex {number[1]}" if number else "Annex",), Part.ANNEX), {"TITLE"})


def _title(node: etree._Element, spot: _Spot) -> Iterator[Block]:
    yield from _walk(node, spot if spot.pinpoint.path else spot.under(("Title",), Part.PREAMBLE))


def _final(node: etree._Element, spot: _Spot) -> Iterator[Block]:
    yield from _walk(node, spot.under(("Signature",), Part.NOTE))


_PLACES = {"DIVISION": _division, "ARTICLE": _article, "ANNEX": _annex, "TITLE": _title, "FINAL": _final}


def _rest(node: etree._Element, spot: _Spot, read_before: set[str]) -> Iterator[Block]:
    """Go through an element's children but those that its heading was made of."""
    for child in node:
        if isinstance(child.tag, str) and child.tag not in read_before | _LEFT_OUT:
            yield from _block(child, spot) if child.tag in _BLOCKS else _walk(child, spot)
        yield from _paragraph(child.tail or "", spot)


def _numbered(node: etree._Element, spot: _Spot) -> Iterator[Block]:
    """Yield a numbered part with its number before its first words, as it is printed."""
    label = _said(node.find("NO.P") if node.tag == "NP" else node.find("NO.PARAG"))
    found = mark(label)
    here = spot
    if found and not found.quoted and spot.pinpoint.path and spot.pinpoint.part not in {Part.RECITAL, Part.NOTE}:
        path = element(spot.pinpoint.path, found, annex=spot.pinpoint.part is Part.ANNEX)
        here = replace(spot, pinpoint=replace(spot.pinpoint, path=path))
        defined = term(_said(node.find("TXT"))) if spot.defines and spot.pinpoint.part is Part.BODY else ""
        if defined:
            here = replace(here, pinpoint=replace(here.pinpoint, part=Part.DEFINITION, term=defined))
    first = bool(label)
    for block in _rest(node, here, {"NO.P", "NO.PARAG"}):
        yield replace(block, text=f"{label} {block.text}") if first else block
        first = False
    if first:
        yield from _paragraph(label, here)


def _said(node: etree._Element | None) -> str:
    return line("".join(_texts(node))) if node is not None else ""


def _texts(node: etree._Element) -> Iterator[str]:
    if node.tag in {"QUOT.START", "QUOT.END"} and re.fullmatch(r"[0-9A-Fa-f]{4}", node.get("CODE") or ""):
        yield chr(int(node.get("CODE") or "", 16))  # the sign itself is only told by its number
    if node.tag in {"EXPONENT", "EXPR"} or (node.tag == "HT" and node.get("TYPE") == "SUP"):
        yield "^" if (node.tag != "EXPR" and (node.text or "").strip()[:1].isdigit()) else ""
    yield node.text or ""
    for child in node:
        if isinstance(child.tag, str) and child.tag not in _LEFT_OUT:
            apart = " " if child.tag in _BLOCKS else ""
            yield apart
            yield from _texts(child)
            yield apart
        yield child.tail or ""
