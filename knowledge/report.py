"""The facts of a refresh: how far it is, what could not be read, what it changed."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a refresh is: `step` is read, embed, write or verify; `total` is 0 when unknown."""

    step: str
    done: int
    total: int
    note: str = ""


Watcher = Callable[[Progress], None]
"""What is told how far a refresh is."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A document or a whole source that could not be read; `error` is written for the administrator."""

    source: str
    ref: str
    error: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What a refresh changed in one source, counted in documents."""

    source: str
    added: int
    changed: int
    removed: int
    unchanged: int
    failed: int


@dataclass(frozen=True, slots=True)
class Affected:
    """An answer that cites what a refresh changed: its citations that changed or vanished, and how often each is cited.

    `uses` counts the answers that cite any of these passages: the more, the more people stand on that ground.
    """

    answer_id: str
    question: str
    asked_at: str
    changed: tuple[str, ...]
    vanished: tuple[str, ...]
    uses: int


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """What a refresh changed, counted in documents; `edition` equals `previous` when nothing had to be published.

    `skipped` lists files that are no documents, `impact` the answers whose cited passages changed, most used first.
    """

    edition: int
    previous: int | None
    added: int
    changed: int
    removed: int
    unchanged: int
    failed: tuple[Failure, ...]
    seconds: float
    skipped: tuple[Failure, ...] = ()
    impact: tuple[Affected, ...] = ()
    sources: tuple[Tally, ...] = ()
