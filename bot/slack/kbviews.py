"""What administrators are told, as Slack shows it: blocks of typed text with buttons."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.kb import replies
from bot.kb.reply import SHORTENED, Button, Part, Reply
from bot.kb.wants import FILE, REMOVE, ROLLBACK, START, TELL
from bot.slack.elements import Block, Element, button, fallback, fitted, link, points, rich, section, typed

_ACTIONS = {START: "kb_refresh", REMOVE: "kb_remove", ROLLBACK: "kb_rollback", TELL: "kb_tell", FILE: "kb_file"}
"""How the actions of buttons begin; START's value names sources, REMOVE's one, ROLLBACK's is an edition."""
REFRESH, REMOVING, BACK, TELLING, FILING = (_ACTIONS[do] for do in (START, REMOVE, ROLLBACK, TELL, FILE))
_NUMBERED = frozenset({TELL, FILE})
"""What a message may have several buttons of, which are numbered."""


def shown(reply: Reply) -> dict[str, Any]:
    """Return the message of a reply."""
    blocks = [rich([section([typed(reply.title, bold=bool(reply.lines or reply.parts))])])]
    blocks += [rich([points([[typed(line)]])]) for line in reply.lines]
    blocks += [block for part in reply.parts for block in _part(part)]
    tail = [rich([section([link(*reply.link)])])] if reply.link else []
    if reply.buttons:
        tail.append(_pressed(*(_button(one, at) for at, one in enumerate(reply.buttons))))
    short = [rich([section([typed(SHORTENED)])]), *tail]
    words = [point.words for part in reply.parts for point in part.points if not point.button]
    return {
        "text": fallback(" ".join([reply.title, *reply.lines, *words])),
        "blocks": fitted(blocks, tail, short),
    }


def _part(part: Part) -> list[Block]:
    """Return a titled list, each point with the button that belongs to it."""
    blocks = [rich([section([typed(part.title, bold=True)])])] if part.title else []
    for at, point in enumerate(part.points):
        blocks.append(rich([points([[typed(point.words)]])]))
        if point.button:
            blocks.append(_pressed(_button(point.button, at)))
    return blocks


def _pressed(*elements: Element) -> Block:
    return {"type": "actions", "elements": list(elements)}


def _button(one: Button, at: int) -> Element:
    action = _ACTIONS[one.do]
    made = button(f"{action}_{at}" if one.do in _NUMBERED else action, one.label, one.value)
    return {**made, "style": "danger"} if one.danger else made


def filing(files: Sequence[Mapping[str, Any]]) -> list[Element]:
    """Return a button for each shared file that opens the form which files it."""
    return [_button(one, at) for at, one in enumerate(replies.filing([(f["id"], str(f["name"])) for f in files[:20]]))]
