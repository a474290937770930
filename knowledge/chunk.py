"""Cuts a document's unit tree into passages, each under one built citation."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from knowledge.model import UNBINDING, Document, Passage
from knowledge.parse.tree import NOWHERE, Parsed, Pinpoint, Shape, Unit, pin
from knowledge.sentences import spans

LONGEST = 1_500
"""Characters beyond which a passage is cut further (shared notes on sources: points above about 1,500)."""
GATHERED = 900
"""Characters up to which neighbouring paragraphs without numbers of their own share a passage."""
LONGEST_OPENING = 600
"""Characters of the opening words that a point carries from above."""
_WAITS = (":", "—", "–", ":—", "-")
"""How a sentence ends that a list hangs on."""

_LED = re.compile(r"(?:\([0-9A-Za-z]{1,7}\)\s*)+")
"""The marks that a paragraph begins with."""
_PINPOINT = re.compile(r"^(?P<pin>[^|]{2,120}?) \| (?P<heading>.+)$")
_CLAUSE = re.compile(r"^(?P<number>\d{1,3}(?:\.\d{1,3}){1,4})\.?\s+(?![a-z%°×])\S")
"""A paragraph's own number; a lower-case word or a unit after it makes it an amount: "1.5 million records"."""
_SECTION = re.compile(
    r"^(?:(?P<word>Article|Art\.|Section|Sec\.|Annex|Appendix|Schedule|Clause|Chapter|Part|§)\s*"
    r"(?P<named>\d{1,3}(?:\.\d{1,3}){0,4}[a-z]?|[IVX]{1,6}|[A-Z])(?:[.:)]|\s[-–—])?(?=\s|$)"
    r"|(?P<number>\d{1,3}(?:\.\d{1,3}){0,4}[a-z]?)(?:[.:)]|\s[-–—])?(?=\s+(?![a-z%]|CFR\b|FR\b|U\.?S\.?C)\S|$)"
    r"|(?P<roman>[IVX]{1,6})(?:[.:)]|\s[-–—])(?=\s|$))"
)
"""A heading's own number; without a word before it, an amount ("5 things to know"), a code
("15 CFR 791") or a name ("X Corp") is none."""
_WORDS = {
    "article": "Art. ", "art.": "Art. ", "annex": "Annex ", "appendix": "Appendix ", "schedule": "Schedule ",
    "chapter": "ch. ", "part": "part ",
}  # fmt: skip
_OUTER = {"annex", "appendix", "schedule"}
"""Parts with a numbering of their own: what is numbered below them is cited with them."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the document the walk stands: the citation that holds here and the headings above.

    `root` is what paths are appended to, `within` what the numbers of clauses and sections are, `section` the dotted
    number of this place;
    `titled` where the next heading of the first level is the document's title and no section, `pinned` where a heading
    may say how its section is cited.
    """

    citation: str
    exact: bool
    headings: tuple[str, ...]
    within: str
    root: str
    section: str = ""
    titled: bool = False
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of text that becomes one passage."""

    start: int
    end: int
    citation: str
    heading: str
    context: str = ""
    pinpoint: Pinpoint = NOWHERE


def chunk(document: Document, parsed: Parsed) -> tuple[Passage, ...]:
    """Return the passages in reading order; none crosses a section, each is a slice of the canonical text."""
    titled = sum(unit.level == 1 for unit in parsed.units) == 1
    short = parsed.prefix or document.short
    place = _Place(short, exact=False, headings=(), within=short, root=short, titled=titled, pinned=parsed.pinned)
    numbers = _Numbers()
    pieces = list(_walk(parsed.text, parsed.units, place, document, numbers))
    seen: Counter[str] = Counter()
    passages = []
    for piece in pieces:
        text = parsed.text[piece.start : piece.end]
        if not any(map(str.isalnum, text)):
            continue  # dots and dashes that stand for what was left out
        key = f"{document.id}\x1f{piece.citation}\x1f{piece.heading}\x1f{piece.context}{text}"
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
                context=piece.context,
                part=piece.pinpoint.part,
                term=piece.pinpoint.term,
                page=piece.pinpoint.page,
                applies_from=piece.pinpoint.applies_from,
                ends_on=piece.pinpoint.ends_on,
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
        yield from _leaves(text, leaves, place, numbers)
        leaves = []
        yield from _walk(text, unit.children, _below(place, unit, document), document, numbers)
    yield from _leaves(text, leaves, place, numbers)


def _below(place: _Place, unit: Unit, document: Document) -> _Place:
    """Return the place inside a section: its pinpoint if the heading carries one, else its number, else as above."""
    if pinned := _PINPOINT.match(unit.heading) if place.pinned else None:
        headings = (*place.headings, pinned["heading"].strip())
        return replace(
            place, citation=pinned["pin"].strip(), exact=True, headings=headings, within=document.short, section=""
        )
    if unit.level == 1 and place.titled:
        return replace(place, titled=False)
    headings = (*place.headings, unit.heading)
    numbered = _SECTION.match(unit.heading)
    if not numbered or not _under(numbered["number"] or "", place.section):
        return replace(place, headings=headings)
    word = (numbered["word"] or "§").lower()
    number = numbered["named"] or numbered["number"] or numbered["roman"]
    citation = f"{place.within} {_WORDS.get(word, '§')}{number}"
    outer = word in _OUTER
    return replace(
        place, citation=citation, exact=True, headings=headings, within=citation if outer else place.within,
        section=number if number[0].isdigit() and not outer else "",
    )  # fmt: skip


def _under(number: str, section: str) -> bool:
    """Tell whether a bare number can stand in a section: 3.1 in 3, 1 in an annex or a chapter IV, but not 1 in Art. 5."""
    return not number or not section or f"{number}.".startswith(f"{section}.")


def _leaves(text: str, leaves: Sequence[Unit], place: _Place, numbers: _Numbers) -> Iterator[_Piece]:
    """Group a section's paragraphs into pieces: those with a path by it, a numbered clause each, else neighbours."""
    for pathed, run in groupby(leaves, key=lambda unit: bool(unit.pinpoint.path)):
        if pathed:
            yield from _pathed(text, list(run), place)
        else:
            yield from _counted(text, list(run), place, numbers)


def _pathed(text: str, leaves: Sequence[Unit], place: _Place) -> Iterator[_Piece]:
    """Make a piece of each run of paragraphs with the same path, and give it the opening words that it hangs on."""
    opening: dict[tuple[str, ...], str] = {}
    seen: set[tuple[str, ...]] = set()
    heading = " – ".join(place.headings)
    for pinpoint, run in groupby(leaves, key=lambda unit: unit.pinpoint):
        group = list(run)
        path = pinpoint.path
        above = [opening[path[:length]] for length in range(1, len(path)) if opening.get(path[:length])]
        citation = f"{place.root} {pin(path)}"
        for start, end in _cut(text, group, LONGEST):
            yield _Piece(start, end, citation, heading, " ".join(above), pinpoint)
        # What stands at a place after its own points, or explains it only, opens nothing for the points that follow.
        if path not in seen and pinpoint.part not in UNBINDING:
            opening[path] = _opens(text[group[-1].start : group[-1].end])
        seen.update(path[:length] for length in range(1, len(path) + 1))


def _opens(text: str) -> str:
    """Return the last sentence of a paragraph when it waits for what comes after it, as before a list; else nothing."""
    if not text.rstrip().endswith(_WAITS):
        return ""
    last = _sentences(text)[-1:]
    words = text[last[0][0] : last[0][1]].strip() if last else text.strip()
    return words if len(words) <= LONGEST_OPENING else ""


def _counted(text: str, leaves: Sequence[Unit], place: _Place, numbers: _Numbers) -> Iterator[_Piece]:
    heading = " – ".join(place.headings)
    for clause, group in _clauses(text, leaves, place.section):
        if not clause and not place.exact:
            yield from _unnumbered(text, group, place, numbers)
            continue
        citation = f"{place.within} §{clause}" if clause else place.citation
        for start, end in _cut(text, group, LONGEST):
            yield _Piece(start, end, citation, heading, pinpoint=_at(group, start))


def _unnumbered(text: str, group: Sequence[Unit], place: _Place, numbers: _Numbers) -> Iterator[_Piece]:
    batch: list[Unit] = []
    for unit in (*group, None):
        full = unit is None or (batch and unit.end - batch[0].start > GATHERED)
        if batch and (full or (unit and unit.pinpoint.page != batch[0].pinpoint.page)):
            page = batch[0].pinpoint.page
            mark = f"p. {page}" if page else numbers.take(len(batch))
            for start, end in _cut(text, batch, LONGEST):
                yield _Piece(
                    start, end, f"{place.citation} {mark}", " – ".join(place.headings), pinpoint=batch[0].pinpoint
                )
            batch = []
        if unit is not None:
            batch.append(unit)


def _at(group: Sequence[Unit], start: int) -> Pinpoint:
    """Return the pinpoint of the paragraph that a piece begins in."""
    return next((unit.pinpoint for unit in group if start < unit.end), NOWHERE)


def _clauses(text: str, leaves: Sequence[Unit], section: str) -> list[tuple[str, list[Unit]]]:
    """Split at paragraphs that begin with a clause number; what follows a clause belongs to it.

    A number counts only where it can stand: below its own section's, and above the clause before. A wrong citation is
    worse than a coarse one.
    """
    groups: list[tuple[str, list[Unit]]] = []
    last: tuple[int, ...] = ()
    for unit in leaves:
        numbered = _CLAUSE.match(text[unit.start : unit.end])
        number = tuple(map(int, numbered["number"].split("."))) if numbered else ()
        if numbered and number > last and _under(numbered["number"], section):
            groups.append((numbered["number"], [unit]))
            last = number
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
        for start, end in _sentences(text[unit.start : unit.end]):
            yield from _words_of_long(text, unit.start + start, unit.start + end, longest)


def _sentences(text: str) -> list[tuple[int, int]]:
    """Return the spans of a paragraph's sentences; its own mark, which would make it one, belongs to the first."""
    led = _LED.match(text)
    begun = led.end() if led else 0
    found = [(start + begun, end + begun) for start, end in spans(text[begun:])]
    return [(0, found[0][1]), *found[1:]] if begun and found else found


def _words_of_long(text: str, start: int, end: int, longest: int) -> Iterator[tuple[int, int]]:
    """Cut a sentence that is too long by itself between two words, or anywhere where it has none."""
    while end - start > longest:
        blank = text.rfind(" ", start + 1, start + longest + 1)
        stop = blank if blank > start else start + longest
        yield start, stop
        start = stop + (1 if stop == blank else 0)
    yield start, end
