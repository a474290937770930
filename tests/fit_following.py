"""Fits the weights of `knowledge.following` on our threads and prints them: `python -m tests.fit_following`.

A conditional logit: the gold passages of a follow-up together get the greatest share of a softmax over everything that its
search weighed. Printed are the figures of each set when a follow-up's own thread was left out (leave one thread out), and
when its whole set was; an earlier turn's first hits stand for what its answer cited.
"""

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot import build
from bot.evaluate import answers
from bot.settings import Settings
from knowledge.following import WEIGHTS, signs
from knowledge.model import UNBINDING
from knowledge.ordering import FADED, UNBINDING_LOSS
from knowledge.reading import Reading
from knowledge.refresh import refresh
from tests.threads import FIRST, FollowUp, asked, rank, read_threads

DATA = Path(__file__).parent / "data"
STAFF = frozenset({"public", "staff"})
RIDGE = 1.0
ROUNDS = 40
Array = np.ndarray


@dataclass(frozen=True)
class Case:
    """A follow-up: a row of signs for each passage weighed, what its text alone takes off, which of them are gold."""

    thread: str
    set: str
    signs: Array
    off: Array
    right: Array
    alone: bool


def main(paths: Sequence[Path]) -> None:
    """Print the figures of what was left out, and the weights of all threads."""
    cases, whole = observe(paths)
    spread = np.concatenate([case.signs for case in cases]).std(axis=0)
    names = list(dict.fromkeys(case.set for case in [*cases, *whole]))
    by_thread = {
        thread: fit([case for case in cases if case.thread != thread], spread)
        for thread in dict.fromkeys(case.thread for case in cases)
    }
    by_set = {name: fit([case for case in cases if case.set != name], spread) for name in names}
    for name in [*names, ""]:
        own = [case for case in cases if name in {case.set, ""}]
        rest = [case for case in whole if name in {case.set, ""}]
        total = len(own) + len(rest)
        as_read = sum(bool(case.right.any()) for case in rest)
        print(
            f"# {name or 'all'}: {total} follow-ups; stand-alone {sum(case.alone for case in [*own, *rest]) / total:.3f},"
            f" left out by thread {(as_read + hits(own, [by_thread[case.thread] for case in own])) / total:.3f},"
            f" by set {(as_read + hits(own, [by_set[case.set] for case in own])) / total:.3f}"
        )
    print("WEIGHTS: Mapping[str, float] = {")
    for name, weight in zip(WEIGHTS, fit(cases, spread), strict=True):
        print(f'    "{name}": {weight:.2f},')
    print("}")


def observe(paths: Sequence[Path]) -> tuple[list[Case], list[Case]]:
    """Return the follow-ups that lean on their thread, and those that are read alone, of which no weight can change anything."""
    leaning, whole = [], []
    with tempfile.TemporaryDirectory() as home:
        library = build.library(Settings(CAVEAT_HOME=Path(home)))
        refresh(library.refresher)
        reading = library.searcher.at(STAFF)
        for path in paths:
            for row in read_threads(path):
                for one in asked(reading, row):
                    alone = rank(reading.find(one.standalone).hits[:FIRST], one.gold) is not None
                    lean = one.query.lean
                    case = case_of(reading, row["id"], path.stem, one, alone=alone)
                    (leaning if lean and lean.alone.own else whole).append(case)
    return leaning, whole


def case_of(reading: Reading, thread: str, name: str, one: FollowUp, *, alone: bool) -> Case:
    """Return what the weights of a follow-up can decide about; of one that is read alone only whether it found its gold."""
    lean = one.query.lean
    if not (lean and lean.alone.own):
        right = np.asarray([rank(one.hits[:FIRST], one.gold) is not None])
        return Case(thread, name, np.zeros((1, len(WEIGHTS))), np.zeros(1), right, alone)
    weighed, readings = reading.looking.readings(one.query, lean, reading.looking.sought(one.query))
    texts = reading.texts(weighed.ids)
    held = [at for at, id_ in enumerate(weighed.ids) if id_ in texts]
    found = [texts[weighed.ids[at]] for at in held]
    seen = signs(lean, readings)
    return Case(
        thread,
        name,
        np.stack([seen[sign] for sign in WEIGHTS], axis=1)[held],
        np.asarray([-FADED.get(document.status, 0.0) - UNBINDING_LOSS * (passage.part in UNBINDING) for passage, document in found]),
        np.asarray([answers(passage.citation, one.gold) for passage, _ in found]),
        alone,
    )  # fmt: skip


def hits(cases: Sequence[Case], weights: Sequence[Array]) -> int:
    """Return for how many cases a gold passage is among the first."""
    orders = (
        np.argsort(-(case.signs @ own + case.off), kind="stable") for case, own in zip(cases, weights, strict=True)
    )
    return sum(bool(case.right[order[:FIRST]].any()) for case, order in zip(cases, orders, strict=True))


def fit(cases: Sequence[Case], spread: Array) -> Array:
    """Return the weights by damped Newton steps on standardised signs; cases whose gold was not weighed teach nothing."""
    usable = [(case.signs / spread, case.off, case.right) for case in cases if case.right.any()]
    weights = np.zeros(len(spread))
    loss = _loss(usable, weights)
    for _ in range(ROUNDS):
        slope, bend = _slopes(usable, weights)
        step = np.linalg.solve(bend, slope)
        share = next((half for half in 0.5 ** np.arange(10) if _loss(usable, weights - half * step) < loss), 0.0)
        weights = weights - share * step
        before, loss = loss, _loss(usable, weights)
        if before - loss < 1e-2:
            break
    return np.asarray(weights / spread)


def _loss(usable: Sequence[tuple[Array, Array, Array]], weights: Array) -> float:
    total = RIDGE / 2 * float(weights @ weights)
    for inputs, off, right in usable:
        scores = inputs @ weights + off
        total += float(np.logaddexp.reduce(scores) - np.logaddexp.reduce(scores[right]))
    return total


def _slopes(usable: Sequence[tuple[Array, Array, Array]], weights: Array) -> tuple[Array, Array]:
    slope, bend = RIDGE * weights, RIDGE * np.eye(len(weights))
    for inputs, off, right in usable:
        scores = inputs @ weights + off
        shares = np.exp(scores - np.logaddexp.reduce(scores))
        gold = np.exp(scores[right] - np.logaddexp.reduce(scores[right]))
        mean = shares @ inputs
        slope = slope + mean - gold @ inputs[right]
        bend = bend + (inputs * shares[:, None]).T @ inputs - np.outer(mean, mean)
    return slope, bend


if __name__ == "__main__":
    main([Path(one) for one in sys.argv[1:]] or sorted(DATA.glob("threads*.jsonl")))
