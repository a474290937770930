"""The unit tree that every parser returns: a canonical text and the units that are slices of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

LONGEST_HEADING = 400
"""Characters; what is longer and marked as a heading is a paragraph, since headings are repeated on every passage."""


class Shape(StrEnum):
    """How a block stands in its source."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"


@dataclass(frozen=True, slots=True)
class Block:
    """A heading or a paragraph as a parser found it; `level` counts headings from 1."""

    shape: Shape
    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of the canonical text with its place in the document.

    A heading's unit spans everything below it; a paragraph's unit is a leaf. `start` and `end` are character offsets.
    """

    shape: Shape
    start: int
    end: int
    heading: str = ""
    level: int = 0
    children: tuple["Unit", ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document as its parser read it: canonical text, unit tree, and what it says about itself.

    `meta` holds front matter or page metadata as found, unchecked. `pinned` where a heading `PINPOINT | Heading` says how
    its section is cited; elsewhere, as in the headings of a web page, a bar parts a title from a site's name.
    """

    text: str
    units: tuple[Unit, ...]
    title: str = ""
    meta: dict[str, object] = field(default_factory=dict)
    pinned: bool = False


@dataclass(slots=True)
class _Open:
    """A heading whose section is still growing."""

    block: Block
    start: int
    end: int
    children: list[Unit]

    def close(self) -> Unit:
        return Unit(Shape.HEADING, self.start, self.end, self.block.text, self.block.level, tuple(self.children))


def build(
    blocks: Iterable[Block], *, title: str = "", meta: dict[str, object] | None = None, pinned: bool = False
) -> Parsed:
    """Lay blocks out as one text, two line breaks between them, and nest the sections by heading level.

    The title is cut to the length of the longest heading.
    """
    pieces: list[str] = []
    position = 0
    root: list[Unit] = []
    stack: list[_Open] = []

    def into() -> list[Unit]:
        return stack[-1].children if stack else root

    for block in blocks:
        if not block.text.strip():
            continue
        start = position
        pieces.append(block.text)
        position += len(block.text) + 2
        end = start + len(block.text)
        if block.shape is Shape.HEADING and len(block.text) <= LONGEST_HEADING:
            while stack and stack[-1].block.level >= block.level:
                closed = stack.pop().close()
                into().append(closed)
            stack.append(_Open(block, start, end, []))
        else:
            into().append(Unit(Shape.PARAGRAPH, start, end))
        for section in stack:
            section.end = end
    while stack:
        closed = stack.pop().close()
        into().append(closed)
    return Parsed("\n\n".join(pieces), tuple(root), title[:LONGEST_HEADING].strip(), meta or {}, pinned)
