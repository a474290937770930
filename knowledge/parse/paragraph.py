"""Reads how a paragraph of US regulation begins: with its marks, an italic title, a term that it defines."""

import re
from dataclasses import dataclass, replace

ITALIC = "*"
"""What stands before and after a run of italics."""
_STAR = "∗"
"""What stands for an asterisk of the text itself while italics are marked."""
_MARK = re.compile(r"\((?P<slant>\*?)(?P<value>[a-z]{1,7}|\d{1,3}|[A-Z]{1,2})(?P=slant)\)\s*")
_REFERS = re.compile(
    r"(?:(?:or|and|through|to|[-–—,])\s*\(\w{1,5}\)(?:\(\w{1,5}\))*\s*)?"
    r"of (?:this|that|the) (?:section|paragraph|part|subpart|clause|provision|chapter|title|order|definition|subsection)\b"
)
"""What makes a mark at the beginning of a paragraph a reference: "(b) of this section applies"."""
_RANGE = re.compile(r"(?:through|and|to|[-–—,])\s*\((?P<slant>\*?)(?P<value>\w{1,7})(?P=slant)\)\s*\[Reserved")
TITLE = re.compile(r"\*(?P<words>[^*]{1,200})\*\s*(?P<end>[.:—–-]?)\s*")
"""Italics at the beginning of a text, with what ends them."""
_LATER = (
    r"(?:\s*(?:\([^)]{1,80}\)|,?\s*or\s+(?:\*[^*]{1,120}\*|[“\"][^”\"]{1,120}[”\"])))*[\s,]*"
    r"(?:(?:as (?:defined|used|described|that term)|when used|for (?:the )?purposes? of|with respect to)\b[^;:*]{0,200}?[\s,])?"
    r"(?:(?:shall |must )?means?\b|has\b|have\b|includes?\b|is\b|are\b|refers?\b)"
)
"""What comes after a term that is being defined: "…, as defined in …, means", "has the same meaning"."""
_NAMED = r"(?:\*(?P<slanted>[^*]{1,200})\*|(?:[Tt]he terms? )?[“\"](?P<quoted>[^”\"]{1,120})[”\"])"
_TERM = re.compile(rf"{_NAMED}(?={_LATER}|[\s,]*as (?:defined|used|described)\b[^;:*]{{0,120}}—\s*$)")
DASHED = re.compile(rf"{_NAMED}(?=[\s,]*—\s*$)")
"""A term whose definition is a list, or a title: only among other definitions can it be told."""


def _roman(number: int) -> str:
    tens, ones = divmod(number, 10)
    return "x" * tens + ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")[ones]


ROMAN = tuple(map(_roman, range(1, 40)))


@dataclass(frozen=True, slots=True)
class Mark:
    """A paragraph's mark; `until` is the last of several that one paragraph reserves: "(b)-(d) [Reserved]"."""

    value: str
    slant: bool = False
    until: str = ""

    @property
    def levels(self) -> tuple[int, ...]:
        """The levels at which it can stand, outermost first: "(i)" is a letter or a numeral."""
        if self.value.isdigit():
            return (5,) if self.slant else (2,)
        if self.value.isupper():
            return (4,)
        if self.slant:
            return (6,) if self.value in ROMAN else ()
        letter = len(self.value) <= 2 and len(set(self.value)) == 1
        return ((1,) if letter else ()) + ((3,) if self.value in ROMAN else ())


def plain(text: str) -> str:
    """Return a paragraph without the asterisks that stand for italics, with those of its own."""
    return text.replace(ITALIC, "").replace(_STAR, "*")


def starred(text: str) -> str:
    """Return words in which an asterisk cannot be mistaken for the beginning of italics."""
    return text.replace("*", _STAR)


def prescribes(text: str) -> bool:
    """Tell whether a paragraph only says where a clause is to be inserted."""
    return re.match(r"As prescribed (?:in|at|by|under) ", text) is not None


def marks_of(text: str) -> list[Mark]:
    """Return the marks that a paragraph begins with, also after an italic title: "(a) *Scope.* (1)", "(c) *Use*—(1)"."""
    marks: list[Mark] = []
    rest = text
    while found := _MARK.match(rest):
        mark = Mark(found["value"], bool(found["slant"]))
        if marks[-1:] != [mark]:  # some renditions print a mark twice
            marks.append(mark)
        rest = rest[found.end() :]
        title = TITLE.match(rest)
        if title and _MARK.match(rest[title.end() :]):
            rest = rest[title.end() :]
    if _REFERS.match(rest):
        return []
    if marks and (reserved := _RANGE.match(rest)):
        marks[-1] = replace(marks[-1], until=reserved["value"])
    return marks


def after_marks(text: str) -> str:
    """Return a paragraph's words after its marks."""
    while found := _MARK.match(text):
        text = text[found.end() :]
    return text


def defined(text: str, form: re.Pattern[str] = _TERM) -> str:
    """Return the term that a text begins to define, nothing where its italics are a title's: "*Scope.* This"."""
    found = form.match(text)
    term = (found["slanted"] or found["quoted"]).strip().rstrip(",").strip() if found else ""
    return "" if term.endswith((".", ":", "—", ";")) else plain(term)
