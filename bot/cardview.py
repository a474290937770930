"""Shows a vendor's card in a terminal, for a phone's width as well: the level, what decides, the rest of it below."""

from collections.abc import Iterable
from itertools import groupby, zip_longest

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from bot.card import SURE, TITLES, Card, Line
from bot.decision import lines
from bot.dossier import summary
from bot.limits import dated
from bot.model import Claim
from bot.rows import Row
from bot.terminal import COLOURS
from bot.words import RUNGS, SPOKEN, day, label, plain, says_more


def show_card(console: Console, card: Card) -> None:
    """Print a card: level, choices to ask back, findings by category, owners, what was not found or asked, next steps."""
    if card.refused:
        console.print(Text(plain(card.refused)))
        return
    console.print(Text(plain(summary(card)), style=COLOURS[card.risk.level]))
    _list(console, "Decision", lines(card.standing) if card.standing else ())
    if card.choices:
        _list(console, "Did you mean", card.choices)
    for section in card.sections:
        console.print()
        title = TITLES[section.category]
        level = f" · {section.level.value}" if section.level.value != "unknown" else ""
        console.print(Text.assemble((title, "bold"), (level, COLOURS[section.level])))
        for part in _parts(section.lines, sure=card.resolved[:1] != () and card.resolved[0].grade in SURE):
            console.print(Padding(part, (0, 0, 0, 2)))
    _list(
        console, "No longer in force", (f"{row.lead} {row.entails}" for row in card.rows if not row.holds and row.shown)
    )
    _list(console, "Decided by reviewers", card.decided)
    _list(console, "Owners and brands", card.background)
    _list(console, "Not found, or not asked", card.limits)
    citation = {source.n: source.passage.citation for source in card.sources}
    _list(console, "Next steps", (f"{step.text} [{step.source}] {citation[step.source]}" for step in card.next_steps))
    _sources(console, card)
    console.print()
    console.print(Text(_footer(card), style="dim"))
    if card.receipt_url:
        console.print(Text(f"receipt: {card.receipt_url}", style="dim"))


def _parts(lines: Iterable[Line], *, sure: bool) -> Iterable[RenderableType]:
    """Yield the findings of a category; what ties the name to a party is said once for all its listings here.

    Beside a sure match a merely possible one is told in short.
    """
    for ground, grouped in groupby(lines, key=lambda line: line.row.ground if line.row else ""):
        own = list(grouped)
        for line, after in zip_longest(own, own[1:]):
            if line.row is None:
                yield _claim(line)
            else:
                short = sure and line.row.found.grade not in SURE
                same = after is not None and after.row is not None and after.row.entails == line.row.entails
                yield _listing(line.row, line.source, short=short, told=not (short or same))
        if ground:
            yield Text(plain(ground), style="dim")


def _listing(row: Row, n: int, *, short: bool, told: bool) -> RenderableType:
    """Return a listing, with what it entails where that is told; of several that entail the same it stands under the last."""
    head = Text.assemble((f"[{n}] ", "cyan"), (plain(row.lead), "" if short else "bold"))
    return Group(head, Padding(Text(plain(row.entails)), (0, 0, 0, 2))) if told else head


def _claim(line: Line) -> RenderableType:
    claim = line.claim
    assert claim is not None
    head = Text.assemble(
        (f"{SPOKEN[claim.role]} ", "bold"), (f"[{line.source}] ", "cyan"), (plain(claim.passage.citation), "bold cyan"),
        (f" · {label(claim.document, claim.passage, claim.note)}", "dim"),
        (f" · {claim.note}" if claim.note else "", "bold yellow"),
    )  # fmt: skip
    return Group(head, *(Padding(part, (0, 0, 0, 2)) for part in _words(claim)))


def _words(claim: Claim) -> Iterable[Text]:
    if says_more(claim):
        yield Text(plain(claim.text))
    opening = (f"{plain(claim.opening)} ", "dim") if claim.opening else ""
    yield Text.assemble(opening, (f"“{plain(claim.quote)}”", "italic"))


def _sources(console: Console, card: Card) -> None:
    rows = [
        Text.assemble((f"[{n}] ", "cyan"), (plain(row.standing.listing.citation), "bold"), plain(_where(row)), overflow="fold")
        for n, row in card.listed
    ]  # fmt: skip
    passages = [
        Text.assemble((f"[{one.n}] ", "cyan"), (plain(one.passage.citation), "bold"), f"  {plain(one.document.url)}",
            f"\n    in its context: {one.evidence_url}" if one.evidence_url else "", overflow="fold")
        for one in card.sources if one.document.url or one.evidence_url
    ]  # fmt: skip
    if rows or passages:
        console.print()
        console.print(Text("Sources", style="bold"))
    for text in (*rows, *passages):
        console.print(Padding(text, (0, 0, 0, 2)))


def _where(row: Row) -> str:
    title = "" if row.standing.listing.citation.startswith(row.list.title) else f"{row.list.title}, "
    state = f"list of {dated(row.list)}" if row.list.day else "undated list"
    return f" · {title}{state}  {row.standing.listing.url}"


def _footer(card: Card) -> str:
    edition = f"edition {card.edition}, " if card.edition else ""
    rung = RUNGS.get(card.rung, "lists alone") if card.claims or card.edition is None else ""
    return f"{edition}as of {day(card.day)}; {card.rung}{': ' + rung if rung else ''}; check {card.id}"


def _list(console: Console, title: str, items: Iterable[str]) -> None:
    shown = list(items)
    if shown:
        console.print()
        console.print(Text(title, style="bold"))
    for item in shown:
        console.print(Padding(Text(f"• {plain(item)}"), (0, 0, 0, 2)))
