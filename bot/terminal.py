"""Shows answers, hits and reports in a terminal; everything from outside is printed as plain text, never as markup."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.model import Answer, Claim, Level, Source
from bot.words import RUNGS, SPOKEN, day, label, plain, says_more
from knowledge.model import Affected, Evidence, Failure, RefreshReport

IMPACT = 20
"""Affected answers shown after a refresh."""
_COLOURS = {
    Level.UNKNOWN: "bold",
    Level.LOW: "bold green",
    Level.MODERATE: "bold yellow",
    Level.HIGH: "bold red",
    Level.CRITICAL: "bold white on red",
}


def show_answer(console: Console, answer: Answer) -> None:
    """Print an answer: summary, claims by role with their sources, what is unknown, what to do next."""
    console.print(Text(plain(answer.summary), style=_COLOURS[answer.risk.level]))
    number = {source.passage.id: source.n for source in answer.sources}
    for claim in answer.claims:
        console.print()
        console.print(_claim(claim, number[claim.passage.id]))
    if answer.unknowns and answer.claims:
        console.print()
        _list(console, "Not known", answer.unknowns)
    if answer.next_steps:
        console.print()
        _list(console, "Next steps", (f"{step.text} [{step.source}]" for step in answer.next_steps))
    if answer.sources:
        console.print()
        console.print(Text("Sources" if answer.claims else "Nearest sources", style="bold"))
        for source in answer.sources:
            console.print(Padding(_source(source), (0, 0, 0, 2)))
    console.print()
    console.print(Text(_footer(answer), style="dim"))
    if answer.receipt_url:
        console.print(Text(f"receipt: {answer.receipt_url}", style="dim"))


def show_evidence(console: Console, evidence: Evidence) -> None:
    """Print the hits of a search."""
    for n, hit in enumerate(evidence.hits, 1):
        console.print(
            Text.assemble((f"{n}. ", "bold"), (plain(hit.passage.citation), "bold cyan"), f"  {hit.score:.3f}")
        )
        opening = (f"{plain(hit.passage.context)} ", "dim") if hit.passage.context else ""
        console.print(Padding(Text.assemble(opening, plain(hit.passage.text[:400])), (0, 0, 1, 3)))
    if not evidence.hits:
        console.print("Nothing found.")


def show_report(console: Console, report: RefreshReport) -> None:
    """Print what a refresh changed and what failed."""
    if report.edition == report.previous:
        console.print(f"Nothing changed: edition {report.edition} stays in service ({report.seconds} s).")
    else:
        console.print(f"Edition {report.edition} is published ({report.seconds} s).")
    counts = {
        name: count for name, count in asdict(report).items() if name in {"added", "changed", "removed", "unchanged"}
    }
    console.print("  " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    if len(report.sources) > 1:
        columns = ("source", "added", "changed", "removed", "unchanged", "failed")
        rows = ([one.source, *(str(getattr(one, name)) for name in columns[1:])] for one in report.sources)
        console.print(table(columns, rows))
    for failure in report.failed:
        console.print(Text(f"  failed  {_where(failure)}: {plain(failure.error)}", style="yellow"))
    for passed in report.skipped:
        console.print(Text(f"  no document  {_where(passed)}: {plain(passed.error)}", style="dim"))
    _show_impact(console, report.impact)


def _show_impact(console: Console, impact: Sequence[Affected]) -> None:
    if impact:
        console.print(Text("Answers that cite what has changed, most used first:", style="bold"))
    for one in impact[:IMPACT]:
        gone = [
            *(f"{citation} changed" for citation in one.changed),
            *(f"{citation} is gone" for citation in one.vanished),
        ]
        console.print(Text(f"  {one.answer_id}  {plain(one.question)[:80]}  {plain('; '.join(gone))}"))
    if len(impact) > IMPACT:
        console.print(f"  and {len(impact) - IMPACT} more: see caveat refresh --json")


def _where(failure: Failure) -> str:
    return plain(f"{failure.source}: {failure.ref}" if failure.ref else failure.source)


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    """Return a plain table of texts."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        grid.add_column(column)
    for row in rows:
        grid.add_row(*(Text(plain(cell)) for cell in row))
    return grid


def _claim(claim: Claim, n: int) -> RenderableType:
    head = Text.assemble(
        (f"{SPOKEN[claim.role]} ", "bold"), (f"[{n}] ", "cyan"), (plain(claim.passage.citation), "bold cyan")
    )
    opening = (f"{plain(claim.opening)} ", "dim") if claim.opening else ""
    quote = Padding(Text.assemble(opening, (f"“{plain(claim.quote)}”", "italic")), (0, 0, 0, 2))
    if not says_more(claim):
        return Group(head, quote)
    return Group(head, Padding(Text(plain(claim.text)), (0, 0, 0, 2)), quote)


def _source(source: Source) -> Text:
    document = source.document
    link = f"\n    {document.url}" if document.url else ""
    link += f"\n    in its context: {source.evidence_url}" if source.evidence_url else ""
    return Text.assemble(
        (f"[{source.n}] ", "cyan"),
        (plain(source.passage.citation), "bold"),
        f" – {plain(document.title)}",
        (
            f"\n    {label(document, source.passage)}; {document.jurisdiction or 'no jurisdiction given'}{plain(link)}",
            "dim",
        ),
    )


def _footer(answer: Answer) -> str:
    edition = f"edition {answer.edition}, " if answer.edition else ""
    rung = RUNGS.get(answer.rung, "") if answer.claims else ""
    dropped = sum(answer.dropped.values())
    note = f"; {dropped} drafted sentence{'s' if dropped > 1 else ''} failed a check and left out" if dropped else ""
    return f"{edition}as of {day(answer.as_of)}; {answer.rung}{': ' + rung if rung else ''}{note}; answer {answer.id}"


def _list(console: Console, title: str, items: Iterable[str]) -> None:
    console.print(Text(title, style="bold"))
    for item in items:
        console.print(Padding(Text(f"• {plain(item)}"), (0, 0, 0, 2)))
