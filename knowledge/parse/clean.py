"""Takes out of a text what a reader cannot see, and changes nothing else."""

import re
import unicodedata

_KEPT_CONTROLS = "\n\t"
_LINE_ENDS = re.compile(r"\r\n?|[\f\v\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"[ \t\u00a0\u2007\u202f]+")
_BLANKS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks that are drawn as nothing; Unicode does not count them among the invisible categories."""


def visible(text: str) -> str:
    """Drop invisible, bidirectional and control characters; keep every visible one as it is.

    Every kind of line end becomes a line feed first, so that no two words grow together.
    """
    shown = _BLANKS.sub("", _LINE_ENDS.sub("\n", text))
    unseen = {
        ord(char): None
        for char in set(shown)  # a text has few different characters, and many of each
        if char not in _KEPT_CONTROLS and unicodedata.category(char) in {"Cf", "Cc", "Co", "Cs", "Cn"}
    }
    return shown.translate(unseen) if unseen else shown


def hides(text: str) -> bool:
    """Tell whether a text holds anything that a reader cannot see, line ends apart."""
    return visible(text) != _LINE_ENDS.sub("\n", text)


def line(text: str) -> str:
    """Return the text as one line: invisible characters out, every run of white space one blank."""
    return _SPACES.sub(" ", visible(text).replace("\n", " ")).strip()
