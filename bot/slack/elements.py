"""The parts that messages are made of: typed elements only, so that nothing from a source can become markup."""

import json
import re
from typing import Any

from bot.words import plain

LONGEST_TEXT = 3_900
LARGEST = 12_000
"""Characters of all blocks together; Slack refuses messages somewhere above 13,200 (shared notes on Slack, 6.2)."""
MOST_BLOCKS = 50
MOST_PARTS = 3
"""Messages that one card is split into at most."""

TOO_LONG = "This is too long for a message; its receipt holds all of it."

Block = dict[str, Any]
Element = dict[str, Any]


def fitted(blocks: list[Block], tail: list[Block], shortened: list[Block]) -> list[Block]:
    """Return the blocks with their tail; what does not fit is left out before the tail, and the other tail says so."""
    kept, last = list(blocks), tail
    while len(kept) > 1 and (len(kept) + len(last) > MOST_BLOCKS or size([*kept, *last]) > LARGEST):
        kept.pop()
        last = shortened
    if size([*kept, *last]) > LARGEST:  # one block alone may be too large: a quote of nothing but quotation marks
        return [rich([section([typed(TOO_LONG)])]), *shortened]
    return [*kept, *last]


def parted(blocks: list[Block], tail: list[Block], going_on: list[Block], shortened: list[Block]) -> list[list[Block]]:
    """Return the blocks as so many messages as they need, MOST_PARTS at most.

    The first one has the tail and says in `going_on` that more stands below it; `shortened` says that some is left out.
    """
    kept = list(blocks)
    while len(kept) > 1 and not _holds([*kept, *going_on]):
        kept.pop()
    if _holds([*blocks, *tail]) or not _holds([*kept, *going_on]):
        return [fitted(blocks, tail, shortened)]
    more: list[list[Block]] = []
    for block in blocks[len(kept) :]:
        if more and _holds([*more[-1], block]):
            more[-1].append(block)
        elif len(more) < MOST_PARTS - 1 and _holds([block]):
            more.append([block])
        else:
            return [fitted(kept, shortened, shortened), *more]
    return [[*kept, *going_on], *more]


def _holds(blocks: list[Block]) -> bool:
    return len(blocks) <= MOST_BLOCKS and size(blocks) <= LARGEST


def escape(text: str) -> str:
    """Return text in which Slack finds no mention, link or command."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fallback(text: str) -> str:
    """Return the text that notifications show: escaped, cut to length, never inside an escape."""
    return re.sub(r"&[a-z]{0,3}$", "", escape(plain(text))[:LONGEST_TEXT])


def size(blocks: list[Block]) -> int:
    """Return the length of the blocks as they are sent, where a quotation mark or a backslash counts twice."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def button(action: str, text: str, value: str) -> Element:
    """Return a button; its value comes back when it is pressed."""
    shown = {"type": "plain_text", "text": text, "emoji": False}
    return {"type": "button", "action_id": action, "text": shown, "value": value}


def cut(text: str, longest: int) -> str:
    """Return a text cut to a length, with a mark where it was."""
    text = plain(text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def listed(title: str, items: list[list[Element]], *, ordered: bool = False) -> Block:
    """Return a titled list."""
    return rich([section([typed(title, bold=True)]), points(items, ordered=ordered)])


def points(items: list[list[Element]], *, ordered: bool = False) -> Element:
    """Return the points of a list."""
    style = "ordered" if ordered else "bullet"
    return {"type": "rich_text_list", "style": style, "elements": [section(item) for item in items]}


def rich(elements: list[Element]) -> Block:
    """Return a block of typed elements."""
    return {"type": "rich_text", "elements": elements}


def section(elements: list[Element]) -> Element:
    """Return a paragraph of typed elements."""
    return {"type": "rich_text_section", "elements": elements}


def link(text: str, url: str) -> Element:
    """Return a link; only what our own renderer knows as a source is ever given here."""
    return {"type": "link", "url": url, "text": text}


def typed(text: str, *, bold: bool = False, italic: bool = False) -> Element:
    """Return plain text that Slack reads no markup in."""
    element: Element = {"type": "text", "text": plain(text)[:LONGEST_TEXT] or " "}
    style = {name: True for name, wanted in (("bold", bold), ("italic", italic)) if wanted}
    return {**element, "style": style} if style else element
