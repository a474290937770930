"""`caveat ask` and `caveat search`: a question becomes an answer, or the passages that a search finds."""

import asyncio
from typing import Annotated
from uuid import uuid4

import typer

from bot.shell import (
    ANSWERED,
    BAD_INPUT,
    FAILURE,
    REFUSED,
    AsJson,
    a_day,
    console,
    ensure_published,
    operator,
    print_json,
    told,
)


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
    from bot import build, company
    from bot.access import labels
    from bot.logs import only_warnings
    from bot.model import Outcome, Place, Question
    from bot.tracing import tracing
    from knowledge.evidence import Turn

    only_warnings()
    day = a_day(as_of, as_json=as_json)
    with told(as_json=as_json):
        settings = build.settings()
        library = build.library(settings)
        ensure_published(library)
        asker, place = company.someone(settings, as_) if as_ else operator(library), Place("terminal")
        desk = build.desk(settings, library)
        library.searcher.open(labels(asker, place))
        before = tuple(map(Turn, after or ()))
        with tracing(settings):
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
