"""Which of the passages found bear on the question, and how much of it each covers."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from knowledge.aim import Aim
from knowledge.answerable import THRESHOLD, confidence, features
from knowledge.bearing import Bearing, Sentence
from knowledge.concepts import Concept
from knowledge.evidence import Hit
from knowledge.model import Document, Role
from knowledge.ports import Matrix
from knowledge.query import Query
from knowledge.sentences import spans
from knowledge.store.rows import header
from knowledge.vendors import Vendor, family
from knowledge.words import holds, terms

NEAR_TOP = 0.45
"""A passage whose score is below this share of the best one must cover half of the question to stay."""
HALF = 0.5
NEAR = 0.3
LONGER = 4
"""Letters from which a word of the question counts for its echo."""
_DAYS = frozenset(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September"
    " October November December Hi Hello Hey Thanks Please OK".split()
)
"""Words with a capital that name nothing a source could hold."""
LIST_WAY = tuple(terms("list"))
ALIKE = 0.4
"""The share of a question that a passage covers, and the likeness of its best sentence, from which a refusal names it."""


@dataclass(frozen=True, slots=True)
class Bearings:
    """What bears on a question, best first; `missing` are the asker's words for names and terms that no readable source holds.

    `fitting` could answer it and `found` are the same where we judge that they do, else none.
    `nearest` are passages about the vendor, or close to the question, that do not answer what was asked, one a document;
    `measured` is everything that was found, in search order. `confidence` is how sure we are that `found` answers, 0 to 1;
    1 where the question is about a vendor and nothing else.
    """

    found: tuple[Bearing, ...]
    fitting: tuple[Bearing, ...]
    nearest: tuple[Bearing, ...]
    missing: tuple[str, ...]
    measured: tuple[Bearing, ...] = ()
    confidence: float = 1.0


NONE = Bearings((), (), (), (), confidence=0.0)
"""What bears on a question where nothing was looked at."""
Nearness = Callable[[Sequence[str], Sequence[str]], Matrix]
"""Takes words and texts; returns, by text and word, the highest cosine of the word and any word of the text."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How rare terms are over what the asker may read, how alike texts are to the question (0 to 1), how near words to texts."""

    rarity: Mapping[str, float]
    absent: frozenset[str]
    likeness: Callable[[Sequence[str]], Sequence[float]]
    nearness: Nearness


def known_by(hits: Sequence[Hit], day: date, documents: Sequence[Document] = ()) -> list[Hit]:
    """Keep what had been published by a day and had not ended before it; an unknown date is kept.

    What another of `documents` supersedes is left out from the day on that the newer one holds.
    """
    replaced = {
        old
        for document in documents
        if document.supersedes and _holds_from(document) <= day
        for old in document.supersedes
    }
    return [
        hit
        for hit in hits
        if (hit.document.published is None or hit.document.published <= day)
        and (hit.document.ends_on is None or hit.document.ends_on >= day)
        and (hit.passage.ends_on is None or hit.passage.ends_on >= day)
        and hit.document.id not in replaced
    ]


def _holds_from(document: Document) -> date:
    """Return since when a document stands in for what it supersedes: always, where it does not say."""
    return document.applies_from or document.in_force_from or document.published or date.min


def bearings(query: Query, hits: Sequence[Hit], measure: Measure, sure_from: float = THRESHOLD) -> Bearings:
    """Keep the hits that bear on the question, best first; none when they do not carry an answer together."""
    measured, missing, weights = measure_hits(query, hits, measure)
    top = max((hit.score for hit in hits), default=0.0)
    fitting = [one for one in measured if _fits(query, one, top)]
    only_vendor = bool(query.vendors) and not weights
    if listed := _listed(query, fitting):
        fitting = [one for one in fitting if any(sentence.vendor for sentence in one.sentences)]
    sure = 1.0 if only_vendor or listed else confidence(features(query, measured, missing, weights))
    carried = _carried(query, fitting, weights) and not _strange(query, missing) and sure >= sure_from
    best_first = tuple(sorted(fitting, key=lambda one: -_worth(one)))
    bearing = {id(one) for one in fitting} if carried else set[int]()
    return Bearings(
        found=best_first if carried else (),
        fitting=best_first,
        nearest=_nearest(query, [one for one in measured if id(one) not in bearing]),
        missing=tuple(concept.words for concept in missing if _telling(query, concept)),
        measured=tuple(measured),
        confidence=sure,
    )


def measure_hits(
    query: Query, hits: Sequence[Hit], measure: Measure
) -> tuple[list[Bearing], list[Concept], dict[Concept, float]]:
    """Return the hits measured against the question, the concepts that no source holds, and each concept's weight."""
    asked = [concept for concept in query.concepts if not concept.generic]
    missing = [concept for concept in asked if all(set(way) & measure.absent for way in concept.ways)]
    weights = _weights(asked, measure)
    names = tuple(tuple(terms(name)) for vendor in query.vendors for name in family(vendor))
    cut = [(hit, _spans(hit.passage.text)) for hit in hits]
    texts = [hit.passage.text[start:end] for hit, places in cut for start, end in places]
    above = [f"{hit.document.short} {hit.passage.heading}" for hit, places in cut for _ in places]
    likeness = measure.likeness(texts)
    nearness = _by_meaning(_longer_words(query.text), weights, texts, above, measure.nearness)
    sentences = iter(zip(likeness, nearness, strict=True))
    return [_measured(weights, names, hit, places, sentences) for hit, places in cut], missing, weights


@lru_cache(2_048)
def _spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return where each sentence of a passage stands; the passages that are found often are cut once."""
    return tuple(spans(text))


@lru_cache(8_192)
def _terms(text: str) -> tuple[str, ...]:
    return tuple(terms(text))


def _longer_words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W_]+", text.lower()) if len(word) >= LONGER]


def _by_meaning(
    spoken: Sequence[str],
    weights: Mapping[Concept, float],
    texts: Sequence[str],
    above: Sequence[str],
    nearness: Nearness,
) -> list[tuple[float, float, float]]:
    """Return meaning, headed and echo of each sentence; `above` is what stands over each."""
    words = [*(concept.words for concept in weights), *spoken]
    if not texts or not words:
        return [(0.0, 0.0, 0.0)] * len(texts)
    headings = list(dict.fromkeys(above))
    near = nearness(words, [*headings, *texts])
    at = {heading: n for n, heading in enumerate(headings)}
    own, over = near[len(headings) :], near[[at[heading] for heading in above]]
    share = np.asarray([*weights.values(), *[0.0] * len(spoken)])
    share /= share.sum() or 1.0
    echo = own[:, len(weights) :].mean(axis=1) if spoken else np.zeros(len(texts))
    return list(zip((own @ share).tolist(), (np.maximum(own, over) @ share).tolist(), echo.tolist(), strict=True))


def concept_terms(query: Query) -> set[str]:
    """Return every term whose rarity `bearings` needs."""
    return {word for concept in query.concepts for way in concept.ways for word in way}


def _weights(asked: Sequence[Concept], measure: Measure) -> dict[Concept, float]:
    """Weigh each concept by its rarity: the rarity of its commonest way, a way being as rare as its rarest word."""
    return {concept: min(max(measure.rarity[word] for word in way) for way in concept.ways) for concept in asked}


def _measured(
    weights: Mapping[Concept, float],
    names: Sequence[Sequence[str]],
    hit: Hit,
    places: Sequence[tuple[int, int]],
    measured: Iterator[tuple[float, tuple[float, float, float]]],
) -> Bearing:
    found_by = header(hit.document, {"citation": hit.passage.citation, "heading": hit.passage.heading})
    around = _terms(f"{found_by} {hit.passage.context}")
    text = hit.passage.text
    sentences = []
    for start, end in places:
        words = _terms(text[start:end])
        named = any(holds(words, name) for name in names)
        likeness, near = next(measured)
        cover = _share(_covered(weights, words), weights)
        sentences.append(Sentence(start, end, text[start:end], cover, likeness, named, *near))
    covered = _covered(weights, (*_terms(text), *around))
    about = any(one.vendor for one in sentences) or any(holds(around, name) for name in names)
    return Bearing(hit, _share(covered, weights), about, frozenset(c.name for c in covered), tuple(sentences))


def _fits(query: Query, one: Bearing, top: float) -> bool:
    """Tell whether a passage can be part of the answer: about the right vendor, and close enough to the best one."""
    document = one.hit.document
    if query.vendors and not one.vendor:
        subject = [concept for concept in query.concepts if not concept.generic]
        only_vendor = one.hit.role in {Role.NEWS, Role.EVIDENCE, Role.LIST} or query.aim is Aim.FACT
        if only_vendor or not subject or _about_others(document, query.vendors):
            return False
    if query.vendors and one.vendor and one.hit.role in {Role.LIST, Role.NEWS, Role.EVIDENCE}:
        return True
    return one.hit.score >= NEAR_TOP * top or one.cover >= HALF


def _carried(query: Query, fitting: Sequence[Bearing], weights: Mapping[Concept, float]) -> bool:
    """Tell whether any passage can carry the answer: whether a thing is so about a vendor needs a sentence that says it.

    "Has X been convicted of espionage?" is not answered by what else is known of X: the rarest thing asked about must
    stand in the same sentence as the vendor.
    """
    if not (fitting and query.vendors and query.aim is Aim.FACT and query.yes_no and weights):
        return bool(fitting)
    key = max(weights, key=lambda concept: weights[concept])
    return any(
        sentence.vendor and any(holds(_terms(sentence.text), way) for way in key.ways)
        for one in fitting
        for sentence in one.sentences
    )


def _listed(query: Query, fitting: Sequence[Bearing]) -> bool:
    """Tell whether all that is asked is whether a vendor stands on a list, and a list names it: that answers, whatever the words."""
    asked = [concept for concept in query.concepts if not concept.generic]
    return (
        bool(query.vendors)
        and query.wants == "listing"
        and all(LIST_WAY in concept.ways for concept in asked)
        and any(one.hit.role is Role.LIST and sentence.vendor for one in fitting for sentence in one.sentences)
    )


def _strange(query: Query, missing: Sequence[Concept]) -> bool:
    """Tell whether a question asks if something is so of a name that no source mentions: then none can say."""
    named = (concept.words for concept in missing if concept.words[:1].isupper())
    return query.aim is Aim.FACT and query.yes_no and any(query.text.find(name) > 0 for name in named)


def _telling(query: Query, concept: Concept) -> bool:
    """Tell whether it says something that no source holds this: a name or a term of the field does, "morning" does not."""
    name = concept.words[:1].isupper() and (query.text.find(concept.words) > 0 or concept.words.isupper())
    return concept.field or (name and concept.words not in _DAYS)


def _nearest(query: Query, others: Sequence[Bearing]) -> tuple[Bearing, ...]:
    """Return one passage a document, each document's first one found.

    About a vendor reports and lists come before rules; otherwise what covers part of the question, the best first.
    """
    near = [one for one in others if (one.vendor if query.vendors else _close(one))]
    first: dict[str, Bearing] = {}
    for one in near:
        held = first.setdefault(one.hit.document.id, one)
        if query.vendors and one.hit.passage.start < held.hit.passage.start:
            first[one.hit.document.id] = one
    about = {Role.LIST: 0, Role.NEWS: 0, Role.EVIDENCE: 0} if query.vendors else {}
    return tuple(sorted(first.values(), key=lambda one: (about.get(one.hit.role, 1), -one.hit.score)))


def _close(one: Bearing) -> bool:
    """Tell whether a passage is close to a question that it does not answer: in its words and in one sentence's meaning."""
    return one.cover >= NEAR and max((sentence.likeness for sentence in one.sentences), default=0.0) >= ALIKE


def _about_others(document: Document, vendors: Sequence[Vendor]) -> bool:
    """Tell whether a document is about named vendors, and none of them is asked about."""
    ours = {name.casefold() for vendor in vendors for name in family(vendor)}
    return bool(document.vendors) and not any(name.casefold() in ours for name in document.vendors)


def _worth(one: Bearing) -> float:
    best = max((sentence.cover + sentence.likeness for sentence in one.sentences), default=0.0)
    return one.hit.score + 0.4 * one.cover + 0.4 * best


def _covered(weights: Mapping[Concept, float], words: Sequence[str]) -> list[Concept]:
    held = frozenset(words)
    return [concept for concept in weights if any(held.issuperset(way) and holds(words, way) for way in concept.ways)]


def _share(covered: Sequence[Concept], weights: Mapping[Concept, float]) -> float:
    total = sum(weights.values())
    return sum(weights[concept] for concept in covered) / total if total else 0.0
