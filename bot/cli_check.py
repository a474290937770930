"""The command that checks a vendor: a name on the command line becomes a card, printed or as JSON."""

import asyncio
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
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
    say,
    told,
)

if TYPE_CHECKING:
    from bot.checking import Checking
    from bot.model import VendorCheck


def check(  # noqa: PLR0913, PLR0917 - the outside contract names these options
    vendor: Annotated[
        str, typer.Argument(help="The vendor's name; a country and a number may follow, between |.")
    ] = "",
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Check every vendor of a CSV or Excel file.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Its report: .csv, .xlsx or .json.")] = None,
    country: Annotated[
        str, typer.Option("--country", metavar="CC", help="Where it is seated, ISO 3166-1 alpha-2.")
    ] = "",
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="What holds on a day.")] = "",
    as_: Annotated[str, typer.Option("--as", metavar="USER", help="As this user would be answered.")] = "",
    as_json: AsJson = False,
) -> None:
    """Check a vendor against the lists, the law and the policies that are known here."""
    from bot import build, company, vetting
    from bot.logs import only_warnings
    from bot.model import Place, VendorCheck
    from bot.tracing import tracing

    only_warnings()
    if (file is None) == (not vendor) or (file is None) != (out is None):
        fail("name one vendor, or a --file with an --out", BAD_INPUT, as_json=as_json)
    day = a_day(as_of, as_json=as_json)
    if country and not re.fullmatch(r"[A-Za-z]{2}", country):
        fail(f"{country[:40]} is no country code: write two letters, as in DE", BAD_INPUT, as_json=as_json)
    with told(as_json=as_json):
        settings = build.settings()
        library = build.library(settings)
        ensure_published(library)
        asker = company.someone(settings, as_) if as_ else operator(library)
        asked = VendorCheck(f"cli:{uuid4()}", vendor, asker, Place("terminal"), country.upper(), day)
        checking = vetting.checking(settings, library)
        if file and out:
            report = asyncio.run(_batch(checking, file, out, asked))
            say(report, f"{report['checked']} vendors are in {out}.", as_json=as_json)
            raise typer.Exit(ANSWERED)
        with tracing(settings):
            card = asyncio.run(checking.check(asked))
    if as_json:
        from bot.dossier import as_json as contract

        print_json(contract(card))
    else:
        from bot.cardview import show_card

        show_card(console(), card)
    raise typer.Exit(BAD_INPUT if card.refused else ANSWERED)


async def _batch(checking: "Checking", file: Path, out: Path, asked: "VendorCheck") -> dict[str, Any]:
    """Check every vendor of a file that an interrupted run has not checked yet, and write the report."""
    from rich.console import Console
    from rich.progress import track

    from bot.batch import Kept, read_vendors, row_of, write_report
    from bot.errors import BatchRefused

    if out.suffix not in {".csv", ".xlsx", ".json"}:
        raise BatchRefused(f"{out.name} ends in none of .csv, .xlsx and .json: nothing was checked")
    vendors = read_vendors(file)
    kept = Kept(out)
    rows = kept.done(vendors)
    todo = [vendor for vendor in vendors if vendor.n not in rows]
    try:
        for vendor in track(todo, "Checking", console=Console(stderr=True), disable=not sys.stderr.isatty()):
            one = replace(asked, key=f"cli:{uuid4()}", name=vendor.name, country=vendor.country)
            rows[vendor.n] = row_of(vendor, await checking.check(one))
            kept.add(vendor, rows[vendor.n])
        write_report(out, (rows[vendor.n] for vendor in vendors))
    except OSError as error:
        raise BatchRefused(f"{out} cannot be written; what was checked is kept in {kept.file.name}") from error
    kept.file.unlink(missing_ok=True)
    return {"checked": len(vendors), "taken_up": len(vendors) - len(todo), "report": str(out)}
