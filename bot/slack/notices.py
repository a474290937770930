"""Short messages as Slack blocks: what came of a wish, what is watched, and the news of a watched vendor."""

from collections.abc import Sequence
from typing import Any

from bot import replies
from bot.slack.blocks import CHECK, buttons
from bot.slack.elements import Block, Element, button, cut, fallback, fitted, link, points, rich, section, typed
from bot.watching import News
from knowledge.store.watches import Watch

STOP_WATCHING = "watch_stop"
"""The action of the button that stops a watch; its value is the vendor as it was typed."""
LONGEST_NAME = 300
COMMAND = "/vendor-watch"


def said(words: str) -> dict[str, Any]:
    """Return a message of one plain sentence or two."""
    return {"text": fallback(words), "blocks": [rich([section([typed(words)])])]}


def watched(lead: str, stands: str, vendor: str) -> dict[str, Any]:
    """Return the message that a vendor is watched, with how it stands and the way out."""
    blocks = [rich([section([typed(lead, bold=True)])]), rich([section([typed(stands)])]), _stop(vendor)]
    return {"text": fallback(lead), "blocks": blocks}


def watches(kept: Sequence[Watch]) -> dict[str, Any]:
    """Return what somebody watches, each with its level and the day of its last news."""
    if not kept:
        return said(replies.nothing(COMMAND))
    title = rich([section([typed(replies.WATCHED, bold=True)])])
    lines = [rich([points([_line(one)])]) for one in kept]
    blocks = fitted([title, *lines], [], [rich([section([typed(replies.MORE_KEPT)])])])
    return {"text": fallback(f"You watch {', '.join(one.vendor for one in kept)}"), "blocks": blocks}


def news(one: News) -> dict[str, Any]:
    """Return what is different about a watched vendor."""
    title = replies.news(one.vendor)
    lines = [rich([points([[typed(line)]])]) for line in one.lines[: replies.MOST_NEWS]]
    more = replies.left_out(len(one.lines))
    tail = [rich([section([typed(more)])])] if more else []
    if one.receipt_url:
        tail.append(rich([section([link(replies.RECEIPT, one.receipt_url)])]))
    tail += [buttons([one.vendor], CHECK), _stop(one.vendor)]
    blocks = fitted([rich([section([typed(title, bold=True)])]), *lines], tail, tail)
    return {"text": fallback(f"{title}: {' '.join(one.lines)}"), "blocks": blocks}


def named(found: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the vendors that a message names, each with its card in a sentence, and a button for each whole card."""
    if not found:
        return said(
            "I found no vendor's name in that message: no list's name, no brand that I know, no legal form. /vendor-check NAME checks one."
        )
    title = f"{len(found)} {'vendor is' if len(found) == 1 else 'vendors are'} named there"
    lines = [rich([points([[typed(words)]])]) for _, words in found]
    blocks = fitted(
        [rich([section([typed(title, bold=True)])]), *lines],
        tail := [buttons([name for name, _ in found], CHECK)],
        tail,
    )
    return {"text": fallback(f"{title}: {' '.join(words for _, words in found)}"), "blocks": blocks}


def _line(one: Watch) -> list[Element]:
    country = f" | {one.country}" if one.country else ""
    name = typed(cut(f"{one.vendor}{country}", LONGEST_NAME), bold=True)
    return [name, typed(replies.since(one))]


def _stop(vendor: str) -> Block:
    return {"type": "actions", "elements": [button(STOP_WATCHING, "Stop watching", cut(vendor, LONGEST_NAME))]}
