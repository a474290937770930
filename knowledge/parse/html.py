"""Reads a web page into a unit tree: its main text, nothing hidden, nothing active."""

import re
from collections.abc import Iterator
from datetime import date

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from knowledge.parse.clean import line
from knowledge.parse.tree import Block, Parsed, Shape, build

DROPPED = (
    "script, style, template, noscript, iframe, object, embed, svg, canvas, audio, video, button, select, textarea, nav,"
    " footer, aside, dialog, del, s, strike, rt, [hidden], [aria-hidden=true], [role=navigation], [role=banner],"
    " [role=search], form:not(:has(p, h1, h2, h3, table)), sup:has(a[href^='#'])"
)
"""Never text of the page: active parts, navigation, struck-out words, forms that hold only fields, footnote marks."""
_BANNER = "header"
"""The site's own head; inside a page's main part a header holds the title."""
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0?(?:\.0*)?\s*(?:[;!]|$)"
    r"|font-size\s*:\s*0?(?:\.0*)?\s*(?:[a-z%]+\s*)?(?:[;!]|$)|text-indent\s*:\s*-\d{3}|(?:left|top|right)\s*:\s*-\d{3}"
    r"|color\s*:\s*transparent|clip\s*:\s*rect\(\s*[01](?:px)?[\s,]|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
_VEILS = re.compile(r"<style\b", re.IGNORECASE)
_NESTED_RULES = re.compile(r"@[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_INLINE = set(
    "a abbr acronym b bdi bdo big cite code data dfn em font i img input ins kbd label mark meter nobr output progress q rp"
    " ruby samp small span strong sub sup time tt u var wbr".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_DATES = ("article:published_time", "date", "dc.date", "dcterms.issued", "publish-date")
_BREAK = "\x1e"
"""Stands for a line break until the words of a block are put together; `line` makes a blank of it."""
_BREAKS = re.compile(rf"{_BREAK}(?:\s*{_BREAK})+")
_MARKER = re.compile(r"\(?(?:\d{1,4}|[a-z]{1,2}|[ivxlc]{1,6})[.)]|[-–—•·]", re.IGNORECASE)
"""A list mark alone in its cell or paragraph, as laws print their points: it belongs to the words after it."""


def read(text: str) -> Parsed:
    """Parse HTML; `meta` keeps url, language and date where the page declares them in a form that can be used."""
    page = LexborHTMLParser(text)
    named = page.css_first("title")
    main, dropped = _main(page)
    blocks = blocks_below(main, page, dropped)
    heading = next((block.text for block in blocks if block.shape is Shape.HEADING and block.level == 1), "")
    return build(blocks, title=heading or (line(named.text()) if named else ""), meta=_declared(page))


def blocks_below(main: LexborNode | None, page: LexborHTMLParser, dropped: str = DROPPED) -> list[Block]:
    """Return the headings and paragraphs below an element of a page in reading order, without what is not seen."""
    if main is None:
        return []
    return list(_blocks(main, {node.mem_id for node in page.css(dropped)} | _hidden(page)))


def veiled(text: str) -> str:
    """Return a page with what its readers do not see marked `hidden`, for a parser that knows no styles.

    A page without anything of that kind comes back as it is, byte for byte.
    """
    if not _VEILS.search(text) and not _HIDDEN.search(text):
        return text
    page = LexborHTMLParser(text)
    hidden = _hidden(page)
    for node in page.css("*"):
        if node.mem_id in hidden:
            node.attrs["hidden"] = ""
    return page.html or ""


def _main(page: LexborHTMLParser) -> tuple[LexborNode | None, str]:
    """Return the one main part of a page, else its body, and the selector of what is no text there."""
    for selector in ("main, [role=main]", "article"):
        found = page.css(selector)
        if len(found) == 1:
            return found[0], DROPPED
    return page.body, f"{DROPPED}, {_BANNER}"


def _hidden(page: LexborHTMLParser) -> set[int]:
    """Return what the page's own styles keep from its readers, inline or by a rule that holds for every medium."""
    hidden = {node.mem_id for node in page.css("[style]") if _HIDDEN.search(node.attributes.get("style") or "")}
    for sheet in page.css("style"):
        for selector, body in _RULE.findall(_NESTED_RULES.sub(" ", sheet.text())):
            if _HIDDEN.search(body):
                hidden |= {node.mem_id for node in _selected(page, selector)}
    return hidden


def _selected(page: LexborHTMLParser, selector: str) -> list[LexborNode]:
    try:
        return page.css(selector.strip())
    except SelectolaxError:
        return []


def _declared(page: LexborHTMLParser) -> dict[str, object]:
    """Return what a page says about itself; its author wrote it for others, so what cannot be used is passed over."""
    meta: dict[str, object] = {}
    for node in page.css("meta"):
        name = (node.attributes.get("property") or node.attributes.get("name") or "").lower()
        day = _day(node.attributes.get("content") or "") if name in _DATES else None
        if day:
            meta.setdefault("published", day)
    canonical = page.css_first("link[rel=canonical]")
    address = (canonical.attributes.get("href") or "").strip() if canonical else ""
    if re.fullmatch(r"https?://\S{1,1900}", address):
        meta["url"] = address
    root = page.css_first("html")
    language = re.match(r"[a-z]{2}(?![a-z])", (root.attributes.get("lang") or "").lower()) if root else None
    if language:
        meta["language"] = language[0]
    return meta


def _day(text: str) -> str:
    """Return the date that a text begins with as `YYYY-MM-DD`, nothing when there is none."""
    try:
        return date.fromisoformat(text.strip()[:10]).isoformat()
    except ValueError:
        return ""


def _blocks(main: LexborNode, dropped: set[int]) -> Iterator[Block]:
    """Walk the tree in reading order; every element that is not inline ends the paragraph before it and its own."""
    words: list[str] = []
    level = 0
    walk: list[tuple[LexborNode, Iterator[LexborNode]]] = [(main, main.iter(include_text=True))]
    while walk:
        parent, children = walk[-1]
        node = next(children, None)
        if node is None:
            walk.pop()
            if parent.tag not in _INLINE:
                closes = parent.tag in _HEADINGS
                yield from _flushed(words, level if closes else 0, within=level)
                level = 0 if closes else level
            continue
        tag = node.tag or "-"
        if tag == "-text":
            words.append(node.text(deep=False))
        elif tag == "br":
            words.append(_BREAK)
        elif node.mem_id not in dropped and not tag.startswith("-"):
            if tag not in _INLINE:
                yield from _flushed(words, 0, within=level)
                level = level or _HEADINGS.get(tag, 0)
            elif tag == "sup" and node.text(deep=True).strip()[:1].isdigit():
                words.append("^")  # 10 to the sixth must not be read as 106
            walk.append((node, node.iter(include_text=True)))
    if text := line("".join(words)):
        yield Block(Shape.PARAGRAPH, text)


def _flushed(words: list[str], level: int, *, within: int) -> Iterator[Block]:
    """Put gathered words together: a heading, or a paragraph for each part between two line breaks or more.

    Inside a heading of level `within` nothing is closed before the heading itself is.
    """
    if within and not level:
        words.append(" ")
        return
    said = "".join(words)
    words.clear()
    if level:
        yield Block(Shape.HEADING, line(said), level)
        return
    for part in _BREAKS.split(said):
        text = line(part)
        if _MARKER.fullmatch(text):
            words.append(f"{text} ")
        elif text:
            yield Block(Shape.PARAGRAPH, text)
