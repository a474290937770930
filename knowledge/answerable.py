"""Whether what was found carries an answer at all: two dozen general signs, weighed by a logistic regression.

The weights were fitted on our labelled questions and threads by `python -m tests.fit_answerable`, which prints them and
their cross-validated error. All but two are shares, similarities, counts and kinds; `records` and `trade` are lists of words, made
after looking at the unanswerable ones among these questions.
"""

import math
import re
from collections.abc import Mapping, Sequence

from knowledge.aim import Aim
from knowledge.bearing import Bearing
from knowledge.concepts import Concept
from knowledge.model import Role
from knowledge.query import Query

DEPTH = 8
"""How many of the best passages the signs are read from."""
NEAR = 5
FIRST = 3
THRESHOLD = 0.36
"""From which confidence passages are shown without a reader: on our first 220 questions .96 of the answerable are then answered
and .99 of the others refused, on those written blind .79 and .51, as at any other threshold hardly better than chance."""
MIDDLING = 0.7
"""How near a question is to a known one where that says nothing for or against: documents without known questions lose nothing."""
WEIGHTS: Mapping[str, float] = {
    "bias": -7.856,
    "cover": 1.996,
    "concepts": 0.953,
    "topics": 2.031,
    "acronyms_missing": -5.618,
    "words_missing": 6.144,
    "missing": -3.503,
    "vendor": 2.449,
    "named": 1.737,
    "norm": 2.709,
    "covered": 2.483,
    "key_first": -2.681,
    "key_missing": -0.426,
    "first_cover": 1.926,
    "first_likeness": 5.795,
    "name_inside_missing": 0.874,
    "fact_name_missing": -2.055,
    "fact_yes_no": -0.615,
    "fact_vendor": -2.338,
    "records": -1.167,
    "trade": -2.077,
    "number": -1.513,
    "number_near": 1.912,
    "date": 3.186,
    "defining": 1.324,
    "policy_first": -1.286,
    "law_first": -0.043,
    "asked": 2.204,
}
_ACRONYM = re.compile(r"[A-Z][A-Z0-9]{2,}")
_RECORDS = re.compile(
    r"\b(?:did|do|have|has|are|were|is|was) (?:we|our)\b|\bour (?:current|last|next|latest|existing)\b"
    r"|\bhow many (?:of our|vendors|suppliers|contracts)\b"
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
_FIGURE = re.compile(r"\d")
_PARTLY = 0.3


def features(
    query: Query, measured: Sequence[Bearing], missing: Sequence[Concept], weights: Mapping[Concept, float]
) -> dict[str, float]:
    """Return the signs of an answerable question; `measured` are the hits in search order, `weights` the concepts' rarity."""
    best, near, first = measured[:DEPTH], measured[:NEAR], measured[:FIRST]
    asked = [concept for concept in query.concepts if not concept.generic]
    lower = [concept for concept in missing if not concept.words[:1].isupper()]
    names = [concept for concept in missing if concept.words[:1].isupper()]
    opening = query.text.split()[0].strip("?,:;") if query.text.split() else ""
    key = max(weights, key=lambda concept: weights[concept], default=None)
    covered = frozenset[str]().union(*(one.concepts for one in near))
    fact = query.aim is Aim.FACT
    roles = {one.hit.role for one in first}
    top = best[0] if best else None
    return {
        "cover": max((one.cover for one in near), default=0.0),
        "concepts": float(min(6, max((len(one.concepts) for one in near), default=0))),
        "topics": float(min(3, len(query.topics))),
        "acronyms_missing": float(sum(bool(_ACRONYM.fullmatch(concept.words)) for concept in missing)),
        "words_missing": len(lower) / max(1, len(asked)),
        "missing": len(missing) / max(1, len(asked)),
        "vendor": float(bool(query.vendors)),
        "named": float(bool(query.named)),
        "norm": float(not fact),
        "covered": sum(weight for concept, weight in weights.items() if concept.name in covered)
        / (sum(weights.values()) or 1.0),
        "key_first": float(key is not None and any(key.name in one.concepts for one in first)),
        "key_missing": float(key in missing),
        "first_cover": top.cover if top else 0.0,
        "first_likeness": max((sentence.likeness for sentence in top.sentences), default=0.0) if top else 0.0,
        "name_inside_missing": float(sum(_inside(query.text, concept.words) for concept in names)),
        "fact_name_missing": float(fact and any(concept.words != opening for concept in names)),
        "fact_yes_no": float(fact and query.yes_no),
        "fact_vendor": float(fact and bool(query.vendors)),
        "records": float(bool(_RECORDS.search(query.text))),
        "trade": float(bool(_TRADE.search(query.text))),
        "number": float(query.wants == "number"),
        "number_near": float(query.wants == "number" and _figured(best)),
        "date": float(query.wants == "date"),
        "defining": float(query.defining),
        "policy_first": float(Role.POLICY in roles),
        "law_first": float(Role.LAW in roles),
        "asked": max((one.hit.asked - MIDDLING for one in first if one.hit.asked), default=0.0),
    }


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
