"""Reads an EU act in Formex 4, the publisher's own XML: articles, paragraphs, points, recitals and annexes."""

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from knowledge.errors import PassedOver
from knowledge.model import Part
from knowledge.parse.acts import act
from knowledge.parse.clean import line
from knowledge.parse.tree import NOWHERE, Block, Parsed, Pinpoint, Shape, build

_LEFT_OUT = {"BIB.INSTANCE", "NOTE", "TOC", "PAGE.CONTENTS"}
_BARE = {"TITLE", "TI.ART", "STI.ART", "NO.PARAG", "NO.P", "TI", "STI"}


def read(root: etree._Element) -> tuple[Parsed, ...]:
    """Parse an act; a file with only the notice of one is passed over."""
    title = _own(root, ".//TITLE")
    named = act(title)
    blocks = list(_walk(root, NOWHERE))
    if not blocks:
        raise PassedOver("this publisher's XML holds no text of an act")
    meta = {
        **(named.meta() if named else {"kind": "regulation", "jurisdiction": "EU"}),
        **({"title": title[:500]} if title else {}),
    }
    return (build(blocks, title=title, meta=meta, prefix=named.short if named else ""),)


def _walk(node: etree._Element, at: Pinpoint) -> Iterator[Block]:
    for child in node:
        if not isinstance(child.tag, str) or child.tag in _LEFT_OUT or child.tag in _BARE:
            continue
        yield from _element(child, at)


def _element(node: etree._Element, at: Pinpoint) -> Iterator[Block]:  # noqa: C901 - one branch for each element
    if node.tag == "ARTICLE":
        number = re.search(r"(\d+[a-z]?)", _own(node, "TI.ART"))
        here = Pinpoint((f"Art. {number[1]}",)) if number else at
        yield Block(Shape.HEADING, f"{_own(node, 'TI.ART')} {_own(node, 'STI.ART')}".strip(), 6)
        yield from _walk(node, here)
    elif node.tag == "CONSID":
        number = re.search(r"\d+", _own(node, ".//NO.P"))
        here = Pinpoint((f"Recital {number[0]}" if number else "Preamble",), Part.RECITAL if number else Part.PREAMBLE)
        yield Block(Shape.PARAGRAPH, line(_said(node)), pinpoint=here)
    elif node.tag == "PARAG":
        yield from _marked(node, "NO.PARAG", at)
    elif node.tag == "NP":
        yield from _marked(node, "NO.P", at)
    elif node.tag == "DIVISION":
        if heading := _own(node, "TITLE"):
            yield Block(Shape.HEADING, heading, 1)
        yield from _walk(node, at)
    elif node.tag in {"P", "TXT", "ALINEA"} and not any(
        one.tag in {"LIST", "P", "NP", "ALINEA"} for one in node.iterdescendants()
    ):
        if said := line(_said(node)):
            yield Block(Shape.PARAGRAPH, said, pinpoint=at if at.path else Pinpoint(("Preamble",), Part.PREAMBLE))
    elif node.tag == "ROW":
        cells = [line(_said(cell)) for cell in node]
        if any(cells):
            yield Block(
                Shape.PARAGRAPH,
                " | ".join(filter(None, cells)),
                pinpoint=at if at.path else Pinpoint(("Annex",), Part.ANNEX),
            )
    else:
        yield from _walk(node, at)


def _marked(node: etree._Element, name: str, at: Pinpoint) -> Iterator[Block]:
    """Yield a numbered part with its number before its first words, as it is printed."""
    mark = _own(node, name)
    inner = re.fullmatch(r"\(?(\d{1,3}[a-z]?|[a-z]{1,5})[.)]*", mark)
    here = replace(at, path=(*at.path, f"({inner[1]})")) if inner and at.path else at
    first = True
    for block in _walk(node, here):
        yield replace(block, text=f"{mark} {block.text}") if first and mark else block
        first = False


def _own(node: etree._Element, name: str) -> str:
    found = node.find(name)
    return line(_said(found)) if found is not None else ""


def _said(node: etree._Element) -> str:
    return "".join(_texts(node))


def _texts(node: etree._Element) -> Iterator[str]:
    yield node.text or ""
    for child in node:
        if isinstance(child.tag, str) and child.tag != "NOTE":
            yield from _texts(child)
            if child.tag in {"NO.P", "NO.PARAG", "TI", "STI", "P"}:
                yield " "
        yield child.tail or ""
