"""Walks the page of an EU act: every paragraph with the article, paragraph and point that it stands in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lxml import html

from knowledge.model import Part
from knowledge.parse.clean import line
from knowledge.parse.marks import DASH, Mark, element, mark, opens_quotation, term
from knowledge.parse.tree import NOWHERE, Block, Pinpoint, Shape

_LEVELS = {"prt": 1, "tis": 2, "cpt": 3, "sct": 4, "sbs": 5}
_ARTICLE = 6
_GROUP = 7
_COLUMN = 9
_ENOUGH = 300
"""Characters that tell whether a part begins with a number or a quotation."""
_BLOCKS = frozenset(
    "p div table tbody thead tfoot tr td th ul ol li dl dt dd h1 h2 h3 h4 h5 h6 section article main body blockquote hr"
    " header footer".split()
)
_SILENT = frozenset(
    "script style noscript template iframe object svg canvas button select textarea nav col colgroup head".split()
)
_NOTE_MARK = re.compile(r"#(?:ntr|E\d)")
"""Where a footnote's mark leads to: in the Official Journal, in a consolidated text."""
_EDITORIAL = re.compile(r"[▼►]\s?[A-Z]\d*\s?|[▼►◄▲]")
"""The arrows by which a consolidated text tells whose words these are; they are no words of the law."""
_CHROME = {"TOC", "TOCSidebarWrapper"}
_HEADS = (
    "ti-art",
    "sti-art",
    "ti-section",
    "title-division",
    "title-article",
    "stitle-article",
    "title-annex",
    "doc-ti",
)
_GROUPS = ("ti-grseq", "title-gr-seq")
_PARAGRAPH = re.compile(r"(\d{3})\.(\d{3})")
_NUMBER = re.compile(r"(\d{1,3})([a-z]{0,2})\.\s")
_DIVISION = re.compile(r"(Section|Part|Module|Appendix|Chapter|Title) ([A-Z]{1,5}|\d{1,3})\b", re.IGNORECASE)
_NUMBERED = re.compile(r"(\d{1,3}(?:\.\d{1,3})*)\.?\s")
_ANNEX = re.compile(r"ANNEX(?: ([IVXLC]+[A-Za-z]?|\d+))?")
_PRINTER = re.compile(r"ELI: http|ISSN \d")
_CLOSING = re.compile(r"[;.,:’'”\s]+")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the walk stands: the pinpoint, the chapter and section around it, and what is listed or quoted there.

    `defines` where an article lists definitions, `quotes` within words that are put into another act.
    """

    pinpoint: Pinpoint = NOWHERE
    chapter: str = ""
    section: str = ""
    defines: bool = False
    quotes: bool = False

    def at(self, *path: str) -> "Spot":
        """Return the same place under another path."""
        return replace(self, pinpoint=replace(self.pinpoint, path=path))

    def below(self, *elements: str) -> "Spot":
        """Return the place one element deeper."""
        return self.at(*self.pinpoint.path, *elements)


Found = tuple[Block, Spot]
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


def said(node: html.HtmlElement) -> str:
    """Return the words of an element as one line, a blank between its blocks."""
    return _clean("".join(_texts(node)))


def _beginning(node: html.HtmlElement) -> str:
    """Return the first words of an element, which tell what it is; all of them would be read again at every level."""
    text = ""
    for piece in _texts(node):
        text = (text + piece).lstrip()[: 2 * _ENOUGH]
        if len(text) > _ENOUGH:
            break
    return _clean(text)


def heading(node: html.HtmlElement) -> str:
    """Return the number and title of a chapter or article: its own first lines, without those of what it holds."""
    own = [child for child in _children(node) if _kind(child) == "eli-title" or _kind(child).startswith(_HEADS)]
    return " ".join(filter(None, map(said, own)))


def _clean(text: str) -> str:
    return re.sub(r" (?=[,;.](?:\s|$))", "", line(_EDITORIAL.sub("", text)))


def _kind(node: html.HtmlElement) -> str:
    """Return an element's class; old and new pages differ by a prefix."""
    return (node.get("class") or "").strip().removeprefix("oj-")


def _seen(node: html.HtmlElement) -> bool:
    return (
        isinstance(node.tag, str)
        and node.tag not in _SILENT
        and node.get("hidden") is None
        and node.get("aria-hidden") != "true"
        and node.get("id") not in _CHROME
        and not (kind := _kind(node)).startswith("hd-")
        and kind not in {"modref", "arrow"}
        and not (node.tag == "a" and _NOTE_MARK.search(node.get("href") or ""))
    )


def _children(node: html.HtmlElement) -> list[html.HtmlElement]:
    return [child for child in node if _seen(child)]


def _texts(node: html.HtmlElement) -> Iterator[str]:
    raised = node.tag == "sup" or "super" in _kind(node)
    if raised and (node.text or "").strip()[:1].isdigit() and not any(one.tag == "a" for one in node.iterancestors()):
        yield "^"  # 10 to the twenty-fifth must not be read as 1025
    yield node.text or ""
    for child in node:
        if _seen(child):
            apart = child.tag in _BLOCKS or child.tag == "br"
            yield " " if apart else ""
            yield from _texts(child)
            yield " " if apart else ""
        yield child.tail or ""


def _contents(node: html.HtmlElement) -> Iterator[str | html.HtmlElement]:
    """Return what an element holds, in order: its own words, those of inline elements, and its blocks as elements."""
    yield node.text or ""
    for child in node:
        if _seen(child):
            if child.tag in _BLOCKS:
                yield child
            elif any(one.tag in _BLOCKS for one in child.iterdescendants()):
                yield from _contents(child)
            else:
                yield " " if child.tag == "br" else "".join(_texts(child))
        yield child.tail or ""


def _walk(parent: html.HtmlElement, spot: Spot) -> Iterator[Found]:
    """Go through an element's contents; its paragraphs, groups and quotations reach to its end."""
    here, words, last = spot, "", 0
    for one in _contents(parent):
        if isinstance(one, str):
            words += one
            continue
        if text := _clean(words):
            yield from _paragraph(text, here)
            here = replace(here, quotes=here.quotes or _announces(text, here))
        words = ""
        text = said(one) if one.tag == "p" else _beginning(one)
        if not text:
            continue
        if one.tag == "p":
            here, last = _moved(one, text, here, spot, last)
        if opens_quotation(text) and not here.defines and here.pinpoint.path:
            here = replace(here, quotes=True)
        yield from _node(one, here, text)
        here = replace(here, quotes=here.quotes or (one.tag == "p" and _announces(text, here)))
    if text := _clean(words):
        yield from _paragraph(text, here)


def _announces(text: str, spot: Spot) -> bool:
    """Tell whether what follows is text for another act: no number in it is one of this act."""
    return bool(spot.pinpoint.path) and re.search(r"\b(?:added|inserted|replaced)\b[^:.;]{0,80}:$", text) is not None


def _moved(node: html.HtmlElement, text: str, here: Spot, base: Spot, last: int) -> tuple[Spot, int]:
    """Return where a paragraph stands that says it itself: by its number, or as the heading of a group or an annex."""
    kind, path = _kind(node), base.pinpoint.path
    if kind.startswith(_GROUPS) and base.pinpoint.part is Part.ANNEX and not here.quotes:
        return _grouped(text, here, base), last
    annex = _ANNEX.fullmatch(text)
    if annex and kind.startswith(("doc-ti", "title-annex")) and not path:
        name = f"Annex {annex[1]}" if annex[1] else "Annex"
        return replace(base, pinpoint=Pinpoint((name,), Part.ANNEX), chapter="", section=""), last
    numbered = _NUMBER.match(text)
    if numbered and len(path) == 1 and base.pinpoint.part is Part.BODY and not here.quotes:
        number = int(numbered[1])
        if number == last + 1 or (number == last and numbered[2]):
            return base.below(f"({numbered[1]}{numbered[2]})"), number
    return here, last


def _grouped(text: str, here: Spot, base: Spot) -> Spot:
    """Return the place below a heading within an annex: a section, a numbered point, or the section as before."""
    path = base.pinpoint.path
    division, number = _DIVISION.match(text), _NUMBERED.match(text)
    if division:
        return base.below(f"{division[1].title()} {division[2]}")
    kept = [one for one in here.pinpoint.path[len(path) :] if not one.startswith("point ")]
    return base.below(*kept, *([f"point {number[1]}"] if number else []))


def _node(node: html.HtmlElement, spot: Spot, text: str) -> Iterator[Found]:
    kind = _kind(node)
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
        for part in _children(node):
            yield Block(Shape.PARAGRAPH, said(part), pinpoint=Pinpoint(("Title",), Part.PREAMBLE)), spot
    else:
        yield from _division(node, kind, spot, text)


def _pair(node: html.HtmlElement) -> list[html.HtmlElement]:
    """Return mark and content where an element that is no table holds just these, as consolidated texts do."""
    kind = _kind(node).split()
    if "grid-list" in kind or "enumeration-spacing" in kind:
        cells = _children(node)
        return cells if len(cells) == 2 and (mark(said(cells[0])) or DASH.fullmatch(said(cells[0]))) else []
    return []


def _leaf(node: html.HtmlElement, kind: str, text: str, spot: Spot) -> Iterator[Found]:
    pinpoint = spot.pinpoint
    if pinpoint.part is Part.ANNEX and kind.startswith(_GROUPS):
        yield Block(Shape.HEADING, text, _GROUP), spot
    elif pinpoint.part is Part.ANNEX and kind.startswith(("doc-ti", "title-annex")) and len(pinpoint.path) == 1:
        yield Block(Shape.HEADING, text, 1 if text.startswith("ANNEX") else _ARTICLE), spot
    elif kind.startswith(_HEADS) and (pinpoint.path or not kind.startswith("doc-ti")):
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
        numbered = _NUMBER.match(text)
        yield from _walk(node, spot.below(f"({numbered[1]}{numbered[2]})" if numbered else f"({int(paragraph[2])})"))
    elif (first := _children(node)[:1]) and _kind(first[0]) == "no-parag" and not spot.quotes:
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
    titles = [one for one in node if isinstance(one.tag, str) and _kind(one).startswith(("doc-ti", "title-annex"))]
    name = f"Annex {number}" if re.fullmatch(r"[IVXLC]+[A-Za-z]?|\d{1,2}", number) else "Annex"
    yield Block(Shape.HEADING, " ".join(map(said, titles)) or name.upper(), 1), spot
    for title in titles:
        title.drop_tree()
    yield from _walk(node, replace(spot, pinpoint=Pinpoint((name,), Part.ANNEX), chapter="", section=""))


def _rows(table: html.HtmlElement) -> Iterator[list[html.HtmlElement]]:
    for row in table.xpath("./tr | ./tbody/tr | ./thead/tr | ./tfoot/tr"):
        if _seen(row):
            yield [cell for cell in row if _seen(cell) and cell.tag in {"td", "th"}]


def _table(table: html.HtmlElement, spot: Spot) -> Iterator[Found]:
    """Read the table that a point is printed as: its mark, then what it says; any other table by its rows."""
    quotes = spot.quotes
    for cells in _rows(table):
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
            yield from _marked(cells[1], label, _pointed(spot, found, text) if found else spot)
            return
    if words := " | ".join(filter(None, map(said, cells))):
        yield from _paragraph(words, spot)


def _pointed(spot: Spot, found: Mark, text: str) -> Spot:
    """Return the place of a point: below the one around it, the same within quotations and for a recital's own number."""
    pinpoint = spot.pinpoint
    if spot.quotes or not pinpoint.path or pinpoint.part in {Part.RECITAL, Part.NOTE, Part.PREAMBLE}:
        return spot
    below = spot.at(*element(pinpoint.path, found, annex=pinpoint.part is Part.ANNEX))
    defined = term(text) if spot.defines and pinpoint.part is Part.BODY else ""
    return replace(below, pinpoint=replace(below.pinpoint, part=Part.DEFINITION, term=defined)) if defined else below


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
    for cells in _rows(table):
        column, placed = 0, []
        for cell in cells:
            while open_.get(column, (0, ""))[0] > 0:
                column += 1
            placed.append((column, cell))
            column += _span(cell, "colspan")
        last = max((at for at, cell in placed if said(cell)), default=-1)
        for at, cell in placed:
            heads = at < last and (_span(cell, "rowspan") > 1 or _point_of(cell))
            open_[at] = (_span(cell, "rowspan"), _element(_point_of(cell), open_, at, spot) if heads else "")
            if heads and (text := said(cell)):
                yield Block(Shape.HEADING, text, min(_COLUMN + at, 14)), spot
        path = [name for _, (rows, name) in sorted(open_.items()) if rows > 0 and name]
        here = spot.below(*path)
        rest = [
            cell
            for at, cell in placed
            if said(cell) and not (at < last and (_span(cell, "rowspan") > 1 or _point_of(cell)))
        ]
        if len(rest) == 1:
            yield from _walk(rest[0], here)
        elif rest:
            yield from _paragraph(" | ".join(map(said, rest)), here)
        open_ = {at: (rows - 1, name) for at, (rows, name) in open_.items()}


def _span(cell: html.HtmlElement, name: str) -> int:
    told = (cell.get(name) or "1").strip()
    return min(int(told), 1000) if told.isdecimal() and int(told) > 0 else 1


def _point_of(cell: html.HtmlElement) -> Mark | None:
    """Return the mark of a cell that holds one numbered point and nothing else."""
    inner = _children(cell)
    if len(inner) != 1 or inner[0].tag != "table":
        return None
    rows = list(_rows(inner[0]))
    return mark(said(rows[0][0])) if len(rows) == 1 and len(rows[0]) == 2 else None


def _element(found: Mark | None, open_: dict[int, tuple[int, str]], at: int, spot: Spot) -> str:
    if not found or spot.quotes or spot.pinpoint.part is not Part.ANNEX:
        return ""
    above = [name for column, (rows, name) in sorted(open_.items()) if column < at and rows > 0 and name]
    return element((*spot.pinpoint.path, *above), found, annex=True)[-1]
