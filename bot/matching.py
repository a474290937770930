"""Measures how names are matched, on sets that others labelled and on ordinary companies, through the search of a vendor check."""

import csv
import io
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from bot.errors import EvaluationRefused
from knowledge.names.find import Match, Names
from knowledge.names.forms import form
from knowledge.names.grade import Grade, How
from knowledge.names.index import Row
from knowledge.names.score import THRESHOLD, VERSION, compare
from knowledge.party import NameKind, PartyName

SURE = frozenset({Grade.CONFIRMED, Grade.PROBABLE})
_KNOWN = frozenset({How.IDENTIFIER, How.NAME, How.BRAND})
"""Evidence that makes a hit on an ordinary company a true one: the listed name itself, or a tie with its source."""
_FIRMS = frozenset({"Company", "Organization", "LegalEntity"})
_ALL = 10_000
"""More than there are pairs, so that none of an index of pairs is cut off."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names, whether they are one party, and of what kind their difference is."""

    asked: str
    listed: str
    same: bool
    kind: str = ""


def read_bench(file: Path) -> list[Pair]:
    """Read the pairs of organisations of nomenklatura's name bench."""
    return [
        Pair(row["name1"], row["name2"], row["is_match"] == "true", row["category"])
        for row in _rows(file, ("name1", "name2", "is_match", "schema", "category"))
        if row["schema"] in _FIRMS
    ]


def read_checks(file: Path) -> list[Pair]:
    """Read the pairs of organisations of nomenklatura's checks; of several names of a side the first one."""
    try:
        checks = yaml.safe_load(_text(file))["checks"]
        return [
            Pair(_first(one["query"]["name"]), _first(one["candidate"]["name"]), bool(one["match"]))
            for one in checks
            if one["schema"] in _FIRMS
        ]
    except (yaml.YAMLError, KeyError, TypeError, IndexError) as error:
        raise EvaluationRefused(f"{file.name} has no checks with a query, a candidate and a match") from error


def read_watchman(file: Path) -> list[Pair]:
    """Read watchman's cases of one name against another."""
    wanted = ("query", "index_name", "should_match", "case")
    return [
        Pair(row["query"], row["index_name"], row["should_match"] == "true", row["case"]) for row in _rows(file, wanted)
    ]


def read_pairs(file: Path) -> list[Pair]:
    """Read lines of `{a, b, match, kind}`."""
    pairs = []
    for number, line in enumerate(_text(file).splitlines(), 1):
        try:
            row = json.loads(line)
            pairs.append(Pair(str(row["a"]), str(row["b"]), bool(row["match"]), str(row.get("kind", ""))))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EvaluationRefused(f"line {number} of {file.name} is no row of a, b and match") from error
    return pairs


def read_ordinary(file: Path) -> list[str]:
    """Read the names of lines of `name;country`."""
    return [row[0] for row in csv.reader(_text(file).splitlines(), delimiter=";") if len(row) > 1]


PAIRS: dict[str, tuple[str, Callable[[Path], list[Pair]]]] = {
    "name_bench": ("nomenklatura_name_bench_cases.csv", read_bench),
    "checks": ("nomenklatura_entity_bench_checks.yml", read_checks),
    "watchman": ("watchman_compare_name_cases.csv", read_watchman),
    "own pairs": ("name_pairs.jsonl", read_pairs),
}
"""The sets of pairs by their files; the last one is for anybody's own."""
ORDINARY = ("ordinary", "cleanco_companies.csv")


def measured(folder: Path, names: Names) -> dict[str, Any]:
    """Measure each set that is in a folder; ordinary companies are looked for among `names`.

    `missing` says which sets are not there by their file. Raises EvaluationRefused where there is none, or one cannot be read.
    """
    if not folder.is_dir():
        raise EvaluationRefused(f"{folder} is no folder: name the one that holds {_wanted()}")
    here = {name: read(folder / file) for name, (file, read) in PAIRS.items() if (folder / file).is_file()}
    title, file = ORDINARY
    common = read_ordinary(folder / file) if (folder / file).is_file() else []
    if not common and not any(here.values()):
        raise EvaluationRefused(f"there is no set in {folder}: it should hold {_wanted()}")
    absent = {name: file for name, (file, _) in PAIRS.items() if name not in here}
    return {
        "threshold": THRESHOLD, "version": VERSION, "names": names.size,
        "pairs": {name: paired(pairs) for name, pairs in here.items() if pairs},
        title: alarms(names, common) if common else {},
        "missing": absent if common else {**absent, title: file},
    }  # fmt: skip


def paired(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Return how pairs are told apart: by the score at the threshold, and by the grade when the listed sides are an index.

    A grade tells one party from POSSIBLE on; AFFILIATE says that there are two.
    """
    names = Names(Row(str(at), (PartyName(pair.listed, NameKind.PRIMARY),)) for at, pair in enumerate(pairs))
    scored = [compare(form(pair.asked), form(pair.listed)).score >= THRESHOLD for pair in pairs]
    clock = Clock()
    grades = []
    for at, pair in enumerate(pairs):
        found = clock(partial(names.find, pair.asked, limit=_ALL))
        grades.append(next((match.grade for match in found if match.party == str(at)), Grade.NONE))
    same = [pair.same for pair in pairs]
    one = [grade not in {Grade.NONE, Grade.AFFILIATE} for grade in grades]
    return {
        "pairs": len(pairs), "same": sum(same), **shares(scored, same), "graded": shares(one, same),
        "sure_though_two": sum(grade in SURE and not pair.same for grade, pair in zip(grades, pairs, strict=True)),
        "kinds": _kinds(pairs, scored), **clock.spent(),
    }  # fmt: skip


def shares(taken: Sequence[bool], same: Sequence[bool]) -> dict[str, float]:
    """Return precision, recall and F1 of what was taken for the same, and how many were taken falsely."""
    hit = sum(one and other for one, other in zip(taken, same, strict=True))
    return {
        "precision": round(hit / max(sum(taken), 1), 4),
        "recall": round(hit / max(sum(same), 1), 4),
        "f1": round(2 * hit / max(sum(taken) + sum(same), 1), 4),
        "false": sum(taken) - hit,
    }


def alarms(names: Names, ordinary: Sequence[str]) -> dict[str, Any]:
    """Return which share of ordinary companies raises an alarm; those that are listed by name or by their brand are set aside."""
    clock = Clock()
    found = [clock(partial(names.find, name)) for name in ordinary]
    left = [matches for matches in found if not any(match.how in _KNOWN for match in matches)]
    raised = [matches for matches in left if matches]
    total = max(len(left), 1)
    return {
        "names": len(ordinary), "listed": len(ordinary) - len(left), "alarms": len(raised),
        "false_alarms": round(len(raised) / total, 4),
        "affiliates_only": round(sum(all(_hint(one) for one in matches) for matches in raised) / total, 4),
        "sure": sum(any(one.grade in SURE for one in matches) for matches in raised), **clock.spent(),
    }  # fmt: skip


class Clock:
    """Times calls one by one."""

    def __init__(self) -> None:
        self.times: list[float] = []
        """Milliseconds of each call so far."""

    def __call__(self, work: Callable[[], list[Match]]) -> list[Match]:
        """Do the work and keep its time."""
        began = time.perf_counter()
        done = work()
        self.times.append((time.perf_counter() - began) * 1000)
        return done

    def spent(self) -> dict[str, float]:
        """Return the median and the 95th percentile."""
        times = sorted(self.times)
        return {f"p{share}_ms": round(times[len(times) * share // 100], 2) for share in (50, 95)} if times else {}


def _hint(match: Match) -> bool:
    return match.grade is Grade.AFFILIATE


def _kinds(pairs: Iterable[Pair], taken: Iterable[bool]) -> dict[str, dict[str, int]]:
    """Return how many pairs of each kind were judged right, of how many."""
    found: dict[str, dict[str, int]] = {}
    for pair, one in zip(pairs, taken, strict=True):
        kind = found.setdefault(pair.kind or "all", {"right": 0, "of": 0})
        kind["right"] += one == pair.same
        kind["of"] += 1
    return found


def _wanted() -> str:
    files = [file for file, _ in PAIRS.values()]
    return f"{', '.join(files)} or {ORDINARY[1]}"


def _rows(file: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    rows = list(csv.DictReader(io.StringIO(_text(file), newline="")))
    if not rows or not set(columns) <= rows[0].keys():
        raise EvaluationRefused(f"{file.name} is no table with the columns {', '.join(columns)}")
    return rows


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationRefused(f"{file.name} cannot be read") from error


def _first(name: str | list[str]) -> str:
    return name if isinstance(name, str) else name[0]
