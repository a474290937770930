"""`caveat refresh` and `caveat rollback`: what puts another edition into service."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli_keep import by_hand, ended, errand, kept
from bot.cli_watch import tell_watchers
from bot.shell import BAD_INPUT, AsJson, console, fail, print_json, progress, say, told

if TYPE_CHECKING:
    from bot.renew import Renewed


def refresh(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Only these sources.")] = None,
    due: Annotated[bool, typer.Option("--due", help="Only the sources whose schedule says so now.")] = False,
    wish: Annotated[str, typer.Option("--errand", hidden=True, help="The wish in a chat that this is for.")] = "",
    as_json: AsJson = False,
) -> None:
    """Read the sources and lists again and publish what changed."""
    from bot import build, renew
    from bot.tracing import tracing

    with told(as_json=as_json):
        settings = build.settings()
        library = build.library(settings)
        known = {"starter", *(spec.name for spec in library.catalog.all())}
        if unknown := sorted(set(names or ()) - known):
            fail(f"there is no source named {', '.join(unknown)}; see caveat sources list", BAD_INPUT, as_json=as_json)
        if due and not (names := library.catalog.due(datetime.now(UTC))):
            say({"due": []}, "No source is due.", as_json=as_json)
            return
        hand = None if due else by_hand()
        with tracing(settings), errand(settings, library, wish, hand, names or ()) as run:
            with progress(shown=not as_json) as steps:
                renewed = renew.renew(settings, library, names or (), run.watch(steps))
            watched = tell_watchers(settings, library)
            body = {**renew.as_json(renewed), "watched": watched}
            run.end(body, ended(body))
    if as_json:
        print_json(body)
        return
    _show(renewed)
    for one in watched:
        for line in one["news"]:
            console().print(f"  watched  {one['vendor']}: {line}", markup=False)


def rollback(as_json: AsJson = False) -> None:
    """Put the edition before the live one back into service."""
    from bot import build

    with told(as_json=as_json):
        settings = build.settings()
        previous, live = kept(settings, build.library(settings)).rollback(by_hand())
    words = f"Edition {previous} is in service again, edition {live} is kept."
    say({"edition": previous, "previous": live}, words, as_json=as_json)


def _show(renewed: "Renewed") -> None:
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
