"""The forms of administrators in Slack: a new source, and what is said of a file that was shared."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.slack.elements import Block, Element
from knowledge.model import Kind

ADDING, FILING = "kb_adding", "kb_filing"
"""The callback ids of the forms for a source and for an upload."""


def source_form(types: Sequence[str]) -> dict[str, Any]:
    """Return the form for a new source."""
    return _form(ADDING, "Add a source", "Add", [
        _line("name", "Name", "Letters, digits, dots and dashes", longest=80),
        _chosen("type", "Type", types),
        _line("at", "Where", "A web address; for a list: default", longest=2000),
        _chosen("kind", "Kind", [*Kind], optional=True),
        _line("jurisdiction", "Jurisdiction", "ISO 3166-1 alpha-2 code, EU, UN or INT", longest=3, optional=True),
        _line("visibility", "Who may read it", "public, staff or group:NAME", longest=2000, first="staff"),
        _line("owner", "Owner", "Who answers for it", longest=200, optional=True),
        _line("every", "Schedule", "30m, 6h, 1d; empty: by hand only", longest=10, optional=True),
    ])  # fmt: skip


def upload_form(file_id: str, name: str, back: Mapping[str, str]) -> dict[str, Any]:
    """Return the form for a file that was shared; `back` is where the reply goes."""
    title = name.rpartition(".")[0].replace("-", " ").replace("_", " ")[:200] or "Policy"
    form = _form(FILING, "File a document", "File it", [
        _line("title", "Title", "As answers cite it", longest=200, first=title),
        _line("visibility", "Who may read it", "public, staff or group:NAME", longest=2000, first="staff"),
        _line("owner", "Owner", "Who answers for it", longest=200, optional=True),
        _chosen("kind", "Kind", [*Kind], first=Kind.POLICY),
    ])  # fmt: skip
    return {**form, "private_metadata": json.dumps({**back, "file": file_id, "name": name[:200]}, ensure_ascii=False)}


def filled(view: Mapping[str, Any]) -> dict[str, str]:
    """Return what somebody filled into a form, by field."""
    return {name: _said(next(iter(state.values()))) for name, state in view["state"]["values"].items()}


def _said(state: Mapping[str, Any]) -> str:
    option = state.get("selected_option")
    return str(option["value"] if option else state.get("value") or "").strip()


def _form(callback: str, title: str, submit: str, blocks: list[Block]) -> dict[str, Any]:
    return {
        "type": "modal", "callback_id": callback, "title": _plain(title), "submit": _plain(submit), "close": _plain("Cancel"),
        "blocks": blocks,
    }  # fmt: skip


def _line(  # noqa: PLR0913 - what a field of a form has
    name: str, label: str, hint: str, *, longest: int, first: str = "", optional: bool = False
) -> Block:
    element: Element = {"type": "plain_text_input", "action_id": name, "max_length": longest}
    if first:
        element["initial_value"] = first
    return {
        "type": "input", "block_id": name, "label": _plain(label), "hint": _plain(hint), "optional": optional, "element": element,
    }  # fmt: skip


def _chosen(name: str, label: str, options: Sequence[str], *, first: str = "", optional: bool = False) -> Block:
    shown = [{"text": _plain(str(one)), "value": str(one)} for one in options]
    element: Element = {"type": "static_select", "action_id": name, "options": shown}
    if first:
        element["initial_option"] = next(one for one in shown if one["value"] == first)
    return {"type": "input", "block_id": name, "label": _plain(label), "optional": optional, "element": element}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
