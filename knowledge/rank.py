"""Which of the passages found bear on the question, and how much of it each covers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.model import Document, Hit, Role
from knowledge.query import Aim, Concept, Query, Vendor, family, holds
from knowledge.sentences import spans
from knowledge.store.ledger import header
from knowledge.words import terms

BEARS = {Aim.NORM: 0.5, Aim.FACT: 0.6}
"""The share of a question, by weight of its concepts, that a passage must cover to bear on it."""
ABOUT_VENDOR = 0.3
"""The same for a passage about the vendor itself when the question is what may be done with it."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage with the share of the question it covers by itself, and with its passage around it."""

    start: int
    end: int
    text: str
    cover: float
    vendor: bool
    concepts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Bearing:
    """A passage that bears on the question: the share it covers, whether it is about the vendor, and its sentences."""

    hit: Hit
    cover: float
    vendor: bool
    concepts: frozenset[str]
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Bearings:
    """What bears on a question, best first; `missing` are the asker's words for what no found passage covers.

    `nearest` are passages about the vendor that do not answer what was asked.
    """

    found: tuple[Bearing, ...]
    nearest: tuple[Bearing, ...]
    missing: tuple[str, ...]


def known_by(hits: Sequence[Hit], day: date) -> list[Hit]:
    """Keep what had been published by a day and had not ended before it; an unknown date is kept."""
    return [
        hit
        for hit in hits
        if (hit.document.published is None or hit.document.published <= day)
        and (hit.document.ends_on is None or hit.document.ends_on >= day)
    ]


def bearings(query: Query, hits: Sequence[Hit], rarity: Mapping[str, float]) -> Bearings:
    """Keep the hits that bear on the question, best first; `rarity` must hold every term of the query's concepts."""
    weights = {concept.name: _weight(concept, rarity) for concept in query.concepts if not concept.generic}
    asked = [concept for concept in query.concepts if not concept.generic] or list(query.concepts)
    if not weights:
        weights = {concept.name: _weight(concept, rarity) for concept in asked}
    names = tuple(tuple(terms(name)) for vendor in query.vendors for name in family(vendor))
    measured = [_measure(query, asked, weights, names, hit) for hit in hits]
    found = [one for one in measured if _bears(query, one)]
    seen = frozenset().union(*(one.concepts for one in found)) if found else frozenset()
    return Bearings(
        found=tuple(sorted(found, key=lambda one: -_worth(one))),
        nearest=tuple(one for one in measured if one.vendor and one not in found) if query.vendors else (),
        missing=tuple(concept.words for concept in asked if concept.name not in seen),
    )


def concept_terms(query: Query) -> set[str]:
    """Return every term whose rarity `bearings` needs."""
    return {word for concept in query.concepts for way in concept.ways for word in way}


def _measure(
    query: Query, asked: Sequence[Concept], weights: Mapping[str, float], names: Sequence[Sequence[str]], hit: Hit
) -> Bearing:
    around = terms(header(hit.document, {"citation": hit.passage.citation, "heading": hit.passage.heading}))
    text = hit.passage.text
    sentences = []
    for start, end in spans(text):
        words = terms(text[start:end])
        covered = _covered(asked, words)
        sentences.append(
            Sentence(
                start,
                end,
                text[start:end],
                _share(covered, weights),
                vendor=any(holds(words, name) for name in names),
                concepts=covered,
            )
        )
    covered = _covered(asked, [*terms(text), *around])
    about = any(one.vendor for one in sentences) or any(holds(around, name) for name in names)
    return Bearing(hit, _share(covered, weights), about, covered, tuple(sentences))


def _bears(query: Query, one: Bearing) -> bool:
    """Decide by what is asked: a rule must fit the question, a fact about a vendor must name the vendor and the fact."""
    role = one.hit.document.role
    if query.vendors and not one.vendor and _about_others(one.hit.document, query.vendors):
        return False
    if query.aim is Aim.FACT:
        if not query.vendors:
            return one.cover >= BEARS[Aim.FACT] or one.hit.document.id in query.named
        best = max((sentence.cover for sentence in one.sentences), default=0.0)
        return one.vendor and best >= BEARS[Aim.FACT]
    if role in {Role.NEWS, Role.EVIDENCE, Role.LIST} and query.vendors:
        return one.vendor and one.cover >= ABOUT_VENDOR
    return one.cover >= BEARS[Aim.NORM] or (one.hit.document.id in query.named and one.cover >= ABOUT_VENDOR)


def _about_others(document: Document, vendors: Sequence[Vendor]) -> bool:
    """Tell whether a document is about named vendors, and none of them is asked about."""
    ours = {name.casefold() for vendor in vendors for name in family(vendor)}
    return bool(document.vendors) and not any(name.casefold() in ours for name in document.vendors)


def _worth(one: Bearing) -> float:
    best = max((sentence.cover for sentence in one.sentences), default=0.0)
    return one.hit.score + 0.4 * one.cover + 0.4 * best


def _covered(asked: Sequence[Concept], words: Sequence[str]) -> frozenset[str]:
    return frozenset(concept.name for concept in asked if any(holds(words, way) for way in concept.ways))


def _share(covered: frozenset[str], weights: Mapping[str, float]) -> float:
    total = sum(weights.values())
    return sum(weights.get(name, 0.0) for name in covered) / total if total else 0.0


def _weight(concept: Concept, rarity: Mapping[str, float]) -> float:
    """Return how much a concept tells: the rarity of its commonest way, a way being as rare as its rarest word."""
    return min(max(rarity[word] for word in way) for way in concept.ways)
