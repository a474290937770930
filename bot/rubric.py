"""The rubric: what each finding is worth in each risk category, ours or the company's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import SettingsRefused
from bot.model import LEVELS, Category, Level

UNCONFIRMED = frozenset({"alleged", "reported"})
"""Findings that never weigh more than moderate: a probe is an allegation, and a single report proves nothing."""
_OURS = Path(__file__).parent / "data" / "rubric.yaml"


class _Worth(BaseModel):
    model_config = ConfigDict(extra="forbid")

    level: Level
    says: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    findings: dict[str, _Worth] = {}
    categories: dict[Category, dict[str, Level]] = {}


@dataclass(frozen=True, slots=True)
class Rubric:
    """Levels and words by finding, and the levels that differ in one category."""

    levels: Mapping[str, Level]
    words: Mapping[str, str]
    apart: Mapping[tuple[Category, str], Level] = field(default_factory=dict)

    def level(self, finding: str, category: Category) -> Level:
        """Return what a finding is worth in a category."""
        return self.apart.get((category, finding), self.levels[finding])

    def overridden(self, file: Path) -> Self:
        """Return this rubric with what a company's file says otherwise; raise SettingsRefused when it makes no sense."""
        own = _read(file)
        said = {*own.findings, *(name for row in own.categories.values() for name in row)}
        if strange := sorted(said - set(self.levels)):
            raise SettingsRefused(
                f"rubric.yaml names a finding that does not exist: {strange[0]}. There are {', '.join(self.levels)}"
            )
        apart = {(category, name): level for category, row in own.categories.items() for name, level in row.items()}
        levels = {**self.levels, **{name: worth.level for name, worth in own.findings.items()}}
        weighed = [*levels.items(), *((name, level) for (_, name), level in apart.items())]
        if any(name in UNCONFIRMED and LEVELS.index(level) > LEVELS.index(Level.MODERATE) for name, level in weighed):
            raise SettingsRefused("rubric.yaml makes an unconfirmed report more than moderate, which it can never be")
        words = {**self.words, **{name: worth.says for name, worth in own.findings.items() if worth.says}}
        return type(self)(levels, words, {**self.apart, **apart})


def ours() -> Rubric:
    """Return the rubric that ships."""
    rows = _read(_OURS).findings
    return Rubric({name: row.level for name, row in rows.items()}, {name: row.says for name, row in rows.items()})


def _read(file: Path) -> _File:
    try:
        return _File.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    except (OSError, ValueError, yaml.YAMLError, ValidationError) as error:
        raise SettingsRefused(
            f"{file.name} cannot be read: it needs findings and categories with the levels low, moderate, high and"
            " critical, as docs/administering.md shows"
        ) from error
