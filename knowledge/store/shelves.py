"""The shelves on disk: one immutable folder for each set of passages with the same visibility, with both of its indexes."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from knowledge.ports import Embedder, Matrix
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
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{os.getpid()}.", dir=self._folder))
        write_index(unfinished / name, entries)
        write_forward(unfinished / name / FORWARD, entries, matrix, self.words)
        with _alone(self._folder):
            if not _readable(self._folder / name):  # of two that build the same one, the first stays
                shutil.rmtree(self._folder / name, ignore_errors=True)
                (unfinished / name).rename(self._folder / name)
        shutil.rmtree(unfinished, ignore_errors=True)

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

    def sweep(self, kept: set[str]) -> None:
        """Remove every shelf that is not in `kept`, except what another living process is building."""
        if self._folder.is_dir():
            for place in self._folder.iterdir():
                if place.name not in kept and not _being_built(place.name):
                    with self._lock:
                        self._open.pop(place.name, None)
                    shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from putting a shelf into the folder; a killed one lets go."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _readable(place: Path) -> bool:
    try:
        _opened(place)
    except (OSError, ValueError):
        return False
    return True


def _opened(place: Path) -> Opened:
    return Opened(LexicalIndex(place), Forward(place / FORWARD))


def _being_built(name: str) -> bool:
    """Tell whether an unfinished shelf belongs to another process that lives."""
    builder = name.split(".")[1] if name.startswith(".") else ""
    if not builder.isdigit() or int(builder) == os.getpid():
        return False
    try:
        os.kill(int(builder), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
