"""Cuts a text into sentences without changing a character."""

from sentencex import get_sentence_boundaries


def spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence, trimmed of white space, in order."""
    found: list[tuple[int, int]] = []
    position = 0
    for boundary in get_sentence_boundaries("en", text):
        piece = boundary["text"]
        start = text.index(piece, position)
        position = start + len(piece)
        lead = len(piece) - len(piece.lstrip())
        if piece.strip():
            found.append((start + lead, start + len(piece.rstrip())))
    return found


def sentences(text: str) -> list[str]:
    """Return the sentences themselves."""
    return [text[start:end] for start, end in spans(text)]
