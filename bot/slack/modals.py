"""The modals that are opened from a message: what they ask, and what somebody who filled one in has said."""

import json
from collections.abc import Sequence
from typing import Any

from bot.slack.elements import cut
from knowledge.ruling import Verdict

RULING = "ruling"
"""The callback id of the modal that decides about a match."""
VENDOR = "vendor"
"""The callback id of the modal that asks for a vendor."""
LONGEST_VALUE = 1_900
MOST_PARTIES = 8
SHORTEST_WHY, LONGEST_WHY = 3, 500
_VERDICTS = {
    Verdict.OUT: "Not this vendor",
    Verdict.CONFIRMED: "This vendor, or its owner",
    Verdict.REOPENED: "Take back what was decided",
}
_WHY = "Kept with your name, and shown on every later check of this name until the list's row changes."


def matches(query: str, parties: Sequence[tuple[str, str]]) -> str:
    """Return the value of the button that opens the modal: the name as it was checked, and its parties with their ids."""
    kept = [[id_, cut(name, 70)] for id_, name in parties[:MOST_PARTIES]]
    while kept and len(value := json.dumps([query, kept], ensure_ascii=False)) > LONGEST_VALUE:
        kept.pop()
    return value if kept else ""


def ruling(value: str, back: dict[str, Any]) -> dict[str, Any]:
    """Return the modal that asks which match is decided how, and why; `back` is where the new card goes."""
    query, parties = json.loads(value)
    ids = [id_ for id_, _ in parties]
    return {
        "type": "modal", "callback_id": RULING, "title": flat("Decide about a match"), "submit": flat("Decide"),
        "close": flat("Cancel"),
        "private_metadata": json.dumps({**back, "text": query, "ids": ids}, ensure_ascii=False),
        "blocks": [
            asked("party", "Match", "static_select", [(str(at), name) for at, (_, name) in enumerate(parties)], first=True),
            asked("verdict", f"{cut(query, 80)} is", "radio_buttons", [(key.value, text) for key, text in _VERDICTS.items()]),
            written("why", "Why", longest=LONGEST_WHY, shortest=SHORTEST_WHY, hint=_WHY),
        ],
    }  # fmt: skip


def ruled(view: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what a filled modal says, as part of a payload, and by block what is wrong with it."""
    back = json.loads(view["private_metadata"])
    state = view["state"]["values"]
    why = str(state["why"]["why"].get("value") or "").strip()
    said = {
        **{name: str(back.get(name, "")) for name in ("channel", "thread_ts", "text", "response_url")},
        "party": back["ids"][int(state["party"]["party"]["selected_option"]["value"])],
        "verdict": Verdict(state["verdict"]["verdict"]["selected_option"]["value"]).value,
        "why": why[:LONGEST_WHY],
    }
    wrong = {} if len(why) >= SHORTEST_WHY else {"why": "The reason is kept with the decision: please write one."}
    return said, wrong


def vendor(channel: str) -> dict[str, Any]:
    """Return the modal that asks which vendor is to be checked; `channel` is where the command was given."""
    name = {"type": "plain_text_input", "action_id": "name", "min_length": 2, "max_length": 300}
    country = {"type": "plain_text_input", "action_id": "country", "min_length": 2, "max_length": 60}
    return {
        "type": "modal", "callback_id": VENDOR, "title": flat("Check a vendor"), "submit": flat("Check"),
        "close": flat("Cancel"), "private_metadata": channel,
        "blocks": [
            {"type": "input", "block_id": "name", "label": flat("Vendor"), "element": name,
             "hint": flat("The company's name as it stands on the offer, in any script.")},
            {"type": "input", "block_id": "country", "label": flat("Country"), "element": country, "optional": True,
             "hint": flat("Where it is seated: a name or two letters, as in DE.")},
        ],
    }  # fmt: skip


def named(view: dict[str, Any]) -> str:
    """Return the vendor that a filled modal names, with its country where it was told."""
    state = view["state"]["values"]
    parts = (str(state[field][field].get("value") or "").replace("|", " ").strip() for field in ("name", "country"))
    return " | ".join(filter(None, parts))


def written(  # noqa: PLR0913 - what an input can say
    name: str, label: str, *, longest: int, shortest: int = 0, hint: str = "", optional: bool = False
) -> dict[str, Any]:
    """Return an input for text of several lines."""
    element = {"type": "plain_text_input", "action_id": name, "multiline": True, "max_length": longest}
    block = {"type": "input", "block_id": name, "label": flat(label), "element": element}
    if shortest:
        element["min_length"] = shortest
    return {**block, **({"hint": flat(hint)} if hint else {}), **({"optional": True} if optional else {})}


def told(title: str, words: str) -> dict[str, Any]:
    """Return a modal that only says something."""
    text = {"type": "plain_text", "text": words, "emoji": False}
    return {
        "type": "modal",
        "title": flat(title),
        "close": flat("Close"),
        "blocks": [{"type": "section", "text": text}],
    }


def asked(
    name: str, label: str, kind: str, options: Sequence[tuple[str, str]], *, first: bool = False
) -> dict[str, Any]:
    """Return an input that offers options as (value, text); with `first` the first one is chosen beforehand."""
    shown = [{"text": flat(text), "value": value} for value, text in options]
    element: dict[str, Any] = {"type": kind, "action_id": name, "options": shown}
    if first:
        element["initial_option"] = shown[0]
    return {"type": "input", "block_id": name, "label": flat(label), "element": element}


def flat(text: str) -> dict[str, Any]:
    """Return a text object in which Slack reads no markup."""
    return {"type": "plain_text", "text": text, "emoji": False}
