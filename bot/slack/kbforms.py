"""The forms of administrators in Slack: a new source, and what is said of a file that was shared."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.kb.fields import Field, source_fields, upload_fields
from bot.slack.elements import Block, Element

ADDING, FILING = "kb_adding", "kb_filing"
"""The callback ids of the forms for a source and for an upload."""


def source_form(types: Sequence[str]) -> dict[str, Any]:
    """Return the form for a new source."""
    return _form(ADDING, "Add a source", "Add", source_fields(types))


def upload_form(file_id: str, name: str, back: Mapping[str, str]) -> dict[str, Any]:
    """Return the form for a file that was shared; `back` is where the reply goes."""
    form = _form(FILING, "File a document", "File it", upload_fields(name))
    return {**form, "private_metadata": json.dumps({**back, "file": file_id, "name": name[:200]}, ensure_ascii=False)}


def filled(view: Mapping[str, Any]) -> dict[str, str]:
    """Return what somebody filled into a form, by field."""
    return {name: _said(next(iter(state.values()))) for name, state in view["state"]["values"].items()}


def _said(state: Mapping[str, Any]) -> str:
    option = state.get("selected_option")
    return str(option["value"] if option else state.get("value") or "").strip()


def _form(callback: str, title: str, submit: str, fields: Sequence[Field]) -> dict[str, Any]:
    return {
        "type": "modal", "callback_id": callback, "title": _plain(title), "submit": _plain(submit), "close": _plain("Cancel"),
        "blocks": [_chosen(one) if one.options else _line(one) for one in fields],
    }  # fmt: skip


def _line(field: Field) -> Block:
    element: Element = {"type": "plain_text_input", "action_id": field.name, "max_length": field.longest}
    if field.first:
        element["initial_value"] = field.first
    return {**_input(field), "hint": _plain(field.hint), "element": element}


def _chosen(field: Field) -> Block:
    shown = [{"text": _plain(one), "value": one} for one in field.options]
    element: Element = {"type": "static_select", "action_id": field.name, "options": shown}
    if field.first:
        element["initial_option"] = next(one for one in shown if one["value"] == field.first)
    return {**_input(field), "element": element}


def _input(field: Field) -> Block:
    return {"type": "input", "block_id": field.name, "label": _plain(field.label), "optional": field.optional}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
