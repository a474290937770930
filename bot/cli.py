"""The command line: each command translates its arguments for the desk or the library and prints what comes back."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from uuid import uuid4

import typer

from bot.cli_check import check
from bot.cli_decide import decide, feedback
from bot.cli_eval import evaluate
from bot.cli_keep import audit, by_hand, ended, errand, kept, pairs, prune
from bot.cli_lists import lists, show_renewed
from bot.cli_match import match
from bot.cli_slack import slack
from bot.cli_teams import teams
from bot.cli_watch import tell_watchers, watch
from bot.cli_work import work
from bot.shell import (
    ANSWERED,
    BAD_INPUT,
    FAILURE,
    NOT_ALLOWED,
    REFUSED,
    AsJson,
    a_day,
    console,
    ensure_published,
    fail,
    operator,
    print_json,
    progress,
    say,
    told,
)

if TYPE_CHECKING:
    from bot.build import Library
    from bot.settings import Settings

app = typer.Typer(
    help="Procurement-risk answers in which every sentence stands on a verbatim quote.",
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
)  # fmt: skip
sources = typer.Typer(help="What the knowledge base reads.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(sources, name="sources")
app.add_typer(evaluate, name="eval")
app.add_typer(match, name="match")
app.add_typer(watch, name="watch")
app.add_typer(slack, name="slack")
app.add_typer(teams, name="teams")
app.command()(check)
app.command()(lists)
app.command()(decide)
app.command()(feedback)
app.command()(audit)
app.command()(prune)
app.add_typer(pairs, name="pairs")
app.add_typer(work, name="work")


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question, in English.")],
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="Answer from what was known on a day.")] = "",
    as_: Annotated[str, typer.Option("--as", metavar="USER", help="Answer as this user would be answered.")] = "",
    after: Annotated[
        list[str] | None,
        typer.Option("--after", metavar="QUESTION", help="An earlier question, for a follow-up; repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question from the knowledge base, with sources."""
    from bot import build
    from bot.access import labels
    from bot.logs import only_warnings
    from bot.model import Outcome, Place, Question
    from knowledge.evidence import Turn

    only_warnings()
    day = a_day(as_of, as_json=as_json)
    with told(as_json=as_json):
        settings = build.settings()
        library = build.library(settings)
        ensure_published(library)
        asker, place = build.someone(settings, as_) if as_ else operator(library), Place("terminal")
        desk = build.desk(settings, library)
        library.searcher.open(labels(asker, place))
        before = tuple(map(Turn, after or ()))
        with build.tracing(settings):
            answer = asyncio.run(desk.ask(Question(f"cli:{uuid4()}", question, asker, place, day, before)))
    if as_json:
        from bot.receipt import as_json as contract

        print_json(contract(answer))
    else:
        from bot.terminal import show_answer

        show_answer(console(), answer)
    codes = {
        Outcome.ANSWERED: ANSWERED, Outcome.GREETING: ANSWERED, Outcome.EMPTY: BAD_INPUT, Outcome.TOO_LONG: BAD_INPUT,
        Outcome.UNREADABLE: BAD_INPUT, Outcome.UNAVAILABLE: FAILURE,
    }  # fmt: skip
    raise typer.Exit(codes.get(answer.outcome, REFUSED))


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Show the passages that a search finds, best first."""
    from bot import build
    from bot.access import labels
    from bot.model import Place

    with told(as_json=as_json):
        library = build.library(build.settings())
        ensure_published(library)
        readable = labels(operator(library), Place("terminal"))
        evidence = library.searcher.at(readable).find(query, k)
    if as_json:
        print_json(
            {
                "edition": evidence.edition,
                "hits": [
                    {
                        "passage_id": hit.passage.id, "document_id": hit.document.id, "citation": hit.passage.citation,
                        "score": round(hit.score, 4), "text": hit.passage.text,
                    }
                    for hit in evidence.hits
                ],
                "timings_ms": evidence.timings_ms,
            }
        )  # fmt: skip
        return
    from bot.terminal import show_evidence

    show_evidence(console(), evidence)


@app.command()
def refresh(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Only these sources.")] = None,
    due: Annotated[bool, typer.Option("--due", help="Only the sources whose schedule says so now.")] = False,
    wish: Annotated[str, typer.Option("--errand", hidden=True, help="The wish in a chat that this is for.")] = "",
    as_json: AsJson = False,
) -> None:
    """Read the sources and lists again and publish what changed."""
    from bot import build, renew

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
        with build.tracing(settings), errand(settings, library, wish, hand, names or ()) as run:
            with progress(shown=not as_json) as steps:
                renewed = renew.renew(settings, library, names or (), run.watch(steps))
            watched = tell_watchers(settings, library)
            body = {**renew.as_json(renewed), "watched": watched}
            run.end(body, ended(body))
    if as_json:
        print_json(body)
        return
    show_renewed(renewed)
    for one in watched:
        for line in one["news"]:
            console().print(f"  watched  {one['vendor']}: {line}", markup=False)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show the edition in service, the sources and what failed."""
    from bot import build
    from bot.status import status as report_status

    with told(as_json=as_json):
        settings = build.settings()
        report = report_status(settings, build.library(settings))
    if as_json:
        print_json(report)
        return
    from bot.terminal import table

    screen = console()
    rows = [(name, str(value)) for name, value in report.items() if not isinstance(value, (list, dict))]
    screen.print(table(("", ""), rows))
    screen.print(
        table(
            ("source", "documents", "last read", "problem"),
            (
                [str(one[key] or "") for key in ("name", "documents", "checked_at", "error")]
                for one in report["sources"]
            ),
        )
    )
    for failure in report["failed"]:
        where = f"{failure['source']}: {failure['ref']}".removesuffix(": ")
        screen.print(f"  failed  {where}: {failure['error']}", markup=False)
    for one in report["lists"]:
        if one["stale"] or one["failure"]:
            screen.print(f"  list  {one['id']}: {one['note']}", markup=False)
    for letter in report["dead_letters"]:
        taken = f"{letter['door']} {letter['key']}, asked {letter['since']}, given up {letter['failed_at']}"
        then = f"tried again {letter['next_at']}" if letter["next_at"] else "see caveat work"
        screen.print(f"  undelivered  {taken}: {letter['why']}; {then}", markup=False)


@app.command()
def rollback(as_json: AsJson = False) -> None:
    """Put the edition before the live one back into service."""
    from bot import build

    with told(as_json=as_json):
        settings = build.settings()
        previous, live = kept(settings, build.library(settings)).rollback(by_hand())
    words = f"Edition {previous} is in service again, edition {live} is kept."
    say({"edition": previous, "previous": live}, words, as_json=as_json)


@app.command()
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
    from bot import build
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
        if as_ and not exhibits.allows(kept, build.someone(settings, as_), admin=build.is_admin(settings, as_)):
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


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Tell what is configured, reachable and stale."""
    from bot import build
    from bot.doctor import examine

    with told(as_json=as_json):
        settings = build.settings()
        checks = examine(settings, build.library(settings))
    if as_json:
        print_json({"checks": checks})
    else:
        from bot.terminal import table

        console().print(
            table(("check", "state", "what it means"), ([one["check"], one["state"], one["note"]] for one in checks))
        )
    raise typer.Exit(FAILURE if any(one["state"] == "bad" for one in checks) else ANSWERED)


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from bot import build

    with told(as_json=False):
        build.library(build.settings())
    typer.echo("The database is up to date.")


@app.command()
def serve() -> None:
    """Run web and worker in one process."""
    _serve(web=True, worker=True)


@app.command()
def web() -> None:
    """Run the web process: take in events and requests, leave the work to workers."""
    _serve(web=True, worker=False)


@app.command()
def worker() -> None:
    """Run the worker process: do the work that web processes took in."""
    _serve(web=False, worker=True)


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
    visibility: Annotated[str, typer.Option("--visibility", help="public, staff or group:NAME")] = "staff",
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


def _verify_all(library: "Library", settings: "Settings", user: str, *, verify: bool, as_json: bool) -> NoReturn:
    """Check the chain of all receipts."""
    from bot import build
    from bot.readout import chain_json, show_chain

    if not verify:
        fail("name the answer's id, or use --verify to check all receipts", BAD_INPUT, as_json=as_json)
    if user and not build.is_admin(settings, user):
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


def _serve(*, web: bool, worker: bool) -> None:
    from bot import build
    from bot.serve import run

    with told(as_json=False):
        settings = build.settings()
        run(settings, build.library(settings), web=web, worker=worker)
