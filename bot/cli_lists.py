"""`caveat lists`, and what a refresh did to the lists, in a terminal."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from bot.shell import AsJson, console, print_json, told

if TYPE_CHECKING:
    from bot.renew import Renewed
    from knowledge.screened import ListState


def lists(as_json: AsJson = False) -> None:
    """Show the screening lists: what is in service, how old it is, and what failed."""
    from bot import build
    from bot.status import today

    with told(as_json=as_json):
        settings = build.settings()
        states = build.lists(settings, build.library(settings)).states(today())
    if as_json:
        print_json({"lists": [{**asdict(one), "loaded": one.loaded} for one in states]})
        return
    from bot.terminal import table

    screen = console()
    screen.print(table(("list", "rows", "of", "read", "state"), map(_row, states)))
    for one in states:
        for words in filter(None, (one.failure, one.gap)):
            screen.print(f"  {one.id}: {words}", markup=False)


def show_renewed(renewed: "Renewed") -> None:
    """Print what a refresh did to documents and lists."""
    from rich.text import Text

    from bot.terminal import show_report, table
    from bot.words import plain

    screen = console()
    if renewed.documents:
        show_report(screen, renewed.documents)
    changes = renewed.lists.lists if renewed.lists else ()
    if changes:
        columns = ("list", "came", "rows", "organisations", "added", "removed", "changed")
        rows = (
            (
                one.list_id, one.came.value, *((str(one.reading.rows), str(one.reading.parties)) if one.reading else ("", "")),
                *(str(len(refs)) for refs in (one.difference.added, one.difference.removed, one.difference.changed)),
            )
            for one in changes
        )  # fmt: skip
        screen.print(table(columns, rows))
    for failure in (*(renewed.lists.failed if renewed.lists else ()), *renewed.hindered):
        screen.print(Text(f"  failed  {failure.source}: {plain(failure.error)}", style="yellow"))


def _row(one: "ListState") -> Iterable[str]:
    if not one.loaded:
        return (one.id, "", "", "", "not loaded")
    age = "stale" if one.stale else "current"
    read = one.read_at.date().isoformat() if one.read_at else "shipped"
    return (one.id, str(one.rows), one.snapshot.isoformat() if one.snapshot else "no date", read, age)
