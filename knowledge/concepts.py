"""The things that a question asks about, each with the asker's words and every way to say the same."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.vocabulary import GENERIC, field_terms, synonyms_in
from knowledge.words import holds, terms

_HOSTING = frozenset({("host",), ("store",), ("process",)})


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that a question asks about: the asker's words, and all term sequences that mean the same.

    A generic one carries no subject ("rule", "use"); one of the field belongs to the vocabulary of procurement risk.
    """

    name: str
    words: str
    ways: frozenset[tuple[str, ...]]
    generic: bool = False
    field: bool = False


def cover(text: str, left: Sequence[str], names: Sequence[tuple[str, ...]]) -> tuple[Concept, ...]:
    """Cover the question with names of instruments, then synonym groups, longest phrase first, then single words."""
    surface = {stem: word for word in reversed(re.findall(r"\w+", text)) for stem in terms(word)}
    phrases = [(name, frozenset({name}), True) for name in names if len(name) > 1]
    phrases += [(phrase, group, True) for phrase, group in synonyms_in(left)]
    phrases += [((word,), frozenset({(word,)}), word in field_terms()) for word in dict.fromkeys(left)]
    concepts: list[Concept] = []
    taken: set[str] = set()
    for phrase, ways, of_field in phrases:
        if holds(left, phrase) and taken.isdisjoint(phrase):
            said = " ".join(surface.get(stem, stem) for stem in phrase)
            generic = all(stem in GENERIC for stem in phrase)
            concepts.append(Concept(" ".join(phrase), said, ways, generic, of_field and not generic))
            taken.update(phrase)
    order = {word: at for at, word in enumerate(left)}
    return tuple(sorted(concepts, key=lambda concept: order[concept.name.split()[0]]))


def abroad(concept: Concept) -> Concept:
    """Let hosting with a vendor outside the adequate countries count as the transfer that data protection law calls it."""
    if not concept.ways & _HOSTING:
        return concept
    return replace(concept, ways=concept.ways | {tuple(terms("transfer")), tuple(terms("third country"))})
