"""The shelves' lexical indexes on disk: one immutable folder for each set of passages with the same visibility."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from knowledge.store.lexical import Entry, LexicalIndex, write_index


class Shelves:
    """Writes, opens and removes lexical indexes by shelf name; opened ones are kept open while they are on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, LexicalIndex] = {}
        self._lock = Lock()

    def write(self, name: str, entries: Sequence[Entry]) -> None:
        """Build an index; it appears whole or not at all, also when other processes build the same one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{os.getpid()}.", dir=self._folder))
        write_index(unfinished / name, entries)
        with _alone(self._folder):
            if not _readable(self._folder / name):  # of two that build the same one, the first stays
                shutil.rmtree(self._folder / name, ignore_errors=True)
                (unfinished / name).rename(self._folder / name)
        shutil.rmtree(unfinished, ignore_errors=True)

    def open(self, name: str) -> LexicalIndex:
        """Return an index for reading."""
        with self._lock:
            if name not in self._open:
                self._open = {other: index for other, index in self._open.items() if (self._folder / other).is_dir()}
                self._open[name] = LexicalIndex(self._folder / name)
            return self._open[name]

    def present(self, name: str) -> bool:
        """Tell whether an index of this name is on this machine and can be read."""
        try:
            self.open(name)
        except (OSError, ValueError):
            return False
        return True

    def sweep(self, kept: set[str]) -> None:
        """Remove every index that is not in `kept`, except what another living process is building."""
        if self._folder.is_dir():
            for place in self._folder.iterdir():
                if place.name not in kept and not _being_built(place.name):
                    with self._lock:
                        self._open.pop(place.name, None)
                    shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from putting an index into the folder; a killed one lets go."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _readable(place: Path) -> bool:
    try:
        LexicalIndex(place)
    except (OSError, ValueError):
        return False
    return True


def _being_built(name: str) -> bool:
    """Tell whether an unfinished index belongs to another process that lives."""
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
