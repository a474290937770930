"""Walks the page of an EU act: every paragraph with the article, paragraph and point that it stands in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lxml import html

from knowledge.model import Part
from knowledge.parse.elements import HEADS, beginning, children, clean, contents, heading, kind_of, reach, rows_of, said
from knowledge.parse.marks import DASH, Mark, element, mark, opens_quotation
from knowledge.parse.spot import GROUPS, NUMBER, Found, Spot, announces, moved, pointed
from knowledge.parse.tree import Block, Pinpoint, Shape

_LEVELS = {"prt": 1, "tis": 2, "cpt": 3, "sct": 4, "sbs": 5}
_ARTICLE = 6
_GROUP = 7
_COLUMN = 9
_PARAGRAPH = re.compile(r"(\d{3})\.(\d{3})")
_PRINTER = re.compile(r"ELI: http|ISSN \d")
_CLOSING = re.compile(r"[;.,:’'”\s]+")
_NOTHING = Block(Shape.HEADING, "")


def provisions(root: html.HtmlElement) -> list[Found]:
    """Return the headings and paragraphs of a page in reading order, without what is not seen and marks of footnotes.

    What is put into another act is one paragraph with the words that announce it: its numbers are not this act's.
    """
    found: list[Found] = []
    for block, spot in _walk(root, Spot()):
        before, where = found[-1] if found else (_NOTHING, spot)
        if not spot.pinpoint.path and _PRINTER.match(block.text):
            continue
        if before.shape is Shape.PARAGRAPH and _CLOSING.fullmatch(block.text):
            found[-1] = replace(before, text=before.text + block.text), where
        elif before.pinpoint == block.pinpoint and spot.quotes and block.shape is before.shape is Shape.PARAGRAPH:
            found[-1] = replace(before, text=f"{before.text} {block.text}"), where
        else:
            found.append((block, spot))
    return found


def _walk(parent: html.HtmlElement, spot: Spot) -> Iterator[Found]:
    """Go through an element's contents; its paragraphs, groups and quotations reach to its end."""
    here, words, last = spot, "", 0
    for one in contents(parent):
        if isinstance(one, str):
            words += one
            continue
        if text := clean(words):
            yield from _paragraph(text, here)
            here = replace(here, quotes=here.quotes or announces(text, here))
        words = ""
        text = said(one) if one.tag == "p" else beginning(one)
        if not text:
            continue
        if one.tag == "p":
            here, last = moved(one, text, here, spot, last)
        if opens_quotation(text) and not here.defines and here.pinpoint.path:
            here = replace(here, quotes=True)
        yield from _node(one, here, text)
        here = replace(here, quotes=here.quotes or (one.tag == "p" and announces(text, here)))
    if text := clean(words):
        yield from _paragraph(text, here)


def _node(node: html.HtmlElement, spot: Spot, text: str) -> Iterator[Found]:
    kind = kind_of(node)
    cells = _pair(node)
    if node.tag == "table":
        yield from _grid(node, spot) if "table" in kind.split() else _table(node, spot)
    elif cells:
        yield from _row(cells, spot)
    elif node.tag == "p":
        yield from _leaf(node, kind, text, spot)
    elif kind == "eli-title" and spot.pinpoint.path:
        return
    elif kind == "eli-main-title":
        for part in children(node):
            yield Block(Shape.PARAGRAPH, said(part), pinpoint=Pinpoint(("Title",), Part.PREAMBLE)), spot
    else:
        yield from _division(node, kind, spot, text)


def _pair(node: html.HtmlElement) -> list[html.HtmlElement]:
    """Return mark and content where an element that is no table holds just these, as consolidated texts do."""
    kind = kind_of(node).split()
    if "grid-list" in kind or "enumeration-spacing" in kind:
        cells = children(node)
        return cells if len(cells) == 2 and (mark(said(cells[0])) or DASH.fullmatch(said(cells[0]))) else []
    return []


def _leaf(node: html.HtmlElement, kind: str, text: str, spot: Spot) -> Iterator[Found]:
    pinpoint = spot.pinpoint
    if pinpoint.part is Part.ANNEX and kind.startswith(GROUPS):
        yield Block(Shape.HEADING, text, _GROUP), spot
    elif pinpoint.part is Part.ANNEX and kind.startswith(("doc-ti", "title-annex")) and len(pinpoint.path) == 1:
        yield Block(Shape.HEADING, text, 1 if text.startswith("ANNEX") else _ARTICLE), spot
    elif kind.startswith(HEADS) and (pinpoint.path or not kind.startswith("doc-ti")):
        return
    elif kind in {"note", "footnote"} and not spot.quotes:
        place = replace(pinpoint, path=pinpoint.path[:1] or ("Footnotes",), part=Part.NOTE, term="")
        yield Block(Shape.PARAGRAPH, text, pinpoint=place), spot
    else:
        yield from _walk(node, spot)


def _paragraph(text: str, spot: Spot) -> Iterator[Found]:
    pinpoint = spot.pinpoint if spot.pinpoint.path else Pinpoint(("Preamble",), Part.PREAMBLE)
    yield Block(Shape.PARAGRAPH, text, pinpoint=pinpoint), spot


def _division(node: html.HtmlElement, kind: str, spot: Spot, text: str) -> Iterator[Found]:
    id_ = node.get("id") or ""
    own = id_.rpartition(".")[2]
    number = own.rpartition("_")[2]
    paragraph = _PARAGRAPH.fullmatch(id_)
    bare = not spot.pinpoint.path
    if bare and re.fullmatch(r"art_[\w-]+", id_):
        yield from _article(node, number, spot)
    elif re.fullmatch(r"rct_\d+", id_):
        yield from _walk(node, replace(spot, pinpoint=Pinpoint((f"Recital {number}",), Part.RECITAL)))
    elif bare and re.fullmatch(r"anx_\w+", id_):
        yield from _annex(node, number, spot)
    elif kind == "final":
        yield from _walk(node, replace(spot, pinpoint=Pinpoint(("Signature",), Part.NOTE)))
    elif bare and own[:3] in _LEVELS and "_" in own:
        yield Block(Shape.HEADING, heading(node), _LEVELS[own[:3]]), spot
        chapter = number if own.startswith("cpt_") else spot.chapter
        yield from _walk(node, replace(spot, chapter=chapter, section=number if own.startswith("sct_") else ""))
    elif paragraph and not spot.quotes and spot.pinpoint.path == (f"Art. {int(paragraph[1])}",):
        numbered = NUMBER.match(text)
        yield from _walk(node, spot.below(f"({numbered[1]}{numbered[2]})" if numbered else f"({int(paragraph[2])})"))
    elif (first := children(node)[:1]) and kind_of(first[0]) == "no-parag" and not spot.quotes:
        label = said(first[0])
        yield from _walk(node, spot.below(f"({label.rstrip('.')})") if len(spot.pinpoint.path) == 1 else spot)
    else:
        yield from _walk(node, spot)


def _article(node: html.HtmlElement, number: str, spot: Spot) -> Iterator[Found]:
    named = heading(node)
    if printed := re.match(r"\w+\s(\d{1,3}[a-z]{0,2})\b", named):
        number = printed[1]
    here = replace(spot, pinpoint=Pinpoint((f"Art. {number}",)), defines=bool(re.search(r"\bDefinitions?\b", named)))
    yield Block(Shape.HEADING, named, _ARTICLE), here
    yield from _walk(node, here)


def _annex(node: html.HtmlElement, number: str, spot: Spot) -> Iterator[Found]:
    titles = [one for one in node if isinstance(one.tag, str) and kind_of(one).startswith(("doc-ti", "title-annex"))]
    name = f"Annex {number}" if re.fullmatch(r"[IVXLC]+[A-Za-z]?|\d{1,2}", number) else "Annex"
    yield Block(Shape.HEADING, " ".join(map(said, titles)) or name.upper(), 1), spot
    for title in titles:
        title.drop_tree()
    yield from _walk(node, replace(spot, pinpoint=Pinpoint((name,), Part.ANNEX), chapter="", section=""))


def _table(table: html.HtmlElement, spot: Spot) -> Iterator[Found]:
    """Read the table that a point is printed as: its mark, then what it says; any other table by its rows."""
    quotes = spot.quotes
    for cells in rows_of(table):
        while cells and not said(cells[0]):
            cells.pop(0)
        if len(cells) == 1:
            yield from _walk(cells[0], replace(spot, quotes=quotes))
            continue
        quotes = quotes or bool(cells and opens_quotation(said(cells[0])) and not spot.defines)
        yield from _row(cells, replace(spot, quotes=quotes))


def _row(cells: Sequence[html.HtmlElement], spot: Spot) -> Iterator[Found]:
    if len(cells) == 2:
        label, text = said(cells[0]), said(cells[1])
        found = mark(label)
        if found or DASH.fullmatch(label):
            yield from _marked(cells[1], label, pointed(spot, found, text) if found else spot)
            return
    if words := " | ".join(filter(None, map(said, cells))):
        yield from _paragraph(words, spot)


def _marked(cell: html.HtmlElement, label: str, spot: Spot) -> Iterator[Found]:
    """Yield a cell's content with its mark before the first words, as the page shows it."""
    first = True
    for block, where in _walk(cell, spot):
        if first and block.shape is Shape.PARAGRAPH:
            yield replace(block, text=f"{label} {block.text}"), where
            first = False
        else:
            yield block, where
    if first:
        yield from _paragraph(label, spot)


def _grid(table: html.HtmlElement, spot: Spot) -> Iterator[Found]:
    """Read a table proper: a cell that reaches over several rows heads them, and a point in it is on their path."""
    open_: dict[int, tuple[int, str]] = {}  # column: (rows that its cell still reaches over, element of its point)
    for cells in rows_of(table):
        column, placed = 0, []
        for cell in cells:
            while open_.get(column, (0, ""))[0] > 0:
                column += 1
            placed.append((column, cell))
            column += reach(cell, "colspan")
        last = max((at for at, cell in placed if said(cell)), default=-1)
        for at, cell in placed:
            heads = at < last and (reach(cell, "rowspan") > 1 or _point_of(cell))
            open_[at] = (reach(cell, "rowspan"), _element(_point_of(cell), open_, at, spot) if heads else "")
            if heads and (text := said(cell)):
                yield Block(Shape.HEADING, text, min(_COLUMN + at, 14)), spot
        path = [name for _, (rows, name) in sorted(open_.items()) if rows > 0 and name]
        here = spot.below(*path)
        rest = [
            cell
            for at, cell in placed
            if said(cell) and not (at < last and (reach(cell, "rowspan") > 1 or _point_of(cell)))
        ]
        if len(rest) == 1:
            yield from _walk(rest[0], here)
        elif rest:
            yield from _paragraph(" | ".join(map(said, rest)), here)
        open_ = {at: (rows - 1, name) for at, (rows, name) in open_.items()}


def _point_of(cell: html.HtmlElement) -> Mark | None:
    """Return the mark of a cell that holds one numbered point and nothing else."""
    inner = children(cell)
    if len(inner) != 1 or inner[0].tag != "table":
        return None
    rows = list(rows_of(inner[0]))
    return mark(said(rows[0][0])) if len(rows) == 1 and len(rows[0]) == 2 else None


def _element(found: Mark | None, open_: dict[int, tuple[int, str]], at: int, spot: Spot) -> str:
    if not found or spot.quotes or spot.pinpoint.part is not Part.ANNEX:
        return ""
    above = [name for column, (rows, name) in sorted(open_.items()) if column < at and rows > 0 and name]
    return element((*spot.pinpoint.path, *above), found, annex=True)[-1]
