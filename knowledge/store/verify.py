"""Checks new vector segments from a fresh process: what a builder sees in its memory says nothing about its files."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from knowledge.errors import VectorsUnavailable
from knowledge.ports import Matrix
from knowledge.store.chroma import ChromaSegments

SAMPLES = 20
"""Self-queries per segment; each must find its own vector first (shared notes on Chroma, 5.4)."""
NEAR = 1e-3


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a segment ought to hold: its count, and samples of (passage id, vector)."""

    name: str
    count: int
    samples: tuple[tuple[str, tuple[float, ...]], ...]


def claim(name: str, ids: Sequence[str], matrix: Matrix) -> Claimed:
    """Take evenly spread samples of a segment for its check; zero vectors have no direction and are left out."""
    usable = [index for index in range(len(ids)) if float(np.abs(matrix[index]).max(initial=0.0)) > 0]
    step = max(1, len(usable) // SAMPLES)
    samples = tuple((ids[index], tuple(map(float, matrix[index]))) for index in usable[::step][:SAMPLES])
    return Claimed(name, len(ids), samples)


def verify(folder: Path, url: str, claims: Sequence[Claimed]) -> None:
    """Raise VectorsUnavailable unless a fresh process finds every segment complete and answering."""
    request = json.dumps({"folder": str(folder), "url": url, "claims": [asdict(one) for one in claims]})
    checked = subprocess.run(
        [sys.executable, "-m", "knowledge.store.verify"], input=request, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    if checked.returncode != 0:
        raise VectorsUnavailable("a new vector segment did not pass its check from a fresh process")


def faults(segments: ChromaSegments, one: Claimed) -> list[str]:
    """Return what is wrong with a segment, nothing when it is whole."""
    found = []
    if segments.count(one.name) != one.count:
        found.append(f"{one.name}: count")
    for id_, vector in one.samples:
        nearest = segments.nearest(one.name, np.asarray(vector, dtype=np.float32), min(10, one.count))
        best = nearest[0][1] if nearest else 0.0
        if best < 1 - NEAR or id_ not in {other for other, score in nearest if score > best - NEAR}:
            found.append(f"{one.name}: {id_}")
    return found


def runaway(folder: Path) -> list[str]:
    """Return index files that show Chroma's runaway growth (shared notes on Chroma, 3.5)."""
    return [
        str(links)
        for links in folder.glob("*/link_lists.bin")
        if (links.parent / "data_level0.bin").exists()
        and links.stat().st_size > max(1 << 20, (links.parent / "data_level0.bin").stat().st_size)
    ]


def _main() -> int:
    request = json.load(sys.stdin)
    folder = Path(request["folder"])
    claims = [
        Claimed(one["name"], one["count"], tuple((id_, tuple(vector)) for id_, vector in one["samples"]))
        for one in request["claims"]
    ]
    wrong = runaway(folder)
    if not wrong:
        segments = ChromaSegments(folder, request["url"])
        wrong = [fault for one in claims for fault in faults(segments, one)]
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(_main())
