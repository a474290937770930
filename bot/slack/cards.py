"""A vendor's card as Slack blocks: the level first, then what decides, what was asked and what to do."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from bot.card import SURE, TITLES, Card, Line, Section
from bot.decision import lines
from bot.dossier import summary
from bot.handing import owned
from bot.model import Level, Source, Step
from bot.rows import Row
from bot.slack.blocks import CHECK, LONGEST_LINK, buttons, quoted
from bot.slack.controls import AGREE_BELOW, agree, below
from bot.slack.elements import Block, Element, button, cut, fallback, link, listed, parted, rich, section, typed
from bot.slack.modals import matches
from bot.words import RUNGS, day, plain

LONGEST_NAME = 300
DECIDE, WATCH_THIS, SHARE = "match_decide", "watch_add", "card_share"
"""The actions of the buttons below a card: the first opens a modal, the others' values hold the vendor as it was checked."""


def render(card: Card, *, decided: tuple[str, str, str, str] | None = None, share: str = "") -> dict[str, Any]:
    """Return `text` and `blocks` of the message, and under `more` the messages below it that a long card goes on in.

    `share` is the channel that a card which only its asker sees can be shown in.

    `decided` is who (a Slack user id) decided what about which party, and why: said first on the card that follows from it.
    """
    if card.refused:
        return {"text": fallback(card.refused), "blocks": [rich([section([typed(card.refused)])])]}
    words = summary(card)
    blocks = _decided(*decided) if decided else []
    blocks.append(rich([section([typed(words, bold=True)])]))
    if card.standing and (said := [*lines(card.standing)]):
        blocks.append(listed("Decision", [[typed(one)] for one in said]))
    if card.choices:
        blocks += [rich([section([typed("Did you mean")])]), buttons(card.choices, CHECK)]
    source_of = {source.passage.id: source for source in card.sources}
    for part in card.sections:
        blocks += _section(part, source_of, sure=bool(card.resolved) and card.resolved[0].grade in SURE)
    past = [row for row in card.rows if not row.holds and row.shown]
    for title, told in (
        ("No longer in force", [f"{row.lead} {row.entails}" for row in past]),
        ("Decided by reviewers", card.decided),
        ("Owners and brands", card.background),
    ):
        if told:
            blocks.append(listed(title, [[typed(one)] for one in told]))
    tail = [*_tail(card), *_buttons(card, share)]
    ends = (
        [*tail, _footer(card, said)]
        for said in ("", "it goes on below", "shortened to fit, the receipt holds the rest")
    )
    first, *more = parted(blocks, *ends)
    message = {"text": fallback(words), "blocks": first}
    return {**message, "more": [{"text": fallback(words), "blocks": part} for part in more]} if more else message


def _tail(card: Card) -> Iterator[Block]:
    """Yield what is never left out: what was not found or asked, the next steps, the receipt."""
    if card.limits:
        yield listed("Not found, or not asked", [[typed(one)] for one in card.limits])
    if card.next_steps:
        yield listed("Next steps", [_step(step, card) for step in card.next_steps])
    if card.receipt_url:
        yield rich([section([link("Receipt: every row and quote, and how this was made", card.receipt_url)])])


def _decided(user: str, verdict: str, party: str, why: str) -> list[Block]:
    who = {"type": "user", "user_id": user}
    return [
        rich([section([who, typed(f" decided about {cut(party, 150)}: {verdict}. {why} Every later check says so.")])])
    ]


def _buttons(card: Card, share: str) -> list[Block]:
    """Return what can be done with a card, and with the vendor: share, watch, decide about matches, agree with a decision."""
    name = plain(card.query)
    asked = f"{name} | {card.country}" if card.country and "|" not in name else name
    shown = [button(SHARE, "Share to channel", f"{share}|{cut(asked, LONGEST_NAME)}")] if share else []
    shown.append(button(WATCH_THIS, "Watch this vendor", cut(asked, LONGEST_NAME)))
    parties = [(one.vendor_id, one.name) for one in card.resolved]
    parties += [(f"{one.found.list_id}:{one.found.party.ref}", one.found.party.name) for one in card.ruled]
    if value := matches(asked, list(dict(parties).items())):
        shown.append(button(DECIDE, "Decide about a match", value))
    if card.standing and card.standing.waits:
        shown.append(agree(card.standing.waits.n, AGREE_BELOW))
    cited = bool(card.sources or card.listed)
    return below(card.id, sources=cited, owner=owned(card.sources), vendor=name, more=tuple(shown))


def _section(part: Section, source_of: dict[str, Source], *, sure: bool) -> list[Block]:
    level = "" if part.level is Level.UNKNOWN else f" · {part.level.value}"
    blocks = [rich([section([typed(f"{TITLES[part.category]}{level}", bold=True)])])]
    told: set[str] = set()
    # What ties the name to a party stands under that party's listings, once for all of them here.
    for ground, grouped in groupby(part.lines, key=lambda line: line.row.ground if line.row else ""):
        for line in grouped:
            if line.claim is not None:
                blocks.append(quoted(line.claim, source_of[line.claim.passage.id]))
            elif line.row is not None:
                short = (sure and line.row.found.grade not in SURE) or line.row.entails in told
                told.add(line.row.entails)
                blocks.append(_listing(line, line.row, short=short))
        if ground:
            blocks.append(rich([section([typed(ground, italic=True)])]))
    return blocks


def _listing(line: Line, row: Row, *, short: bool) -> Block:
    """Return a listing as the link to its official text, with what it entails where that was not said yet."""
    listing = row.standing.listing
    cited = plain(listing.citation)[:LONGEST_LINK]
    where = link(cited, listing.url) if listing.url else typed(cited)
    parts = [section([typed(f"[{line.source}] {row.lead} (", bold=not short), where, typed(")", bold=not short)])]
    return rich(parts if short else [*parts, section([typed(row.entails)])])


def _step(step: Step, card: Card) -> list[Element]:
    source = next(one for one in card.sources if one.n == step.source)
    cited = plain(source.passage.citation)[:LONGEST_LINK]
    shown = link(cited, source.evidence_url) if source.evidence_url else typed(cited)
    return [typed(f"{step.text} ("), shown, typed(")")]


def _footer(card: Card, said: str) -> Block:
    rung = RUNGS.get(card.rung, "lists alone") if card.claims or card.edition is None else ""
    parts = [
        f"Edition {card.edition}" if card.edition else "", f"as of {day(card.day)}", f"{card.rung}: {rung}" if rung else "",
        said, f"check {card.id}",
    ]  # fmt: skip
    words = "; ".join(part for part in parts if part)
    return {"type": "context", "elements": [{"type": "plain_text", "text": words, "emoji": False}]}
