"""The thumbs below an answer and the form behind them: what somebody who pressed or filled it in has said."""

import json
from collections.abc import Mapping
from typing import Any

from bot.opinion import DOWN, LONGEST, REASONS, THANKS, TITLE, UP, WHY, WORDS
from bot.teams.elements import Element
from bot.teams.message import attached
from bot.words import plain

FETCH, SUBMIT = "message/fetchTask", "message/submitAction"
"""The invokes of the thumbs: the first asks for the form, the second brings what was filled in."""
FEEDBACK = {"channelData": {"feedbackLoop": {"type": "custom"}}}
"""What gives a message its thumbs; the form behind them is ours."""
_VALUES = {"like": UP, "dislike": DOWN}
Payload = dict[str, Any]


def thought(activity: Mapping[str, Any]) -> tuple[Payload, dict[str, Any]] | None:
    """Return what a thumb or its form says, as part of a payload, and the answer's body; None for what is neither.

    Teams sends what was filled in as JSON in a text, other clients as plain words.
    """
    value = activity["value"]
    said = value if "actionName" in value else value.get("data") or {}
    if said.get("actionName") != "feedback":
        return None
    action = said.get("actionValue") or {}
    filled = _filled(action.get("feedback"))
    reaction = _VALUES.get(str(action.get("reaction") or filled.get("reaction")))
    if reaction is None:
        return None
    message = str(activity.get("replyToId") or filled.get("message") or "")
    words = str(filled.get("words") or filled.get("feedbackText") or "")
    reasons = [one for one in str(filled.get("reasons") or "").split(",") if one in REASONS]
    kept = {
        "value": reaction, "message": message, "words": " ".join(plain(words).split())[:LONGEST],
        "reasons": reasons if reaction == DOWN else [],
    }  # fmt: skip
    if activity["name"] == SUBMIT:
        return kept, {}
    if reaction == UP:
        return kept, {"task": {"type": "message", "value": THANKS}}
    dialog = {"title": TITLE, "height": "medium", "width": "medium", "card": attached(*_asks(message))}
    return kept, {"task": {"type": "continue", "value": dialog}}


def _filled(feedback: Any) -> Mapping[str, Any]:
    if isinstance(feedback, str):
        try:
            found = json.loads(feedback)
        except (ValueError, RecursionError):
            found = None
        feedback = found if isinstance(found, dict) else {"words": feedback}
    return feedback if isinstance(feedback, dict) else {}


def _asks(message: str) -> tuple[list[Element], list[Element]]:
    """Return the form; the thumb is kept already, for whoever closes this without a reason."""
    options = [{"title": text, "value": value} for value, text in REASONS.items()]
    body: list[Element] = [
        {"type": "Input.ChoiceSet", "id": "reasons", "label": WHY, "style": "expanded", "isMultiSelect": True, "choices": options},
        {"type": "Input.Text", "id": "words", "label": WORDS, "isMultiline": True, "maxLength": LONGEST},
    ]  # fmt: skip
    return body, [{"type": "Action.Submit", "title": "Send", "data": {"reaction": "dislike", "message": message}}]
