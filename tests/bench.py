"""Measures what the project promises about speed and retrieval, and prints one table: `make bench`."""

import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from bot import build
from bot.model import Asker, Place, Question
from bot.settings import Settings
from knowledge.refresh import refresh

HOSTING = "Can we host EU customer data on Alibaba Cloud?"
QUESTIONS = Path(__file__).parent / "data" / "starter_questions.jsonl"
STAFF = frozenset({"public", "staff"})


def main() -> None:
    """Run every measurement in one process tree and print medians."""
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}"
    )
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        began = time.perf_counter()
        library = build.library(Settings(CAVEAT_HOME=home))
        report = refresh(library.refresher)
        row("starter edition, built and checked", time.perf_counter() - began, "s", f"{report.added} documents")
        began = time.perf_counter()
        refresh(library.refresher)
        row("refresh with nothing new", time.perf_counter() - began, "s")
        row("caveat --help", median(lambda: command(home, "--help"), 5), "s", "whole process")
        row("caveat ask, cold process", median(lambda: command(home, "ask", HOSTING), 5), "s", "whole process")
        asyncio.run(warm(library))
        retrieval(library)


async def warm(library: build.Library) -> None:
    """Ask every labelled question once in one process."""
    desk = build.desk(Settings(), library)
    times = []
    counts = {"answered": 0, "shown": 0, "refused": 0}
    rows = labelled()
    for one in rows:
        question = Question(uuid4().hex, one["question"], Asker("bench", staff=True), Place("bench"))
        answer = await desk.ask(question)
        times.append(answer.timings_ms["total"])
        if one["gold"]:
            counts["answered"] += not answer.refused
            counts["shown"] += any(claim.passage.citation in one["gold"] for claim in answer.claims)
        else:
            counts["refused"] += answer.refused
    times.sort()
    row("warm question on R1, p50", statistics.median(times), "ms", f"{len(times)} questions")
    row("warm question on R1, p95", times[int(len(times) * 0.95)], "ms")
    gold = sum(bool(one["gold"]) for one in rows)
    row("answerable questions answered", counts["answered"] / gold, "", f"of {gold}")
    row("answerable questions with a gold passage shown", counts["shown"] / gold, "", f"of {gold}")
    row("unanswerable questions refused", counts["refused"] / (len(rows) - gold), "", f"of {len(rows) - gold}")


def retrieval(library: build.Library) -> None:
    """Find the gold passage of every answerable question through the production search."""
    rows = [one for one in labelled() if one["gold"]]
    ranks = []
    for one in rows:
        evidence = library.searcher.at(STAFF).find(one["question"], 20)
        ranks.append(next((n for n, hit in enumerate(evidence.hits) if hit.passage.citation in one["gold"]), 99))
    for k in (1, 5, 10, 20):
        row(f"gold passage among the first {k}", sum(rank < k for rank in ranks) / len(ranks), "", f"of {len(rows)}")


def labelled() -> list[dict]:
    """Return the labelled questions over the starter corpus."""
    return [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]


def command(home: Path, *arguments: str) -> None:
    """Run the real command in a process of its own."""
    subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        env={**os.environ, "CAVEAT_HOME": str(home)},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def median(work, runs: int) -> float:
    """Return the median seconds of several runs."""
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def row(name: str, value: float, unit: str, note: str = "") -> None:
    """Print one line of the table."""
    print(f"{name:<50} {value:>9.3f} {unit:<3} {note}", flush=True)


if __name__ == "__main__":
    main()
