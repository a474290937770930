"""`caveat watch`: the vendors that somebody at the terminal follows, and what has become different about them."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from bot.shell import BAD_INPUT, AsJson, console, ensure_published, fail, operator, print_json, say, told

if TYPE_CHECKING:
    from bot.build import Library
    from bot.model import Asker
    from bot.settings import Settings
    from bot.watching import News, Watching

watch = typer.Typer(
    help="Follow vendors: after a refresh it is told once what is different.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Country = Annotated[str, typer.Option("--country", metavar="CC", help="Where it is seated, ISO 3166-1 alpha-2.")]
As = Annotated[str, typer.Option("--as", metavar="USER", help="For this user, with what he may read.")]
Vendor = Annotated[str, typer.Argument(help="The vendor's name.")]


@watch.command("add")
def add(vendor: Vendor, country: Country = "", as_: As = "", as_json: AsJson = False) -> None:
    """Watch a vendor from what its card says now."""
    from bot.dossier import summary
    from bot.model import Place, VendorCheck

    with told(as_json=as_json):
        watching, asker = _opened(as_)
        asked = VendorCheck(f"cli:{uuid4()}", vendor, asker, Place("terminal"), country.upper())
        added = asyncio.run(watching.add(asked))
    if added.card is None:
        fail(added.refused, BAD_INPUT, as_json=as_json)
    words = "is watched from now on" if added.new else "was watched already"
    level = added.card.risk.level.value
    say(
        {"watching": vendor, "new": added.new, "level": level},
        f"{vendor} {words}. {summary(added.card)}",
        as_json=as_json,
    )


@watch.command("list")
def list_watches(as_: As = "", as_json: AsJson = False) -> None:
    """List what is watched, with what was last found different."""
    with told(as_json=as_json):
        watching, asker = _opened(as_)
        watches = watching.watches.of(asker.id)
    rows: list[dict[str, Any]] = [
        {
            "vendor": one.vendor, "country": one.country or None, "since": one.since.date().isoformat(), "level": one.seen["level"],
            "changed": one.news_at.isoformat(timespec="seconds") if one.news_at else None, "news": list(one.news),
        }
        for one in watches
    ]  # fmt: skip
    if as_json:
        print_json({"watches": rows})
        return
    from bot.terminal import table

    screen = console()
    columns = ("vendor", "country", "since", "level", "changed")
    screen.print(table(columns, ([str(row[column] or "") for column in columns] for row in rows)))
    for row in rows:
        for line in row["news"]:
            screen.print(f"  {row['vendor']}: {line}", markup=False)


@watch.command("remove")
def remove(vendor: Vendor, country: Country = "", as_: As = "", as_json: AsJson = False) -> None:
    """Stop watching a vendor."""
    with told(as_json=as_json):
        watching, asker = _opened(as_)
        if not asyncio.run(watching.stop(asker.id, vendor, country.upper())):
            fail(f"{vendor[:80]} is not watched; see caveat watch list", BAD_INPUT, as_json=as_json)
    say({"removed": vendor}, f"{vendor} is not watched any more.", as_json=as_json)


def tell_watchers(settings: "Settings", library: "Library") -> list[dict[str, Any]]:
    """Look at what is watched from the terminal and return what is different since the last look, as plain JSON.

    Watches that came by a chat are looked at by its worker, which can reach who watches.
    """
    from bot import vetting
    from knowledge.errors import KnowledgeError

    watching = vetting.watching(settings, library, vetting.checking(settings, library))
    try:
        return _told(settings, library, watching)
    except KnowledgeError:
        typer.echo(
            "What is watched could not be looked at; nothing of it is lost, the next refresh looks again.", err=True
        )
        return []


def _told(settings: "Settings", library: "Library", watching: "Watching") -> list[dict[str, Any]]:
    from bot import company

    mark = watching.mark()
    due = [one for one in watching.watches.due(mark) if one.back is None]
    if not due:
        return []
    at_terminal = operator(library)
    found: list[dict[str, Any]] = []
    for one in due:
        asker = at_terminal if one.watcher == at_terminal.id else company.someone(settings, one.watcher)
        news = asyncio.run(_look(watching, one, asker, mark))
        if news:
            found.append(
                {"vendor": news.vendor, "watcher": one.watcher, "check_id": news.card_id, "news": list(news.lines)}
            )
    return found


async def _look(watching: "Watching", one: Any, asker: "Asker", mark: str) -> "News | None":
    from bot.model import Place

    return await watching.look(one, asker, Place("terminal"), mark)


def _opened(user: str) -> "tuple[Watching, Asker]":
    from bot import build, company, vetting
    from bot.logs import only_warnings

    only_warnings()
    settings = build.settings()
    library = build.library(settings)
    ensure_published(library)
    watching = vetting.watching(settings, library, vetting.checking(settings, library))
    return watching, company.someone(settings, user) if user else operator(library)
