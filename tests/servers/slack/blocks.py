"""The offline block checker: which blocks a message, a modal or a home tab may hold, and where they break a limit.

The limits are Slack's documented ones plus those that its users measured. Four shapes that nobody has written
down pass unread: the blocks ``call``, ``data_visualization`` and ``auth_provider``, and rich text's ``citation``.
"""

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from tests.servers.slack.elements import plain
from tests.servers.slack.layouts import BLOCKS
from tests.servers.slack.schema import Json, Problem, Rule, among, flag, many, shape, text, variant

MESSAGE_CHARACTERS = 13_200  # undocumented: https://github.com/slackapi/bolt-js/issues/2509
MARKDOWN_CHARACTERS = 12_000
MESSAGE_TOO_LONG = "msg_blocks_too_long"
SECOND_TABLE = "only_one_table_allowed"

_SHARED = {"actions", "card", "context", "divider", "header", "image", "input", "rich_text", "section", "video"}
SURFACES: dict[str, set[str]] = {
    "message": set(BLOCKS) - {"alert"},
    "modal": {*_SHARED, "alert"},
    "home": {*_SHARED, "carousel", "container", "data_table", "data_visualization", "table"},
}
_MOST = {"message": 50, "modal": 100, "home": 100}
_TITLE: dict[str, Rule] = {"title": plain(24)}
_BUTTONS: dict[str, Rule] = {"submit": plain(24), "close": plain(24)}
_VIEW: dict[str, Rule] = {
    "private_metadata": text(3000, 0),
    "callback_id": text(255, 0),
    "external_id": text(255, 0),
    "clear_on_close": flag,
    "notify_on_close": flag,
    "submit_disabled": flag,
}


def problems(blocks: Any, surface: str = "message", at: str = "/blocks") -> list[Problem]:
    """List what Slack would refuse in these blocks on that surface; nothing means they are sound."""
    allowed = {kind: rule for kind, rule in BLOCKS.items() if kind in SURFACES[surface]}
    found = list(many(variant(allowed), 0, _MOST[surface])(blocks, at))
    if isinstance(blocks, list):
        found.extend(_repeated(blocks, at))
        found.extend(_totals(blocks, at) if surface == "message" else ())
    return found


def view_problems(view: Any, kind: str, at: str = "/view") -> list[Problem]:
    """List what Slack would refuse in a modal or a home tab."""
    head = {**_TITLE, **_BUTTONS} if kind == "modal" else {}
    required: dict[str, Rule] = {"blocks": lambda blocks, where: iter(problems(blocks, kind, where))}
    known = {**_VIEW, **head, "type": among(kind)}
    wanted = {**required, **(_TITLE if kind == "modal" else {}), "type": among(kind)}
    return list(chain(shape(wanted, known)(view, at), _unsubmittable(view, at)))


def _unsubmittable(view: Any, at: str) -> Iterator[Problem]:
    blocks = view.get("blocks") if isinstance(view, dict) else None
    asks = isinstance(blocks, list) and any(
        isinstance(block, dict) and block.get("type") == "input" for block in blocks
    )
    if asks and view.get("type") == "modal" and "submit" not in view:
        yield Problem(at, "required", "missing required field: submit")


def _totals(blocks: list[Any], at: str) -> Iterator[Problem]:
    kinds = [block.get("type") if isinstance(block, dict) else None for block in blocks]
    tables = [index for index, kind in enumerate(kinds) if kind in {"table", "data_table"}]
    if len(tables) > 1:
        yield Problem(f"{at}/{tables[1]}", SECOND_TABLE, SECOND_TABLE)
    marked = [
        block["text"] for block, kind in zip(blocks, kinds, strict=True) if kind == "markdown" and "text" in block
    ]
    if sum(len(words) for words in marked if isinstance(words, str)) > MARKDOWN_CHARACTERS:
        yield Problem(at, "max_length", f"markdown blocks must be less than {MARKDOWN_CHARACTERS + 1} characters")
    if len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > MESSAGE_CHARACTERS:
        yield Problem(at, MESSAGE_TOO_LONG, f"blocks must be less than {MESSAGE_CHARACTERS + 1} characters")


def _repeated(blocks: list[Any], at: str) -> Iterator[Problem]:
    """Find ids given twice: a block_id in the whole surface, an action_id in one block."""
    yield from _twice("block_id", [pair for index, block in enumerate(blocks) for pair in _ids(block, f"{at}/{index}")])
    for index, block in enumerate(blocks):
        yield from _twice("action_id", list(_ids(block, f"{at}/{index}")))


def _twice(name: str, ids: list[tuple[str, str, str]]) -> Iterator[Problem]:
    seen: set[str] = set()
    for key, value, pointer in ids:
        if key == name and value in seen:
            yield Problem(pointer, "duplicate", f'`{name}` "{value}" already exists')
        if key == name:
            seen.add(value)


def _ids(value: Any, at: str) -> Iterator[tuple[str, str, str]]:
    """Walk down a value to every block_id and action_id in it."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _ids(item, f"{at}/{index}")
    if isinstance(value, dict):
        for key, item in value.items():
            if key in {"block_id", "action_id"} and isinstance(item, str):
                yield key, item, f"{at}/{key}"
            else:
                yield from _ids(item, f"{at}/{key}")


def as_lines(found: list[Problem]) -> Json:
    """Show problems the way a refused chat or views call does."""
    lines = [str(problem) for problem in found]
    return {"errors": lines, "response_metadata": {"messages": [f"[ERROR] {line}" for line in lines]}}
