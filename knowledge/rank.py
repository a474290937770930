"""Which of the passages found bear on the question, and how much of it each covers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    """A sentence of a passage: the share of the question it covers, its likeness to it, whether it names the vendor."""

    start: int
    end: int
    text: str
    cover: float
    likeness: float
    vendor: bool


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
    """What bears on a question, best first; `missing` are the asker's words for what no readable source holds at all.

    `nearest` are passages about the vendor that do not answer what was asked, one a document.
    """

    found: tuple[Bearing, ...]
    nearest: tuple[Bearing, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """How rare terms are over what the asker may read, and how alike texts are to the question (0 to 1)."""

    rarity: Mapping[str, float]
    absent: frozenset[str]
    likeness: Callable[[Sequence[str]], Sequence[float]]


def known_by(hits: Sequence[Hit], day: date) -> list[Hit]:
    """Keep what had been published by a day and had not ended before it; an unknown date is kept."""
    return [
        hit
        for hit in hits
        if (hit.document.published is None or hit.document.published <= day)
        and (hit.document.ends_on is None or hit.document.ends_on >= day)
    ]


def bearings(query: Query, hits: Sequence[Hit], measure: Measure) -> Bearings:
    """Keep the hits that bear on the question, best first."""
    asked = [concept for concept in query.concepts if not concept.generic]
    missing = [concept for concept in asked if all(set(way) & measure.absent for way in concept.ways)]
    weights = _weights(query, asked, missing, measure)
    names = tuple(tuple(terms(name)) for vendor in query.vendors for name in family(vendor))
    cut = [(hit, spans(hit.passage.text)) for hit in hits]
    likeness = iter(measure.likeness([hit.passage.text[start:end] for hit, places in cut for start, end in places]))
    measured = [_measured(query, weights, names, hit, places, likeness) for hit, places in cut]
    found = [one for one in measured if _bears(query, one)]
    return Bearings(
        found=tuple(sorted(found, key=lambda one: -_worth(one))),
        nearest=_nearest(query, [one for one in measured if one.vendor and one not in found]),
        missing=tuple(concept.words for concept in missing),
    )


def concept_terms(query: Query) -> set[str]:
    """Return every term whose rarity `bearings` needs."""
    return {word for concept in query.concepts for way in concept.ways for word in way}


def _weights(
    query: Query, asked: Sequence[Concept], missing: Sequence[Concept], measure: Measure
) -> dict[Concept, float]:
    """Weigh each concept by its rarity: the rarity of its commonest way, a way being as rare as its rarest word.

    Where a rule is asked for, a word that no source holds ("solar panels") counts half of an average one: rules are
    general, questions are particular. Where a fact is asked for, it keeps its full weight.
    """
    weights = {c: min(max(measure.rarity[word] for word in way) for way in c.ways) for c in asked}
    known = [weight for concept, weight in weights.items() if concept not in missing]
    if query.aim is Aim.NORM and known:
        weights |= dict.fromkeys(missing, sum(known) / len(known) / 2)
    return weights


def _measured(
    query: Query,
    weights: Mapping[Concept, float],
    names: Sequence[Sequence[str]],
    hit: Hit,
    places: Sequence[tuple[int, int]],
    likeness: Iterator[float],
) -> Bearing:
    around = terms(header(hit.document, {"citation": hit.passage.citation, "heading": hit.passage.heading}))
    text = hit.passage.text
    sentences = []
    for start, end in places:
        words = terms(text[start:end])
        named = any(holds(words, name) for name in names)
        sentences.append(
            Sentence(start, end, text[start:end], _share(_covered(weights, words), weights), next(likeness), named)
        )
    covered = _covered(weights, [*terms(text), *around])
    about = any(one.vendor for one in sentences) or any(holds(around, name) for name in names)
    return Bearing(hit, _share(covered, weights), about, frozenset(c.name for c in covered), tuple(sentences))


def _bears(query: Query, one: Bearing) -> bool:
    """Decide by what is asked: a rule must fit the question, a fact about a vendor must name the vendor and the fact."""
    document = one.hit.document
    subject = [concept for concept in query.concepts if not concept.generic]
    if query.vendors and not one.vendor and (_about_others(document, query.vendors) or not subject):
        return False
    if query.vendors and not subject:
        return True
    if query.aim is Aim.FACT:
        if not query.vendors:
            return one.cover >= BEARS[Aim.FACT]
        best = max((sentence.cover for sentence in one.sentences), default=0.0)
        return one.vendor and best >= BEARS[Aim.FACT]
    if document.role in {Role.NEWS, Role.EVIDENCE, Role.LIST} and query.vendors:
        return one.vendor and one.cover >= ABOUT_VENDOR
    anchored = one.vendor or document.id in query.named or any(c.field and c.name in one.concepts for c in subject)
    return anchored and one.cover >= (ABOUT_VENDOR if document.id in query.named else BEARS[Aim.NORM])


def _nearest(query: Query, others: Sequence[Bearing]) -> tuple[Bearing, ...]:
    """Return one passage a document, reports and lists before rules, each document's first one found."""
    if not query.vendors:
        return ()
    first: dict[str, Bearing] = {}
    for one in others:
        held = first.setdefault(one.hit.document.id, one)
        if one.hit.passage.start < held.hit.passage.start:
            first[one.hit.document.id] = one
    about = {Role.LIST: 0, Role.NEWS: 0, Role.EVIDENCE: 0}
    return tuple(sorted(first.values(), key=lambda one: (about.get(one.hit.document.role, 1), -one.hit.score)))


def _about_others(document: Document, vendors: Sequence[Vendor]) -> bool:
    """Tell whether a document is about named vendors, and none of them is asked about."""
    ours = {name.casefold() for vendor in vendors for name in family(vendor)}
    return bool(document.vendors) and not any(name.casefold() in ours for name in document.vendors)


def _worth(one: Bearing) -> float:
    best = max((sentence.cover + sentence.likeness for sentence in one.sentences), default=0.0)
    return one.hit.score + 0.4 * one.cover + 0.4 * best


def _covered(weights: Mapping[Concept, float], words: Sequence[str]) -> list[Concept]:
    return [concept for concept in weights if any(holds(words, way) for way in concept.ways)]


def _share(covered: Sequence[Concept], weights: Mapping[Concept, float]) -> float:
    total = sum(weights.values())
    return sum(weights[concept] for concept in covered) / total if total else 0.0
