"""The commands that measure: the search, questions with their gold, and answers."""

import asyncio
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.shell import BAD_INPUT, AsJson, a_day, console, ensure_published, fail, operator, print_json, say, told

evaluate = typer.Typer(
    help="Measure the search and the answers through the path that questions take.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


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

    with told(as_json=as_json):
        result = retrieval(read_obliqa(at, questions), build.settings(), ablate=ablate)
    if as_json:
        print_json(result)
        return
    from bot.terminal import table

    screen = console()
    stages = result.pop("ablation", {})
    screen.print(table(("", ""), ((name, str(value)) for name, value in result.items())))
    if stages:
        names = list(next(iter(stages.values())))
        screen.print(
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

    with told(as_json=as_json):
        rows = read_labelled(file)
        library = build.library(build.settings())
        ensure_published(library)
        result = questions(library.searcher.at(labels(operator(library), Place("terminal"))), rows)
    if as_json:
        print_json(result)
        return
    from bot.terminal import table

    categories = result.pop("categories")
    lines = {"all": result, **categories}
    console().print(table(("", *result), ((name, *map(str, line.values())) for name, line in lines.items())))


COLUMNS = {
    "answerable": "answerable", "answered": "answered", "gold shown": "gold_shown", "gold first": "gold_first",
    "fact shown": "must_shown", "precision": "citation_precision", "recall": "citation_recall",
    "unanswerable": "unanswerable", "refused": "refused", "claims": "claims", "p50 ms": "p50_ms", "p95 ms": "p95_ms",
}  # fmt: skip


@evaluate.command("answers")
def eval_answers(
    file: Annotated[
        Path,
        typer.Option("--questions", metavar="FILE.jsonl", help="Lines of question, gold citations, must and category."),
    ],
    split: Annotated[str, typer.Option("--split", help="Only the lines of this split.")] = "",
    as_json: AsJson = False,
) -> None:
    """Grade the answers of the live edition, with the language model that is set up or without: citations, refusals, errors."""
    from bot import build
    from bot.cases import Case, read_cases
    from bot.grading import graded
    from bot.logs import only_warnings
    from bot.model import Answer, Place, Question

    only_warnings()
    with told(as_json=as_json):
        cases = read_cases(file, split)
        settings = build.settings()
        library = build.library(settings)
        ensure_published(library)
        asker, desk = operator(library), build.desk(settings, library)

        async def ask(case: Case) -> Answer:
            day = a_day(case.as_of, as_json=as_json)
            return await desk.answered(Question(f"eval:{case.question}", case.question, asker, Place("terminal"), day))

        result = asyncio.run(graded(cases, ask))
    if as_json:
        print_json(result)
        return
    _show_grades(result)


def _show_grades(result: dict[str, Any]) -> None:
    from bot.terminal import table

    screen = console()
    rows = {"all": result, **result["categories"]}
    screen.print(
        table(("", *COLUMNS), ((name, *(_cell(row[key]) for key in COLUMNS.values())) for name, row in rows.items()))
    )
    errors = result["injected"]
    screen.print(
        table(
            ("error put in", "cases", "caught"),
            ((kind, str(row["injected"]), _cell(row["caught"])) for kind, row in errors["kinds"].items()),
        )
    )
    screen.print(f"{errors['paraphrases']} faithful paraphrases, {_cell(errors['true_dropped'])} dropped")
    screen.print(f"drafted by {result['model'] or 'no model'}; rungs {result['rungs']}; dropped {result['dropped']}")


def _cell(value: float | None) -> str:
    return "" if value is None else str(value)


SHARES = ("same", "precision", "recall", "f1", "false")


@evaluate.command("screening")
def eval_screening(
    at: Annotated[Path, typer.Option("--at", metavar="DIR", help="The folder of the sets: labelled pairs, companies.")],
    as_json: AsJson = False,
) -> None:
    """Measure how names are matched at the one threshold: pairs of names, and alarms on ordinary companies."""
    from bot import build, vetting
    from bot.logs import only_warnings
    from bot.matching import measured

    only_warnings()
    with told(as_json=as_json):
        settings = build.settings()
        loaded = vetting.lists(settings, build.library(settings)).loaded(datetime.now(UTC).date())
        result = measured(at, loaded.names)
    if as_json:
        print_json(result)
        return
    _show_matching(result)


def _show_matching(result: dict[str, Any]) -> None:
    from bot.terminal import table

    screen = console()
    rows = (
        (name, *(str(row[key]) for key in ("pairs", *SHARES)), str(row["graded"]["f1"]), *_times(row))
        for name, row in result["pairs"].items()
    )
    screen.print(
        table(("", "pairs", "same", "precision", "recall", "F1", "false", "F1 by grade", "p50, ms", "p95, ms"), rows)
    )
    if common := result["ordinary"]:
        words = ("names", "listed", "alarms", "false_alarms", "affiliates_only", "sure")
        said = (*(str(common[word]) for word in words), *_times(common))
        heads = ("ordinary companies", "set aside", "alarms", "share", "affiliates only", "sure", "p50, ms", "p95, ms")
        screen.print(table(heads, [said]))
    screen.print(f"at the threshold {result['threshold']}, over the {result['names']:,} names of the lists in service")
    if result["missing"]:
        screen.print(f"not in this folder: {', '.join(result['missing'].values())}")


def _times(row: dict[str, Any]) -> tuple[str, str]:
    return str(row["p50_ms"]), str(row["p95_ms"])


@evaluate.command("case")
def eval_case(  # noqa: PLR0913, PLR0917 - each is one field of the case
    answer_id: Annotated[str, typer.Argument(help="The id of the answer that somebody gave feedback on.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.jsonl", help="The file to add the case to.")],
    gold: Annotated[
        list[str] | None, typer.Option("--gold", metavar="CITATION", help="What should have been cited; repeatable.")
    ] = None,
    unanswerable: Annotated[bool, typer.Option("--unanswerable", help="It should have been refused.")] = False,
    category: Annotated[str, typer.Option("--category", help="The risk category of the question.")] = "",
    as_json: AsJson = False,
) -> None:
    """Turn an answer into a case to measure with: its question, its day, and what it cited unless told otherwise."""
    from bot import build
    from bot.access import labels
    from bot.cases import add_case, case_of
    from bot.evaluate import answers
    from bot.model import Place

    with told(as_json=as_json):
        library = build.library(build.settings())
        kept = library.receipts.find(answer_id)
        if kept is None:
            fail(f"there is no receipt with the id {answer_id[:40]}", BAD_INPUT, as_json=as_json)
        if unanswerable and gold:
            fail("a case is either unanswerable or has a --gold citation, not both", BAD_INPUT, as_json=as_json)
        for one in gold or ():
            found = library.searcher.at(labels(operator(library), Place("terminal"))).find(one, 20)
            if not any(answers(hit.passage.citation, (one,)) for hit in found.hits):
                fail(
                    f"no passage is cited as {one[:80]}: write it as caveat search shows it", BAD_INPUT, as_json=as_json
                )
        row = case_of(kept, () if unanswerable else gold, category)
        add_case(out, row)
    say(row, f"The case is in {out}: {len(row['gold'])} gold citations.", as_json=as_json)
