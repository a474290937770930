"""Measures names: `python -m tests.bench_names [SIZE ...]`, by hand; needs `shared/` beside the project.

F1 of pairs beside rapidfuzz's scorers, alarms on ordinary companies, recall of the right party, and latency and memory at
each size. Lists are padded to a size with names that follow the neighbouring words of real ones, so alarms there are upper
bounds. Each size runs in a process of its own, so that memory is its own.
"""

import itertools
import random
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from rapidfuzz import fuzz
from rapidfuzz.process import extract, extractOne

from knowledge.names.find import Match, Names
from knowledge.names.forms import form
from knowledge.names.grade import Grade
from knowledge.names.index import NameIndex, Row
from knowledge.names.score import THRESHOLD, compare
from knowledge.party import NameKind, PartyName
from tests import listed

SIZES = (6_000, 50_000, 500_000)
Scorer = Callable[[str, str], float]


def ours(left: str, right: str) -> float:
    """Return our score of two names."""
    return compare(form(left), form(right)).score


def token_set(left: str, right: str) -> float:
    """Return rapidfuzz's token_set_ratio of two folded names."""
    return fuzz.token_set_ratio(" ".join(form(left).words), " ".join(form(right).words)) / 100


def weighted(left: str, right: str) -> float:
    """Return rapidfuzz's WRatio of two folded names."""
    return fuzz.WRatio(" ".join(form(left).words), " ".join(form(right).words)) / 100


def f1(scored: list[tuple[float, bool]], threshold: float) -> tuple[float, float, float]:
    """Return precision, recall and F1."""
    hit = sum(match for score, match in scored if score >= threshold)
    taken, wanted = sum(score >= threshold for score, _ in scored), sum(match for _, match in scored)
    return hit / max(taken, 1), hit / wanted, 2 * hit / (taken + wanted)


def pairs() -> None:
    """Print F1 of each set at our one threshold, and the peers' at the best threshold of each set, which favours them."""
    sets = {
        "name_bench": listed.bench_pairs(),
        "checks": listed.check_pairs(),
        "own pairs": [(left, right, match) for left, right, match, _ in listed.own_pairs()],
    }
    for name, rows in sets.items():
        for title, scorer in (("caveat", ours), ("token_set_ratio", token_set), ("WRatio", weighted)):
            start = time.perf_counter()
            scored = [(scorer(left, right), match) for left, right, match in rows]
            spent = (time.perf_counter() - start) / len(rows) * 1e6
            steps = [THRESHOLD] if scorer is ours else [step / 100 for step in range(20, 101)]
            best = max(steps, key=lambda threshold: f1(scored, threshold)[2])
            precision, recall, value = f1(scored, best)
            print(
                f"{name:11} {title:16} P {precision:.3f} R {recall:.3f} F1 {value:.3f} at {best:.2f}  {spent:5.0f} us a pair"
            )
    kinds = defaultdict[str, list[bool]](list)
    for left, right, match, kind in listed.own_pairs():
        kinds[kind].append((ours(left, right) >= THRESHOLD) == match)
    print("own pairs by kind: " + ", ".join(f"{kind} {sum(right)}/{len(right)}" for kind, right in kinds.items()))


def graded() -> None:
    """Print what the grades say of our pairs, the right names being an index: found, and called one party."""
    pairs = listed.own_pairs()
    names = Names(
        Row(str(number), (PartyName(right, NameKind.PRIMARY),)) for number, (_, right, *_) in enumerate(pairs)
    )
    sure = {Grade.CONFIRMED, Grade.PROBABLE}
    for match in (True, False):
        grades = [
            next((found.grade for found in names.find(left, limit=500) if found.party == str(number)), Grade.NONE)
            for number, (left, _, same, _) in enumerate(pairs)
            if same is match
        ]
        print(
            f"own pairs that are {'one party' if match else 'two parties'}: {len(grades)}, shown {sum(grade is not Grade.NONE for grade in grades)}, "
            f"of them probable or confirmed {sum(grade in sure for grade in grades)}"
        )


def peers() -> None:
    """Print recall and alarms of rapidfuzz's scorers over all names, each at its best threshold on name_bench."""
    real, wanted = rows(0)
    texts = [" ".join(form(name.text).words) for row in real for name in row.names]
    known = {form(name.text).key for row in listed.listed() for name in row.names}
    ordinary = [" ".join(form(name).words) for name, _ in listed.benign() if form(name).key not in known][::10]
    for title, scorer, least in (("token_set_ratio", fuzz.token_set_ratio, 82), ("WRatio", fuzz.WRatio, 85)):
        found = 0
        for left, right in wanted:
            near = extract(
                " ".join(form(left).words), texts, scorer=scorer, processor=None, limit=20, score_cutoff=least
            )
            found += any(text == " ".join(form(right).words) for text, *_ in near)
        alarms = sum(
            bool(extractOne(name, texts, scorer=scorer, processor=None, score_cutoff=least)) for name in ordinary
        )
        print(
            f"{title:16} over {len(texts)} names at {least}: R {found / len(wanted):.3f} in the first 20, A {alarms / len(ordinary):.3f}"
        )


def padding(names: list[str], count: int) -> Iterator[str]:
    """Make names whose words follow each other as they do in real ones."""
    follows = defaultdict[str, list[str]](list)
    for name in names:
        words = ["", *name.split(), ""]
        for left, right in itertools.pairwise(words):
            follows[left].append(right)
    draw = random.Random(1)
    for _ in range(count):
        words = [draw.choice(follows[""])]
        while len(words) < 8 and (word := draw.choice(follows[words[-1]])):
            words.append(word)
        yield " ".join(words)


def rows(size: int) -> tuple[list[Row], list[tuple[str, str]]]:
    """Return the parties of an index of a size, and the names that should lead to some of them."""
    real = listed.listed()
    wanted = []
    for number, (left, right, match) in enumerate(dict.fromkeys(listed.bench_pairs() + listed.check_pairs())):
        if match:
            real.append(Row(f"pair-{number}", (PartyName(right, NameKind.PRIMARY),)))
            wanted.append((left, right))
    made = padding([name.text for row in real for name in row.names], max(0, size - len(real)) * 2)
    padded = [
        Row(f"made-{number}", (PartyName(first, NameKind.PRIMARY), PartyName(next(made), NameKind.ALIAS)))
        for number, first in enumerate(made)
    ]
    return real + padded, wanted


def retrieval(size: int, folder: Path) -> None:
    """Print recall, alarms, latency and memory of an index of a size that was written to a folder."""
    start = time.perf_counter()
    names = Names.open(folder)
    names.find("Nordwind Logistik GmbH")
    first = time.perf_counter() - start
    wanted = rows(0)[1]
    known = {form(name.text).key for row in listed.listed() for name in row.names}
    ordinary = [name for name, _ in listed.benign() if form(name).key not in known]
    spent, worked, found, alarms, hints = [], [], 0, 0, 0

    def timed(name: str) -> list[Match]:
        start, begun = time.perf_counter(), time.process_time()
        matches = names.find(name)
        spent.append(time.perf_counter() - start)
        worked.append(time.process_time() - begun)
        return matches

    for left, right in wanted:
        matches = timed(left)
        found += any(compare(form(match.name), form(right)).score > 0.97 for match in matches)
    for name in ordinary:
        matches = timed(name)
        alarms += bool(matches)
        hints += bool(matches) and all(match.grade is Grade.AFFILIATE for match in matches)
    wall, core = (
        " ".join(f"p{share} {sorted(took)[len(took) * share // 100] * 1e3:.1f}" for share in (50, 95, 99))
        for took in (spent, worked)
    )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{size:7} parties, {names.size} names: R {found / len(wanted):.3f} A {alarms / len(ordinary):.3f}, affiliates only {hints / len(ordinary):.3f}"
    )
    print(f"        ms {wall}; of one core {core}; first answer {first * 1e3:.0f}; peak {memory:.0f} MB")


def main(sizes: list[int]) -> None:
    """Print the table."""
    pairs()
    graded()
    peers()
    for size in sizes or SIZES:
        with TemporaryDirectory() as folder:
            start = time.perf_counter()
            NameIndex.build(rows(size)[0], Path(folder))
            print(
                f"built in {time.perf_counter() - start:.0f} s, {sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6:.0f} MB"
            )
            subprocess.run([sys.executable, "-m", "tests.bench_names", "open", str(size), folder], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["open"]:
        retrieval(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        main([int(size) for size in sys.argv[1:]])
