"""Cuts a text into sentences without changing a character."""

import re
from collections.abc import Iterator

from sentencex import get_sentence_boundaries

_NUMERAL_END = re.compile(r"\b(?:Annex|Chapter|Title|Part|Schedule|Section|Tier|Phase) [IVXLC]+\.(?=\s+[A-Z“\"])")
"""Where a sentence ends in a Roman numeral, which looks like an initial: "… listed in Annex I. Article 2 …"."""

_CITED = re.compile(
    r"\b(?:arts|artt|paras?|sub-?paras?|lit|recs?|regs|sched|ch|ann|app|fns?|abs|cls|ss|secs|vol|dir|pub|stat|cir|doc|tab|eq"
    r"|et seq|approx|max|est|resp|ed)\.$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"[\d(§]|[A-Z]\b|[IVXLC]+\b|[a-z]")
"""What follows an abbreviation of the law that sentencex does not know: "para. 4", "lit. a", "Pub. L. 117"."""


_REFERENCE = re.compile(
    r"\b(?:Articles?|Art\.|Sections?|Regulations?|Directives?|Rules?|Part|CFR|USC|NYCRR|FR|FAR|DFARS|POL|SP|BOD|EO|Act(?: \d{4})?|clauses?)[ -](?:\(EU\) )?[\d().,/a-zA-Z-]*\d[\d().,/]*"
    r"|\b\d+ (?:CFR|USC|FR|NYCRR)\b|\b\d{4}/\d+\b|\b\d{1,3}/\d{4}\b"
)
_DAY = re.compile(r"\b(?:\d{1,2} )?[A-Z][a-z]+ \d{4}\b")
_CLAUSE = re.compile(r"^\d{1,3}(?:\.\d{1,3}){1,4}\.?\s+")


def spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence, trimmed of white space, in order."""
    return [
        trimmed
        for start, end in _joined(text, _boundaries(text))
        for piece in _numerals(text, start, end)
        if (trimmed := _trimmed(text, *piece))[0] < trimmed[1]
    ]


def sentences(text: str) -> list[str]:
    """Return the sentences themselves."""
    return [text[start:end] for start, end in spans(text)]


def _boundaries(text: str) -> Iterator[tuple[int, int]]:
    position = 0
    for boundary in get_sentence_boundaries("en", text):
        start = text.index(boundary["text"], position)
        position = start + len(boundary["text"])
        yield start, position


def _joined(text: str, boundaries: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Put together what was cut after an abbreviation that a number, a letter or a small word follows."""
    begun: int | None = None
    for start, end in boundaries:
        begun = start if begun is None else begun
        if not (
            _CITED.search(text[max(start, end - 20) : end].rstrip()) and _NUMBERED.match(text[end : end + 24].lstrip())
        ):
            yield begun, end
            begun = None
    if begun is not None:
        yield begun, len(text)


def _numerals(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for found in _NUMERAL_END.finditer(text, start, end):
        yield start, found.end()
        start = found.end()
    yield start, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def unnumbered(sentence: str) -> str:
    """Return a sentence without the number of the clause that it opens."""
    return _CLAUSE.sub("", sentence)


def unreferred(sentence: str) -> str:
    """Return a sentence without the provisions and instruments that it names by number."""
    return _REFERENCE.sub("", sentence)


def bare(sentence: str) -> str:
    """Return a sentence without its clause number, the provisions it names and its dates: what figures are left."""
    return _DAY.sub("", unreferred(unnumbered(sentence)))
