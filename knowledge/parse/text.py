"""Reads plain text into a unit tree: paragraphs by line, short unpunctuated lines as headings."""

import re
from collections.abc import Iterator

from knowledge.parse.clean import line
from knowledge.parse.tree import Block, Parsed, Shape, build

_NAVIGATION = re.compile(
    r"^(skip to|scroll to|jump to|share (on|this)|subscribe|sign (in|up)|log ?in|advertisement|read more|related:|menu$"
    r"|cookie|author:|publish(ed)? date:|print$|\S+ recommends$)",
    re.IGNORECASE,
)
_NAVIGATION_WORDS = 8
_SENTENCE_END = re.compile(r"[.!?:;,][\"'”’)\]]*$")
_BULLET = re.compile(r"^\s*[•*\-–]\s+")
_HEADING_WORDS = 16


def read(text: str) -> Parsed:
    """Parse plain text; the title is the first heading-like line that is not site navigation."""
    blocks = list(_blocks(text))
    title = next((block.text for block in blocks if block.shape is Shape.HEADING), "")
    return build(blocks, title=title)


def _blocks(text: str) -> Iterator[Block]:
    titled = False
    for paragraph in _paragraphs(text):
        if _steers(paragraph):
            continue
        if _heads(paragraph):
            yield Block(Shape.HEADING, paragraph, 2 if titled else 1)
            titled = True
        else:
            yield Block(Shape.PARAGRAPH, paragraph)


def _paragraphs(text: str) -> Iterator[str]:
    """Split at blank lines, or at every line where the text has no blank lines, or where lines are whole sentences."""
    for chunk in re.split(r"\n[ \t]*\n", text):
        lines = [line(part) for part in chunk.split("\n") if part.strip()]
        if all(_SENTENCE_END.search(part) or len(part) > 200 or _BULLET.match(part) for part in lines[:-1]):
            yield from lines
        else:
            yield " ".join(lines)


def _steers(paragraph: str) -> bool:
    """Tell whether a line belongs to the site around the text: a few words that say so, and no sentence."""
    said = _BULLET.sub("", paragraph)
    short = len(said.split()) <= _NAVIGATION_WORDS
    return short and bool(_NAVIGATION.search(said)) and not re.search(r"[.!?][\"'”’)\]]*$", said)


def _heads(paragraph: str) -> bool:
    return (
        len(paragraph.split()) <= _HEADING_WORDS
        and not _SENTENCE_END.search(paragraph)
        and not _BULLET.match(paragraph)
    )
