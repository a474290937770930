"""Fits the weights of sentences in `bot.llm.worth` and prints them: `python -m tests.fit_sentences`.

Weights are those under which the gold passages of a question get the greatest share of a softmax over all sentences that
could be shown, by gradient descent with a ridge; the error is measured by five folds over questions. The questions are the
labelled ones, the dev half of those that were written blind, and the stand-alone forms of our threads.
"""

import itertools
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bot import build
from bot.evaluate import answers
from bot.llm import worth
from bot.settings import Settings
from knowledge.rank import bearings, known_by
from knowledge.refresh import refresh
from tests.fit_answerable import labelled, readings

RIDGE = 1e-3
RATE = 0.05
STEPS = 400


def main() -> None:
    """Print how often the best sentence, and one of the best three, stands in a gold passage; and the weights."""
    names, cases, own = observe()
    folds = np.random.default_rng(0).integers(0, 5, len(cases))
    orders = [np.empty(0)] * len(cases)
    for fold in range(5):
        weights = fit([case for case, held in zip(cases, folds, strict=True) if held != fold])
        for at in np.flatnonzero(folds == fold):
            signs, rest, _ = cases[at]
            orders[at] = signs @ weights + rest
    for name in ("labelled", "thread", "blind"):
        ranked = [cases[at][2][np.argsort(-orders[at])] for at in np.flatnonzero(own == name)]
        first, three = (np.mean([right[:k].any() for right in ranked]) for k in (1, 3))
        print(f"# {name}: {len(ranked)} questions, gold first {first:.3f}, among three {three:.3f}")
    print("WEIGHTS: Mapping[str, float] = {")
    for name, weight in zip(names, fit(cases), strict=True):
        print(f'    "{name}": {weight:.2f},')
    print("}")


def observe() -> tuple[list[str], list[tuple[np.ndarray, np.ndarray, np.ndarray]], np.ndarray]:
    """Return the signs' names, and for each question its sentences' signs, what else they are worth, which are gold."""
    names: list[str] = []
    cases, own = [], []
    with tempfile.TemporaryDirectory() as home:
        library = build.library(Settings(CAVEAT_HOME=Path(home)))
        refresh(library.refresher)
        for reading, (question, gold, ours) in itertools.product(readings(library), labelled()):
            query = reading.understand(question)
            hits = known_by(reading.search(query).hits, datetime.now(UTC).date(), reading.documents)
            found = bearings(query, hits, reading.measure(query)).found
            rows = list(worth.seen(query, found)) if gold else []
            right = np.asarray([answers(one.bearing.hit.passage.citation, gold) for one in rows])
            if not right.any():
                continue
            signs = [worth.signs(one) for one in rows]
            names = list(signs[0])
            cases.append((
                np.asarray([list(one.values()) for one in signs]), np.asarray([worth.said(one) for one in rows]), right,
            ))  # fmt: skip
            own.append(ours)
    return names, cases, np.asarray(own)


def fit(cases: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return the weights on the signs as they are."""
    scale = np.concatenate([signs for signs, _, _ in cases]).std(axis=0)
    scale[scale == 0] = 1
    weights = np.zeros(len(scale))
    moment, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        slope = RIDGE * weights
        for signs, rest, right in cases:
            worth = signs / scale @ weights + rest
            share = np.exp(worth - worth.max())
            whole, gold = share / share.sum(), np.where(right, share, 0) / max(1e-12, share[right].sum())
            slope += (whole - gold) @ (signs / scale) / len(cases)
        moment = 0.9 * moment + 0.1 * slope
        square = 0.999 * square + 0.001 * slope**2
        weights -= RATE * (moment / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights / scale


if __name__ == "__main__":
    main()
