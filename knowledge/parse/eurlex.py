"""Reads an EU act from the Official Journal's XHTML by its ELI ids: every point keeps its article, paragraph and letter."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from lxml import html

from knowledge.model import Part
from knowledge.parse.acts import Act, act
from knowledge.parse.application import Application, application
from knowledge.parse.clean import line
from knowledge.parse.tree import NOWHERE, Block, Parsed, Pinpoint, Shape, build

_KNOWN = re.compile(r'id="art_\d+"')
_MARKER = re.compile(
    r"\((?P<inner>\d{1,3}[a-z]{0,2}|[a-z]{1,5}|[A-Z]{1,2})\)|(?P<number>\d{1,3}[a-z]?)\.|(?P<letter>[a-zA-Z])\)"
)
_DASH = re.compile(r"[—–\-•]")
_PARAGRAPH = re.compile(r"\d{3}\.(\d{3})")
_NUMBER = re.compile(r"(\d{1,3}[a-z]?)\.\s")
_TERM = re.compile(r"\(\d+[a-z]*\) [‘'“\"]([^’'”\"]{1,120})[’'”\"]")
_LEVELS = {"prt": 1, "tis": 2, "cpt": 3, "sct": 4, "sbs": 5}
_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_ARTICLE = 6


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where the walk stands: the pinpoint, the chapter and section around it, and whether definitions are listed."""

    pinpoint: Pinpoint = NOWHERE
    chapter: str = ""
    section: str = ""
    defines: bool = False

    def at(self, *path: str) -> "_Spot":
        return replace(self, pinpoint=replace(self.pinpoint, path=path))

    def below(self, element: str) -> "_Spot":
        return self.at(*self.pinpoint.path, element)


_Found = tuple[Block, _Spot]


def knows(text: str) -> bool:
    """Tell whether a page carries the ELI ids of an act."""
    return "eli-subdivision" in text and _KNOWN.search(text) is not None


def read(text: str) -> Parsed:
    """Parse an act; its dates of application stand on the provisions where its last article gives them their own."""
    root = html.fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))
    for mark in root.xpath("//a[contains(@href, '#ntr')]"):
        mark.drop_tree()
    head = [line(one.text_content()) for one in root.xpath("//div[contains(@class, 'eli-main-title')]//p")]
    title = " ".join(head)
    named = act(title)
    body = root.body
    found = [one for one in _walk(root if body is None else body, _Spot()) if one[0].text]
    published = _published(root)
    dates = application(_last_article(found), published)
    blocks = [_dated(block, spot, dates) for block, spot in found]
    meta = _meta(named, title, published, dates)
    return build(blocks, title=title, meta=meta, prefix=named.short if named else "", flags=_flags(named, blocks))


def _walk(parent: html.HtmlElement, spot: _Spot) -> Iterator[_Found]:
    """Go through an element's children in order; text within a quotation of another act is not told apart further."""
    quoted = False
    for node in parent:
        if not isinstance(node.tag, str) or node.tag in {"script", "style", "hr", "col", "colgroup"}:
            continue
        text = line(node.text_content())
        if not text:
            continue
        quoted = quoted or text.startswith("‘")
        if quoted and spot.pinpoint.path and not spot.defines and spot.pinpoint.part is Part.BODY:
            yield from _plain(node, spot)
        else:
            yield from _node(node, spot, text)
        if re.search(r"’[;.,]?(?: and| or)?$", text):
            quoted = False


def _node(node: html.HtmlElement, spot: _Spot, text: str) -> Iterator[_Found]:
    id_ = node.get("id") or ""
    kind = node.get("class") or ""
    if node.tag == "p":
        yield from _paragraph(kind, text, spot)
    elif node.tag == "table":
        yield from _table(node, spot)
    elif kind == "eli-title" and spot.pinpoint.path:
        return
    elif kind == "eli-main-title":
        for part in node.iter("p"):
            yield Block(Shape.PARAGRAPH, line(part.text_content()), pinpoint=Pinpoint(("Title",), Part.PREAMBLE)), spot
    else:
        yield from _division(node, id_, kind, spot, text)


def _paragraph(kind: str, text: str, spot: _Spot) -> Iterator[_Found]:
    if kind.startswith(("oj-ti-art", "oj-ti-section", "oj-ti-annex")) or _MARKER.fullmatch(text):
        return
    pinpoint = spot.pinpoint
    if kind == "oj-note":
        pinpoint = replace(pinpoint, path=pinpoint.path[:1] or ("Footnotes",), part=Part.NOTE)
    elif not pinpoint.path:
        pinpoint = Pinpoint(("Preamble",), Part.PREAMBLE)
    elif kind.startswith("oj-ti-grseq") and pinpoint.part is Part.ANNEX:
        yield Block(Shape.HEADING, text, _ARTICLE + 1), spot
        return
    yield Block(Shape.PARAGRAPH, text, pinpoint=pinpoint), spot


def _division(node: html.HtmlElement, id_: str, kind: str, spot: _Spot, text: str) -> Iterator[_Found]:
    level = _LEVELS.get(id_.rpartition(".")[2][:3], 0) if "." not in id_ or "_" in id_.rpartition(".")[2] else 0
    number = id_.rpartition("_")[2]
    if re.fullmatch(r"art_[\w-]+", id_):
        yield from _article(node, number, spot)
    elif re.fullmatch(r"rct_\d+", id_):
        yield from _walk(node, replace(spot, pinpoint=Pinpoint((f"Recital {number}",), Part.RECITAL)))
    elif re.fullmatch(r"anx_[\w]+", id_):
        yield from _annex(node, number, spot)
    elif paragraph := _PARAGRAPH.fullmatch(id_):
        said = _NUMBER.match(text)
        yield from _walk(node, spot.below(f"({said[1] if said else int(paragraph[1])})"))
    elif kind == "oj-final":
        yield from _walk(node, replace(spot, pinpoint=Pinpoint(("Signature",), Part.NOTE)))
    elif level and not spot.pinpoint.path:
        yield Block(Shape.HEADING, _heading(node), level), spot
        chapter = number if "cpt_" in id_.rpartition(".")[2] else spot.chapter
        section = number if "sct_" in id_.rpartition(".")[2] else ""
        yield from _walk(node, replace(spot, chapter=chapter, section=section))
    elif kind != "eli-title":
        yield from _walk(node, spot)


def _article(node: html.HtmlElement, number: str, spot: _Spot) -> Iterator[_Found]:
    heading = _heading(node)
    defines = bool(re.search(r"\bDefinitions?\b", heading))
    here = replace(spot, pinpoint=Pinpoint((f"Art. {number}",)), defines=defines)
    yield Block(Shape.HEADING, heading, _ARTICLE), here
    yield from _walk(node, here)


def _annex(node: html.HtmlElement, number: str, spot: _Spot) -> Iterator[_Found]:
    titles = node.xpath("./p[@class='oj-doc-ti']")
    yield Block(Shape.HEADING, " ".join(line(one.text_content()) for one in titles) or f"ANNEX {number}", 1), spot
    for title in titles:
        title.drop_tree()
    yield from _walk(node, replace(spot, pinpoint=Pinpoint((f"Annex {number}",), Part.ANNEX), chapter="", section=""))


def _heading(node: html.HtmlElement) -> str:
    """Return the number and title of a chapter or article: its own first lines, without those of what it holds."""
    own = ("oj-ti-art", "oj-ti-section")
    lines = [
        line(child.text_content())
        for child in node
        if child.get("class") == "eli-title" or (child.tag == "p" and (child.get("class") or "").startswith(own))
    ]
    return " ".join(filter(None, lines))


def _table(node: html.HtmlElement, spot: _Spot) -> Iterator[_Found]:
    for row in node.xpath("./tr | ./tbody/tr | ./thead/tr"):
        cells = row.xpath("./td | ./th")
        said = [line(cell.text_content()) for cell in cells]
        marker = _MARKER.fullmatch(said[0]) if len(cells) == 2 else None
        if marker and said[1]:
            yield from _point(cells[1], said[0], marker, spot)
        elif len(cells) == 2 and _DASH.fullmatch(said[0]) and said[1]:
            yield from _marked(cells[1], said[0], spot)
        elif any(said):
            # A table proper: its cells in order, since a point cannot be told from a column.
            yield Block(Shape.PARAGRAPH, " | ".join(filter(None, said)), pinpoint=spot.pinpoint), spot


def _point(cell: html.HtmlElement, said: str, marker: re.Match[str], spot: _Spot) -> Iterator[_Found]:
    path, part = spot.pinpoint.path, spot.pinpoint.part
    inner = marker["inner"] or marker["number"] or marker["letter"]
    if part is Part.RECITAL and len(path) == 1:
        element = None
    elif part is Part.ANNEX and len(path) == 1 and inner[0].isdigit():
        element = f"point {inner}"
    else:
        element = f"({inner})"
    below = spot.below(element) if element and path else spot
    if spot.defines and len(path) <= 2 and inner[0].isdigit():
        term = _TERM.match(f"{said} {line(cell.text_content())}")
        pinpoint = replace(below.pinpoint, part=Part.DEFINITION, term=term[1] if term else "")
        below = replace(below, pinpoint=pinpoint)
    yield from _marked(cell, said, below)


def _marked(cell: html.HtmlElement, said: str, spot: _Spot) -> Iterator[_Found]:
    """Yield a cell's content with its mark before the first words, as the page shows it."""
    first = True
    for block, where in _walk(cell, spot) if len(cell) else _plain(cell, spot):
        if first and block.shape is Shape.PARAGRAPH:
            yield replace(block, text=f"{said} {block.text}"), where
            first = False
        else:
            yield block, where


def _plain(node: html.HtmlElement, spot: _Spot) -> Iterator[_Found]:
    """Yield the paragraphs below a node, all at one place: coarser, never wrong."""
    paragraphs = [node] if node.tag == "p" else list(node.iter("p")) or [node]
    for one in paragraphs:
        text = line(one.text_content())
        if text:
            yield Block(Shape.PARAGRAPH, text, pinpoint=spot.pinpoint), spot


def _last_article(found: list[_Found]) -> str:
    """Return the text of the articles on transposition, entry into force and application."""
    titles = ("entry into force", "application", "transposition")
    wanted: set[str] = set()
    for block, spot in found:
        if block.shape is Shape.HEADING and any(word in block.text.lower() for word in titles):
            wanted |= set(spot.pinpoint.path[:1])
    return "\n".join(
        block.text for block, spot in found
        if block.shape is Shape.PARAGRAPH and spot.pinpoint.path[:1] and spot.pinpoint.path[0] in wanted
    )  # fmt: skip


def _dated(block: Block, spot: _Spot, dates: Application) -> Block:
    path = block.pinpoint.path
    if not path or not path[0].startswith("Art. ") or not path[0][5:].isdigit():
        return block
    paragraph = int(path[1][1:-1]) if len(path) > 1 and path[1][1:-1].isdigit() else 0
    own = dates.of(spot.chapter, spot.section, int(path[0][5:]), paragraph)
    return replace(block, pinpoint=replace(block.pinpoint, applies_from=own)) if own else block


def _published(root: html.HtmlElement) -> date | None:
    for node in root.xpath("//*[contains(@class, 'oj-hd-date')]"):
        if found := _DATE.search(node.text_content()):
            return date(int(found[3]), int(found[2]), int(found[1]))
    return None


def _meta(named: Act | None, title: str, published: date | None, dates: Application) -> dict[str, object]:
    facts = {
        "title": title[:500] or None, "published": published, "in_force_from": dates.in_force_from,
        "applies_from": dates.applies_from, "transposition_by": dates.transposition_by,
    }  # fmt: skip
    known = named.meta() if named else {"kind": "regulation", "jurisdiction": "EU"}
    return {**known, **{name: value for name, value in facts.items() if value}}


def _flags(named: Act | None, blocks: list[Block]) -> tuple[str, ...]:
    """Tell where the act has other numbers of articles, recitals or annexes than are known to stand in it."""
    if named is None:
        return ("act_unknown",)
    firsts = {block.pinpoint.path[0] for block in blocks if block.pinpoint.path}
    kinds = (
        ("Art. ", named.articles, "article_count"),
        ("Recital ", named.recitals, "recital_count"),
        ("Annex ", named.annexes, "annex_count"),
    )
    return tuple(
        flag for start, expected, flag in kinds
        if expected is not None and sum(first.startswith(start) for first in firsts) != expected
    )  # fmt: skip
