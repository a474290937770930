"""What an activity must be: sizes, citations, cards and entities, by the published limits and those of the Playground."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.servers.teams.model import Json, Refused

LARGEST = 100 * 1024
"""Bytes of a message as UTF-16, its entities and cards counted."""
MOST_CITATIONS = 10
"""The Playground takes ten, Teams twenty."""
CARD = "application/vnd.microsoft.card.adaptive"
_ELEMENTS = {
    "TextBlock", "RichTextBlock", "TextRun", "Container", "ColumnSet", "Column", "FactSet", "ActionSet", "Input.Text",
    "Input.ChoiceSet", "Input.Date", "Action.OpenUrl", "Action.Submit", "Action.Execute", "Action.ShowCard", "AdaptiveCard",
}  # fmt: skip


def checked(activity: Json, *, streaming: bool = False) -> None:
    """Raise Refused for what the service would not take."""
    if len(json.dumps(activity, ensure_ascii=False).encode("utf-16-le")) > LARGEST:
        raise Refused(403 if streaming else 413, "ContentStreamNotAllowed" if streaming else "MessageSizeTooBig")
    if activity.get("type") == "message" and not (activity.get("text") or activity.get("attachments")):
        raise Refused(400, "BadSyntax", "an empty message")
    loop = (activity.get("channelData") or {}).get("feedbackLoop")
    if loop is not None and loop.get("type") not in {"default", "custom"}:
        raise Refused(400, "BadSyntax", "a feedback loop of an unknown type")
    roots = [one for one in activity.get("entities") or [] if one.get("type") == "https://schema.org/Message"]
    if len(roots) > 1:
        raise Refused(400, "BadSyntax", "several root Message entities")
    for root in roots:
        _entity(root, str(activity.get("text") or ""))
    for attachment in activity.get("attachments") or []:
        if attachment.get("contentType") != CARD:
            raise Refused(400, "BadSyntax", "an attachment of an unknown type")
        _card(attachment["content"])


def dialog(body: Json) -> Json:
    """Return the card of a dialog that answers an invoke, empty for one that only says something; raise for what is none."""
    task = body["task"]
    if task["type"] == "message":
        if not isinstance(task["value"], str) or not task["value"]:
            raise Refused(400, "BadSyntax", "a dialog that says nothing")
        return {}
    if task["type"] != "continue" or not task["value"]["title"] or task["value"]["card"]["contentType"] != CARD:
        raise Refused(400, "BadSyntax", "no dialog")
    _card(task["value"]["card"]["content"])
    return task["value"]["card"]["content"]


def _entity(root: Json, text: str) -> None:
    if any(value is None for value in _values(root)):
        raise Refused(400, "MissingProperty", "a null in the Message entity")
    if root.get("@type") != "Message" or root.get("@context") != "https://schema.org":
        raise Refused(400, "BadSyntax", "an entity that is no schema.org Message")
    cited = root.get("citation", [])
    if len(cited) > MOST_CITATIONS:
        raise Refused(400, "BadSyntax", "too many citations")
    positions = [one["position"] for one in cited]
    if len(set(positions)) != len(positions):
        raise Refused(400, "BadSyntax", "a position is given twice")
    for one in cited:
        _citation(one["appearance"])
        if f"[{one['position']}]" not in text:
            raise Refused(400, "BadSyntax", f"the text does not cite [{one['position']}]")


def _citation(shown: Json) -> None:
    if shown.get("@type") != "DigitalDocument" or not shown.get("name") or not shown.get("abstract"):
        raise Refused(400, "MissingProperty", "an appearance without type, name or abstract")
    if len(shown["name"]) > 80 or len(shown["abstract"]) > 160:
        raise Refused(400, "BadSyntax", "a name or an abstract that is too long")
    if len(shown.get("keywords", [])) > 3 or any(len(word) > 28 for word in shown.get("keywords", [])):
        raise Refused(400, "BadSyntax", "keywords that are too many or too long")
    if "url" in shown and not re.match(r"https?://", shown["url"]):
        raise Refused(400, "BadSyntax", "a citation whose url is no address")


def _card(card: Json) -> None:
    if card.get("type") != "AdaptiveCard" or card.get("version") not in {"1.2", "1.3", "1.4", "1.5"}:
        raise Refused(400, "BadSyntax", "no Adaptive Card up to 1.5")
    for element in elements(card):
        if element["type"] not in _ELEMENTS:
            raise Refused(400, "BadSyntax", f"an unknown element, {element['type']}")
        if element["type"] in {"TextBlock", "TextRun"} and not element.get("text"):
            raise Refused(400, "BadSyntax", "a text without text")
        if element["type"] == "Action.OpenUrl" and not re.match(r"https?://", str(element.get("url"))):
            raise Refused(400, "BadSyntax", "an address that is none")
        if element["type"] == "Action.Execute" and not element.get("verb"):
            raise Refused(400, "BadSyntax", "an action without a verb")
        if element["type"] == "Input.Date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", str(element.get("value"))):
            raise Refused(400, "BadSyntax", "a date that is none")
        if len(element.get("actions", [])) > 6:
            raise Refused(400, "BadSyntax", "more than six actions")
    _inputs([one for one in elements(card) if one["type"].startswith("Input.")])


def _inputs(inputs: list[Json]) -> None:
    if not all(one.get("id") and one.get("label") for one in inputs):
        raise Refused(400, "BadSyntax", "an input without id or label")
    if len({one["id"] for one in inputs}) != len(inputs):
        raise Refused(400, "BadSyntax", "an input's id is given twice")
    for one in inputs:
        if "choices" in one and "value" in one and one["value"] not in {each["value"] for each in one["choices"]}:
            raise Refused(400, "BadSyntax", "a choice that is not offered")


def elements(part: Any) -> Iterator[Json]:
    """Walk through every element and action of a card."""
    if isinstance(part, dict):
        if isinstance(part.get("type"), str) and (part["type"][:1].isupper()):
            yield part
        for name, value in part.items():
            if name != "data":
                yield from elements(value)
    elif isinstance(part, list):
        for one in part:
            yield from elements(one)


def shown(card: Json) -> str:
    """Return all that a card shows as text."""
    return "\n".join(str(one.get("text") or one.get("title") or "") for one in elements(card))


def _values(part: Any) -> Iterator[Any]:
    if isinstance(part, dict):
        for value in part.values():
            yield from _values(value)
    elif isinstance(part, list):
        for value in part:
            yield from _values(value)
    else:
        yield part
