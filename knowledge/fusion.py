"""From how each passage meets a question to one score: signs scaled within the search, weighed by a small network."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float32]
Whole = NDArray[np.int64]

BASE = {"body": 1.0, "pairs": 0.3, "dense": 0.3, "header": 0.2}
"""What each part's scaled score counts in the first order, which decides what is weighed at all (shared notes on retrieval)."""
DEPTH = 200
"""How many passages are weighed."""
SHARE = 50
"""Among how many of the first a document's share is counted."""
SIGNS = (
    "base", "body", "pairs", "dense", "header", "share", "found", "words", "within_6", "within_12", "lead",
    "alike", "alike_missing", "part", "part_alike", "length", "document_best", "document_mean", "document_share", "neighbour",
    "named", "pinned", "defines",
)  # fmt: skip
"""What the network reads of a passage, in its order. None knows a word: all are shares, similarities and counts.

Plain cosines are not among them, since they mean something else with every embedder; "dense" is scaled within the search.
"""
COLUMNS = (*SIGNS, "cosine")
"""What is kept of a passage."""
_WEIGHTS = Path(__file__).parent / "data" / "ranking.json"


@dataclass(frozen=True, slots=True)
class Found:
    """The passages of one search, in any order: raw signs by name, each passage's document and its place in it.

    `mean` is the mean cosine of all readable passages to the question.
    """

    ids: tuple[str, ...]
    signs: Mapping[str, Numbers]
    documents: Whole
    places: Whole
    mean: float


@dataclass(frozen=True, slots=True)
class Weighed:
    """The best passages of one search by their first score, best first; `matrix` has a row for each and COLUMNS.

    `fused` are the log-odds of each by all readings of a follow-up; none where a question stands alone.
    """

    ids: tuple[str, ...]
    matrix: Numbers
    fused: Numbers | None = None

    def column(self, sign: str) -> Numbers:
        """Return one sign of all passages."""
        return np.asarray(self.matrix[:, COLUMNS.index(sign)])


def scaled(found: Found, depth: int = DEPTH) -> Weighed:
    """Scale each sign within the search, keep the best by their weighted sum, and add what their company says."""
    if not found.ids:
        return Weighed((), np.zeros((0, len(COLUMNS)), np.float32))
    best = max(float(found.signs["body"].max(initial=0.0)), 1e-9)
    span = float(found.signs["cosine"].max(initial=0.0)) - found.mean
    signs = dict(found.signs)
    signs["body"], signs["pairs"] = signs["body"] / best, signs["pairs"] / best
    signs["dense"] = (signs["cosine"] - found.mean) / span if span > 0 else np.zeros_like(signs["cosine"])
    signs["header"] = signs["header"] / max(float(signs["header"].max(initial=0.0)), 1e-9)
    signs["base"] = sum((weight * signs[part] for part, weight in BASE.items()), np.zeros(len(found.ids), np.float32))
    # Whatever the question names stays, however few of its words it holds.
    order = np.lexsort((np.asarray(found.ids), -signs["base"] - 9 * signs["pinned"]))[:depth]
    kept = {name: values[order] for name, values in signs.items()}
    kept |= _company(kept["base"], found.documents[order], found.places[order])
    return Weighed(
        tuple(found.ids[row] for row in order),
        np.stack([kept[name].astype(np.float32) for name in COLUMNS], axis=1),
    )


def scores(weighed: Weighed) -> Numbers:
    """Return each passage's log-odds against the others of its search: differences mean something, sums do not."""
    return _odds(weighed.matrix) if weighed.fused is None else weighed.fused


def _odds(matrix: Numbers) -> Numbers:
    network = _network()
    inputs = np.clip((matrix[:, : len(SIGNS)] - network.mean) / network.spread, -5, 5)
    hidden = np.tanh(inputs @ network.inner + network.bias)
    return np.asarray(inputs @ network.direct + hidden @ network.outer, np.float32)


@dataclass(frozen=True, slots=True)
class Network:
    """One hidden layer beside a direct sum."""

    mean: Numbers
    spread: Numbers
    direct: Numbers
    inner: Numbers
    bias: Numbers
    outer: Numbers


@cache
def _network() -> Network:
    kept = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    if tuple(kept["signs"]) != SIGNS:
        raise ValueError("ranking.json was fitted on other signs")
    return Network(*(np.asarray(kept[name], np.float32) for name in Network.__dataclass_fields__))


def _company(base: Numbers, documents: Whole, places: Whole) -> dict[str, Numbers]:
    """Return what the other passages found say of each: those of its document, and those beside it."""
    top = max(float(base.max(initial=0.0)), 1e-9)
    _, where = np.unique(documents, return_inverse=True)
    groups = int(where.max(initial=-1)) + 1
    best, five = np.zeros(groups, np.float32), np.zeros(groups, np.float32)
    np.maximum.at(best, where, base)
    seen = np.zeros(groups, np.int64)
    for row, group in enumerate(where):  # best first, so the first five of each are its best five
        if seen[group] < 5:
            five[group] += base[row]
        seen[group] += 1
    first = np.bincount(where[:SHARE], minlength=groups) / SHARE
    beside = {
        (int(document), int(place)): float(score)
        for document, place, score in zip(documents, places, base, strict=True)
    }
    neighbour = [
        max(beside.get((int(document), int(place) - 1), 0.0), beside.get((int(document), int(place) + 1), 0.0))
        for document, place in zip(documents, places, strict=True)
    ]
    return {
        "document_best": best[where] / top,
        "document_mean": five[where] / 5 / top,
        "document_share": first[where].astype(np.float32),
        "neighbour": np.asarray(neighbour, np.float32) / np.float32(top),
    }
