"""Measures the matching of names beside what one would pick instead: `python -m tests.bench_screening [PYTHON] [--quick]`.

PYTHON is an interpreter that has `tests/peers/names.txt`; without one, what is published of nomenklatura stands in the text.
Quality on labelled pairs and over whole lists, time and memory to 500,000 parties, and the whole card; writes its part of
`docs/benchmarks.md`. Needs `shared/` beside the project; some minutes. `--quick` leaves 500,000 out and writes nothing.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz import distance, fuzz

from bot.matching import Pair, alarms, paired, read_watchman, shares
from knowledge.names.find import Names
from knowledge.names.forms import form
from knowledge.names.index import NameIndex, Row, keys
from knowledge.names.score import THRESHOLD, compare
from knowledge.party import NameKind, PartyName
from tests import listed, parties
from tests.bench_peers import machine
from tests.peers.pages import put
from tests.peers.plot import Dot, scatter
from tests.screening_page import page

ROOT = Path(__file__).parents[1]
SIZES, CARDS = (10_000, 50_000, 500_000), (10_000, 50_000)
OURS, LOGIC = "Caveat", "nomenklatura logic-v2"
DEFAULT = 0.70
"""nomenklatura's own threshold."""
REVIEW, PUBLISHED_US = 0.85, 15.7
"""watchman's documented threshold for a review, and the microseconds that it publishes for a pair of businesses."""
CANDIDATES = 50
"""Parties that nomenklatura scores for a name."""
SAME = 0.97
"""A score from which two names are one but for their spelling of it."""
Figures = Mapping[str, Any]

SCORERS: dict[str, tuple[str, Callable[[str, str], float]]] = {
    "rapidfuzz token_sort_ratio": ("token_sort_ratio", lambda a, b: fuzz.token_sort_ratio(a, b) / 100),
    "rapidfuzz WRatio": ("WRatio", lambda a, b: fuzz.WRatio(a, b) / 100),
    "rapidfuzz Jaro-Winkler": ("jaro_winkler", distance.JaroWinkler.normalized_similarity),
}


@dataclass(frozen=True)
class Lists:
    """The listed parties with the right side of every pair of one party, what should be found, and who is ordinary."""

    index: NameIndex
    names: Names
    texts: list[str]
    wanted: list[Pair]
    ordinary: list[str]


def main() -> None:
    """Measure, print as it goes, and write the part of the page."""
    asked = argparse.ArgumentParser()
    asked.add_argument("python", nargs="?", help="an interpreter that has tests/peers/names.txt")
    asked.add_argument("--quick", action="store_true", help="leave the largest size out and write nothing")
    asked.add_argument("--out", type=Path, default=ROOT / "docs", help="where to write the page and its plot")
    chosen = asked.parse_args()
    if not listed.SCREENING.is_dir():
        raise SystemExit("the shared sets and lists are not beside the project: nothing was measured")
    about = machine()
    sets = {
        "name_bench": listed.bench_pairs(), "checks": listed.check_pairs(), "own pairs": listed.own_pairs(),
        "watchman's cases": read_watchman(listed.WATCHMAN),
    }  # fmt: skip
    lists = whole(sets)
    logic = nomenklatura(chosen.python, sets, lists) if chosen.python else {}
    quality = {**ours(sets), **logics(sets, logic), **watchman(sets["watchman's cases"]), **fuzzy(sets)}
    with tempfile.TemporaryDirectory() as place:
        found = over_lists(lists, quality, logic, Path(place))
        sizes = [sized(size, Path(place)) for size in SIZES[: -1 if chosen.quick else None]]
        cards = [carded(size, Path(place)) for size in CARDS]
    counts = {
        "listed": len(lists.texts), "wanted": len(lists.wanted), "ordinary": len(lists.ordinary),
        "candidates": CANDIDATES, "versions": logic.get("versions", {}),
    }  # fmt: skip
    about = f"{about}, {os.getloadavg()[0]:.1f} after"
    written = page(about, quality=quality, found=found, sizes=sizes, cards=cards, counts=counts)
    print(written)
    if not chosen.quick:
        put(chosen.out / "benchmarks.md", written)
        dots = [Dot(name, row["p50_ms"], row["level"], name == OURS) for name, row in found.items()]
        drawn = scatter(
            dots, "Names over whole lists: quality against time", "right parties found at Caveat's alarms", "name"
        )
        (chosen.out / "screening.svg").write_text(drawn, "utf-8")


def whole(sets: Mapping[str, Sequence[Pair]]) -> Lists:
    """Return all lists as one index; pairs that the sets judge differently and ordinary companies that are listed are left out."""
    labels: dict[tuple[str, str], set[bool]] = {}
    for pair in (*sets["name_bench"], *sets["checks"]):
        labels.setdefault((pair.asked, pair.listed), set()).add(pair.same)
    wanted = [Pair(asked, right, same=True) for (asked, right), said in labels.items() if said == {True}]
    rows = listed.listed()
    rows += [Row(f"pair-{at}", (PartyName(pair.listed, NameKind.PRIMARY),)) for at, pair in enumerate(wanted)]
    index = NameIndex.build(rows)
    names = Names(index=index)
    known = {"identifier", "name", "brand"}
    ordinary = [name for name in listed.benign() if not any(one.how in known for one in names.find(name))]
    texts = list(dict.fromkeys(folded(name.text) for row in rows for name in row.names))
    return Lists(index, names, texts, wanted, ordinary)


def ours(sets: Mapping[str, Sequence[Pair]]) -> dict[str, Figures]:
    """Return our figures at our one threshold: by the score, as the peers have it, and by the grades of the whole search."""
    rows, graded = {}, {}
    for name, pairs in sets.items():
        start = time.perf_counter()
        for pair in pairs:
            compare(form(pair.asked), form(pair.listed))
        spent = (time.perf_counter() - start) / len(pairs) * 1e6
        rows[name] = {**paired(pairs), "threshold": THRESHOLD, "pair_us": spent}
        graded[name] = {**rows[name], **rows[name]["graded"], "pair_us": rows[name]["p50_ms"] * 1000}
    return {OURS: rows, f"{OURS}, as graded": graded}


def fuzzy(sets: Mapping[str, Sequence[Pair]]) -> dict[str, Figures]:
    """Return the figures of rapidfuzz's scorers on names folded as ours are, at the threshold that is best for each set."""
    return {
        title: {name: judged(pairs, *scored(pairs, scorer)) for name, pairs in sets.items()}
        for title, (_, scorer) in SCORERS.items()
    }


def scored(pairs: Sequence[Pair], scorer: Callable[[str, str], float]) -> tuple[list[float], float]:
    """Return the score of each pair, and the microseconds that one took."""
    texts = [(folded(pair.asked), folded(pair.listed)) for pair in pairs]
    start = time.perf_counter()
    scores = [scorer(left, right) for left, right in texts]
    return scores, (time.perf_counter() - start) / len(pairs) * 1e6


def logics(sets: Mapping[str, Sequence[Pair]], logic: Figures) -> dict[str, Figures]:
    """Return nomenklatura's figures at its own threshold and at the best of each set; none where it was not run."""
    rows: dict[str, dict[str, Any]] = {f"{LOGIC}, at .70": {}, f"{LOGIC}, best": {}}
    left = list(logic.get("scores", ()))
    for name, pairs in sets.items() if logic else ():
        own, left = left[: len(pairs)], left[len(pairs) :]
        rows[f"{LOGIC}, at .70"][name] = judged(pairs, own, logic["pair_us"], DEFAULT)
        rows[f"{LOGIC}, best"][name] = judged(pairs, own, logic["pair_us"])
    return {name: row for name, row in rows.items() if row}


def watchman(pairs: Sequence[Pair]) -> dict[str, Figures]:
    """Return the figures of the scores that watchman's own tests expect of it, at the threshold that it calls review."""
    with listed.WATCHMAN.open(encoding="utf-8", newline="") as file:
        scores = [float(row["score_expected_by_watchman"]) for row in csv.DictReader(file)]
    return {"moov-io/watchman, published": {"watchman's cases": judged(pairs, scores, PUBLISHED_US, REVIEW)}}


def judged(pairs: Sequence[Pair], scores: Sequence[float], spent: float, threshold: float | None = None) -> Figures:
    """Return the shares at a threshold, without one at that with the best F1."""
    same = [pair.same for pair in pairs]
    steps = [threshold] if threshold is not None else [step / 100 for step in range(20, 101)]
    tried = {step: shares([score >= step for score in scores], same) for step in steps}
    best = max(tried, key=lambda step: tried[step]["f1"])
    return {**tried[best], "threshold": best, "pair_us": spent}


def over_lists(lists: Lists, quality: Mapping[str, Figures], logic: Figures, place: Path) -> dict[str, Figures]:
    """Return recall of the right party, alarms on ordinary companies and the time of a name, over all listed names."""
    said = alarms(lists.names, lists.ordinary)
    met = [any(is_right(one.name, pair) for one in lists.names.find(pair.asked)) for pair in lists.wanted]
    work = place / "scan.json"
    told = {
        "texts": lists.texts, "ordinary": [folded(name) for name in lists.ordinary[::4]],
        "wanted": [(folded(pair.asked), folded(pair.listed)) for pair in lists.wanted],
    }  # fmt: skip
    work.write_text(json.dumps(told))
    book = parties.book(place / "listed", len(listed.listed()))
    names = place / "names.json"
    names.write_text(json.dumps({"names": [*lists.ordinary[::4], *(pair.asked for pair in lists.wanted)]}))
    own = part("warm", book, names)
    budget, recall = said["false_alarms"], sum(met) / len(met)
    rows: dict[str, Figures] = {
        OURS: {**own, "recall": recall, "alarms": budget, "threshold": THRESHOLD, "level": recall}
    }
    if logic:
        scores = rescored(lists, logic)
        rows[f"{LOGIC}, at .70"] = {**scores, **weighed(scores, DEFAULT, budget)}
    for title, (scorer, _) in SCORERS.items():
        least = best(quality, title)
        scores = part("scan", scorer, least, work)
        rows[title] = {**scores, **weighed(scores, least, budget)}
    for title, row in rows.items():
        print(f"{title:28} R {row['recall']:.3f} A {row['alarms']:.3f} R {row['level']:.3f} p95 {row['p95_ms']:.1f}")
    return rows


def weighed(scores: Figures, least: float, budget: float) -> Figures:
    """Return recall and alarms at a threshold, and recall at the lowest one that raises no more alarms than a budget."""
    right, alarm = scores["right"], sorted(scores["alarm"], reverse=True)
    highest = alarm[int(budget * len(alarm))] if alarm else 0.0
    return {
        "recall": sum(score >= least for score in right) / len(right), "threshold": least,
        "alarms": sum(score >= least for score in alarm) / len(alarm),
        "level": sum(score > highest for score in right) / len(right),
    }  # fmt: skip


def best(quality: Mapping[str, Figures], title: str) -> float:
    """Return the threshold with the best F1 on the larger set."""
    return float(quality[title]["name_bench"]["threshold"])


def is_right(name: str, pair: Pair) -> bool:
    """Tell whether a listed name is the right side of a pair."""
    return compare(form(name), form(pair.listed)).score > SAME


def nomenklatura(python: str, sets: Mapping[str, Sequence[Pair]], lists: Lists) -> Figures:
    """Score every pair with logic-v2, and for every name the parties that our index would look at; nothing where it is not."""
    if subprocess.run([python, "-c", "import nomenklatura"], capture_output=True, check=False).returncode:
        print("nomenklatura is not installed there")
        return {}
    pairs = [(pair.asked, pair.listed) for own in sets.values() for pair in own]
    asked = [pair.asked for pair in lists.wanted] + lists.ordinary[::4]
    work = {"pairs": pairs, "asked": [(name, candidates(lists.index, name)) for name in asked]}
    ran = subprocess.run(
        [python, "-m", "tests.peers.nomenklatura_scorer"], input=json.dumps(work), capture_output=True, text=True,
        check=False, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    if ran.returncode:
        raise SystemExit(f"nomenklatura failed:\n{ran.stderr[-4000:]}")
    return {**json.loads(ran.stdout), "candidates": [parties for _, parties in work["asked"]]}


def candidates(index: NameIndex, name: str) -> list[list[str]]:
    """Return the names of the parties that our index finds worth comparing."""
    asked = form(name)
    grouped: dict[str, list[str]] = {}
    for one in (*index.exact(keys(asked, name)), *index.alike(asked)):
        grouped.setdefault(one.party, []).append(one.text)
    return list(grouped.values())[:CANDIDATES]


def rescored(lists: Lists, logic: Figures) -> Figures:
    """Return logic-v2's score of each right party and the best of each ordinary name, and the time of scoring alone."""
    count = len(lists.wanted)
    near = list(zip(logic["candidates"], logic["found"], strict=True))
    right = [
        max(
            (score for names, score in zip(*one, strict=True) if any(is_right(name, pair) for name in names)), default=0
        )
        for pair, one in zip(lists.wanted, near[:count], strict=True)
    ]
    times = sorted(logic["times"])
    return {
        "right": right, "alarm": [max(scores, default=0) for _, scores in near[count:]], "peak_mb": logic["peak_mb"],
        "p50_ms": times[len(times) // 2], "p95_ms": times[len(times) * 95 // 100],
    }  # fmt: skip


def sized(size: int, place: Path) -> Figures:
    """Return what matching alone takes at a number of parties, on one core, in fresh processes."""
    start = time.perf_counter()
    book = parties.book(place / str(size), size)
    built = time.perf_counter() - start
    work = place / "sized.json"
    work.write_text(json.dumps({"names": typed()}))
    cold = sorted((part("cold", book) for _ in range(5)), key=lambda one: one["first_ms"])[2]
    row = {"size": size, "built_s": built, "cold": cold, **part("warm", book, work)}
    row["disk_mb"] = sum(file.stat().st_size for file in book.rglob("*") if file.is_file()) / 1e6
    print(
        f"{size:7} parties: p50 {row['p50_ms']:.1f} p95 {row['p95_ms']:.1f} ms, first {cold['first_ms']:.0f} ms,", row
    )
    return row


def typed() -> list[str]:
    """Return what people type: ordinary companies, names beside listed ones, brands."""
    return [
        *listed.benign()[::3], *(pair.asked for pair in listed.bench_pairs()), *(one["query"] for one in listed.brand_cases())
    ]  # fmt: skip


def carded(size: int, place: Path) -> Figures:
    """Return what a whole card takes over the starter edition and a list of that many parties, refreshed as any list is."""
    home, table = place / f"home-{size}", place / f"dod-{size}.csv"
    parties.table(table, size)
    command = [sys.executable, "-m", "bot"]
    env = {**os.environ, "CAVEAT_HOME": str(home)}
    for words in (
        ("refresh",),
        ("sources", "add", "us.dod-1260h", "--type", "list", "--at", str(table)),
        ("refresh", "us.dod-1260h"),
    ):
        subprocess.run([*command, *words], check=True, capture_output=True, cwd=ROOT, env=env)
    work = place / "cards.json"
    work.write_text(json.dumps({"names": typed()[::4]}))
    row = {"size": size, **part("cards", home, work)}
    print(row)
    return row


def part(*words: object) -> Any:
    """Run a part in a process of its own."""
    ran = subprocess.run([sys.executable, "-m", "tests.sized", *map(str, words)], capture_output=True, text=True, check=False, cwd=ROOT)  # fmt: skip
    if ran.returncode:
        raise SystemExit(f"{words} failed:\n{ran.stderr[-4000:]}")
    return json.loads(ran.stdout)


def folded(name: str) -> str:
    """Return a name in plain small letters."""
    return " ".join(form(name).words)


if __name__ == "__main__":
    main()
