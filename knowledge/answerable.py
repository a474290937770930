"""Whether what was found carries an answer at all: three dozen general signs, weighed by a logistic regression.

The weights were fitted on our labelled questions and threads by `python -m tests.fit_answerable`, which prints them and
their cross-validated error. All but two are shares, similarities, counts and kinds; `records` and `trade` are lists of words, made
after looking at the unanswerable ones among these questions.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence

from knowledge.bearing import Bearing
from knowledge.model import Role
from knowledge.ports import Matrix
from knowledge.query import Aim, Concept, Query
from knowledge.sentences import bare

DEPTH = 8
"""How many of the best passages the signs are read from."""
NEAR = 5
FIRST = 3
THRESHOLD = 0.5
WEIGHTS: Mapping[str, float] = {
    "bias": -6.255,
    "cover": 1.277,
    "concepts": 0.445,
    "asked": 0.421,
    "named": 1.356,
    "norm": 1.375,
    "key_missing": -0.344,
    "name_inside_missing": 0.278,
    "fact_vendor": -1.460,
    "vendor_first": 1.683,
    "house": 0.872,
    "defining": 1.299,
    "which": -0.966,
    "policy_first": -0.220,
    "law_first": -0.466,
    "guidance_first": 0.325,
    "one_document": -0.311,
    "documents": -0.628,
    "foreign_law": -3.511,
    "records": -0.426,
    "trade": -1.275,
    "place": -2.937,
    "count": -2.343,
    "person": -2.591,
    "number": -0.915,
    "number_near": -0.010,
    "number_best": 1.122,
    "likeness": 3.639,
    "gap_2": 1.591,
    "gap_5": -1.665,
    "gap_10": 2.953,
    "soft_all": -2.229,
    "soft_least": 0.740,
    "missing_soft": 0.645,
    "name_missing_soft": 2.556,
}
_RECORDS = re.compile(
    r"\b(?:did|do|have|has|are|were|is|was) (?:we|our)\b|\bour (?:current|last|next|latest|existing)\b"
    r"|\bhow many (?:of our|vendors|suppliers|contracts)\b"
    r"|\bin our (?:register|list|contract)\b|\btoday\b"
    r"|\b(?:right now|currently|at the moment|last (?:year|month|quarter|renewal|week)|this (?:spring|year|month|quarter)"
    r"|phone number|e-?mail address|name of)\b",
    re.IGNORECASE,
)
"""Asks for the company's own records or for the state of today, which no law or policy holds."""
_TRADE = re.compile(
    r"\b(?:costs?|price|discount|pay|paid|fee|revenue|market share|headcount|employ(?:s|ees)?|salary|profit)\b",
    re.IGNORECASE,
)
"""Asks for a figure of business, which sources on risk seldom hold."""
_PLACE = re.compile(
    r"\b(?:which|what) (?:\w+ ){0,2}(?:city|town|address|building|state|region)\b|\bwhere (?:does|do|is|are|did)\b",
    re.IGNORECASE,
)
_COUNT = re.compile(r"\bhow many (?!days|hours|months|years|weeks)", re.IGNORECASE)
_PERSON = re.compile(r"\bwho (?:is|was|are|runs|heads|leads|chairs|founded)\b|\bname of\b|\bceo\b", re.IGNORECASE)
_WHICH = re.compile(r"\b(?:which|where)\b", re.IGNORECASE)
_FOREIGN = (
    r"\b{}(?:'s)?\b(?: [\w-]+){{0,4}}"
    r" (?:laws?|acts?|regulations?|regulators?|authority|authorities|rules|courts?|statute|decree|code|ordinance|directive|bill)\b"
)
"""A law or an office of somewhere that no source mentions: "the Korean privacy act"."""
_NUMBER = re.compile(
    r"\b(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|hundred|thousand|million|billion)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\d")
_PARTLY = 0.3

Nearness = Callable[[Sequence[str], Sequence[str]], Matrix]
"""Takes words and texts; returns, by text and word, the highest cosine of the word and any word of the text."""


def features(
    query: Query,
    measured: Sequence[Bearing],
    missing: Sequence[Concept],
    weights: Mapping[Concept, float],
    nearness: Nearness,
) -> dict[str, float]:
    """Return the signs of an answerable question; `measured` are the hits in search order, `weights` the concepts' rarity."""
    near, first = measured[:NEAR], measured[:FIRST]
    names = [concept for concept in missing if concept.words[:1].isupper()]
    key = max(weights, key=lambda concept: weights[concept], default=None)
    fact = query.aim is Aim.FACT
    roles = [one.hit.role for one in first]
    number = query.wants == "number"
    return {
        "cover": max((one.cover for one in near), default=0.0),
        "concepts": float(min(6, max((len(one.concepts) for one in near), default=0))),
        "asked": float(len(weights)),
        "named": float(bool(query.named)),
        "norm": float(not fact),
        "key_missing": float(key in missing),
        "name_inside_missing": float(sum(_inside(query.text, concept.words) for concept in names)),
        "fact_vendor": float(fact and bool(query.vendors)),
        "vendor_first": float(bool(near) and near[0].vendor),
        "house": float(query.house),
        "defining": float(query.defining),
        "which": float(bool(_WHICH.search(query.text))),
        "policy_first": float(Role.POLICY in roles),
        "law_first": float(Role.LAW in roles),
        "guidance_first": float(bool(roles) and roles[0] is Role.GUIDANCE),
        "one_document": float(len({one.hit.document.id for one in measured[:2]}) == 1),
        "documents": float(len({one.hit.document.id for one in near})),
        **_kinds(query, names),
        "number": float(number),
        "number_near": float(number and _figured(measured[:DEPTH])),
        "number_best": float(number and any(_NUMBER.search(bare(text)) for text in _best(first))),
        "likeness": max((sentence.likeness for one in near for sentence in one.sentences), default=0.0),
        **_gaps([one.hit.score for one in measured]),
        **_softly(near, missing, weights, nearness),
    }


def _kinds(query: Query, names: Sequence[Concept]) -> dict[str, float]:
    """Return what is asked for that sources on risk seldom hold; `names` are names that no source holds."""
    text = query.text
    abroad = any(re.search(_FOREIGN.format(re.escape(concept.words)), text, re.IGNORECASE) for concept in names)
    return {
        "foreign_law": float(abroad),
        "records": float(bool(_RECORDS.search(text))),
        "trade": float(bool(_TRADE.search(text))),
        "place": float(bool(_PLACE.search(text))),
        "count": float(bool(_COUNT.search(text))),
        "person": float(bool(_PERSON.search(text))),
    }


def _gaps(scores: Sequence[float]) -> dict[str, float]:
    """Return how far the best passage stands above the second, the fifth and the tenth."""
    padded = [*scores[:10], *[0.0] * 10]
    return {f"gap_{at + 1}": padded[0] - padded[at] for at in (1, 4, 9)}


def _softly(
    near: Sequence[Bearing], missing: Sequence[Concept], weights: Mapping[Concept, float], nearness: Nearness
) -> dict[str, float]:
    """Return how near in meaning the best passages come to each concept by single words, whatever words they use."""
    texts = [
        f"{one.hit.document.short} {one.hit.passage.heading} {one.hit.passage.context} {one.hit.passage.text}"
        for one in near
    ]
    concepts = list(weights)
    if not concepts or not texts:
        return dict.fromkeys(("soft_all", "soft_least", "missing_soft", "name_missing_soft"), 1.0 if texts else 0.0)
    best = nearness([concept.words for concept in concepts], texts).max(axis=0).tolist()
    total = sum(weights.values()) or 1.0
    gone = set(missing)
    lost = [value for concept, value in zip(concepts, best, strict=True) if concept in gone]
    names = [v for concept, v in zip(concepts, best, strict=True) if concept in gone and concept.words[:1].isupper()]
    return {
        "soft_all": sum(weights[concept] * value for concept, value in zip(concepts, best, strict=True)) / total,
        "soft_least": min(best),
        "missing_soft": min(lost, default=1.0),
        "name_missing_soft": min(names, default=1.0),
    }


def _best(bearings: Sequence[Bearing]) -> list[str]:
    """Return the sentence of each passage that comes closest to the question."""
    return [
        max(one.sentences, key=lambda sentence: sentence.likeness + sentence.cover).text
        for one in bearings
        if one.sentences
    ]


def confidence(signs: Mapping[str, float]) -> float:
    """Return how likely it is that what was found carries an answer, 0 to 1."""
    score = WEIGHTS["bias"] + sum(WEIGHTS[name] * value for name, value in signs.items())
    return 1 / (1 + math.exp(-score))


def _inside(text: str, words: str) -> bool:
    """Tell whether these words stand in a text elsewhere than at its beginning."""
    return text.find(words) > 0


def _figured(best: Sequence[Bearing]) -> bool:
    """Tell whether a sentence that covers part of the question holds a figure."""
    return any(_FIGURE.search(sentence.text) and sentence.cover > _PARTLY for one in best for sentence in one.sentences)
