"""Leases: one refresh at a time for a state folder and a database, and one process at a time under a name."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, text

from knowledge.errors import RefreshRunning

_KEYS = {"refresh": 727267, "lists": 727268, "asked": 727269, "telling": 727270}
"""What is kept apart: refreshes of documents from each other, and those of lists; those that were asked for in chat, and who
tells how far one is."""


@contextmanager
def refresh_lease(home: Path, engine: Engine, of: str = "refresh") -> Iterator[None]:
    """Hold the lease; raise RefreshRunning at once when another process has it. A killed holder loses it."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / f"{of}.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RefreshRunning("another refresh is running; its result will be published when it is done") from error
        if engine.dialect.name != "postgresql":
            yield
            return
        with engine.connect() as connection:
            if not connection.execute(text(f"SELECT pg_try_advisory_lock({_KEYS[of]})")).scalar():
                raise RefreshRunning("another refresh is running on this database")
            try:
                yield
            finally:
                connection.execute(text(f"SELECT pg_advisory_unlock({_KEYS[of]})"))
                connection.rollback()


@contextmanager
def own_name(folder: Path, name: str) -> Iterator[str]:
    """Hold a name that no other process of this folder has: the given one, else with the first free number after it.

    Two workers under one name would each take up what the other is working on. A killed holder loses its name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        held = name if number == 1 else f"{name}-{number}"
        with (folder / f"{held.replace('/', '_')}.lock").open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            yield held
            return
