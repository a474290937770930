"""The rule of every block type, by its name, with the limits that Slack documents for it."""

from collections.abc import Iterator
from typing import Any

from tests.servers.slack.elements import (
    ACCESSORY,
    ACTION,
    BUTTON,
    CELL,
    CONTEXT_ACTION,
    IMAGE,
    IMAGE_ELEMENT,
    INPUT,
    RICH,
    RICH_TEXT,
    SLACK_FILE,
    SOURCE,
    either,
    plain,
)
from tests.servers.slack.schema import (
    Problem,
    Rule,
    among,
    anything,
    every,
    flag,
    link,
    many,
    nullable,
    only,
    shape,
    some,
    text,
    unless,
    variant,
    whole,
)

TABLE_CHARACTERS = 10_000


def _block(required: dict[str, Rule], optional: dict[str, Rule] | None = None) -> Rule:
    return shape(required, {"block_id": text(255), **(optional or {})})


def _rows(value: Any) -> list[list[Any]]:
    rows = value.get("rows") if isinstance(value, dict) else None
    return [row for row in rows if isinstance(row, list)] if isinstance(rows, list) else []


def _even(value: Any, at: str) -> Iterator[Problem]:
    if len({len(row) for row in _rows(value)}) > 1:
        yield Problem(f"{at}/rows", "row_length", "rows must all have the same number of cells")


def _short(value: Any, at: str) -> Iterator[Problem]:
    if _spoken(_rows(value)) > TABLE_CHARACTERS:
        yield Problem(f"{at}/rows", "max_length", f"cells must be less than {TABLE_CHARACTERS + 1} characters")


def _spoken(value: Any) -> int:
    """Count the characters of every ``text`` below a value."""
    if isinstance(value, list):
        return sum(map(_spoken, value))
    if not isinstance(value, dict):
        return 0
    return sum(len(item) if key == "text" and isinstance(item, str) else _spoken(item) for key, item in value.items())


def _plain_header(value: Any, at: str) -> Iterator[Problem]:
    for index, cell in enumerate(next(iter(_rows(value)), [])):
        if isinstance(cell, dict) and cell.get("type") == "rich_text":
            yield Problem(f"{at}/rows/0/{index}/type", "unsupported_type", "unsupported type: rich_text")


_ROW = many(CELL, 1, 20)
_COLUMN = shape({}, {"align": among("left", "center", "right"), "is_wrapped": flag})
_CONTEXT = variant(
    {
        "image": IMAGE,
        "plain_text": shape({"text": text(3000)}, {"emoji": flag}),
        "mrkdwn": shape({"text": text(3000)}, {"verbatim": flag}),
    }
)

_CHILDREN: dict[str, Rule] = {
    "actions": _block({"elements": many(ACTION, 1, 25)}),
    "context": _block({"elements": many(_CONTEXT, 1, 10)}),
    "divider": _block({}),
    "header": _block({"text": plain(150)}, {"level": whole(1, 4)}),
    "image": every(
        _block({"alt_text": text(2000)}, {"image_url": link(), "slack_file": SLACK_FILE, "title": plain(2000)}),
        only("image_url", "slack_file"),
    ),
    "section": every(
        _block(
            {},
            {"text": either(3000), "fields": many(either(2000), 1, 10), "accessory": ACCESSORY, "expand": flag},
        ),
        some("text", "fields"),
    ),
    "table": every(
        _block({"rows": many(_ROW, 1, 100)}, {"column_settings": many(nullable(_COLUMN), 0, 20)}), _even, _short
    ),
    "video": _block(
        {"alt_text": text(2000), "title": plain(200), "thumbnail_url": link(), "video_url": link()},
        {
            "title_url": link(),
            "author_name": text(50),
            "provider_name": text(255),
            "provider_icon_url": link(),
            "description": plain(200),
        },
    ),
}
_CARD = every(
    _block(
        {},
        {
            "title": either(150),
            "subtitle": either(150),
            "body": either(200),
            "icon": IMAGE_ELEMENT,
            "hero_image": IMAGE_ELEMENT,
            "actions": many(BUTTON, 1, 3),
        },
    ),
    some("hero_image", "title", "actions", "body"),
)
_TASK = _block(
    {"task_id": text(255), "title": text(256), "status": among("pending", "in_progress", "complete", "error")},
    {"details": RICH_TEXT, "output": RICH_TEXT, "sources": many(SOURCE, 0, 100)},
)
_CONTAINER = every(
    _block(
        {"child_blocks": many(variant(_CHILDREN), 1, 10)},
        {
            "title": plain(150),
            "rich_text_title": RICH_TEXT,
            "subtitle": either(150),
            "icon": IMAGE_ELEMENT,
            "width": among("narrow", "standard", "wide", "full"),
            "is_collapsible": flag,
            "default_collapsed": flag,
            "has_header_divider": flag,
        },
    ),
    some("title", "rich_text_title"),
    unless("has_header_divider", "is_collapsible"),
)

BLOCKS: dict[str, Rule] = {
    **_CHILDREN,
    "alert": _block({"text": either(200)}, {"level": among("default", "info", "warning", "error", "success")}),
    "auth_provider": anything,
    "call": anything,
    "card": _CARD,
    "carousel": _block({"elements": many(variant({"card": _CARD}), 1, 10)}),
    "container": _CONTAINER,
    "context_actions": _block({"elements": many(CONTEXT_ACTION, 1, 5)}),
    "data_table": every(
        _block(
            {"caption": text(2000), "rows": many(_ROW, 2, 101)},
            {"page_size": whole(1, 100), "row_header_column_index": whole(0, 19)},
        ),
        _even,
        _plain_header,
    ),
    "data_visualization": anything,
    "file": _block({"external_id": text(255), "source": among("remote")}),
    "input": _block(
        {"label": plain(2000), "element": INPUT}, {"hint": plain(2000), "optional": flag, "dispatch_action": flag}
    ),
    "markdown": _block({"text": text(12_000)}),
    "plan": _block({"title": text(256)}, {"tasks": many(variant({"task_card": _TASK}), 0, 50)}),
    "rich_text": _block(RICH),
    "task_card": _TASK,
}
