"""The table of a check: what a listing weighs by its measure and by how sure it is, ours or the company's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import SettingsRefused
from bot.model import Level
from knowledge.names.grade import Grade
from knowledge.party import Force, Measure, Reach

_OURS = Path(__file__).parent / "data" / "card.yaml"
REST = "default"
"""The row of every measure that has none of its own."""


class Column(StrEnum):
    """How sure it is that a measure meets the vendor: by grade, or as a company that a listed party is known to own."""

    CONFIRMED = "confirmed"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    OWNED = "owned"
    AFFILIATE = "affiliate"


class Situation(StrEnum):
    """What policy is asked to demand: after a match, of a vendor that our sources name, of one that nothing here names."""

    HIT = "hit"
    KNOWN = "known"
    UNKNOWN = "unknown"


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")

    confirmed: Level | None = None
    probable: Level | None = None
    possible: Level | None = None
    owned: Level | None = None
    affiliate: Level | None = None
    says: str | None = None
    hit: str | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    measures: dict[str, _Row] = {}
    questions: tuple[str, ...] | None = None
    steps: dict[Situation, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class Scale:
    """Levels by measure and column, what else to say of a measure, and what the knowledge base is asked.

    `hits` are the words that policy uses for a match under a measure, where they are not the measure's title.
    `questions` are about a vendor that it knows, in place of `{vendor}`; `steps` ask company policy what to do, also about
    the gravest `{hit}`.
    """

    levels: Mapping[tuple[str, Column], Level]
    words: Mapping[str, str]
    hits: Mapping[str, str]
    questions: tuple[str, ...]
    steps: Mapping[Situation, tuple[str, ...]]

    def level(self, measure: Measure, grade: Grade, *, owned: bool = False) -> Level:
        """Return what a listing weighs; LOW for a measure that does not hold yet or is suspended, UNKNOWN for an ended one."""
        if measure.force is Force.ENDED or grade is Grade.NONE:
            return Level.UNKNOWN
        if measure.force in {Force.UPCOMING, Force.SUSPENDED}:
            return Level.LOW
        column = Column.OWNED if owned and measure.reach is not Reach.NONE else Column(grade.value)
        return self.levels.get((measure.id, column)) or self.levels[REST, column]

    def says(self, measure: Measure) -> str:
        """Return what is said beside the effect of a measure, empty for most."""
        return self.words.get(measure.id, "")

    def hit(self, measure: Measure) -> str:
        """Return what policy calls a match under a measure: "asset-freeze list"."""
        return self.hits.get(measure.id, measure.title)

    def overridden(self, file: Path) -> Self:
        """Return this table with what a company's file says otherwise; raise SettingsRefused when it makes no sense."""
        own = _read(file)
        return type(self)(
            {**self.levels, **_levels(own)},
            {**self.words, **_words(own, "says")},
            {**self.hits, **_words(own, "hit")},
            own.questions or self.questions,
            {**self.steps, **own.steps},
        )


def ours() -> Scale:
    """Return the table that ships."""
    file = _read(_OURS)
    return Scale(_levels(file), _words(file, "says"), _words(file, "hit"), file.questions or (), file.steps)


def _levels(file: _File) -> dict[tuple[str, Column], Level]:
    return {
        (key, column): level
        for key, row in file.measures.items()
        for column in Column
        if (level := getattr(row, column.value)) is not None
    }


def _words(file: _File, field: str) -> dict[str, str]:
    return {key: said for key, row in file.measures.items() if (said := getattr(row, field)) is not None}


def _read(file: Path) -> _File:
    try:
        return _File.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    except (OSError, ValueError, yaml.YAMLError, ValidationError) as error:
        raise SettingsRefused(
            f"{file.name} cannot be read: it needs measures, each with the levels low, moderate, high and critical for"
            " confirmed, probable, possible, owned and affiliate, as docs/administering.md shows"
        ) from error
