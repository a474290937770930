"""Checks new vector segments from a fresh process: what a builder sees in its memory says nothing about its files."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from knowledge.errors import SegmentsDamaged, VectorsUnavailable
from knowledge.ports import Matrix
from knowledge.store.chroma import ChromaSegments, index_folders

SAMPLES = 20
"""Self-queries per segment; each must find its own vector first (shared notes on Chroma, 5.4)."""
EXACT = 10_000
"""Vectors up to which every sample must be found."""
MISSED = 0.1
"""Share of the samples that a larger segment may miss: its search is approximate, and of 100,000 vectors some .5 % do not
find themselves in a whole index."""
NEAR = 1e-3
SECONDS = 300
"""How long a check may take."""


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


class Verifier:
    """Checks segments from processes of its own, each of which opens the store afresh and checks once."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self._folder = folder
        self._url = url
        self._waiting: subprocess.Popen[str] | None = None

    @contextmanager
    def warmed(self) -> Iterator[None]:
        """Start the process of the next check, so that its slow imports are done by then; it opens nothing yet."""
        self._start()
        try:
            yield
        finally:
            self._stop()

    def _start(self) -> None:
        if self._waiting is None:
            self._waiting = subprocess.Popen(
                [sys.executable, "-m", "knowledge.store.verify"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip

    def check(self, claims: Sequence[Claimed]) -> None:
        """Raise SegmentsDamaged unless all are whole and answering, VectorsUnavailable when that cannot be told."""
        request = {"folder": str(self._folder), "url": self._url, "claims": [asdict(one) for one in claims]}
        try:
            damaged = frozenset(json.loads(self._ask(json.dumps(request))))
        except (subprocess.SubprocessError, OSError, ValueError) as error:
            raise VectorsUnavailable("the vector segments could not be checked from a fresh process") from error
        if damaged:
            raise SegmentsDamaged(damaged)

    def _stop(self) -> None:
        if self._waiting is not None:
            self._waiting.kill()
            self._waiting.communicate()
            self._waiting = None

    def _ask(self, request: str) -> str:
        self._start()
        assert self._waiting is not None
        process, self._waiting = self._waiting, None
        try:
            return process.communicate(request, timeout=SECONDS)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise


def whole(segments: ChromaSegments, one: Claimed) -> bool:
    """Tell whether a segment holds as many vectors as it should and finds its samples."""
    try:
        if segments.count(one.name) != one.count:
            return False
        missed = sum(not _finds(segments, one, id_, vector) for id_, vector in one.samples)
    except VectorsUnavailable:
        return False
    return missed <= (len(one.samples) * MISSED if one.count > EXACT else 0)


def _finds(segments: ChromaSegments, one: Claimed, id_: str, vector: Sequence[float]) -> bool:
    nearest = segments.nearest(one.name, np.asarray(vector, dtype=np.float32), min(10, one.count))
    best = nearest[0][1] if nearest else 0.0
    near = {other for other, score in nearest if score > best - NEAR}
    # Where all that came back are as near as the sample's own vector, it may stand behind others with the same text.
    return best >= 1 - NEAR and (id_ in near or len(near) == len(nearest))


def runaway(folder: Path) -> set[str]:
    """Return the segments whose index file shows Chroma's runaway growth (shared notes on Chroma, 3.5).

    They must not be opened: that is when the file grows on.
    """
    return {name for name, place in index_folders(folder).items() if _outgrown(place)}


def _outgrown(place: Path) -> bool:
    links, data = place / "link_lists.bin", place / "data_level0.bin"
    return links.exists() and data.exists() and links.stat().st_size > max(1 << 20, data.stat().st_size)


def _main() -> None:
    import chromadb  # noqa: F401, PLC0415 - while the request is awaited

    request = json.load(sys.stdin)
    folder = Path(request["folder"])
    claims = [
        Claimed(one["name"], one["count"], tuple((id_, tuple(vector)) for id_, vector in one["samples"]))
        for one in request["claims"]
    ]
    shunned = set() if request["url"] else runaway(folder)
    segments = ChromaSegments(folder, request["url"])
    present = segments.names() - shunned
    json.dump([one.name for one in claims if one.name not in present or not whole(segments, one)], sys.stdout)


if __name__ == "__main__":
    _main()
