"""Whether what was found carries an answer at all: a dozen general signs, weighed by a logistic regression.

The weights were fitted on `tests/data/starter_questions.jsonl` by `python -m tests.fit_answerable`, which prints them and
their cross-validated error. No sign knows a word of any question: all are shares, similarities and counts.
"""

import math
import re
from collections.abc import Mapping, Sequence

from knowledge.bearing import Bearing
from knowledge.query import Aim, Concept, Query

DEPTH = 8
"""How many of the best passages the signs are read from."""
NEAR = 5
THRESHOLD = 0.6
WEIGHTS: Mapping[str, float] = {
    "bias": -5.526,
    "cosine": 0.824,
    "likeness": 4.173,
    "cover": 1.037,
    "concepts": 0.597,
    "field": 0.165,
    "topics": 0.965,
    "acronyms_missing": -3.078,
    "names_missing": -0.717,
    "words_missing": 1.514,
    "vendor": 0.184,
    "vendor_cover": 1.324,
    "vendor_likeness": 1.134,
    "named": 1.374,
    "norm": 2.018,
    "house": -1.083,
}
_ACRONYM = re.compile(r"[A-Z][A-Z0-9]{2,}")


def features(query: Query, measured: Sequence[Bearing], missing: Sequence[Concept]) -> dict[str, float]:
    """Return the signs of an answerable question; `measured` are the hits in search order."""
    best, near = measured[:DEPTH], measured[:NEAR]
    asked = [concept for concept in query.concepts if not concept.generic]
    opening = query.text.split()[0].strip("?,:;") if query.text.split() else ""
    fields = {concept.name for concept in asked if concept.field}
    lower = [concept for concept in missing if not concept.words[:1].isupper()]
    about = [sentence for one in best for sentence in one.sentences if sentence.vendor]
    return {
        "cosine": max((one.hit.cosine for one in best), default=0.0),
        "likeness": max((sentence.likeness for one in best for sentence in one.sentences), default=0.0),
        "cover": max((one.cover for one in near), default=0.0),
        "concepts": float(min(6, max((len(one.concepts) for one in near), default=0))),
        "field": float(min(4, max((len(one.concepts & fields) for one in near), default=0))),
        "topics": float(min(3, len(query.topics))),
        "acronyms_missing": float(sum(bool(_ACRONYM.fullmatch(concept.words)) for concept in missing)),
        "names_missing": float(
            min(3, sum(concept.words[:1].isupper() and concept.words != opening for concept in missing))
        ),
        "words_missing": len(lower) / max(1, len(asked)),
        "vendor": float(bool(query.vendors)),
        "vendor_cover": max((sentence.cover for sentence in about), default=0.0),
        "vendor_likeness": max((sentence.likeness for sentence in about), default=0.0),
        "named": float(bool(query.named)),
        "norm": float(query.aim is Aim.NORM),
        "house": float(query.house),
    }


def confidence(signs: Mapping[str, float]) -> float:
    """Return how likely it is that what was found carries an answer, 0 to 1."""
    score = WEIGHTS["bias"] + sum(WEIGHTS[name] * value for name, value in signs.items())
    return 1 / (1 + math.exp(-score))
