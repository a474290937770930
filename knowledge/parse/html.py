"""Reads a web page into a unit tree: its main text, nothing hidden, nothing active."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from knowledge.parse.clean import line
from knowledge.parse.tree import Block, Parsed, Shape, build

_DROPPED = (
    "script, style, template, noscript, iframe, object, embed, svg, canvas, form, button, select, textarea, nav, header,"
    " footer, aside, dialog, figure > img, [hidden], [aria-hidden=true], [role=navigation], [role=banner], [role=search]"
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])|font-size\s*:\s*0(?![.\d])", re.IGNORECASE
)
_BLOCKS = {"p", "li", "blockquote", "td", "th", "dt", "dd", "pre", "caption", "figcaption"}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_DATES = ("article:published_time", "date", "dc.date", "dcterms.issued", "publish-date")


def read(text: str) -> Parsed:
    """Parse HTML; `meta` keeps title, url, language and date where the page declares them."""
    page = LexborHTMLParser(text)
    meta = _declared(page)
    named = page.css_first("title")
    title = line(named.text()) if named else ""
    for node in page.css(_DROPPED):
        node.decompose()
    for node in page.css("[style]"):
        if _HIDDEN.search(node.attributes.get("style") or ""):
            node.decompose()
    main = page.css_first("main, article, [role=main]") or page.body
    blocks = list(_blocks(main)) if main else []
    heading = next((block.text for block in blocks if block.shape is Shape.HEADING and block.level == 1), "")
    return build(blocks, title=heading or title, meta=meta)


def _declared(page: LexborHTMLParser) -> dict[str, object]:
    meta: dict[str, object] = {}
    for node in page.css("meta"):
        name = (node.attributes.get("property") or node.attributes.get("name") or "").lower()
        content = node.attributes.get("content") or ""
        if name in _DATES and re.match(r"\d{4}-\d{2}-\d{2}", content):
            meta.setdefault("published", content[:10])
    canonical = page.css_first("link[rel=canonical]")
    if canonical and re.match(r"https?://", canonical.attributes.get("href") or ""):
        meta["url"] = canonical.attributes["href"]
    root = page.css_first("html")
    if root and root.attributes.get("lang"):
        meta["language"] = str(root.attributes["lang"])[:2].lower()
    return meta


def _blocks(main: LexborNode) -> Iterator[Block]:
    """Walk the tree in reading order, gathering loose text between block elements into paragraphs."""
    loose: list[str] = []
    for node in main.traverse(include_text=True):
        tag = node.tag
        if tag == "-text":
            if not _within_block(node, main):
                loose.append(node.text(deep=False))
            continue
        if (
            tag in _HEADINGS
            or tag in _BLOCKS
            or tag in {"div", "section", "br", "table", "ul", "ol", "article", "main"}
        ):
            if text := line(" ".join(loose)):
                yield Block(Shape.PARAGRAPH, text)
            loose.clear()
        if tag in _HEADINGS:
            yield Block(Shape.HEADING, line(node.text(deep=True)), _HEADINGS[tag])
        elif tag in _BLOCKS and not _within_block(node, main):
            yield Block(Shape.PARAGRAPH, line(node.text(deep=True, separator="")))
    if text := line(" ".join(loose)):
        yield Block(Shape.PARAGRAPH, text)


def _within_block(node: LexborNode, main: LexborNode) -> bool:
    # Nodes are compared by address: their own equality serialises the whole tree below them.
    parent = node.parent
    while parent is not None and parent.mem_id != main.mem_id:
        if parent.tag in _BLOCKS or parent.tag in _HEADINGS:
            return True
        parent = parent.parent
    return False
