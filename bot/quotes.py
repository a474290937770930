"""Finds a quote verbatim in a passage, after folding what typography and layout change and nothing else."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

SHORTEST_CHARACTERS = 20
SHORTEST_WORDS = 4
"""A shorter quote proves nothing, because it stands in too many places (shared notes on trust, C3)."""

_FOLDED = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "…": "...",
    }
)  # fmt: skip
_CUT = re.compile(r"(?<=[^\W\d_])-\n(?=[^\W\d_])")
_INVISIBLE = {"\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"}


@dataclass(frozen=True, slots=True)
class _Folded:
    """A folded text and, for each of its characters, where it stood in the original."""

    text: str
    origin: tuple[int, ...]


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """Return where the quote stands in the text, as character offsets; None when it does not, or is too short.

    It must begin and end at word boundaries. Letter case, quotation marks, dashes, white space, soft hyphens and
    line-break hyphens are folded; a changed, added or missing word or digit is never found.
    """
    for wanted in _read(quote):
        words = wanted.text.strip()
        if len(words) < SHORTEST_CHARACTERS or len(words.split()) < SHORTEST_WORDS:
            continue
        for folded in _read(text):
            if place := _find(words, folded):
                return place
    return None


def _find(words: str, folded: _Folded) -> tuple[int, int] | None:
    at = folded.text.find(words)
    while at >= 0:
        end = at + len(words)
        if _edge(folded.text, at) and _edge(folded.text, end):
            return folded.origin[at], folded.origin[end - 1] + 1
        at = folded.text.find(words, at + 1)
    return None


def _edge(text: str, at: int) -> bool:
    """Tell whether a word may begin or end here: not between two letters or digits, nor inside a number."""
    if at in {0, len(text)}:
        return True
    before, after = text[at - 1], text[at]
    if (before.isalnum() and after.isalnum()) or unicodedata.combining(after):
        return False
    if after in ".," and before.isdigit() and text[at + 1 : at + 2].isdigit():
        return False
    return not (before in ".," and after.isdigit() and text[at - 2 : at - 1].isdigit())


def _fold(text: str) -> _Folded:
    """Fold each character; a line break after a hyphen is kept, because it may have cut a word."""
    out: list[str] = []
    origin: list[int] = []
    for at, char in enumerate(text):
        if char in _INVISIBLE:
            continue
        if char.isspace():
            if out and out[-1] in {" ", "\n"}:
                if char == "\n" and out[-2:-1] == ["-"]:
                    out[-1] = "\n"
                continue
            out.append("\n" if char == "\n" and out[-1:] == ["-"] else " ")
            origin.append(at)
            continue
        for piece in _letters(char):
            out.append(piece)
            origin.append(at)
    return _Folded("".join(out), tuple(origin))


def _letters(char: str) -> str:
    """Return a character in plain letters; a raised or lowered digit stays apart, for 10² is not 102."""
    if unicodedata.decomposition(char).startswith(("<super>", "<sub>", "<fraction>")):
        return char
    plain = unicodedata.normalize("NFKD", char.translate(_FOLDED)).translate(_FOLDED).casefold()
    return "".join(" " if piece.isspace() else piece for piece in plain)


@lru_cache(maxsize=256)
def _read(text: str) -> tuple[_Folded, ...]:
    return tuple(_readings(_fold(text)))


def _readings(folded: _Folded) -> list[_Folded]:
    r"""Return the ways to read words that a line break cut: "trans-\\nfer" is "transfer", "third-\\nparty" "third-party"."""
    cuts = [cut.start() for cut in _CUT.finditer(folded.text)]
    spaced = _Folded(folded.text.replace("\n", " "), folded.origin)
    if not cuts:
        return [spaced]
    breaks = {at + 1 for at in cuts}
    return [_without(spaced, breaks | set(cuts)), _without(spaced, breaks), spaced]


def _without(folded: _Folded, left_out: set[int]) -> _Folded:
    kept = [at for at in range(len(folded.text)) if at not in left_out]
    return _Folded("".join(folded.text[at] for at in kept), tuple(folded.origin[at] for at in kept))
