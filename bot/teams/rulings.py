"""The form on a card that decides about a match: what it asks, and what somebody who filled it in has said."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.card import Card
from bot.teams.commands import RULE
from bot.teams.elements import Element, card, paragraph, run
from bot.words import plain
from knowledge.ruling import Verdict

MOST_PARTIES = 8
SHORTEST_WHY, LONGEST_WHY = 3, 500
LONGEST_PARTY = 300
NO_REVIEWER = (
    "Only reviewers may decide about a match, and you are none here. Nothing was decided. An administrator can name you in"
    " CAVEAT_REVIEWERS."
)
NO_WHY = (
    "The reason is kept with the decision: please choose a match and a decision, and write why. Nothing was decided."
)
_VERDICTS = {
    Verdict.OUT: "Not this vendor",
    Verdict.CONFIRMED: "This vendor, or its owner",
    Verdict.REOPENED: "Take back what was decided",
}


def form(checked: Card, query: str) -> list[Element]:
    """Return the button that opens the form below a card, none where there is no match to decide about."""
    parties = [(one.vendor_id, one.name) for one in checked.resolved]
    parties += [(f"{one.found.list_id}:{one.found.party.ref}", one.found.party.name) for one in checked.ruled]
    kept = [(id_, name) for id_, name in dict(parties).items() if len(id_) <= LONGEST_PARTY][:MOST_PARTIES]
    if not kept:
        return []
    why = {
        "type": "Input.Text", "id": "why", "isMultiline": True, "maxLength": LONGEST_WHY, "isRequired": True, "label": "Why",
        "errorMessage": "Please write why.",
        "placeholder": "Kept with your name, and shown on every later check until the list's row changes",
    }  # fmt: skip
    asked = [
        paragraph(run(f"Is {plain(query)[:80]} this party?")),
        _choices("party", "Match", kept),
        _choices("verdict", "Decision", [(verdict.value, words) for verdict, words in _VERDICTS.items()]),
        why,
    ]
    decide = {"type": "Action.Execute", "title": "Decide", "verb": RULE, "data": {"verb": RULE, "text": query}}
    return [{"type": "Action.ShowCard", "title": "Decide about a match", "card": card(asked, [decide])}]


def ruled(data: Mapping[str, Any]) -> dict[str, str]:
    """Return party, verdict and reason of a filled form, empty where one is missing or none of ours."""
    party, verdict, why = (data.get(name) for name in ("party", "verdict", "why"))
    if not (isinstance(party, str) and isinstance(why, str) and isinstance(verdict, str)):
        return {}
    if verdict not in {one.value for one in Verdict}:
        return {}
    why = " ".join(plain(why).split())
    if not (0 < len(party) <= LONGEST_PARTY and SHORTEST_WHY <= len(why) <= LONGEST_WHY):
        return {}
    return {"party": party, "verdict": verdict, "why": why}


def _choices(id_: str, label: str, options: Sequence[tuple[str, str]]) -> Element:
    shown = [{"title": plain(title)[:100], "value": value} for value, title in options]
    return {
        "type": "Input.ChoiceSet", "id": id_, "label": label, "style": "expanded", "choices": shown, "value": shown[0]["value"],
    }  # fmt: skip
