"""`caveat sources`: what the knowledge base reads."""

from typing import Annotated

import typer

from bot.cli_keep import by_hand, kept
from bot.shell import BAD_INPUT, AsJson, console, fail, print_json, say, told

sources = typer.Typer(help="What the knowledge base reads.", no_args_is_help=True, rich_markup_mode=None)


@sources.command("list")
def list_sources(as_json: AsJson = False) -> None:
    """List the configured sources."""
    from bot import build
    from bot.status import status as report_status

    with told(as_json=as_json):
        settings = build.settings()
        rows = report_status(settings, build.library(settings))["sources"]
    if as_json:
        print_json({"sources": rows})
        return
    from bot.terminal import table

    columns = ("name", "type", "at", "kind", "jurisdiction", "visibility", "owner", "every_minutes", "documents")
    console().print(table(columns, ([str(row[column] or "") for column in columns] for row in rows)))


@sources.command("add")
def add_source(  # noqa: PLR0913, PLR0917 - the outside contract names these options
    name: Annotated[str, typer.Argument(help="A short name, letters, digits, dots and dashes.")],
    type_: Annotated[str, typer.Option("--type", help="What kind of place it is; docs/sources.md explains each.")],
    at: Annotated[str, typer.Option("--at", help="Where it is.")],
    kind: Annotated[
        str, typer.Option("--kind", help="regulation, guidance, advisory, list, policy, vendor-evidence, news")
    ] = "",
    jurisdiction: Annotated[
        str, typer.Option("--jurisdiction", metavar="CC", help="ISO 3166-1 alpha-2, EU, UN or INT")
    ] = "",
    visibility: Annotated[str, typer.Option("--visibility", help="public, staff, group:NAME or user:ID")] = "staff",
    owner: Annotated[str, typer.Option("--owner", help="Who answers for it.")] = "",
    every: Annotated[
        str, typer.Option("--every", metavar="TIME", help="Read it again on its own: 30m, 6h, 1d; empty: by hand only.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Add a source; its documents are read by the next refresh."""
    from bot import build
    from bot.errors import KeepingRefused
    from bot.keeping import Wanted

    with told(as_json=as_json):
        settings = build.settings()
        library = build.library(settings)
        wanted = Wanted(name, type_, at, kind, jurisdiction, visibility, owner, every)
        try:
            kept(settings, library).add(by_hand(), wanted)
        except KeepingRefused as refused:
            fail(str(refused), BAD_INPUT, as_json=as_json)
    say({"added": name}, f"Source {name} is added. Run caveat refresh to read it.", as_json=as_json)


@sources.command("remove")
def remove_source(name: str, as_json: AsJson = False) -> None:
    """Remove a source; its documents leave with the next refresh."""
    from bot import build
    from bot.errors import KeepingRefused

    with told(as_json=as_json):
        settings = build.settings()
        try:
            kept(settings, build.library(settings)).remove(by_hand(), name)
        except KeepingRefused as refused:
            fail(str(refused), BAD_INPUT, as_json=as_json)
    words = f"Source {name} is removed. Its documents leave with the next refresh."
    say({"removed": name}, words, as_json=as_json)
