"""Cuts a text into sentences without changing a character."""

import re
from collections.abc import Iterator

from sentencex import get_sentence_boundaries

_NUMERAL_END = re.compile(r"\b(?:Annex|Chapter|Title|Part|Schedule|Section|Tier|Phase) [IVXLC]+\.(?=\s+[A-Z“\"])")
"""Where a sentence ends in a Roman numeral, which looks like an initial: "… listed in Annex I. Article 2 …"."""


def spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence, trimmed of white space, in order."""
    return [
        trimmed
        for start, end in _boundaries(text)
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


def _numerals(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for found in _NUMERAL_END.finditer(text, start, end):
        yield start, found.end()
        start = found.end()
    yield start, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
