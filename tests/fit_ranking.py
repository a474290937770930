"""Fits `knowledge/data/ranking.json`, the weights of `knowledge.fusion`: `python -m tests.fit_ranking [CACHE.npz]`.

A network of one small hidden layer is fitted so that the gold passages of a question get the greatest share of a softmax
over everything that its search weighed. Every set counts alike, whatever its size, so that none decides alone. Printed
are the figures of each set when its own questions were left out (five folds by question, of ObliQA by document group as
well), and when the whole set was. Needs `shared/` beside the project for the published sets; takes a quarter of an hour.
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bot import build
from bot.evaluate import LABELS, Labelled, answers, measured, publish, read_obliqa
from bot.settings import Settings
from knowledge.fusion import SIGNS
from knowledge.model import SourceSpec
from knowledge.reading import Reading
from knowledge.refresh import refresh
from tests import sets

HIDDEN = 24
EPOCHS = 18
RATE = 0.01
RIDGE = 1e-4
WEIGHT = {"starter on all": 0.5, "obliqa": 4.0}
"""Sets count by the square root of their size; our own questions are searched in two editions, and ObliQA's labels are the
most exact."""
ANY = frozenset({"eurlex"})
"""Sets whose gold are whole articles: any passage of one will do, so its best counts and not all of them."""
BATCH = 64
FOLDS = 5
OUT = Path(__file__).parents[1] / "knowledge" / "data" / "ranking.json"
STAFF = frozenset({"public", "staff"})
Array = np.ndarray


@dataclass(frozen=True)
class Case:
    """A question of a set: the signs of what its search weighed, which of it is gold, and how many gold ones there are."""

    matrix: Array
    right: Array
    gold: int
    group: int
    any: bool = False


def main(cache: Path | None) -> None:
    """Print the cross-validated figures and write the weights."""
    cases = load(cache) if cache and cache.exists() else observe()
    cases = {name: [replace(case, any=name in ANY) for case in rows] for name, rows in cases.items()}
    if cache and not cache.exists():
        save(cache, cases)
    for name, own in cases.items():
        others = {other: rows for other, rows in cases.items() if other != name}
        print(f"{name}: {len(own)} questions, {sum(bool(case.right.any()) for case in own)} with gold weighed")
        print("  first order ", report(own, [case.matrix[:, 0] for case in own]))
        print("  left out    ", report(own, predict(fit(others), own)))
        folds = np.random.default_rng(0).integers(0, FOLDS, len(own))
        print("  five folds  ", report(own, folded(name, own, others, folds)))
        if name == "obliqa":
            print(
                "  by documents",
                report(own, folded(name, own, others, np.asarray([case.group % FOLDS for case in own]))),
            )
    weights = fit(cases)
    rounded = {key: np.round(np.asarray(value, float), 4).tolist() for key, value in weights.items()}
    OUT.write_text(json.dumps({"signs": SIGNS, **rounded}) + "\n", encoding="utf-8")
    for name, own in cases.items():
        print("  as written  ", name, report(own, predict(weights, own)))


def observe() -> dict[str, list[Case]]:
    """Search for every question of every set and keep what was weighed."""
    cases: dict[str, list[Case]] = {}
    with tempfile.TemporaryDirectory() as place:
        library = build.library(Settings(CAVEAT_HOME=Path(place) / "starter"))
        refresh(library.refresher)
        reading = library.searcher.at(STAFF)
        cases["starter"] = labelled(reading, sets.starter_questions())
        if sets.THREADS.exists():
            cases["threads"] = labelled(reading, sets.standalone_questions())
        if sets.SHARED.is_dir():
            law = build.library(Settings(CAVEAT_HOME=Path(place) / "law"))
            law.catalog.add(SourceSpec("law", "folder", str(sets.SHARED / "sources"), visibility="public"))
            refresh(law.refresher)
            reading = law.searcher.at(STAFF)
            cases["eurlex"] = labelled(reading, sets.eurlex_questions())
            cases["starter on all"] = labelled(reading, sets.starter_questions())
            cases["obliqa"] = obliqa(Path(place) / "obliqa")
    return cases


def labelled(reading: Reading, rows: Sequence[Labelled]) -> list[Case]:
    """Return the cases of questions whose gold are citations."""
    found = []
    for number, row in enumerate(rows):
        weighed, _, _ = reading.weigh(reading.understand(row.question))
        texts = reading.texts(weighed.ids)
        right = np.asarray([id_ in texts and answers(texts[id_][0].citation, row.gold) for id_ in weighed.ids], bool)
        found.append(Case(weighed.matrix[:, : len(SIGNS)], right, max(1, int(right.sum())), number))
    return found


def obliqa(home: Path) -> list[Case]:
    """Return the cases of ObliQA's development questions."""
    data = read_obliqa(sets.OBLIQA / "documents", sets.OBLIQA / "ObliQA_dev.json")
    library = build.library(Settings(CAVEAT_HOME=home))
    keys = publish(library, data)
    reading = library.searcher.at(LABELS)
    found = []
    for text, gold in data.questions:
        weighed, _, _ = reading.weigh(reading.understand(text))
        right = np.asarray([keys[id_] in gold for id_ in weighed.ids], bool)
        found.append(Case(weighed.matrix[:, : len(SIGNS)], right, len(gold), min(document for document, _ in gold)))
    return found


def folded(name: str, own: list[Case], others: dict[str, list[Case]], folds: Array) -> list[Array]:
    """Return the scores of each question by weights that were fitted without its fold."""
    found: list[Array] = [np.zeros(0)] * len(own)
    for fold in range(FOLDS):
        known = [case for case, one in zip(own, folds, strict=True) if one != fold]
        weights = fit({**others, name: known})
        for at in np.flatnonzero(folds == fold):
            found[at] = predict(weights, [own[at]])[0]
    return found


def report(cases: list[Case], scored: list[Array]) -> dict[str, float]:
    """Return Recall@10, MAP@10 and nDCG@10, and hit@1, over the gold that the search weighed or might have."""
    ranked = []
    first = 0
    for case, scores in zip(cases, scored, strict=True):
        order = np.argsort(-scores, kind="stable")
        gold = [(0, str(row)) for row in np.flatnonzero(case.right)]
        missed = [(1, str(n)) for n in range(case.gold - len(gold))]
        ranked.append(([(0, str(row)) for row in order[:40]], frozenset(gold + missed)))
        first += bool(len(order) and case.right[order[0]])
    return {**measured(ranked), "hit@1": round(first / len(cases), 4)}


def fit(cases: dict[str, list[Case]]) -> dict[str, Array]:
    """Fit the network by Adam; the sets are weighed alike, questions without gold among what was weighed teach nothing."""
    usable = {
        name: [case for case in rows if case.right.any() and not case.right.all()] for name, rows in cases.items()
    }
    rows = [(case, WEIGHT.get(name, 1.0) / np.sqrt(len(own))) for name, own in usable.items() for case in own]
    deepest = max(len(case.matrix) for case, _ in rows)
    inputs = np.zeros((len(rows), deepest, len(SIGNS)), np.float32)
    right, held = np.zeros((len(rows), deepest), np.float32), np.zeros((len(rows), deepest), bool)
    for at, (case, _) in enumerate(rows):
        size = len(case.matrix)
        inputs[at, :size], right[at, :size], held[at, :size] = case.matrix, case.right / case.right.sum(), True
    any_ = np.asarray([case.any for case, _ in rows])
    shares = np.asarray([share for _, share in rows], np.float32)
    shares /= shares.mean()
    mean, spread = inputs[held].mean(axis=0), np.maximum(inputs[held].std(axis=0), 1e-3)
    inputs = np.clip((inputs - mean) / spread, -5, 5)
    return {"mean": mean, "spread": spread, **_adam(inputs, right, held, shares, any_)}


def _adam(inputs: Array, right: Array, held: Array, shares: Array, any_: Array) -> dict[str, Array]:
    rng = np.random.default_rng(0)
    width = inputs.shape[2]
    kept = {
        "direct": np.zeros(width, np.float32),
        "inner": rng.normal(0, width**-0.5, (width, HIDDEN)).astype(np.float32),
        "bias": np.zeros(HIDDEN, np.float32),
        "outer": rng.normal(0, 0.05, HIDDEN).astype(np.float32),
    }
    first = {key: np.zeros_like(value) for key, value in kept.items()}
    second = {key: np.zeros_like(value) for key, value in kept.items()}
    step = 0
    for epoch in range(EPOCHS):
        order = rng.permutation(len(inputs))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            slopes = _slopes(kept, inputs[batch], right[batch], held[batch], shares[batch], any_[batch])
            step += 1
            rate = RATE * 0.85**epoch
            for key, slope in slopes.items():
                first[key] = 0.9 * first[key] + 0.1 * slope
                second[key] = 0.999 * second[key] + 0.001 * slope**2
                move = first[key] / (1 - 0.9**step) / (np.sqrt(second[key] / (1 - 0.999**step)) + 1e-8)
                kept[key] = kept[key] - rate * (move + RIDGE * kept[key])
    return kept


def _slopes(  # noqa: PLR0917 - one batch in five arrays
    kept: dict[str, Array], inputs: Array, right: Array, held: Array, shares: Array, any_: Array
) -> dict[str, Array]:
    """Return the gradient of the cross-entropy between the gold and the softmax over what was weighed."""
    hidden = np.tanh(inputs @ kept["inner"] + kept["bias"])
    scores = np.where(held, inputs @ kept["direct"] + hidden @ kept["outer"], -1e4)
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    # Where any gold passage will do, each is wanted as far as it is already the likeliest of them.
    wanted = np.where(right > 0, chances, 0) + 1e-9 * right
    right = np.where(any_[:, None], wanted / wanted.sum(axis=1, keepdims=True), right)
    error = ((chances - right) * shares[:, None] / len(inputs)).astype(np.float32)
    inner = error[:, :, None] * kept["outer"] * (1 - hidden**2)
    flat = inputs.reshape(-1, inputs.shape[2])
    return {
        "direct": error.reshape(-1) @ flat,
        "inner": flat.T @ inner.reshape(-1, HIDDEN),
        "bias": inner.sum(axis=(0, 1)),
        "outer": error.reshape(-1) @ hidden.reshape(-1, HIDDEN),
    }


def predict(weights: dict[str, Array], cases: Sequence[Case]) -> list[Array]:
    """Return the scores of what each case's search weighed."""
    found = []
    for case in cases:
        inputs = np.clip((case.matrix - weights["mean"]) / weights["spread"], -5, 5)
        hidden = np.tanh(inputs @ weights["inner"] + weights["bias"])
        found.append(inputs @ weights["direct"] + hidden @ weights["outer"])
    return found


def save(cache: Path, cases: dict[str, list[Case]]) -> None:
    """Keep what was observed, so that fitting again costs no searches."""
    arrays: dict[str, Array] = {}
    for name, rows in cases.items():
        for at, case in enumerate(rows):
            arrays[f"{name}\x1f{at:05d}"] = np.column_stack([case.matrix, case.right])
            arrays[f"{name}\x1f{at:05d}\x1fgold"] = np.asarray([case.gold, case.group])
    np.savez(cache, **arrays)


def load(cache: Path) -> dict[str, list[Case]]:
    """Read what `save` kept."""
    cases: dict[str, list[Case]] = {}
    with np.load(cache) as kept:
        for key in sorted(name for name in kept.files if not name.endswith("gold")):
            gold, group = kept[f"{key}\x1fgold"]
            table = kept[key]
            case = Case(table[:, :-1], table[:, -1] > 0, int(gold), int(group))
            cases.setdefault(key.split("\x1f")[0], []).append(case)
    return cases


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
