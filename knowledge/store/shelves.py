"""The shelves' lexical indexes on disk: one immutable folder for each set of passages with the same visibility."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from knowledge.store.lexical import Entry, LexicalIndex, write_index


class Shelves:
    """Writes, opens and removes lexical indexes by shelf name; opened ones are kept open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, LexicalIndex] = {}
        self._lock = Lock()

    def write(self, name: str, entries: Sequence[Entry]) -> None:
        """Build an index under a name that is not in use; it appears whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f".{name}"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(self._folder / name, ignore_errors=True)
        write_index(unfinished, entries)
        unfinished.rename(self._folder / name)

    def open(self, name: str) -> LexicalIndex:
        """Return an index for reading."""
        with self._lock:
            if name not in self._open:
                self._open[name] = LexicalIndex(self._folder / name)
            return self._open[name]

    def present(self, name: str) -> bool:
        """Tell whether an index of this name is on this machine."""
        return (self._folder / name).is_dir()

    def sweep(self, kept: set[str]) -> None:
        """Remove every index that is not in `kept`."""
        if self._folder.is_dir():
            for place in self._folder.iterdir():
                if place.name not in kept:
                    self._open.pop(place.name, None)
                    shutil.rmtree(place, ignore_errors=True)
