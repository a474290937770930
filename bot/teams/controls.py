"""What stands below an answer or a card: the buttons for what somebody can do with it, and what a press may bring back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.access import among_staff, beyond
from bot.card import Card
from bot.decision import asked as vendor_asked
from bot.handing import owned
from bot.model import Answer, Asker, Outcome, Place
from bot.teams.commands import CHECK, WATCH
from bot.teams.elements import Element, button
from bot.teams.forms import DECIDE, form
from bot.teams.message import cut
from bot.teams.rulings import form as match_form
from knowledge.decision import Decision

EVIDENCE, MEMO, OWNER, RESOLVE, SECOND, SECOND_BELOW, OWN, OWN_CHECK, SHARE, THINK = (
    "evidence", "memo", "owner", "resolve", "second", "second_below", "own", "own_check", "share", "think",
)  # fmt: skip
"""What can be done with an answer; SECOND stands on the message of a decision, which it changes, SECOND_BELOW on a card."""
LONGEST_QUESTION, LONGEST_VENDOR = 2_000, 300
LENGTHS = {
    EVIDENCE: 40, MEMO: 32, OWNER: 32, RESOLVE: 32, DECIDE: 32, SECOND: 60, SECOND_BELOW: 60, SHARE: 32, OWN: LONGEST_QUESTION,
    OWN_CHECK: LONGEST_VENDOR,
}  # fmt: skip
"""How long the words of a press may be: mostly an answer's id, which anybody can make up."""
_ALONE = "It comes to you alone."
WAITS = {
    EVIDENCE: f"The quotes are being looked up. {_ALONE}",
    MEMO: f"The memo is being looked up. {_ALONE}",
    OWNER: "I am asking; the message stands here in a moment, or I tell you alone why not.",
    RESOLVE: "It is being noted; the message changes in a moment, or I tell you alone why not.",
    DECIDE: "Your decision is being kept; what came of it stands here in a moment, or is told to you alone.",
    SECOND: "It is being kept; the message changes in a moment, or I tell you alone why not.",
    SECOND_BELOW: "It is being kept; the new card takes this one's place, or I tell you alone why not.",
    OWN: f"I am looking into it. {_ALONE}",
    OWN_CHECK: f"I am checking. {_ALONE}",
    SHARE: "I am asking it again where it came from, with what everyone there may read.",
}
"""What whoever presses is told at once."""
MORE = "See what you may read beyond this place"
_SHARES = {"groupChat": "Share to the chat"}


@dataclass(frozen=True, slots=True)
class Below:
    """What may stand below an answer for its reader and place: by default what stands anywhere.

    `until` is the last day that a decision about the vendor proposes, None where none is made; with `beyond` the asker may read
    more than this place; `share` is the title of the button that tells it where it was asked; `private` is what only one reads.
    """

    until: date | None = None
    beyond: bool = False
    share: str = ""
    private: bool = False


def below(asker: Asker, place: Place, payload: Mapping[str, Any], until: date) -> Below:
    """Return what may stand below an answer to this person at this place."""
    origin = payload.get("origin")
    return Below(
        until if among_staff(asker, place) else None,
        beyond(asker, place),
        _SHARES.get(origin["kind"], "Share to the channel") if origin else "",
        bool(payload.get("private")),
    )


def under_answer(answer: Answer, given: Below) -> tuple[list[Element], list[Element]]:
    """Return the row of buttons below an answer or a refusal, and its card's actions; a greeting or a notice has none."""
    if answer.outcome not in {Outcome.ANSWERED, Outcome.REFUSED}:
        return [], []
    shown = _shown(answer.id, cited=bool(answer.sources), owner=owned(answer.sources))
    if given.beyond and answer.edition and answer.question:
        shown.append(button(MORE, OWN, cut(answer.question, LONGEST_QUESTION)))
    if given.share:
        shown.append(button(given.share, SHARE, answer.id))
    deciding = answer.vendor and answer.claims and given.until
    return _row(shown), [form(answer.id, answer.vendor, given.until)] if deciding and given.until else []


def under_card(card: Card, given: Below) -> tuple[list[Element], list[Element]]:
    """Return the row of buttons below a vendor's card, and the card's actions."""
    asked = f"{card.query} | {card.country}" if card.country and "|" not in card.query else card.query
    query = cut(asked, LONGEST_VENDOR)
    shown = _shown(card.id, cited=bool(card.sources or card.listed), owner=owned(card.sources))
    if given.beyond:
        shown.append(button(MORE, OWN_CHECK, query))
    if given.share:
        shown.append(button(given.share, SHARE, card.id))
    # What is decided about a match takes a card's place, which a message for one person alone does not let it.
    matches = [] if given.private else match_form(card, query)
    actions = [button("Watch this vendor", WATCH, query), *matches]
    if given.until:
        actions.append(form(card.id, card.query, given.until))
    if card.standing and card.standing.waits:
        actions.append(agree(card.standing.waits.n, card.id, SECOND_BELOW))
    return _row(shown), actions


def agree(n: int, answer_id: str, verb: str) -> Element:
    """Return the second approver's button for the decision of this number, below this answer."""
    return button("Agree as the second approver", verb, f"{n}:{answer_id}")


def check(one: Decision) -> Element:
    """Return the button that checks the vendor of a decision again."""
    return button("Check it now", CHECK, cut(vendor_asked(one), LONGEST_VENDOR))


def _shown(answer_id: str, *, cited: bool, owner: bool) -> list[Element]:
    wanted = ((EVIDENCE, "Show evidence", cited), (MEMO, "Memo to print", cited), (OWNER, "Ask the owner", owner))
    return [button(title, verb, answer_id) for verb, title, here in wanted if here]


def _row(shown: list[Element]) -> list[Element]:
    return [{"type": "ActionSet", "actions": shown}] if shown else []
