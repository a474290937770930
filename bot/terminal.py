"""Shows answers, hits and reports in a terminal; everything from outside is printed as plain text, never as markup."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.model import Answer, Claim, Level, Source, Step
from bot.words import RUNGS, UNDERSTOOD, day, headline, label, left_out, plain, says_more, spoken
from knowledge.evidence import Evidence
from knowledge.report import Affected, Failure, RefreshReport

IMPACT = 20
"""Affected answers shown after a refresh."""
COLOURS = {
    Level.UNKNOWN: "bold",
    Level.LOW: "bold green",
    Level.MODERATE: "bold yellow",
    Level.HIGH: "bold red",
    Level.CRITICAL: "bold white on red",
}


def show_answer(console: Console, answer: Answer) -> None:
    """Print an answer: summary, claims under their sources, where sources differ, what is unknown, what to do next."""
    if answer.understood:
        console.print(Text(UNDERSTOOD.format(question=plain(answer.understood)), style="dim"), end="\n\n")
    words = headline(answer)
    if words:
        console.print(Text(plain(words), style=COLOURS[answer.risk.level]))
    number = {source.passage.id: source.n for source in answer.sources}
    for at, claim in enumerate(answer.claims):
        if at or words:
            console.print()
        console.print(_claim(claim, number[claim.passage.id]))
    differ = [f"{one.differs}. {one.precedence}" for one in answer.conflicts]
    steps = [f"{step.text} {_cited(step, answer)}" for step in answer.next_steps]
    unknowns = answer.unknowns if answer.claims else ()
    parts = {"Sources differ": differ, "Not known": unknowns, "Next steps": steps, "Ask more precisely": answer.choices}
    for title, items in parts.items():
        if items:
            console.print()
            _list(console, title, items)
    links = [source for source in answer.sources if source.document.url or source.evidence_url or not answer.claims]
    if links:
        console.print()
        console.print(Text("Sources" if answer.claims else "Nearest sources", style="bold"))
        for source in links:
            console.print(Padding(_source(source, whole=not answer.claims), (0, 0, 0, 2)))
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
        (f"{spoken(claim.role, attached=claim.document.attached)} ", "bold"), (f"[{n}] ", "cyan"), (plain(claim.passage.citation), "bold cyan"),
        (f" · {label(claim.document, claim.passage, claim.note)}", "dim"),
        (f" · {claim.note}" if claim.note else "", "bold yellow"),
    )  # fmt: skip
    opening = (f"{plain(claim.opening)} ", "dim") if claim.opening else ""
    quote = Padding(Text.assemble(opening, (f"“{plain(claim.quote)}”", "italic")), (0, 0, 0, 2))
    if not says_more(claim):
        return Group(head, quote)
    return Group(head, Padding(Text(plain(claim.text)), (0, 0, 0, 2)), quote)


def _cited(step: Step, answer: Answer) -> str:
    """Return where a step stands: its number where a claim shows the source already, its citation otherwise."""
    source = answer.sources[step.source - 1]
    shown = any(claim.passage.id == source.passage.id for claim in answer.claims)
    return f"[{step.source}]" if shown or not answer.claims else f"({plain(source.passage.citation)})"


def _source(source: Source, *, whole: bool) -> Text:
    document = source.document
    title = f" – {plain(document.title)}, {label(document, source.passage)}" if whole else ""
    link = f"  {plain(document.url)}" if document.url else ""
    link += f"\n    in its context: {source.evidence_url}" if source.evidence_url else ""
    return Text.assemble(
        (f"[{source.n}] ", "cyan"), (plain(source.passage.citation), "bold"), title, (link, "dim"), overflow="fold"
    )


def _footer(answer: Answer) -> str:
    edition = f"edition {answer.edition}, " if answer.edition else ""
    rung = RUNGS.get(answer.rung, "") if answer.claims else ""
    note = "".join(f"; {words}" for words in left_out(answer.dropped))
    return f"{edition}as of {day(answer.as_of)}; {answer.rung}{': ' + rung if rung else ''}{note}; answer {answer.id}"


def _list(console: Console, title: str, items: Iterable[str]) -> None:
    console.print(Text(title, style="bold"))
    for item in items:
        console.print(Padding(Text(f"• {plain(item)}"), (0, 0, 0, 2)))
