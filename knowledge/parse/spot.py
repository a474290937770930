"""Tells where a paragraph of an EU act stands, by what is around it and by its own number, heading or mark."""

import re
from dataclasses import dataclass, replace

from lxml import html

from knowledge.model import Part
from knowledge.parse.elements import kind_of
from knowledge.parse.marks import Mark, element, term
from knowledge.parse.tree import NOWHERE, Block, Pinpoint

GROUPS = ("ti-grseq", "title-gr-seq")
"""Classes of the headings within an annex."""
NUMBER = re.compile(r"(\d{1,3})([a-z]{0,2})\.\s")
"""How a numbered paragraph of an article begins: "3a. "."""
_DIVISION = re.compile(r"(Section|Part|Module|Appendix|Chapter|Title) ([A-Z]{1,5}|\d{1,3})\b", re.IGNORECASE)
_NUMBERED = re.compile(r"(\d{1,3}(?:\.\d{1,3})*)\.?\s")
_ANNEX = re.compile(r"ANNEX(?: ([IVXLC]+[A-Za-z]?|\d+))?")


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
"""A heading or paragraph, and where it stands."""


def announces(text: str, spot: Spot) -> bool:
    """Tell whether what follows is text for another act: no number in it is one of this act."""
    return bool(spot.pinpoint.path) and re.search(r"\b(?:added|inserted|replaced)\b[^:.;]{0,80}:$", text) is not None


def moved(node: html.HtmlElement, text: str, here: Spot, base: Spot, last: int) -> tuple[Spot, int]:
    """Return where a paragraph stands that says it itself: by its number, or as the heading of a group or an annex."""
    kind, path = kind_of(node), base.pinpoint.path
    if kind.startswith(GROUPS) and base.pinpoint.part is Part.ANNEX and not here.quotes:
        return _grouped(text, here, base), last
    annex = _ANNEX.fullmatch(text)
    if annex and kind.startswith(("doc-ti", "title-annex")) and not path:
        name = f"Annex {annex[1]}" if annex[1] else "Annex"
        return replace(base, pinpoint=Pinpoint((name,), Part.ANNEX), chapter="", section=""), last
    numbered = NUMBER.match(text)
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


def pointed(spot: Spot, found: Mark, text: str) -> Spot:
    """Return the place of a point: below the one around it, the same within quotations and for a recital's own number."""
    pinpoint = spot.pinpoint
    if spot.quotes or not pinpoint.path or pinpoint.part in {Part.RECITAL, Part.NOTE, Part.PREAMBLE}:
        return spot
    below = spot.at(*element(pinpoint.path, found, annex=pinpoint.part is Part.ANNEX))
    defined = term(text) if spot.defines and pinpoint.part is Part.BODY else ""
    return replace(below, pinpoint=replace(below.pinpoint, part=Part.DEFINITION, term=defined)) if defined else below
