"""Measures one peer in its own process and prints one JSON document, in the words of `caveat eval retrieval --json`."""

import argparse
import contextlib
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from tests.peers.obliqa import Passage, Question, measured, read_passages, read_questions


class Peer(Protocol):
    """A search that somebody else wrote, as its documentation sets it up; to make one loads its embedder."""

    packages: Sequence[str]
    """The distributions whose versions are told with the figures."""

    def index(self, place: Path, passages: Sequence[Passage]) -> None:
        """Make the passages searchable, and keep the index in the folder."""

    def search(self, question: str) -> list[str]:
        """Return the ids of the passages of the ten best hits; an id may come again where a passage was cut."""


def main(make: Callable[[], Peer]) -> None:
    """Run `python -m tests.peers.NAME --at DIR --questions FILE`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--at", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    asked = parser.parse_args()
    with contextlib.redirect_stdout(sys.stderr):  # some libraries greet there
        told = measure(make(), read_passages(asked.at), read_questions(asked.questions))
    print(json.dumps(told))


def measure(peer: Peer, passages: Sequence[Passage], questions: Sequence[Question]) -> dict[str, Any]:
    """Index the passages and ask every question, one after the other."""
    keys = {passage.id: passage.key for passage in passages}
    with tempfile.TemporaryDirectory() as place:
        began = time.perf_counter()
        peer.index(Path(place), passages)
        indexed = time.perf_counter() - began
        ranked, times = [], []
        for question in questions:
            began = time.perf_counter()
            found = peer.search(question.text)
            times.append((time.perf_counter() - began) * 1000)
            ranked.append(([keys[id_] for id_ in found], question.gold))
        disk = sum(file.stat().st_size for file in Path(place).rglob("*") if file.is_file())
    times.sort()
    return {
        **measured(ranked),
        "index_seconds": round(indexed, 2),
        "p50_ms": round(statistics.median(times), 2),
        "p95_ms": round(times[int(len(times) * 0.95)], 2),
        "peak_mb": round(peak()),
        "disk_mb": round(disk / 1e6, 1),
        "passages": len(passages),
        "questions": len(questions),
        "versions": {name: version(name) for name in peer.packages},
    }


def peak() -> float:
    """Return the most memory that this process ever held, from its own map: getrusage begins with the parent's."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))
    return int(found[1]) / 1024
