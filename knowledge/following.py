"""Scores what was found for a follow-up: several readings of it and what the answers before it cited, by ten fitted weights.

No reading of a follow-up is always the right one, so each passage is scored by all of them. The weights are those of a
conditional logit, fitted by `python -m tests.fit_following`, which prints what they give on threads that were left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.fusion import Numbers
from knowledge.model import Document, Role
from knowledge.query import Lean

WEIGHTS: Mapping[str, float] = {
    "whole": 0.42,
    "own": 0.17,
    "own_said": 0.63,
    "before": 0.11,
    "cited": 1.87,
    "cited_before": 1.36,
    "ours": 2.19,
    "house": 2.79,
    "law": 2.30,
    "same_law": 0.89,
}
"""What each sign counts, in log-odds: the first four by the log-odds of a reading, the others where the sign is there."""


@dataclass(frozen=True, slots=True)
class Readings:
    """The log-odds of the same passages by each reading of a follow-up, and the document that each passage is of.

    `whole` is what it says with all that its thread adds, `own` what it says, `before` the question before it.
    """

    whole: Numbers
    own: Numbers
    before: Numbers
    documents: Sequence[Document]


def followed(lean: Lean, readings: Readings) -> Numbers:
    """Return each passage's log-odds by all readings of a follow-up together."""
    found = signs(lean, readings)
    return np.asarray(sum(weight * found[name] for name, weight in WEIGHTS.items()), np.float32)


def signs(lean: Lean, readings: Readings) -> dict[str, Numbers]:
    """Return what WEIGHTS weighs, one array a sign."""
    own = _calibrated(readings.own)
    documents = readings.documents
    policy = _where(one.role is Role.POLICY for one in documents)
    named = {one.jurisdiction for one in documents} & lean.laws
    cited = {one.jurisdiction for one in documents if one.id in lean.cited}
    return {
        "whole": _calibrated(readings.whole),
        "own": own,
        "own_said": own * np.float32(lean.said),
        "before": _calibrated(readings.before),
        "cited": _where(one.id in lean.cited for one in documents),
        "cited_before": _where(one.id in lean.cited_before for one in documents),
        "ours": policy * np.float32(lean.ours),
        "house": policy * np.float32(lean.alone.house),
        "law": _where(one.jurisdiction in named for one in documents),
        "same_law": _where(not named and one.jurisdiction in cited for one in documents),
    }


def _calibrated(odds: Numbers) -> Numbers:
    """Return log-odds as the logarithms of shares of all passages, so that those of several readings can be added."""
    most = odds.max(initial=0.0)
    return np.asarray(odds - most - np.log(np.exp(odds - most).sum() or 1.0), np.float32)


def _where(held: Iterable[bool]) -> Numbers:
    return np.asarray(list(held), np.float32)
