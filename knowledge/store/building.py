"""Builds what lies on the disk beside what is read: a folder appears whole or not at all, whoever else builds it."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def build(place: Path, write: Callable[[Path], None], readable: Callable[[Path], bool]) -> None:
    """Write a folder elsewhere and put it in its place; of two that build the same one, the first that is readable stays."""
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{os.getpid()}.", dir=place.parent))
    try:
        write(unfinished / place.name)
        with _alone(place.parent):
            if not readable(place):
                shutil.rmtree(place, ignore_errors=True)
                (unfinished / place.name).rename(place)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def leftovers(folder: Path, kept: set[str]) -> list[Path]:
    """Return what is in a folder and neither in `kept` nor being built by another living process."""
    if not folder.is_dir():
        return []
    return [place for place in folder.iterdir() if place.name not in kept and not _being_built(place.name)]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from putting anything into the folder; a killed one lets go."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _being_built(name: str) -> bool:
    """Tell whether an unfinished folder belongs to another process that lives."""
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
