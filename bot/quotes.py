"""Finds a quote verbatim in a passage, after folding what typography and layout change and nothing else."""

import unicodedata
from dataclasses import dataclass

SHORTEST_CHARACTERS = 20
SHORTEST_WORDS = 4
"""A shorter quote proves nothing, because it stands in too many places (shared notes on trust, C3)."""

_FOLDED = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "…": "...",
    }
)  # fmt: skip
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
    wanted = _fold(quote).text.strip()
    if len(wanted) < SHORTEST_CHARACTERS or len(wanted.split()) < SHORTEST_WORDS:
        return None
    folded = _fold(text)
    at = folded.text.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if _edge(folded.text, at) and _edge(folded.text, end):
            return folded.origin[at], folded.origin[end - 1] + 1
        at = folded.text.find(wanted, at + 1)
    return None


def _edge(text: str, at: int) -> bool:
    """Tell whether a word may begin or end here: not between two letters or digits, nor inside a number."""
    if at in {0, len(text)}:
        return True
    before, after = text[at - 1], text[at]
    if before.isalnum() and after.isalnum():
        return False
    if after in ".," and before.isdigit() and text[at + 1 : at + 2].isdigit():
        return False
    return not (before in ".," and after.isdigit() and text[at - 2 : at - 1].isdigit())


def _fold(text: str) -> _Folded:
    out: list[str] = []
    origin: list[int] = []
    for at, char in enumerate(text):
        if char in _INVISIBLE:
            continue
        for piece in unicodedata.normalize("NFKC", char.translate(_FOLDED)).translate(_FOLDED).casefold():
            if piece.isspace():
                if out and out[-1] == " ":
                    continue
                piece = " "  # noqa: PLW2901 - one blank stands for any white space
            out.append(piece)
            origin.append(at)
    return _unhyphenated(text, out, origin)


def _unhyphenated(text: str, out: list[str], origin: list[int]) -> _Folded:
    r"""Join a word that a line break cut with a hyphen: "trans-\\nfer" is "transfer"."""
    kept: list[str] = []
    places: list[int] = []
    at = 0
    while at < len(out):
        broken = (
            out[at] == "-"
            and at + 2 < len(out)
            and out[at + 1] == " "
            and "\n" in text[origin[at] : origin[at + 2]]
            and at > 0
            and out[at - 1].isalpha()
            and out[at + 2].isalpha()
        )
        if broken:
            at += 2
            continue
        kept.append(out[at])
        places.append(origin[at])
        at += 1
    return _Folded("".join(kept), tuple(places))
