"""What every command shares: exit codes, errors in words, one JSON document, the person at the terminal."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from bot.build import Library
    from bot.model import Asker
    from knowledge.report import Progress

ANSWERED, FAILURE, BAD_INPUT, REFUSED, NOT_ALLOWED = 0, 1, 2, 3, 4

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def ensure_published(library: "Library") -> None:
    """Publish the starter edition when nothing has been published here yet."""
    from knowledge.refresh import refresh as run

    live = library.ledger.live()
    if live is None:
        typer.echo("First run: publishing the starter knowledge …", err=True)
        with progress(shown=sys.stderr.isatty()) as watch:
            run(library.refresher, watch=watch)
    elif live.starter != library.refresher.starter_digest:
        typer.echo(
            "The shipped starter knowledge is newer than what is in service, or was never read: run caveat refresh.",
            err=True,
        )


def operator(library: "Library") -> "Asker":
    """Return the person at the terminal, who can read the state folder and therefore every source in it."""
    from bot.model import Asker

    live = library.ledger.live()
    shelves = library.ledger.shelves(live.number) if live else ()
    labels = {label for shelf in shelves for label in shelf.visibility.split(",")}
    groups = frozenset(label.removeprefix("group:") for label in labels if label.startswith("group:"))
    names = frozenset(label.removeprefix("user:") for label in labels if label.startswith("user:"))
    return Asker("operator", staff=True, groups=groups, names=names)


@contextmanager
def progress(*, shown: bool) -> "Iterator[Callable[[Progress], None]]":
    """Show the steps of a refresh as bars on standard error."""
    if not shown:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    names = {"read": "Reading", "embed": "Embedding", "write": "Writing", "verify": "Checking"}
    with Bars(
        TextColumn("{task.description:10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        console=Console(stderr=True),
    ) as bars:
        tasks: dict[str, Any] = {}

        def watch(progress: "Progress") -> None:
            if progress.step not in tasks:
                tasks[progress.step] = bars.add_task(names[progress.step], total=progress.total, note="")
            bars.update(tasks[progress.step], completed=progress.done, total=progress.total, note=progress.note[-50:])

        yield watch


@contextmanager
def told(*, as_json: bool) -> Iterator[None]:
    """Turn our errors into words and an exit code; nobody sees a trace."""
    from bot.errors import BatchRefused, BotError, EvaluationRefused
    from knowledge.errors import KnowledgeError, SourceRefused

    try:
        yield
    except (SourceRefused, EvaluationRefused, BatchRefused) as error:
        fail(str(error), BAD_INPUT, as_json=as_json)
    except (KnowledgeError, BotError) as error:
        fail(str(error), FAILURE, as_json=as_json)


def fail(words: str, code: int, *, as_json: bool) -> NoReturn:
    """End the command with words and an exit code."""
    if as_json:
        print_json({"error": words})
    else:
        typer.echo(f"caveat: {words}", err=True)
    raise typer.Exit(code)


def say(body: dict[str, Any], words: str, *, as_json: bool) -> None:
    """Print the document, or the words."""
    if as_json:
        print_json(body)
    else:
        typer.echo(words)


def a_day(text: str, *, as_json: bool) -> date | None:
    """Read a day as YYYY-MM-DD, None where there is none; anything else ends the command."""
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        fail(f"{text[:40]} is not a date: write YYYY-MM-DD", BAD_INPUT, as_json=as_json)


def print_json(body: dict[str, Any]) -> None:
    """Print one document on standard output."""
    sys.stdout.write(json.dumps(body, ensure_ascii=False, indent=2, default=str) + "\n")


def console() -> "Console":
    """Return standard output as a console, 100 wide where it is no terminal."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 100, highlight=False)
