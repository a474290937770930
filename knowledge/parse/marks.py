"""Reads the marks by which EU acts number their points, and the terms that they define."""

import re
from dataclasses import dataclass

_MARK = re.compile(
    r"(?P<quote>[‘'“„«\"]?)(?:\((?P<round>\d{1,3}[a-z]{0,2}|[a-z]{1,5}|[A-Z]{1,2})\)"
    r"|(?P<number>\d{1,3}(?:\.\d{1,3})*[a-z]{0,2})\.|(?P<dotted>\d{1,3}(?:\.\d{1,3})+)"
    r"|(?P<letter>[a-z]{1,4}|[A-Z]{1,2})\)|(?P<capital>[A-Z]|[ivx]{1,5})\.)"
)
DASH = re.compile(r"[‘'“]?[—–\-•]")
"""The mark of an indent, which has no number to be cited by."""
_QUOTED = re.compile(r"[‘“„«](?!(?![\d(])(?:[^’”“»\s]+ ?){1,6}[’”“»] ?[\w,;:(])")
"""A quotation mark that does not just close a few words later, as around a term."""
_TERM = re.compile(r"[‘'“\"](.{1,120}?)[’'”\"](?=[\s,;:(]|$)")


@dataclass(frozen=True, slots=True)
class Mark:
    """A point's own mark: what is counted, and whether a quotation begins with it."""

    value: str
    quoted: bool = False


def mark(text: str) -> Mark | None:
    """Return the mark that a text consists of, None when it is none."""
    found = _MARK.fullmatch(text)
    if not found:
        return None
    value = next(one for one in found.group("round", "number", "dotted", "letter", "capital") if one)
    return Mark(value, bool(found["quote"]))


def element(path: tuple[str, ...], found: Mark, *, annex: bool) -> tuple[str, ...]:
    """Return the path of a point below another; an annex counts points of its own, and 3.1 takes the place of 3."""
    if not annex or found.value.isalpha() or (any(one.startswith("point ") for one in path) and "." not in found.value):
        return (*path, f"({found.value})")
    kept = tuple(one for one in path if not one.startswith(("point ", "("))) if "." in found.value else path
    return (*kept, f"point {found.value}")


def opens_quotation(text: str) -> bool:
    """Tell whether a text begins with words of another act rather than with a term in quotation marks."""
    return _QUOTED.match(text) is not None


def term(text: str) -> str:
    """Return the term that a definition begins with, nothing when it begins otherwise."""
    found = _TERM.match(text)
    return found[1].strip() if found else ""
