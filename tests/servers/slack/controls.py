"""The buttons, menus and inputs of a surface: how a person finds one and what using it sends."""

from collections.abc import Iterator
from typing import Any

from tests.servers.slack.model import Json, with_ids

# The field that carries what was chosen, by the type of the control; every other type has a plain value.
_CHOSEN = {
    "channels_select": "selected_channel",
    "checkboxes": "selected_options",
    "conversations_select": "selected_conversation",
    "datepicker": "selected_date",
    "datetimepicker": "selected_date_time",
    "external_select": "selected_option",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
    "multi_external_select": "selected_options",
    "multi_static_select": "selected_options",
    "multi_users_select": "selected_users",
    "overflow": "selected_option",
    "radio_buttons": "selected_option",
    "static_select": "selected_option",
    "timepicker": "selected_time",
    "users_select": "selected_user",
}
_KEPT = ("text", "style", "value")


def control(blocks: list[Json], action_id: str) -> tuple[str, Json]:
    """Find a control by its action_id, with the id of the block it stands in; nobody can click what is not there."""
    for block in with_ids(blocks):
        for element in _elements(block):
            if element.get("action_id") == action_id:
                return str(block["block_id"]), element
    raise LookupError(f"nothing here has the action_id {action_id!r}")


def _elements(value: Any) -> Iterator[Json]:
    if isinstance(value, list):
        for item in value:
            yield from _elements(item)
    if isinstance(value, dict):
        if "action_id" in value:
            yield value
        for item in value.values():
            yield from _elements(item)


def used(block_id: str, element: Json, choice: Any, ts: str) -> Json:
    """Say what an app is sent when somebody uses a control: a press, a thumb or a choice."""
    action = {"action_id": element["action_id"], "block_id": block_id, "type": element["type"], "action_ts": ts}
    if element["type"] == "feedback_buttons":
        thumb = element[f"{choice}_button"]
        return action | {"text": thumb["text"], "value": thumb["value"]}
    if element["type"] in _CHOSEN:
        return action | answered(element, choice)
    return action | {key: element[key] for key in _KEPT if key in element}


def answered(element: Json, value: Any) -> Json:
    """Say what the state of a control is once somebody chose or typed ``value``."""
    key = _CHOSEN.get(element["type"], "value")
    if key == "selected_option" and value is not None:
        value = _offered(element, value)
    if key == "selected_options" and value is not None:
        value = [_offered(element, one) for one in value]
    return {"type": element["type"], key: value}


def _offered(element: Json, value: str) -> Json:
    """Find an option by its value; an external menu offers whatever its app does."""
    if element["type"].endswith("external_select"):
        return {"text": {"type": "plain_text", "text": value}, "value": value}
    groups = [{"options": element.get("options", [])}, *element.get("option_groups", [])]
    for option in (option for group in groups for option in group["options"]):
        if option["value"] == value:
            return dict(option)
    raise LookupError(f"{value!r} is not offered")


def filled(blocks: list[Json], values: Json) -> Json:
    """Fill in a form by block_id and give its state; what is required and left empty is refused, as Slack does."""
    unknown = set(values) - {block.get("block_id") for block in blocks}
    if unknown:
        raise LookupError(f"the form has no {', '.join(sorted(unknown))}")
    state: Json = {}
    for block in (block for block in with_ids(blocks) if block["type"] == "input"):
        block_id, element = block["block_id"], block["element"]
        value = values.get(block_id, element.get("initial_value"))
        if value in (None, "", []) and not block.get("optional"):
            raise ValueError(f"{block_id} must be filled in first")
        state[block_id] = {element.get("action_id") or f"{block_id}-input": answered(element, value)}
    return state
