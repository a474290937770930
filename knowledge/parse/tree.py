"""The unit tree that every parser returns: a canonical text and the units that are slices of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from knowledge.model import Part

LONGEST_HEADING = 400
"""Characters; what is longer and marked as a heading is a paragraph, since headings are repeated on every passage."""


class Shape(StrEnum):
    """How a block stands in its source."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"


@dataclass(frozen=True, slots=True)
class Pinpoint:
    """Where a paragraph stands in a text that numbers its parts, as its parser knows it.

    `path` leads from the article or section down to the paragraph: `("Art. 28", "(3)", "(a)")`. An element that begins
    with a parenthesis is appended to the one before it, every other one after a blank. The first element is what no
    passage may cross. Dates are the provision's own, None where the document's hold; `page` counts from 1.
    """

    path: tuple[str, ...] = ()
    part: Part = Part.BODY
    term: str = ""
    page: int | None = None
    applies_from: date | None = None
    ends_on: date | None = None

    @property
    def pin(self) -> str:
        """The path as it is written in a citation: `Art. 28(3)(a)`."""
        return pin(self.path)


NOWHERE = Pinpoint()


def pin(path: Iterable[str]) -> str:
    """Write a path as it stands in a citation."""
    written = ""
    for element in path:
        written += element if element.startswith("(") or not written else f" {element}"
    return written


@dataclass(frozen=True, slots=True)
class Block:
    """A heading or a paragraph as a parser found it; `level` counts headings from 1."""

    shape: Shape
    text: str
    level: int = 0
    pinpoint: Pinpoint = NOWHERE


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
    pinpoint: Pinpoint = NOWHERE


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document as its parser read it: canonical text, unit tree, and what it says about itself.

    `meta` holds front matter or page metadata as found, unchecked; its keys are the fields of `describe.Fields`.
    `pinned` where a heading `PINPOINT | Heading` says how its section is cited; elsewhere, as in the headings of a web
    page, a bar parts a title from a site's name. `prefix` is what the paths of its units are appended to in a citation
    ("15 CFR" for `§ 791.2`); empty means the document's short name. `fragment` names the document within a file that
    holds several. `flags` says what the parser found doubtful.
    """

    text: str
    units: tuple[Unit, ...]
    title: str = ""
    meta: dict[str, object] = field(default_factory=dict)
    pinned: bool = False
    prefix: str = ""
    fragment: str = ""
    flags: tuple[str, ...] = ()


@dataclass(slots=True)
class _Open:
    """A heading whose section is still growing."""

    block: Block
    start: int
    end: int
    children: list[Unit]

    def close(self) -> Unit:
        return Unit(Shape.HEADING, self.start, self.end, self.block.text, self.block.level, tuple(self.children))


def build(  # noqa: PLR0913 - keyword-only, all but the blocks optional
    blocks: Iterable[Block],
    *,
    title: str = "",
    meta: dict[str, object] | None = None,
    pinned: bool = False,
    prefix: str = "",
    fragment: str = "",
    flags: tuple[str, ...] = (),
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
            into().append(Unit(Shape.PARAGRAPH, start, end, pinpoint=block.pinpoint))
        for section in stack:
            section.end = end
    while stack:
        closed = stack.pop().close()
        into().append(closed)
    return Parsed(
        "\n\n".join(pieces), tuple(root), title[:LONGEST_HEADING].strip(), meta or {}, pinned, prefix, fragment, flags
    )
