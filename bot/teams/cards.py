"""A vendor's card as an Adaptive Card: the level first, then what decides, what was asked and what to do."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from bot.card import SURE, TITLES, Card, Line, Section
from bot.decision import lines
from bot.dossier import summary
from bot.model import Claim, Level, Source, Step
from bot.rows import Row
from bot.teams import notices
from bot.teams.commands import CHECK
from bot.teams.controls import OWN_CHECK, Below, under_card
from bot.teams.elements import Element, buttons, listed, paragraph, run
from bot.teams.message import Activity, carded, fitted
from bot.teams.thumbs import FEEDBACK
from bot.words import RUNGS, SPOKEN, day, label, says_more

_COLOURS = {Level.CRITICAL: "attention", Level.HIGH: "attention", Level.MODERATE: "warning", Level.LOW: "good"}


def render(card: Card, *, lead: str = "", given: Below = Below()) -> Activity:  # noqa: B008 - frozen
    """Return the message; what does not fit is left out from the end, and said so.

    `lead` is said first: who asked, or decided what, where nobody else has seen it. `given` is what may stand below the card.
    """
    if card.refused:
        return notices.said(card.refused)
    parts = list(_parts(card))
    return fitted(len(parts), lambda kept: _message(card, parts[:kept], lead, given, shortened=kept < len(parts)))


def _message(card: Card, parts: Sequence[list[Element]], lead: str, given: Below, *, shortened: bool) -> Activity:
    words = summary(card)
    led = [paragraph(run(lead, italic=True))] if lead else []
    level = {
        "type": "Container",
        "style": _COLOURS.get(card.risk.level, "emphasis"),
        "items": [paragraph(run(words, bold=True))],
    }
    standing = [*lines(card.standing)] if card.standing else []
    decided = listed("Decision", [[run(one)] for one in standing]) if standing else []
    verb = OWN_CHECK if given.private else CHECK
    choices = [paragraph(run("Did you mean")), buttons(card.choices, verb)] if card.choices else []
    shown = [element for part in parts for element in part]
    row, actions = under_card(card, given)
    body = [*led, level, *decided, *choices, *shown, *_tail(card), *row, _footer(card, shortened=shortened)]
    return {**carded(body, actions, notice=words, made=bool(card.claims)), **FEEDBACK}


def _parts(card: Card) -> Iterator[list[Element]]:
    """Yield what may be left out, the last first: the findings of each category, and what stands beside them."""
    source_of = {source.passage.id: source for source in card.sources}
    for part in card.sections:
        yield from _section(part, source_of, sure=bool(card.resolved) and card.resolved[0].grade in SURE)
    past = [row for row in card.rows if not row.holds and row.shown]
    for title, said in (
        ("No longer in force", [f"{row.lead} {row.entails}" for row in past]),
        ("Decided by reviewers", card.decided),
        ("Owners and brands", card.background),
    ):
        if said:
            yield listed(title, [[run(one)] for one in said])


def _section(part: Section, source_of: dict[str, Source], *, sure: bool) -> Iterator[list[Element]]:
    level = "" if part.level is Level.UNKNOWN else f" · {part.level.value}"
    title = [paragraph(run(f"{TITLES[part.category]}{level}", bold=True), spaced=True)]
    told: set[str] = set()
    # What ties the name to a party stands under that party's listings, once for all of them here.
    for ground, grouped in groupby(part.lines, key=lambda line: line.row.ground if line.row else ""):
        for line in grouped:
            if line.claim is not None:
                yield [*title, *_claim(line.claim, source_of[line.claim.passage.id])]
            elif line.row is not None:
                short = (sure and line.row.found.grade not in SURE) or line.row.entails in told
                told.add(line.row.entails)
                yield [*title, *_listing(line, line.row, short=short)]
            title = []
        if ground:
            yield [paragraph(run(ground, italic=True))]


def _listing(line: Line, row: Row, *, short: bool) -> list[Element]:
    """Return a listing as the link to its official text, with what it entails where that was not said yet."""
    listing = row.standing.listing
    head = paragraph(
        run(f"[{line.source}] {row.lead} (", bold=not short),
        run(listing.citation[:300], url=listing.url),
        run(")", bold=not short),
    )
    return [head] if short else [head, paragraph(run(row.entails))]


def _claim(claim: Claim, source: Source) -> list[Element]:
    """Return a claim under its source: citation, date and status, then its words and the quote."""
    head = [
        run(f"{SPOKEN[claim.role]} ", bold=True), run(f"[{source.n}]", url=source.evidence_url), run(" "),
        run(source.passage.citation[:300] or f"source {source.n}", url=source.document.url),
        run(f" · {label(claim.document, claim.passage, claim.note)}"),
    ]  # fmt: skip
    if claim.note:
        head.append(run(f" · {claim.note}", bold=True))
    said = [paragraph(run(claim.text))] if says_more(claim) else []
    opening = [run(f"{claim.opening} ", italic=True)] if claim.opening else []
    quote = {"type": "Container", "style": "emphasis", "items": [paragraph(*opening, run(claim.quote))]}
    return [paragraph(*head), *said, quote]


def _tail(card: Card) -> Iterator[Element]:
    """Yield what is never left out: what was not found or asked, the next steps, the receipt."""
    if card.limits:
        yield from listed("Not found, or not asked", [[run(one)] for one in card.limits])
    if card.next_steps:
        yield from listed("Next steps", [_step(step, card) for step in card.next_steps])
    if card.receipt_url:
        yield paragraph(run("Receipt: every row and quote, and how this was made", url=card.receipt_url), spaced=True)


def _step(step: Step, card: Card) -> list[Element]:
    source = next(one for one in card.sources if one.n == step.source)
    return [run(f"{step.text} ("), run(source.passage.citation[:300], url=source.evidence_url), run(")")]


def _footer(card: Card, *, shortened: bool) -> Element:
    rung = RUNGS.get(card.rung, "lists alone") if card.claims or card.edition is None else ""
    parts = [
        f"Edition {card.edition}" if card.edition else "", f"as of {day(card.day)}", f"{card.rung}: {rung}" if rung else "",
        "shortened to fit, the receipt holds the rest" if shortened else "", f"check {card.id}",
    ]  # fmt: skip
    return paragraph({**run("; ".join(part for part in parts if part)), "isSubtle": True, "size": "Small"}, spaced=True)
