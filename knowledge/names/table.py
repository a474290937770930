"""The words that company names are made of, read once from `words.yaml`: legal forms, abbreviations, numbers, places."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge import yamls
from knowledge.names.fold import words

EDGE = 4
"""Letters at either end of a long legal form that are looked at first."""
_FILE = Path(__file__).parent / "words.yaml"


@dataclass(frozen=True, slots=True)
class Table:
    """What words stand for: each map is keyed by folded words, several of them by a tuple.

    `spelled` has long legal forms written together, `edges` their first and last letters: one slip leaves one of them whole.
    `legal` names the family of a legal form, `abbreviations` the words written out, `places` an ISO 3166-1 alpha-2 code.
    """

    legal: dict[tuple[str, ...], str]
    longest: int
    spelled: dict[str, str]
    edges: frozenset[str]
    abbreviations: dict[tuple[str, ...], tuple[str, ...]]
    numbers: dict[str, int]
    generic: frozenset[str]
    places: dict[tuple[str, ...], str]
    suffixes: tuple[str, ...]
    native_places: tuple[str, ...]
    characters: dict[int, str]


@cache
def table() -> Table:
    """Return the one table."""
    read = yamls.read(_FILE.read_text(encoding="utf-8"))
    legal = {words(form): family for family, forms in read["legal"].items() for form in forms}
    spelled = {"".join(form): family for form, family in legal.items() if len("".join(form)) >= 10}
    return Table(
        legal=legal,
        longest=max(map(len, legal)),
        spelled=spelled,
        edges=frozenset(edge for form in spelled for edge in (form[:EDGE], form[-EDGE:])),
        abbreviations={words(short): words(full) for full, shorts in read["abbreviations"].items() for short in shorts},
        numbers=read["numbers"],
        generic=frozenset(read["generic"].split()),
        places={words(name): code for code, names in read["places"].items() for name in names},
        suffixes=tuple(sorted(read["suffixes"], key=len, reverse=True)),
        native_places=tuple(read["native_places"]),
        characters=str.maketrans(read["shared_characters"]),
    )
