"""The vendors that a text names: names on lists, known brands, and what ends in a legal form."""

import re
from collections.abc import Iterator

from knowledge.names.forms import form
from knowledge.names.grade import Grade, How
from knowledge.screened import Loaded
from knowledge.vendors import known_vendors

MOST, TRIED = 5, 120
"""Vendors of a text that are told, and runs of words that are looked up for them."""
LONGEST, WORDS = 4_000, 6
"""Characters of a text that are read, and words of a name."""
_WORD = r"[^\W\d_a-z\u3040-\u9fff\uac00-\ud7af][\w&.'’-]*"
_RUN = re.compile(rf"{_WORD}(?:[ \t]+(?:{_WORD}|&|of|and|de|du|der|für|y|la)){{0,11}}")
_JOINS = frozenset("& of and de du der für y la".split())
_NATIVE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,30}")
_SAME = frozenset({How.NAME, How.BRAND, How.IDENTIFIER})
_TELLING = frozenset({Grade.CONFIRMED, Grade.PROBABLE, Grade.AFFILIATE})


def vendors_in(text: str, loaded: Loaded) -> tuple[str, ...]:
    """Return the vendors that a text names, as it writes them, in its order; at most MOST."""
    shown = text[:LONGEST]
    found: dict[str, str] = {}
    for name in _named(shown, loaded):
        found.setdefault(form(name).full or name, name)
    return tuple(found.values())[:MOST]


def _named(text: str, loaded: Loaded) -> Iterator[str]:
    """Yield the names in the order of the text; in a run of capitalised words the longest name goes first."""
    left = TRIED
    runs = sorted((*_RUN.finditer(text), *_NATIVE.finditer(text)), key=lambda met: met.start())
    for run in runs:
        words = run[0].split()
        at = 0
        while at < len(words) and left > 0:
            taken = 1
            for size in range(min(WORDS, len(words) - at), 0, -1):
                if words[at + size - 1] in _JOINS:
                    continue
                name = " ".join(words[at : at + size]).strip(" .,;:'’&-")
                left -= 1
                if _is_vendor(name, loaded):
                    yield name
                    taken = size
                    break
            at += taken


def _is_vendor(name: str, loaded: Loaded) -> bool:
    known = form(name)
    if len(name) < 3 or not (known.key or known.script):
        return False
    if known.legal and len(known.words) > 1 and not name[:1].islower() and " and " not in name:
        return True
    if any(form(one).full == known.full for vendor in known_vendors() for one in (vendor.name, *vendor.aliases)):
        return True
    matches = loaded.names.find(name, limit=3)
    return any(one.how in _SAME and one.grade in _TELLING for one in matches)
