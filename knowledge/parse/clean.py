"""Takes out of a text what a reader cannot see, and changes nothing else."""

import re
import unicodedata

_KEPT_CONTROLS = "\n\t"
_SPACES = re.compile(r"[ \t\u00a0\u2007\u202f\r\f\v]+")


def visible(text: str) -> str:
    """Drop invisible, bidirectional and control characters; keep every visible one as it is."""
    return "".join(
        char
        for char in text
        if char in _KEPT_CONTROLS or unicodedata.category(char) not in {"Cf", "Cc", "Co", "Cs", "Cn"}
    )


def line(text: str) -> str:
    """Return the text as one line: invisible characters out, every run of white space one blank."""
    return _SPACES.sub(" ", visible(text.replace("\n", " "))).strip()
