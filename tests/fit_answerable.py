"""Fits the weights of `knowledge.answerable` on the labelled questions and prints them: `python -m tests.fit_answerable`.

A logistic regression with balanced classes and a ridge of 1 / C on standardised signs, by Newton's method; the error is
measured by ten folds, five times.
"""

import json
import tempfile
from pathlib import Path

import numpy as np

from bot import build
from bot.settings import Settings
from knowledge.answerable import THRESHOLD, features
from knowledge.rank import measure_hits
from knowledge.refresh import refresh

QUESTIONS = Path(__file__).parent / "data" / "starter_questions.jsonl"
STAFF = frozenset({"public", "staff"})
C = 0.3


def main() -> None:
    """Print the cross-validated error and the weights."""
    names, signs, answerable = observe()
    chances = np.mean([out_of_fold(signs, answerable, seed) for seed in range(5)], axis=0)
    right, wrong = chances[answerable], chances[~answerable]
    area = np.mean(right[:, None] > wrong[None, :])
    print(
        f"# AUC {area:.3f}; at {THRESHOLD}: {np.mean(right >= THRESHOLD):.3f} answered, {np.mean(wrong < THRESHOLD):.3f} refused"
    )
    bias, weights = fit(signs, answerable)
    print("WEIGHTS: Mapping[str, float] = {")
    for name, weight in zip(["bias", *names], [bias, *weights], strict=True):
        print(f'    "{name}": {weight:.3f},')
    print("}")


def observe() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the names of the signs, their values for every labelled question, and which questions are answerable."""
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as home:
        library = build.library(Settings(CAVEAT_HOME=Path(home)))
        refresh(library.refresher)
        searcher = library.searcher
        seen = []
        for row in rows:
            reading = searcher.at(STAFF)
            query = reading.understand(row["question"])
            measured, missing, _ = measure_hits(query, reading.search(query).hits, reading.measure(query))
            seen.append(features(query, measured, missing))
    values = np.asarray([list(signs.values()) for signs in seen])
    return list(seen[0]), values, np.asarray([bool(row["gold"]) for row in rows])


def fit(signs: np.ndarray, answerable: np.ndarray) -> tuple[float, np.ndarray]:
    """Return bias and weights on the signs as they are."""
    mean, scale = signs.mean(axis=0), signs.std(axis=0)
    scale[scale == 0] = 1
    design = np.hstack([np.ones((len(signs), 1)), (signs - mean) / scale])
    balance = np.where(answerable, len(signs) / (2 * answerable.sum()), len(signs) / (2 * (~answerable).sum()))
    ridge = np.eye(design.shape[1]) / C
    ridge[0, 0] = 0
    weights = np.zeros(design.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (balance * (chance - answerable)) + ridge @ weights
        curve = (design * (balance * chance * (1 - chance))[:, None]).T @ design + ridge
        weights -= np.linalg.solve(curve, slope)
    return float(weights[0] - (weights[1:] * mean / scale).sum()), weights[1:] / scale


def out_of_fold(signs: np.ndarray, answerable: np.ndarray, seed: int) -> np.ndarray:
    """Return each question's chance from a fit that did not see it."""
    order = np.random.default_rng(seed).permutation(len(signs))
    chances = np.zeros(len(signs))
    for fold in range(10):
        held = order[fold::10]
        rest = np.setdiff1d(order, held)
        bias, weights = fit(signs[rest], answerable[rest])
        chances[held] = 1 / (1 + np.exp(-(bias + signs[held] @ weights)))
    return chances


if __name__ == "__main__":
    main()
