"""`caveat lists`: the screening lists, what is in service and what failed."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from bot.shell import AsJson, console, print_json, told

if TYPE_CHECKING:
    from knowledge.screened import ListState


def lists(as_json: AsJson = False) -> None:
    """Show the screening lists: what is in service, how old it is, and what failed."""
    from bot import build, vetting

    with told(as_json=as_json):
        settings = build.settings()
        states = vetting.lists(settings, build.library(settings)).states(build.today())
    if as_json:
        print_json({"lists": [{**asdict(one), "loaded": one.loaded} for one in states]})
        return
    from bot.terminal import table

    screen = console()
    screen.print(table(("list", "rows", "of", "read", "state"), map(_row, states)))
    for one in states:
        for words in filter(None, (one.failure, one.gap)):
            screen.print(f"  {one.id}: {words}", markup=False)


def _row(one: "ListState") -> Iterable[str]:
    if not one.loaded:
        return (one.id, "", "", "", "not loaded")
    age = "stale" if one.stale else "current"
    read = one.read_at.date().isoformat() if one.read_at else "shipped"
    return (one.id, str(one.rows), one.snapshot.isoformat() if one.snapshot else "no date", read, age)
