"""Turns text into the terms that lexical search counts: lower-case, without stop words, stemmed, and in pairs."""

import itertools
import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Generic, TypeVar

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

STOP_WORDS = (
    "a about above after again all also am an and any are as at be because been before being below between both but by can"
    " could did do does doing down during each few for from further had has have having he her here hers him his how i if in"
    " into is it its itself just me more most my no nor not now of off on once only or other our ours out over own please same"
    " she should so some such tell than that the their them then there these they this those through to too under until up us"
    " very was we were what when where which while who whom why will with would you your"
).split()
_ABBREVIATIONS = (
    (re.compile(r"\bU\.\s?S\.(?:\s?A\.)?|\bUS\b|\bUnited States(?: of America)?\b"), "usa"),
    (re.compile(r"\bU\.\s?K\.|\bUnited Kingdom\b"), "uk"),
    (re.compile(r"\bE\.\s?U\.|\bEuropean Union\b"), "eu"),
)
"""The pronoun "us" is a stop word and dots split letters, so these names are folded before the text is cut."""
Meaning = TypeVar("Meaning")


@cache
def _analyzer() -> TextAnalyzer:
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.remove_long(60))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.custom_stopword(STOP_WORDS))
        .filter(Filter.stemmer("english"))
        .build()
    )


def terms(text: str) -> list[str]:
    """Return the stemmed terms of a text in order, repeats included."""
    for name, folded in _ABBREVIATIONS:
        text = name.sub(folded, text)
    return list(_analyzer().analyze(text))


def holds(words: Sequence[str], sequence: Sequence[str]) -> bool:
    """Tell whether the sequence stands in the words, in order and without gaps."""
    size = len(sequence)
    if size == 1:
        return sequence[0] in words
    return any(tuple(words[at : at + size]) == tuple(sequence) for at in range(len(words) - size + 1))


class Phrases(Generic[Meaning]):
    """Finds phrases in a text by their first term, so that a question costs its own length and not all phrases."""

    def __init__(self, phrases: Iterable[tuple[tuple[str, ...], Meaning]]) -> None:
        """Take phrases as terms, each with its meaning; one without terms is never found."""
        self._by_first: dict[str, list[tuple[tuple[str, ...], Meaning]]] = {}
        for phrase, meaning in phrases:
            if phrase:
                self._by_first.setdefault(phrase[0], []).append((phrase, meaning))

    def within(self, words: Sequence[str]) -> list[tuple[tuple[str, ...], Meaning]]:
        """Return each phrase that stands in the words, with its meaning, as often as it stands there."""
        return [
            (phrase, meaning)
            for at, word in enumerate(words)
            for phrase, meaning in self._by_first.get(word, ())
            if tuple(words[at : at + len(phrase)]) == phrase
        ]


def pairs(words: list[str]) -> list[str]:
    """Return each two neighbouring terms as one, `data_transfer`."""
    return [f"{left}_{right}" for left, right in itertools.pairwise(words)]


_DENIAL = re.compile(
    r"\b(?:not|never|no|without|prohibit\w*|forbid\w*|ban\w*)\s+(?:to\s+|from\s+|any\s+)?([A-Za-z][\w-]+)",
    re.IGNORECASE,
)


def denied(text: str) -> frozenset[str]:
    """Return the terms that a text denies: what follows "not", "no" or "without" at once."""
    return frozenset(term for found in _DENIAL.finditer(text) for term in terms(found[1]))
