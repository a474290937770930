"""The command that checks a vendor: a name on the command line becomes a card, printed or as JSON."""

import asyncio
import re
from typing import Annotated
from uuid import uuid4

import typer

from bot.shell import (
    ANSWERED,
    BAD_INPUT,
    AsJson,
    a_day,
    console,
    ensure_published,
    fail,
    operator,
    print_json,
    told,
)


def check(
    vendor: Annotated[str, typer.Argument(help="The vendor's name; a country and a number may follow, between |.")],
    country: Annotated[
        str, typer.Option("--country", metavar="CC", help="Where it is seated, ISO 3166-1 alpha-2.")
    ] = "",
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="What holds on a day.")] = "",
    as_: Annotated[str, typer.Option("--as", metavar="USER", help="As this user would be answered.")] = "",
    as_json: AsJson = False,
) -> None:
    """Check a vendor against the lists, the law and the policies that are known here."""
    from bot import build
    from bot.logs import only_warnings
    from bot.model import Place, VendorCheck

    only_warnings()
    day = a_day(as_of, as_json=as_json)
    if country and not re.fullmatch(r"[A-Za-z]{2}", country):
        fail(f"{country[:40]} is no country code: write two letters, as in DE", BAD_INPUT, as_json=as_json)
    with told(as_json=as_json):
        settings = build.settings()
        library = build.library(settings)
        ensure_published(library)
        asker = build.someone(settings, as_) if as_ else operator(library)
        asked = VendorCheck(f"cli:{uuid4()}", vendor, asker, Place("terminal"), country.upper(), day)
        card = asyncio.run(build.checking(settings, library).check(asked))
    if as_json:
        from bot.dossier import as_json as contract

        print_json(contract(card))
    else:
        from bot.cardview import show_card

        show_card(console(), card)
    raise typer.Exit(BAD_INPUT if card.refused else ANSWERED)
