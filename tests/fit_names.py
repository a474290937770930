"""Fits the weights of `knowledge.names.score`: `python -m tests.fit_names` prints them with their left-out figures.

A logistic regression whose weights may not turn against their sense (an extra word never speaks for a match), fitted on the
two shared sets of pairs and on the likest listed names of ordinary companies, which are taken as different. Families of
pairs that share a name stay together. Our own pairs are only reported. Needs `shared/` beside the project; half a minute.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.process import extract

from knowledge.names.align import align
from knowledge.names.forms import Form, form
from knowledge.names.score import SIGNS, THRESHOLD, legally_different, signs
from tests import listed

SENSE = dict(zip(SIGNS, (-1, -1, -1, 1, -1, -1, -1, 1, 0, -1, -1), strict=True))
ORDINARY = 0.3
"""What all ordinary companies together count beside all pairs."""
FOLDS = 5
STEPS, RATE, RIDGE = 1500, 0.05, 0.002
Array = np.ndarray


@dataclass(frozen=True)
class Ordinary:
    """The signs of ordinary companies against the listed names that are most like theirs; `owner` numbers the company."""

    matrix: Array
    owner: Array

    def part(self, kept: Array) -> "Ordinary":
        return Ordinary(self.matrix[kept], self.owner[kept])

    def worst(self, judged: Array, most: int = 2) -> Array:
        """Return the rows that a model takes most for a match, at most so many of one company."""
        found: list[int] = []
        last, count = -1, 0
        for row in np.lexsort((-judged, self.owner)):
            last, count = (self.owner[row], 1) if self.owner[row] != last else (last, count + 1)
            if count <= most:
                found.append(int(row))
        return np.array(found)


@dataclass(frozen=True)
class Model:
    """Weights and bias for raw signs."""

    weights: Array
    bias: float

    def __call__(self, matrix: Array) -> Array:
        return 1 / (1 + np.exp(-(matrix @ self.weights + self.bias)))


def observe(asked: Form, found: Form) -> tuple[float, ...]:
    """Return the signs of two names as `compare` does."""
    return signs(asked, found, align(asked.core, found.core), family=legally_different(asked, found))


def ordinary() -> Ordinary:
    """Compare each ordinary company with the listed names most like its own; those that are listed are left out."""
    forms = [form(name.text) for row in listed.listed() for name in row.names]
    keys, texts = [one.key for one in forms], [" ".join(sorted(one.core)) for one in forms]
    known = set(keys)
    rows, owner = [], []
    for number, name in enumerate(listed.benign()):
        asked = form(name)
        if asked.key in known:
            continue
        near = {place for _, _, place in extract(asked.key, keys, scorer=fuzz.ratio, processor=None, limit=15)}
        for scorer in (fuzz.ratio, fuzz.token_set_ratio):
            text = " ".join(sorted(asked.core))
            near |= {place for _, _, place in extract(text, texts, scorer=scorer, processor=None, limit=25)}
        rows += [observe(asked, forms[place]) for place in sorted(near)]
        owner += [number] * len(near)
    return Ordinary(np.array(rows), np.array(owner))


def fitted(matrix: Array, right: Array, others: Ordinary) -> Model:
    """Fit on pairs, then again three times with the ordinary companies' worst rows as pairs that do not match."""
    mean, spread = matrix.mean(0), matrix.std(0) + 1e-6
    weight = np.ones(len(right))
    model = _descend(matrix, right, weight, mean, spread)
    for _ in range(3):
        rows = others.matrix[others.worst(model(others.matrix))]
        both = np.vstack([matrix, rows])
        weights = np.append(weight, np.full(len(rows), ORDINARY * len(right) / len(rows)))
        model = _descend(both, np.append(right, np.zeros(len(rows))), weights, mean, spread)
    return model


def _descend(matrix: Array, right: Array, weight: Array, mean: Array, spread: Array) -> Model:
    scaled, weight = (matrix - mean) / spread, weight / weight.sum()
    sense = np.array([SENSE[sign] for sign in SIGNS])
    point, first, second = (np.zeros(len(SIGNS) + 1) for _ in range(3))
    for step in range(1, STEPS + 1):
        drawn = np.clip(scaled @ point[:-1] + point[-1], -30, 30)
        error = (1 / (1 + np.exp(-drawn)) - right) * weight
        slope = np.append(scaled.T @ error + RIDGE * point[:-1], error.sum())
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        point -= RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        point[:-1] = np.where(sense * point[:-1] < 0, 0, point[:-1])
    weights = point[:-1] / spread
    return Model(weights, float(point[-1] - weights @ mean))


def families(pairs: Sequence[listed.Pair]) -> Array:
    """Return a number for each pair, the same for pairs that are tied by a name."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    for pair in pairs:
        parent[root(form(pair.asked).key)] = root(form(pair.listed).key)
    roots = [root(form(pair.asked).key) for pair in pairs]
    numbers = {key: number for number, key in enumerate(sorted(set(roots)))}
    return np.array([numbers[key] for key in roots])


def f1(judged: Array, right: Array, threshold: float = THRESHOLD) -> float:
    """Return F1 at a threshold."""
    taken = judged >= threshold
    return float(2 * (taken & right).sum() / (taken.sum() + right.sum()))


def alarms(judged: Array, owner: Array, threshold: float = THRESHOLD) -> float:
    """Return the share of ordinary companies with any hit."""
    return len(set(owner[judged >= threshold])) / len(set(owner))


def main() -> None:
    """Print left-out and in-sample figures and the weights."""
    bench, checks = listed.bench_pairs(), listed.check_pairs()
    pairs = bench + checks
    matrix = np.array([observe(form(pair.asked), form(pair.listed)) for pair in pairs])
    right = np.array([pair.same for pair in pairs])
    family, others = families(pairs), ordinary()
    is_bench = np.arange(len(pairs)) < len(bench)
    fold = np.random.default_rng(0).permutation(family.max() + 1)[family] % FOLDS
    judged, company = np.zeros(len(pairs)), np.zeros(len(others.owner))
    for number in range(FOLDS):
        model = fitted(matrix[fold != number], right[fold != number], others.part(others.owner % FOLDS != number))
        judged[fold == number] = model(matrix[fold == number])
        out = others.owner % FOLDS == number
        company[out] = model(others.matrix[out])
    print("threshold  bench  checks  alarms (five folds, families left out)")
    for threshold in (0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7):
        print(
            f"{threshold:9.2f}  {f1(judged[is_bench], right[is_bench], threshold):.3f}  "
            f"{f1(judged[~is_bench], right[~is_bench], threshold):.3f}   {alarms(company, others.owner, threshold):.3f}"
        )
    apart = is_bench & ~np.isin(family, family[~is_bench])
    for name, kept, held in (("checks", apart, ~is_bench), ("bench", ~is_bench, apart)):
        scored = fitted(matrix[kept], right[kept], others)(matrix[held])
        print(
            f"{name}: fitted on {kept.sum()} pairs of the other set, F1 {f1(scored, right[held]):.3f} on {held.sum()} of other families"
        )
    for low, high in ((0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
        taken = (judged >= low) & (judged < high)
        print(f"judged {low} to {high}: {right[taken].mean():.2f} of {taken.sum()} pairs match (left out)")
    model = fitted(matrix, right, others)
    scored = model(matrix)
    print(f"in-sample: bench {f1(scored[is_bench], right[is_bench]):.3f}, checks {f1(scored[~is_bench], right[~is_bench]):.3f}, "
          f"alarms {alarms(model(others.matrix), others.owner):.3f}")  # fmt: skip
    print("WEIGHTS = (" + ", ".join(f"{weight:.3f}" for weight in model.weights) + f")\nBIAS = {model.bias:.3f}")


if __name__ == "__main__":
    main()
