"""The shelves on disk: one immutable folder for each set of passages with the same visibility, with both of its indexes."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from knowledge.ports import Embedder, Matrix
from knowledge.store.building import build, leftovers
from knowledge.store.entry import Entry
from knowledge.store.forward import Forward, write_forward
from knowledge.store.lexical import LexicalIndex, write_index

FORWARD = "forward"
"""The folder of the forward index within a shelf's."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A shelf for reading: `lexical` finds its passages, `forward` weighs them."""

    lexical: LexicalIndex
    forward: Forward


class Shelves:
    """Writes, opens and removes indexes by shelf name; opened ones are kept open while they are on the disk.

    `words` embeds single words, so that the forward index knows which are alike; it ships with the package.
    """

    def __init__(self, folder: Path, words: Embedder) -> None:
        self._folder = folder
        self.words = words
        self._open: dict[str, Opened] = {}
        self._lock = Lock()

    def write(self, name: str, entries: Sequence[Entry], matrix: Matrix) -> None:
        """Build the indexes of entries and their vectors; they appear whole or not at all, whoever else builds them."""

        def write(place: Path) -> None:
            write_index(place, entries)
            write_forward(place / FORWARD, entries, matrix, self.words)

        build(self._folder / name, write, _readable)

    def open(self, name: str) -> Opened:
        """Return a shelf for reading."""
        with self._lock:
            if name not in self._open:
                self._open = {other: shelf for other, shelf in self._open.items() if (self._folder / other).is_dir()}
                self._open[name] = _opened(self._folder / name)
            return self._open[name]

    def present(self, name: str) -> bool:
        """Tell whether a shelf of this name is on this machine and can be read."""
        try:
            self.open(name)
        except (OSError, ValueError):
            return False
        return True

    def names(self) -> set[str]:
        """Return what is on this machine by name, what is being built aside."""
        return {place.name for place in leftovers(self._folder, set()) if not place.name.startswith(".")}

    def sweep(self, kept: set[str]) -> None:
        """Remove every shelf that is not in `kept`, except what another living process is building."""
        for place in leftovers(self._folder, kept):
            with self._lock:
                self._open.pop(place.name, None)
            shutil.rmtree(place, ignore_errors=True)


def _readable(place: Path) -> bool:
    try:
        _opened(place)
    except (OSError, ValueError):
        return False
    return True


def _opened(place: Path) -> Opened:
    return Opened(LexicalIndex(place), Forward(place / FORWARD))
