"""`caveat receipt`: the frozen record of an answer, shown, printed or checked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.shell import ANSWERED, BAD_INPUT, FAILURE, NOT_ALLOWED, AsJson, console, fail, print_json, told

if TYPE_CHECKING:
    from bot.build import Library
    from bot.settings import Settings


def receipt(
    answer_id: Annotated[
        str, typer.Argument(metavar="[ID]", help="The answer's id; with --verify none means all.")
    ] = "",
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page to print.")] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Recompute seals and hashes, tell what changed since.")
    ] = False,
    as_: Annotated[str, typer.Option("--as", metavar="USER", help="Read it as this user may.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show the frozen record of an answer, print it, or check that nobody has touched it."""
    from bot import build, company
    from bot.readout import show_receipt, show_verdict, verdict_json

    with told(as_json=as_json):
        settings = build.settings()
        library = build.library(settings)
        if not answer_id:
            _verify_all(library, settings, as_, verify=verify, as_json=as_json)
        exhibits = build.exhibits(settings, library)
        kept = library.receipts.sealed(answer_id)
        if kept is None and (gone := library.receipts.removed(answer_id)):
            words = f"the content of receipt {answer_id} was removed on {gone.date()}, when its time was over; its seal is kept"
            fail(words, BAD_INPUT, as_json=as_json)
        if kept is None:
            fail(f"there is no receipt with the id {answer_id[:40]}", BAD_INPUT, as_json=as_json)
        if as_ and not exhibits.allows(kept, company.someone(settings, as_), admin=company.is_admin(settings, as_)):
            fail(
                "this user may not read that receipt, or one of its sources; nothing is shown",
                NOT_ALLOWED,
                as_json=as_json,
            )
        verdict = exhibits.verify(kept) if verify else None
        page = exhibits.memo(kept) if html else ""
    if html:
        _write(html, page, as_json=as_json)
    if as_json:
        seals = {"receipt": kept.n, "sha256": kept.sha256, "previous": kept.previous}
        print_json({**kept.body, **seals, **({"verification": verdict_json(verdict)} if verdict else {})})
    elif verdict:
        show_verdict(console(), verdict)
    elif not html:
        show_receipt(console(), kept)
    raise typer.Exit(FAILURE if verdict and not verdict.untouched else ANSWERED)


def _verify_all(library: "Library", settings: "Settings", user: str, *, verify: bool, as_json: bool) -> NoReturn:
    """Check the chain of all receipts."""
    from bot import company
    from bot.readout import chain_json, show_chain

    if not verify:
        fail("name the answer's id, or use --verify to check all receipts", BAD_INPUT, as_json=as_json)
    if user and not company.is_admin(settings, user):
        fail("only administrators may check all receipts", NOT_ALLOWED, as_json=as_json)
    chain = library.receipts.chain()
    if as_json:
        print_json(chain_json(chain))
    else:
        show_chain(console(), chain)
    raise typer.Exit(FAILURE if chain.breaks else ANSWERED)


def _write(file: Path, page: str, *, as_json: bool) -> None:
    try:
        file.write_text(page, "utf-8")
    except OSError:
        fail(f"{file} cannot be written; the receipt is kept as it was", FAILURE, as_json=as_json)
    if not as_json:
        typer.echo(f"The receipt is in {file}.")
