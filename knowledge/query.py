"""Reads a question by rules: puts together what it names, cites and asks about, with the weight of each term."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

from knowledge.aim import Aim, aim_of, defining, house, parts_of, wanted, yes_no
from knowledge.cited import Names, Pin, pins_in
from knowledge.concepts import Concept, abroad, cover
from knowledge.vendors import ADEQUATE, COUNTRIES, Vendor, names_of, vendors_in
from knowledge.vocabulary import filler, topics_in
from knowledge.words import terms

SYNONYM_WEIGHT = 0.4
"""What a synonym's term counts beside the asker's own word."""
FILLER_WEIGHT = 0.3
"""What a word counts that carries the request and not its subject: "explain", "guidance", "specific"."""
FAMILY_WEIGHT = 0.6
"""What the name of a vendor's group counts beside the name that was asked about."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the search understands it.

    `weights` maps terms to their weight, the asker's own words first, which `own` lists; `concepts` are what an answer has to cover, vendors apart; `named` are ids of
    documents that the question names, `names` the terms it names them by; `pins` are the provisions that it cites;
    `wants` is `number`, `date` or `listing` when the question asks for one; `house` is set when it asks what the company itself says,
    `yes_no` when it asks whether something is so; `defined` are ids of the passages that define a term it uses, and
    `defining` is set when it asks what that term means. `subject` and `about`, as weighted terms and as text, are what a
    question after it in its thread is about when it does not say; `parts` are the own terms of each of several questions in
    one; `near` are ids of documents that the answer before it cited; `lean` is what a follow-up leans on, None where a
    question stands alone.
    """

    text: str
    own: tuple[str, ...]
    weights: dict[str, float]
    pairs: dict[str, float]
    concepts: tuple[Concept, ...]
    vendors: tuple[Vendor, ...]
    named: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    pins: tuple[Pin, ...]
    topics: tuple[str, ...]
    aim: Aim
    wants: str = ""
    house: bool = False
    yes_no: bool = False
    defined: tuple[str, ...] = ()
    defining: bool = False
    subject: Mapping[str, float] = field(default_factory=dict)
    about: str = ""
    parts: tuple[tuple[str, ...], ...] = ()
    near: tuple[str, ...] = ()
    lean: "Lean | None" = None


@dataclass(frozen=True, slots=True)
class Lean:
    """How a follow-up leans on its thread.

    `alone` is the question without what its thread adds, `before` the question before it as it was read; `cited` are ids of
    the documents that the last answer cited, `cited_before` those of the answer before that one. `laws` are codes of the
    places it names itself, `said` is how much it says itself, 0 to 1, and `ours` whether it speaks of the asker's own company;
    `shown` is set where it shows that it leans ("and for health data?"), and `asked` are the things it asks about itself.
    """

    alone: Query
    before: Query
    cited: frozenset[str] = frozenset()
    cited_before: frozenset[str] = frozenset()
    laws: frozenset[str] = frozenset()
    said: float = 0.0
    ours: bool = False
    shown: bool = True
    asked: tuple[Concept, ...] = ()


def understand(text: str, known: Names) -> Query:
    """Read a question against what the asker may see; never fails, an empty text gives an empty query."""
    words = terms(text)
    vendors = vendors_in(text, words)
    named, name_phrases = known.documents(words)
    topics = tuple(topics_in(words))
    vendor_words = {word for vendor in vendors for name in names_of(vendor) for word in terms(name)}
    concepts = cover(text, [word for word in words if word not in vendor_words], name_phrases)
    if "privacy-transfers" in topics and any(vendor.country not in ADEQUATE for vendor in vendors):
        concepts = tuple(abroad(concept) for concept in concepts)
    weights = {word: FILLER_WEIGHT if word in filler() else 1.0 for word in words}
    own = tuple(weights)
    for concept in concepts:
        for way in sorted(concept.ways, key=lambda way: (len(way), way)):
            for word in way:
                weights.setdefault(word, SYNONYM_WEIGHT / len(way))
    for vendor in vendors:
        for word in terms(f"{vendor.group} {COUNTRIES.get(vendor.country, '')}"):
            weights.setdefault(word, FAMILY_WEIGHT)
    return Query(
        text=text,
        own=own,
        weights=weights,
        pairs={f"{a}_{b}": min(weights[a], weights[b]) for a, b in itertools.pairwise(words)},
        concepts=concepts,
        vendors=vendors,
        named=named,
        names=name_phrases,
        pins=pins_in(text),
        topics=topics,
        aim=aim_of(text, vendor=bool(vendors)),
        wants=wanted(text),
        house=house(text),
        yes_no=yes_no(text),
        defined=known.definitions(words),
        defining=defining(text),
        subject={word: weights[word] for word in own},
        about=text,
        parts=parts_of(text),
    )
