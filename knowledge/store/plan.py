"""Decides which shelves an edition stands on: kept ones, a small new one beside them, or all of it built anew."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

MOST = 4
"""Shelves of one visibility: every question searches each of them (shared notes on Chroma, 5.1)."""
DEAD = 0.2
"""Share of passages that may be dead before a shelf is built anew."""


@dataclass(frozen=True, slots=True)
class Stock:
    """A shelf that stands: the keys of the entries it was built from, and of those that are dead by now."""

    name: str
    keys: frozenset[str]
    dead: frozenset[str] = frozenset()

    @property
    def alive(self) -> frozenset[str]:
        """The keys that still count."""
        return self.keys - self.dead


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do for one visibility: the shelves to keep, with their dead, and what a new one must hold, if any."""

    kept: tuple[Stock, ...]
    built: frozenset[str]


def plan(stock: Sequence[Stock], gone: frozenset[str], fresh: frozenset[str]) -> Plan:
    """Return how the shelves come to hold what they hold now, without `gone` and with `fresh`.

    A few changes give a small shelf beside the others. Small shelves are merged when there would be more than MOST;
    everything is built anew when more than a share DEAD is dead, or when the small ones outgrow half of the largest.
    """
    aged = [replace(shelf, dead=shelf.dead | (gone & shelf.keys)) for shelf in stock]
    standing = sorted((shelf for shelf in aged if shelf.alive), key=lambda shelf: -len(shelf.keys))
    alive = frozenset[str]().union(*(shelf.alive for shelf in standing))
    new = fresh - alive
    if not standing or sum(len(shelf.dead) for shelf in standing) > DEAD * sum(len(shelf.keys) for shelf in standing):
        return Plan((), alive | new)
    if not new or len(standing) < MOST:
        return Plan(tuple(standing), new)
    largest, small = standing[0], standing[1:]
    merged = new.union(*(shelf.alive for shelf in small))
    if len(merged) > len(largest.keys) / 2:
        return Plan((), alive | new)
    return Plan((largest,), merged)
