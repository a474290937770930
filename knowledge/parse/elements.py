"""Reads elements of the page of an EU act: what is seen of them, their words, their blocks and cells."""

import re
from collections.abc import Iterator

from lxml import html

from knowledge.parse.clean import line

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
HEADS = (
    "ti-art",
    "sti-art",
    "ti-section",
    "title-division",
    "title-article",
    "stitle-article",
    "title-annex",
    "doc-ti",
)
"""Classes of the lines that number or name an article, a chapter or an annex."""


def said(node: html.HtmlElement) -> str:
    """Return the words of an element as one line, a blank between its blocks."""
    return clean("".join(_texts(node)))


def beginning(node: html.HtmlElement) -> str:
    """Return the first words of an element, which tell what it is; all of them would be read again at every level."""
    text = ""
    for piece in _texts(node):
        text = (text + piece).lstrip()[: 2 * _ENOUGH]
        if len(text) > _ENOUGH:
            break
    return clean(text)


def heading(node: html.HtmlElement) -> str:
    """Return the number and title of a chapter or article: its own first lines, without those of what it holds."""
    own = [child for child in children(node) if kind_of(child) == "eli-title" or kind_of(child).startswith(HEADS)]
    return " ".join(filter(None, map(said, own)))


def clean(text: str) -> str:
    """Return words as one line, without editorial arrows and without blanks before punctuation."""
    return re.sub(r" (?=[,;.](?:\s|$))", "", line(_EDITORIAL.sub("", text)))


def kind_of(node: html.HtmlElement) -> str:
    """Return an element's class; old and new pages differ by a prefix."""
    return (node.get("class") or "").strip().removeprefix("oj-")


def _seen(node: html.HtmlElement) -> bool:
    return (
        isinstance(node.tag, str)
        and node.tag not in _SILENT
        and node.get("hidden") is None
        and node.get("aria-hidden") != "true"
        and node.get("id") not in _CHROME
        and not (kind := kind_of(node)).startswith("hd-")
        and kind not in {"modref", "arrow"}
        and not (node.tag == "a" and _NOTE_MARK.search(node.get("href") or ""))
    )


def children(node: html.HtmlElement) -> list[html.HtmlElement]:
    """Return the elements right below one that are seen."""
    return [child for child in node if _seen(child)]


def _texts(node: html.HtmlElement) -> Iterator[str]:
    raised = node.tag == "sup" or "super" in kind_of(node)
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


def contents(node: html.HtmlElement) -> Iterator[str | html.HtmlElement]:
    """Return what an element holds, in order: its own words, those of inline elements, and its blocks as elements."""
    yield node.text or ""
    for child in node:
        if _seen(child):
            if child.tag in _BLOCKS:
                yield child
            elif any(one.tag in _BLOCKS for one in child.iterdescendants()):
                yield from contents(child)
            else:
                yield " " if child.tag == "br" else "".join(_texts(child))
        yield child.tail or ""


def rows_of(table: html.HtmlElement) -> Iterator[list[html.HtmlElement]]:
    """Yield the cells of each row that is seen."""
    for row in table.xpath("./tr | ./tbody/tr | ./thead/tr | ./tfoot/tr"):
        if _seen(row):
            yield [cell for cell in row if _seen(cell) and cell.tag in {"td", "th"}]


def reach(cell: html.HtmlElement, name: str) -> int:
    """Return over how many columns (`colspan`) or rows (`rowspan`) a cell reaches: 1 to 1000."""
    told = (cell.get(name) or "1").strip()
    return min(int(told), 1000) if told.isdecimal() and int(told) > 0 else 1
