"""How far the work on a question is: its steps and the sources they rest on, never a sentence that is not proved yet."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from knowledge.bearing import Bearing

MOST_LEADS = 6


@dataclass(frozen=True, slots=True)
class Lead:
    """A source that a step rests on, as the ledger names and links it; `url` is empty where it has none."""

    citation: str
    url: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the work in words of ours; told again under its name, it takes its own place.

    `lasting` is a step that takes seconds: whoever waits is then better shown what happens than nothing.
    """

    name: str
    title: str
    done: bool = True
    lasting: bool = False
    leads: tuple[Lead, ...] = ()


Told = Callable[[Stage], None]
"""Hears of each step, on the loop and at once."""


def untold(_stage: Stage) -> None:
    """Hear of a step where nobody waits to see it."""


class Course:
    """The steps of one work so far, in their order."""

    def __init__(self) -> None:
        self._stages: dict[str, Stage] = {}
        self._lasts = asyncio.Event()

    def tell(self, stage: Stage) -> None:
        """Take note of a step."""
        self._stages[stage.name] = stage
        if stage.lasting:
            self._lasts.set()

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The steps so far."""
        return tuple(self._stages.values())

    async def lasts(self) -> None:
        """Return once a step was told that takes long."""
        await self._lasts.wait()


def keep(stages: Iterable[Stage]) -> dict[str, Any]:
    """Return steps as they are kept beside a message, as plain JSON."""
    return {"last": [asdict(stage) for stage in stages]}


def kept(held: Mapping[str, Any]) -> tuple[Stage, ...]:
    """Return the steps that `keep` made, none where there are none."""
    return tuple(
        Stage(**{**stage, "leads": tuple(Lead(**lead) for lead in stage["leads"])}) for stage in held.get("last", ())
    )


def leads(bearings: Iterable[Bearing]) -> tuple[Lead, ...]:
    """Return the foremost of these passages as sources, one for each document."""
    first = {one.hit.document.id: one.hit for one in reversed(tuple(bearings))}
    found = [Lead(hit.passage.citation or hit.document.title, hit.document.url) for hit in reversed(first.values())]
    return tuple(found[:MOST_LEADS])
