"""Fits the weights of `knowledge.answerable` on the labelled questions and prints them: `python -m tests.fit_answerable`.

Beside the labelled questions, the stand-alone forms of our threads count as answerable ones. The dev half of the questions
that were written blind is only measured on: a fit with it gained nothing on the half that is held out. A logistic regression with balanced classes and a ridge of 1 / C on standardised signs, by Newton's method; the error is
measured by ten folds, five times.
"""

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from bot import build
from bot.settings import Settings
from knowledge.answerable import THRESHOLD, features
from knowledge.rank import measure_hits
from knowledge.reading import Reading
from knowledge.refresh import refresh

DATA = Path(__file__).parent / "data"
STAFF = frozenset({"public", "staff"})
SEEN = 40
"""How many of the threads that no choice was made on are used here; the others are not fitted on here."""
C = 0.3


def main() -> None:
    """Print the cross-validated error and the weights."""
    names, signs, answerable, sets = observe()
    fitted = ~np.char.startswith(sets, "blind")
    bias, weights = fit(signs[fitted], answerable[fitted])
    chances = 1 / (1 + np.exp(-(bias + signs @ weights)))
    chances[fitted] = np.mean([out_of_fold(signs[fitted], answerable[fitted], seed) for seed in range(5)], axis=0)
    for name in ("labelled", "blind", "labelled, no known questions", "blind, no known questions"):
        right, wrong = chances[answerable & (sets == name)], chances[~answerable & (sets == name)]
        area = np.mean(right[:, None] > wrong[None, :])
        print(
            f"# {name}: AUC {area:.3f}; at {THRESHOLD}: {np.mean(right >= THRESHOLD):.3f} answered,"
            f" {np.mean(wrong < THRESHOLD):.3f} refused; with .95 refused {np.mean(right > np.quantile(wrong, 0.95)):.3f} answered"
        )
    print("WEIGHTS: Mapping[str, float] = {")
    for name, weight in zip(["bias", *names], [bias, *weights], strict=True):
        print(f'    "{name}": {weight:.3f},')
    print("}")


def observe() -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Return the names of the signs, their values for every question, which are answerable, and the set of each."""
    rows = labelled()
    with tempfile.TemporaryDirectory() as home:
        library = build.library(Settings(CAVEAT_HOME=Path(home)))
        refresh(library.refresher)
        seen = []
        for reading in readings(library):
            for question, _, _ in rows:
                query = reading.understand(question)
                seen.append(features(query, *measure_hits(query, reading.search(query).hits, reading.measure(query))))
    values = np.asarray([list(signs.values()) for signs in seen])
    names = [name for *_, name in rows]
    return (
        list(seen[0]),
        values,
        np.asarray([bool(gold) for _, gold, _ in rows] * 2),
        np.asarray([*names, *(f"{name}, no known questions" for name in names)]),
    )


def readings(library: build.Library) -> tuple[Reading, Reading]:
    """Return the edition as it is, and as it would be if no document said which questions it answers: most do not."""
    reading = library.searcher.at(STAFF)
    parts = replace(reading._parts, known=_Unknown())
    return reading, Reading(parts, reading._snapshot, STAFF)


class _Unknown:
    """Knows no question."""

    def nearest(self, *_: object) -> dict[str, float]:
        """Be near to nothing."""
        return {}


def labelled() -> list[tuple[str, list[str], str]]:
    """Return question, gold citations, and the set that it is of: labelled, blind or thread."""
    own = [(row["question"], row["gold"], "labelled") for row in _rows("starter_questions.jsonl")]
    own += [(row["question"], row["gold"], "blind") for row in _rows("answers.jsonl") if row["split"] == "dev"]
    threads = [*_rows("threads.jsonl"), *_rows("threads_unseen.jsonl")[:SEEN]]
    return own + [
        (text, gold, "thread") for row in threads for text, gold in zip(row["standalone"], row["gold"], strict=True)
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
    half = len(signs) // 2
    order = np.random.default_rng(seed).permutation(half)
    chances = np.zeros(len(signs))
    for fold in range(10):
        held = np.concatenate([order[fold::10], order[fold::10] + half])  # both readings of a question at once
        rest = np.setdiff1d(np.arange(len(signs)), held)
        bias, weights = fit(signs[rest], answerable[rest])
        chances[held] = 1 / (1 + np.exp(-(bias + signs[held] @ weights)))
    return chances


if __name__ == "__main__":
    main()
