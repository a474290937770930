"""Many ids a page at a time: a query takes only so many parameters."""

from collections.abc import Iterable, Sequence

_PAGE = 500
"""Ids per query, below every database's limit on parameters."""


def pages(ids: Sequence[str]) -> Iterable[list[str]]:
    """Return the ids in their order, in lists that a query takes; none where there are no ids."""
    return (list(ids[start : start + _PAGE]) for start in range(0, len(ids), _PAGE))
