"""Facts of a register of owners: legal entities, and the paths of ownership between them, told in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

_TIES = {
    "IS_DIRECTLY_CONSOLIDATED_BY": "is consolidated in the accounts of",
    "IS_ULTIMATELY_CONSOLIDATED_BY": "is in the end consolidated in the accounts of",
    "IS_INTERNATIONAL_BRANCH_OF": "is a branch of",
}
"""What the register's kinds of relationship say, in words."""


_NEAR = frozenset({"IS_DIRECTLY_CONSOLIDATED_BY", "IS_INTERNATIONAL_BRANCH_OF"})


@dataclass(frozen=True, slots=True)
class Entity:
    """A legal entity of the register: its LEI (ISO 17442), legal name and country (ISO 3166-1 alpha-2)."""

    lei: str
    name: str
    country: str


@dataclass(frozen=True, slots=True)
class Path:
    """The way from an entity to one that it belongs to: the relationships in their order, and the entity that each leads to."""

    start: Entity
    steps: tuple[tuple[str, Entity], ...]

    @property
    def end(self) -> Entity:
        """The owner that the path leads to."""
        return self.steps[-1][1]


@dataclass(frozen=True, slots=True)
class Ownership:
    """What the register of a day knows of a name: the entities that bear it, and the paths to their owners, nearest first.

    More than one entity means that the name alone does not tell which is meant.
    """

    of: date | None
    entities: tuple[Entity, ...] = ()
    paths: tuple[Path, ...] = ()


def ties() -> frozenset[str]:
    """Return the kinds of relationship that make one entity part of another's group."""
    return frozenset(_TIES)


def told(path: Path, of: date | None) -> str:
    """Say a path in one sentence, with its source."""
    said = named(path.start)
    for at, (tie, entity) in enumerate(path.steps):
        said += f"{', which ' if at else ' '}{_TIES[tie]} {named(entity)}"
    return f"{said} (source: GLEIF, {dated(of)})"


def paths(start: Entity, upward: Sequence[tuple[str, str, str]], entities: dict[str, Entity]) -> tuple[Path, ...]:
    """Return the paths from an entity to all its owners, the nearest first, one for each owner.

    `upward` are (child, kind, parent) by LEI; an ultimate owner that the direct ones lead to as well is told by the longer way.
    """
    ways: dict[str, tuple[tuple[str, Entity], ...]] = {start.lei: ()}
    for kinds in (_NEAR, ties() - _NEAR):
        waiting = list(ways)
        while waiting:
            child = waiting.pop(0)
            for one, tie, parent in upward:
                if one == child and tie in kinds and parent not in ways and parent in entities:
                    ways[parent] = (*ways[child], (tie, entities[parent]))
                    waiting.append(parent)
    del ways[start.lei]
    return tuple(Path(start, steps) for steps in sorted(ways.values(), key=len))


def named(entity: Entity) -> str:
    """Return an entity by its name, country and LEI."""
    return f"{entity.name} ({', '.join(filter(None, (entity.country, f'LEI {entity.lei}')))})"


def dated(of: date | None) -> str:
    """Return which copy of the register is meant."""
    return f"copy of {of.day} {of:%b %Y}" if of else "undated copy"
