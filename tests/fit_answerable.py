"""Fits the weights of `knowledge.answerable` on the labelled questions and prints them: `python -m tests.fit_answerable`.

Beside the labelled questions, the stand-alone forms of our threads count as answerable ones. A logistic regression with balanced classes and a ridge of 1 / C on standardised signs, by Newton's method; the error is
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

DATA = Path(__file__).parent / "data"
STAFF = frozenset({"public", "staff"})
SEEN = 40
"""How many of the threads that no choice was made on are used here; the others stay unseen."""
C = 0.3


def main() -> None:
    """Print the cross-validated error and the weights."""
    names, signs, answerable, labelled = observe()
    chances = np.mean([out_of_fold(signs, answerable, seed) for seed in range(5)], axis=0)
    for name, counted in (("labelled", labelled), ("all", np.ones(len(signs), bool))):
        right, wrong = chances[answerable & counted], chances[~answerable & counted]
        area = np.mean(right[:, None] > wrong[None, :])
        print(
            f"# {name}: AUC {area:.3f}; at {THRESHOLD}: {np.mean(right >= THRESHOLD):.3f} answered,"
            f" {np.mean(wrong < THRESHOLD):.3f} refused; with .95 refused {np.mean(right > np.quantile(wrong, 0.95)):.3f} answered"
        )
    bias, weights = fit(signs, answerable)
    print("WEIGHTS: Mapping[str, float] = {")
    for name, weight in zip(["bias", *names], [bias, *weights], strict=True):
        print(f'    "{name}": {weight:.3f},')
    print("}")


def observe() -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Return the names of the signs, their values for every question, which are answerable, and which are labelled ones."""
    rows = labelled()
    with tempfile.TemporaryDirectory() as home:
        library = build.library(Settings(CAVEAT_HOME=Path(home)))
        refresh(library.refresher)
        searcher = library.searcher
        seen = []
        for question, _, _ in rows:
            reading = searcher.at(STAFF)
            query = reading.understand(question)
            seen.append(features(query, *measure_hits(query, reading.search(query).hits, reading.measure(query))))
    values = np.asarray([list(signs.values()) for signs in seen])
    return list(seen[0]), values, np.asarray([bool(gold) for _, gold, _ in rows]), np.asarray([own for *_, own in rows])


def labelled() -> list[tuple[str, list[str], bool]]:
    """Return question, gold citations, and whether it is one of the labelled questions and not of a thread."""
    own = [(row["question"], row["gold"], True) for row in _rows("starter_questions.jsonl")]
    threads = [*_rows("threads.jsonl"), *_rows("threads_unseen.jsonl")[:SEEN]]
    return own + [
        (text, gold, False) for row in threads for text, gold in zip(row["standalone"], row["gold"], strict=True)
    ]


def _rows(name: str) -> list[dict]:
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


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
