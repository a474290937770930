"""The form below an answer that decides about its vendor: what it asks, and what somebody who filled it in has said."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.deciding import LONGEST_WORDS, SHORTEST_WHY
from bot.decision import CHOICES
from bot.teams.elements import Element, card, paragraph, run
from bot.words import plain
from knowledge.decision import Choice

DECIDE = "decide_vendor"
TITLE = "Decide about the vendor"
_AGAIN = "Nothing was decided."
REASON = "reason"
"""The id of the reason: a card has the form about a match beside this one, and no id twice."""
_ASKED = {"choice": "choice", "conditions": "conditions", "until": "until", "why": REASON}


def form(answer_id: str, vendor: str, until: date) -> Element:
    """Return the button that opens the form; `until` is the last day that it proposes."""
    choices = [{"title": title, "value": choice.value} for choice, title in CHOICES.items()]
    asked: list[Element] = [
        paragraph(run(f"Your company's decision about {plain(vendor)[:80]}")),
        {
            "type": "Input.ChoiceSet", "id": "choice", "label": "Decision", "style": "expanded", "choices": choices,
            "value": choices[0]["value"],
        },
        _written("conditions", "Conditions, where it is approved with conditions"),
        {"type": "Input.Date", "id": "until", "label": "Valid until", "value": until.isoformat()},
        _written(REASON, "Why") | {
            "isRequired": True, "errorMessage": "Please write why.",
            "placeholder": "Kept with your name, and shown on every later check of this name",
        },
    ]  # fmt: skip
    decide = {"type": "Action.Execute", "title": "Decide", "verb": DECIDE, "data": {"verb": DECIDE, "text": answer_id}}
    return {"type": "Action.ShowCard", "title": TITLE, "card": card(asked, [decide])}


def decided(data: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    """Return what a filled form says, or nothing and in words what is wrong with it; the day is judged when it is kept."""
    said = {name: data.get(id_) or "" for name, id_ in _ASKED.items()}
    if not all(isinstance(value, str) for value in said.values()):
        return {}, f"This form was not filled in as it was sent. {_AGAIN}"
    said |= {name: " ".join(plain(said[name]).split()) for name in ("conditions", "why")}
    if said["choice"] not in {one.value for one in Choice}:
        return {}, f"Please choose a decision. {_AGAIN}"
    if not SHORTEST_WHY <= len(said["why"]) <= LONGEST_WORDS:
        return (
            {},
            f"The reason is kept with the decision: please write one, of at most {LONGEST_WORDS} characters. {_AGAIN}",
        )
    if said["choice"] == Choice.CONDITIONS and not SHORTEST_WHY <= len(said["conditions"]) <= LONGEST_WORDS:
        return {}, f"Please write the conditions that the approval depends on. {_AGAIN}"
    try:
        date.fromisoformat(said["until"])
    except ValueError:
        return {}, f"Please choose the last day of the decision. {_AGAIN}"
    return said, ""


def _written(id_: str, label: str) -> Element:
    return {"type": "Input.Text", "id": id_, "label": label, "isMultiline": True, "maxLength": LONGEST_WORDS}
