"""The command line: each command translates its arguments for the desk or the library and prints what comes back."""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from uuid import uuid4

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from bot.build import Library
    from bot.model import Asker
    from bot.settings import Settings
    from knowledge.model import Progress

ANSWERED, FAILURE, BAD_INPUT, REFUSED, NOT_ALLOWED = 0, 1, 2, 3, 4

app = typer.Typer(
    help="Procurement-risk answers in which every sentence stands on a verbatim quote.",
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
)  # fmt: skip
sources = typer.Typer(help="What the knowledge base reads.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(sources, name="sources")
evaluate = typer.Typer(
    help="Measure the search through the path that questions take.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(evaluate, name="eval")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


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
    from knowledge.model import Turn

    only_warnings()
    day = _day(as_of, as_json=as_json)
    with _told(as_json=as_json):
        settings = build.settings()
        library = build.library(settings)
        _ensure_published(library)
        asker, place = build.someone(settings, as_) if as_ else _operator(library), Place("terminal")
        desk = build.desk(settings, library)
        library.searcher.open(labels(asker, place))
        before = tuple(map(Turn, after or ()))
        answer = asyncio.run(desk.ask(Question(f"cli:{uuid4()}", question, asker, place, day, before)))
    if as_json:
        from bot.receipt import as_json as contract

        _print_json(contract(answer))
    else:
        from bot.terminal import show_answer

        show_answer(_console(), answer)
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

    with _told(as_json=as_json):
        library = build.library(build.settings())
        _ensure_published(library)
        readable = labels(_operator(library), Place("terminal"))
        evidence = library.searcher.at(readable).find(query, k)
    if as_json:
        _print_json(
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

    show_evidence(_console(), evidence)


@app.command()
def refresh(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Only these sources.")] = None,
    due: Annotated[bool, typer.Option("--due", help="Only the sources whose schedule says so now.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read the sources again and publish a new edition if anything changed."""
    from bot import build
    from knowledge.refresh import refresh as run

    with _told(as_json=as_json):
        library = build.library(build.settings())
        known = {"starter", *(spec.name for spec in library.catalog.all())}
        if unknown := sorted(set(names or ()) - known):
            _fail(f"there is no source named {', '.join(unknown)}; see caveat sources list", BAD_INPUT, as_json=as_json)
        if due and not (names := library.catalog.due(datetime.now(UTC))):
            _say({"due": []}, "No source is due.", as_json=as_json)
            return
        with _progress(shown=not as_json) as watch:
            report = run(library.refresher, names or (), watch)
    if as_json:
        from dataclasses import asdict

        _print_json(asdict(report))
        return
    from bot.terminal import show_report

    show_report(_console(), report)


class Dataset(StrEnum):
    """Published question sets that can be measured on."""

    OBLIQA = "obliqa"


@evaluate.command("retrieval")
def eval_retrieval(
    at: Annotated[Path, typer.Option("--at", metavar="DIR", help="The folder of the set's documents.")],
    questions: Annotated[Path, typer.Option("--questions", metavar="FILE", help="The set's questions.")],
    dataset: Annotated[Dataset, typer.Option("--dataset", help="Which set it is.")] = Dataset.OBLIQA,  # noqa: ARG001 - one so far
    ablate: Annotated[bool, typer.Option("--ablate", help="Show what each stage gives.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure Recall@10, MAP@10 and nDCG@10 on a published set, indexed in an edition of its own."""
    from bot import build
    from bot.evaluate import read_obliqa, retrieval

    with _told(as_json=as_json):
        result = retrieval(read_obliqa(at, questions), build.settings(), ablate=ablate)
    if as_json:
        _print_json(result)
        return
    from bot.terminal import table

    console = _console()
    stages = result.pop("ablation", {})
    console.print(table(("", ""), ((name, str(value)) for name, value in result.items())))
    if stages:
        names = list(next(iter(stages.values())))
        console.print(
            table(("", *names), ((stage, *(f"{row[name]:.4f}" for name in names)) for stage, row in stages.items()))
        )


@evaluate.command("questions")
def eval_questions(
    file: Annotated[
        Path, typer.Option("--questions", metavar="FILE.jsonl", help="Lines of question, gold citations and category.")
    ],
    as_json: AsJson = False,
) -> None:
    """Count how often the live edition finds a gold passage among the first 1, 5, 10 and 20."""
    from bot import build
    from bot.access import labels
    from bot.evaluate import questions, read_labelled
    from bot.model import Place

    with _told(as_json=as_json):
        rows = read_labelled(file)
        library = build.library(build.settings())
        _ensure_published(library)
        result = questions(library.searcher.at(labels(_operator(library), Place("terminal"))), rows)
    if as_json:
        _print_json(result)
        return
    from bot.terminal import table

    categories = result.pop("categories")
    lines = {"all": result, **categories}
    _console().print(table(("", *result), ((name, *map(str, line.values())) for name, line in lines.items())))


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show the edition in service, the sources and what failed."""
    from bot import build
    from bot.status import status as report_status

    with _told(as_json=as_json):
        settings = build.settings()
        report = report_status(settings, build.library(settings))
    if as_json:
        _print_json(report)
        return
    from bot.terminal import table

    console = _console()
    rows = [(name, str(value)) for name, value in report.items() if not isinstance(value, (list, dict))]
    console.print(table(("", ""), rows))
    console.print(
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
        console.print(f"  failed  {where}: {failure['error']}", markup=False)


@app.command()
def rollback(as_json: AsJson = False) -> None:
    """Put the edition before the live one back into service."""
    from bot import build

    with _told(as_json=as_json):
        library = build.library(build.settings())
        edition = library.ledger.require_live()
        previous = library.ledger.previous()
        if previous is None or not library.ledger.point_to(previous):
            _fail(f"there is no complete edition before edition {edition.number}", FAILURE, as_json=as_json)
    if as_json:
        _print_json({"edition": previous, "previous": edition.number})
    else:
        typer.echo(f"Edition {previous} is in service again, edition {edition.number} is kept.")


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

    with _told(as_json=as_json):
        settings = build.settings()
        library = build.library(settings)
        if not answer_id:
            _verify_all(library, settings, as_, verify=verify, as_json=as_json)
        exhibits = build.exhibits(settings, library)
        kept = library.receipts.sealed(answer_id)
        if kept is None:
            _fail(f"there is no receipt with the id {answer_id[:40]}", BAD_INPUT, as_json=as_json)
        if as_ and not exhibits.allows(kept, build.someone(settings, as_), admin=build.is_admin(settings, as_)):
            _fail(
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
        _print_json({**kept.body, **seals, **({"verification": verdict_json(verdict)} if verdict else {})})
    elif verdict:
        show_verdict(_console(), verdict)
    elif not html:
        show_receipt(_console(), kept)
    raise typer.Exit(FAILURE if verdict and not verdict.untouched else ANSWERED)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Tell what is configured, reachable and stale."""
    from bot import build
    from bot.status import examine

    with _told(as_json=as_json):
        settings = build.settings()
        checks = examine(settings, build.library(settings))
    if as_json:
        _print_json({"checks": checks})
    else:
        from bot.terminal import table

        _console().print(
            table(("check", "state", "what it means"), ([one["check"], one["state"], one["note"]] for one in checks))
        )
    raise typer.Exit(FAILURE if any(one["state"] == "bad" for one in checks) else ANSWERED)


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from bot import build

    with _told(as_json=False):
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

    with _told(as_json=as_json):
        settings = build.settings()
        rows = report_status(settings, build.library(settings))["sources"]
    if as_json:
        _print_json({"sources": rows})
        return
    from bot.terminal import table

    columns = ("name", "type", "at", "kind", "jurisdiction", "visibility", "owner", "every_minutes", "documents")
    _console().print(table(columns, ([str(row[column] or "") for column in columns] for row in rows)))


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

    with _told(as_json=as_json):
        settings = build.settings()
        library = build.library(settings)
        spec = build.source_spec(settings, name, type_, at, kind, jurisdiction, visibility, owner, every)
        if not library.catalog.add(spec):
            _fail(f"there is a source named {name} already; remove it first", BAD_INPUT, as_json=as_json)
    _say({"added": name}, f"Source {name} is added. Run caveat refresh to read it.", as_json=as_json)


@sources.command("remove")
def remove_source(name: str, as_json: AsJson = False) -> None:
    """Remove a source; its documents leave with the next refresh."""
    from bot import build

    with _told(as_json=as_json):
        if not build.library(build.settings()).catalog.remove(name):
            _fail(f"there is no source named {name}", BAD_INPUT, as_json=as_json)
    words = f"Source {name} is removed. Its documents leave with the next refresh."
    _say({"removed": name}, words, as_json=as_json)


def _verify_all(library: "Library", settings: "Settings", user: str, *, verify: bool, as_json: bool) -> NoReturn:
    """Check the chain of all receipts."""
    from bot import build
    from bot.readout import chain_json, show_chain

    if not verify:
        _fail("name the answer's id, or use --verify to check all receipts", BAD_INPUT, as_json=as_json)
    if user and not build.is_admin(settings, user):
        _fail("only administrators may check all receipts", NOT_ALLOWED, as_json=as_json)
    chain = library.receipts.chain()
    if as_json:
        _print_json(chain_json(chain))
    else:
        show_chain(_console(), chain)
    raise typer.Exit(FAILURE if chain.breaks else ANSWERED)


def _write(file: Path, page: str, *, as_json: bool) -> None:
    try:
        file.write_text(page, "utf-8")
    except OSError:
        _fail(f"{file} cannot be written; the receipt is kept as it was", FAILURE, as_json=as_json)
    if not as_json:
        typer.echo(f"The receipt is in {file}.")


def _serve(*, web: bool, worker: bool) -> None:
    from bot import build
    from bot.serve import run

    with _told(as_json=False):
        settings = build.settings()
        run(settings, build.library(settings), web=web, worker=worker)


def _ensure_published(library: "Library") -> None:
    """Publish the starter edition when nothing has been published here yet."""
    from knowledge.refresh import refresh as run

    live = library.ledger.live()
    if live is None:
        typer.echo("First run: publishing the starter knowledge …", err=True)
        with _progress(shown=sys.stderr.isatty()) as watch:
            run(library.refresher, watch=watch)
    elif live.starter != library.refresher.starter_digest:
        typer.echo("The shipped starter knowledge is newer than the edition in service: run caveat refresh.", err=True)


def _operator(library: "Library") -> "Asker":
    """Return the person at the terminal, who can read the state folder and therefore every source in it."""
    from bot.model import Asker

    live = library.ledger.live()
    shelves = library.ledger.shelves(live.number) if live else ()
    labels = {label for shelf in shelves for label in shelf.visibility.split(",")}
    groups = frozenset(label.removeprefix("group:") for label in labels if label.startswith("group:"))
    names = frozenset(label.removeprefix("user:") for label in labels if label.startswith("user:"))
    return Asker("operator", staff=True, groups=groups, names=names)


@contextmanager
def _progress(*, shown: bool) -> "Iterator[Callable[[Progress], None]]":
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
def _told(*, as_json: bool) -> Iterator[None]:
    """Turn our errors into words and an exit code; nobody sees a trace."""
    from bot.errors import BotError, EvaluationRefused
    from knowledge.errors import KnowledgeError, SourceRefused

    try:
        yield
    except (SourceRefused, EvaluationRefused) as error:
        _fail(str(error), BAD_INPUT, as_json=as_json)
    except (KnowledgeError, BotError) as error:
        _fail(str(error), FAILURE, as_json=as_json)


def _fail(words: str, code: int, *, as_json: bool) -> NoReturn:
    if as_json:
        _print_json({"error": words})
    else:
        typer.echo(f"caveat: {words}", err=True)
    raise typer.Exit(code)


def _say(body: dict[str, Any], words: str, *, as_json: bool) -> None:
    if as_json:
        _print_json(body)
    else:
        typer.echo(words)


def _day(text: str, *, as_json: bool) -> date | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        _fail(f"{text[:40]} is not a date: write YYYY-MM-DD", BAD_INPUT, as_json=as_json)


def _print_json(body: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(body, ensure_ascii=False, indent=2, default=str) + "\n")


def _console() -> "Console":
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 100, highlight=False)
