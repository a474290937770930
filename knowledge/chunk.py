"""Cuts a document's unit tree into passages, each under one built citation."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.model import Document, Passage
from knowledge.parse.tree import Parsed, Shape, Unit
from knowledge.sentences import spans

LONGEST = 1_500
"""Characters beyond which a passage is cut further (shared notes on sources: points above about 1,500)."""
GATHERED = 900
"""Characters up to which neighbouring paragraphs without numbers of their own share a passage."""

_PINPOINT = re.compile(r"^(?P<pin>[^|]{2,120}?) \| (?P<heading>.+)$")
_CLAUSE = re.compile(r"^(?P<number>\d{1,3}(?:\.\d{1,3}){1,4})\.?\s+\S")
_SECTION = re.compile(
    r"^(?:(?P<word>Article|Art\.|Section|Sec\.|Annex|Clause|Chapter|Part|§)\s*)?(?P<number>\d{1,3}(?:\.\d{1,3}){0,4}[a-z]?|[IVX]{1,6})"
    r"(?:[.:)]|\s[-–—])?(?=\s|$)\s*(?P<heading>.*)$"
)
_WORDS = {"article": "Art. ", "art.": "Art. ", "annex": "Annex ", "chapter": "ch. ", "part": "part "}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the document the walk stands: the citation that holds here and the headings above."""

    citation: str
    exact: bool
    headings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of text that becomes one passage."""

    start: int
    end: int
    citation: str
    heading: str


def chunk(document: Document, parsed: Parsed) -> tuple[Passage, ...]:
    """Return the passages in reading order; none crosses a section, each is a slice of the canonical text."""
    place = _Place(document.short, exact=False, headings=())
    numbers = _Numbers()
    pieces = list(_walk(parsed.text, parsed.units, place, document, numbers))
    seen: Counter[str] = Counter()
    passages = []
    for piece in pieces:
        text = parsed.text[piece.start : piece.end]
        key = f"{document.id}\x1f{piece.citation}\x1f{piece.heading}\x1f{text}"
        seen[key] += 1
        passages.append(
            Passage(
                id=hashlib.sha256(f"{key}\x1f{seen[key]}".encode()).hexdigest()[:16],
                document_id=document.id,
                citation=piece.citation,
                heading=piece.heading,
                text=text,
                start=piece.start,
                end=piece.end,
            )
        )
    return tuple(passages)


class _Numbers:
    """Counts paragraphs that have no number of their own, so that they can be cited as ¶."""

    def __init__(self) -> None:
        self.last = 0

    def take(self, count: int) -> str:
        first = self.last + 1
        self.last += count
        return f"¶{first}" if count == 1 else f"¶{first}–{self.last}"


def _walk(text: str, units: Sequence[Unit], place: _Place, document: Document, numbers: _Numbers) -> Iterator[_Piece]:
    leaves: list[Unit] = []
    for unit in units:
        if unit.shape is Shape.PARAGRAPH:
            leaves.append(unit)
            continue
        yield from _leaves(text, leaves, place, document, numbers)
        leaves = []
        yield from _walk(text, unit.children, _below(place, unit, document), document, numbers)
    yield from _leaves(text, leaves, place, document, numbers)


def _below(place: _Place, unit: Unit, document: Document) -> _Place:
    """Return the place inside a section: its pinpoint if the heading carries one, else its number, else its name."""
    if pinned := _PINPOINT.match(unit.heading):
        return _Place(pinned["pin"].strip(), exact=True, headings=(*place.headings, pinned["heading"].strip()))
    headings = (*place.headings, unit.heading)
    if unit.level == 1 and not place.headings:
        return _Place(place.citation, exact=False, headings=())
    if numbered := _SECTION.match(unit.heading):
        word = (numbered["word"] or "§").lower()
        citation = f"{document.short} {_WORDS.get(word, '§')}{numbered['number']}"
        return _Place(citation, exact=True, headings=headings)
    return _Place(document.short, exact=False, headings=headings)


def _leaves(
    text: str, leaves: Sequence[Unit], place: _Place, document: Document, numbers: _Numbers
) -> Iterator[_Piece]:
    """Group a section's paragraphs into pieces: a numbered clause each, otherwise neighbours together."""
    for clause, group in _clauses(text, leaves):
        if clause:
            for start, end in _cut(text, group, LONGEST):
                yield _Piece(start, end, f"{document.short} §{clause}", " – ".join(place.headings))
        elif place.exact:
            for start, end in _cut(text, group, LONGEST):
                yield _Piece(start, end, place.citation, " – ".join(place.headings))
        else:
            yield from _unnumbered(text, group, place, numbers)


def _unnumbered(text: str, group: Sequence[Unit], place: _Place, numbers: _Numbers) -> Iterator[_Piece]:
    batch: list[Unit] = []
    for unit in (*group, None):
        if batch and (unit is None or unit.end - batch[0].start > GATHERED):
            mark = numbers.take(len(batch))
            for start, end in _cut(text, batch, LONGEST):
                yield _Piece(start, end, f"{place.citation} {mark}", " – ".join(place.headings))
            batch = []
        if unit is not None:
            batch.append(unit)


def _clauses(text: str, leaves: Sequence[Unit]) -> list[tuple[str, list[Unit]]]:
    """Split at paragraphs that begin with a clause number; what follows a clause belongs to it."""
    groups: list[tuple[str, list[Unit]]] = []
    for unit in leaves:
        numbered = _CLAUSE.match(text[unit.start : unit.end])
        if numbered:
            groups.append((numbered["number"], [unit]))
        elif groups:
            groups[-1][1].append(unit)
        else:
            groups.append(("", [unit]))
    return groups


def _cut(text: str, units: Sequence[Unit], longest: int) -> Iterator[tuple[int, int]]:
    """Return the spans of the units, joined while they fit, cut at sentence ends where one alone does not."""
    start = end = -1
    for unit_start, unit_end in _sentences_of_long(text, units, longest):
        if start >= 0 and unit_end - start > longest:
            yield start, end
            start = -1
        if start < 0:
            start = unit_start
        end = unit_end
    if start >= 0:
        yield start, end


def _sentences_of_long(text: str, units: Sequence[Unit], longest: int) -> Iterator[tuple[int, int]]:
    for unit in units:
        if unit.end - unit.start <= longest:
            yield unit.start, unit.end
            continue
        for start, end in spans(text[unit.start : unit.end]):
            for cut in range(unit.start + start, unit.start + end, longest):
                yield cut, min(cut + longest, unit.start + end)
