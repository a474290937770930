"""Reads an EU act from the XHTML of its publisher by its ELI ids: every point keeps its article, paragraph and letter."""

import re
from dataclasses import replace
from datetime import date

from lxml import html

from knowledge.errors import DocumentRefused
from knowledge.parse.acts import Act, act
from knowledge.parse.application import Application, application
from knowledge.parse.elements import said
from knowledge.parse.html import veiled
from knowledge.parse.provisions import provisions
from knowledge.parse.spot import Found, Spot
from knowledge.parse.tree import Block, Parsed, Shape, build

_KNOWN = re.compile(r"""id\s*=\s*["']art_\d+[a-z]*["']""")
_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


def knows(text: str) -> bool:
    """Tell whether a page carries the ELI ids of an act."""
    return "eli-subdivision" in text and _KNOWN.search(text) is not None


def read(text: str) -> Parsed:
    """Parse an act; its dates of application stand on the provisions where its last article gives them their own."""
    parser = html.HTMLParser(encoding="utf-8")
    root = html.document_fromstring(veiled(text).encode(), parser=parser)
    if any("depth" in problem.message for problem in parser.error_log):
        raise DocumentRefused("the page is nested deeper than any law, so that not all of it could be read")
    title = " ".join(filter(None, map(said, _titles(root))))
    named = act(title)
    body = root.body
    found = provisions(root if body is None else body)
    published = _published(root)
    dates = application(_last_article(found), published)
    blocks = [_dated(block, spot, dates) for block, spot in found]
    consolidated = "title-article-norm" in text
    meta = _meta(named, title, published, dates)
    if consolidated:
        meta.pop("status", None)
    flags = _flags(None if consolidated else named, blocks) if named else ("act_unknown",)
    return build(blocks, title=title, meta=meta, prefix=named.short if named else "", flags=flags)


def _titles(root: html.HtmlElement) -> list[html.HtmlElement]:
    """Return the lines of the act's title: of the Official Journal, or of a consolidated text."""
    for place in ("//div[contains(@class, 'eli-main-title')]//p", "//p[contains(@class, 'title-doc-first')]"):
        if found := root.xpath(place):
            return list(found)
    return []


def _last_article(found: list[Found]) -> str:
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


def _dated(block: Block, spot: Spot, dates: Application) -> Block:
    path = block.pinpoint.path
    if not path or not path[0].startswith("Art. ") or not path[0][5:].isdigit():
        return block
    paragraph = int(path[1][1:-1]) if len(path) > 1 and path[1][1:-1].isdigit() else 0
    own = dates.of(spot.chapter, spot.section, int(path[0][5:]), paragraph)
    return replace(block, pinpoint=replace(block.pinpoint, applies_from=own)) if own else block


def _published(root: html.HtmlElement) -> date | None:
    for node in root.xpath("//*[contains(@class, 'hd-date')]"):
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
    """Tell where the act has other numbers of articles, recitals or annexes than are known to stand in it.

    Nothing is known of a consolidated text: it leaves out recitals and takes in new articles.
    """
    if named is None:
        return ()
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
