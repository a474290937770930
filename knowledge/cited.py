"""What a question cites: provisions by their number, documents by a name, terms that the law defines."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge.model import Document
from knowledge.vocabulary import GENERIC
from knowledge.words import Phrases, terms

_PIN = re.compile(
    r"(?:\b(?P<kind>art(?:icle|s?\.)?|section|sec\.|recital|annex|clause|reg\.|CFR(?: part)?|D?FARS?|NYCRR|USC)|§+)"
    r"\s*(?P<number>\d+[a-z]?(?:[.-]\d+)*|[IVX]+\b)(?P<points>(?:\([0-9a-zA-Z]{1,5}\))*)",
    re.IGNORECASE,
)
_SHORT_PIN = re.compile(r"\b[A-Z]\w+ (?P<number>\d{1,3}[a-z]?)(?P<points>(?:\([0-9a-zA-Z]{1,5}\))+)")
"""The short form "DORA 30(2)": a name, a number and at least one point, or a year would do as well."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A provision that a question cites by number: "Art. 28(3)(a)" is the kind art., the number 28 and the points (3)(a)."""

    kind: str
    number: str
    points: str = ""

    def within(self, citation: str) -> bool:
        """Tell whether a citation is of this provision, or of a part of it: 28 is in "Art. 28(2)", not in "Art. 6(28)"."""
        for apart in ("recital", "annex"):
            if self.kind.startswith(apart) != (apart in citation.lower()):
                return False
        return (
            re.search(rf"(?<![\w.(-]){re.escape(self.number + self.points)}(?![\w-]|\.\d)", citation, re.IGNORECASE)
            is not None
        )


class Names:
    """What questions can name of an edition: its documents by their names, and its defined terms."""

    def __init__(self, documents: Iterable[Document], definitions: Iterable[tuple[str, str]] = ()) -> None:
        """Take the documents that a reader may see, and (term, passage id) of the definitions in them."""
        named = [
            (name, document.id)
            for document in documents
            for name in dict.fromkeys((document.short, document.citation, *document.aliases))
        ]
        self._documents = _telling((_name(name), id_) for name, id_ in named)
        self._proper = frozenset(_name(name) for name, _ in named if name != name.lower())
        self._definitions = _telling((_name(term), passage) for term, passage in definitions)

    def documents(self, words: Sequence[str]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Return the ids of the documents that these terms name, and the names that were used, longest first."""
        found = self._documents.within(words)
        ids = dict.fromkeys(id_ for _, id_ in found)
        return tuple(sorted(ids)), tuple(sorted({name for name, _ in found}, key=lambda name: (-len(name), name)))

    def proper(self, name: Sequence[str]) -> bool:
        """Tell whether a name is written with a capital ("Data Act"), and not a description ("patch deadline")."""
        return tuple(name) in self._proper

    def definitions(self, words: Sequence[str]) -> tuple[str, ...]:
        """Return the passages that define what these terms hold, those of the longest terms first."""
        found = sorted(self._definitions.within(words), key=lambda pair: (-len(pair[0]), pair[1]))
        return tuple(passage for _, passage in found)


def _telling(named: Iterable[tuple[tuple[str, ...], str]]) -> Phrases[str]:
    """Leave out names that consist of words without a subject ("the Rules"): every question would name them."""
    return Phrases((name, meaning) for name, meaning in named if not GENERIC.issuperset(name))


def pins_in(text: str) -> tuple[Pin, ...]:
    """Return the provisions that a text cites by number, once each."""
    long = [Pin((found["kind"] or "").lower(), found["number"], found["points"]) for found in _PIN.finditer(text)]
    known = {(pin.number, pin.points) for pin in long}
    short = [Pin("", found["number"], found["points"]) for found in _SHORT_PIN.finditer(text)]
    return (*long, *(pin for pin in short if (pin.number, pin.points) not in known))


@lru_cache(maxsize=200_000)
def _name(name: str) -> tuple[str, ...]:
    """Return the terms of a document's name; every question meets the same names."""
    return tuple(terms(name))
