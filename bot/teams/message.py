"""The activities that we send: a text or a card, with the label, the citations and the size that Teams takes."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from bot.teams.elements import CARD, Element, card
from bot.teams.markdown import addressed
from bot.words import plain

LARGEST = 26_000
"""Bytes of an activity as UTF-16: below the smallest of the figures that Microsoft has published, which are 28, 40 and 100 KB."""
MOST_CITATIONS = 10
LONGEST_NAME, LONGEST_ABSTRACT, LONGEST_NOTICE = 80, 160, 200
Activity = dict[str, Any]


def cut(text: str, longest: int) -> str:
    """Return a text cut to a length, with a mark where it was."""
    text = " ".join(plain(text).split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def written(  # noqa: PLR0913 - the parts of a message
    text: str,
    *,
    notice: str,
    cited: Sequence[Activity] = (),
    made: bool = False,
    below: Sequence[Element] = (),
    actions: Sequence[Element] = (),
) -> Activity:
    """Return a message of Markdown; `notice` is what a notification shows, `made` puts the AI label on it.

    Under it is a card with what is `below` and its `actions`, where there are any.
    """
    activity: Activity = {
        "type": "message",
        "textFormat": "markdown",
        "text": text,
        "summary": cut(notice, LONGEST_NOTICE),
    }
    if made:
        activity["entities"] = [_label(cited)]
    if below or actions:
        activity["attachments"] = [attached(list(below), actions)]
    return activity


def carded(body: Sequence[Element], actions: Sequence[Element], *, notice: str, made: bool = False) -> Activity:
    """Return a message that is a card."""
    activity: Activity = {
        "type": "message", "summary": cut(notice, LONGEST_NOTICE), "attachments": [attached(body, actions)],
    }  # fmt: skip
    if made:
        activity["entities"] = [_label(())]
    return activity


def attached(body: Sequence[Element], actions: Sequence[Element] = ()) -> Activity:
    """Return a card as an attachment."""
    return {"contentType": CARD, "content": card(body, actions)}


def citation(position: int, name: str, abstract: str, url: str) -> Activity:
    """Return what opens behind a number of the text; the lengths are Teams' limits."""
    shown = {
        "@type": "DigitalDocument", "name": cut(name, LONGEST_NAME) or f"Source {position}",
        "abstract": cut(abstract, LONGEST_ABSTRACT) or "No text.", **({"url": url} if addressed(url) else {}),
    }  # fmt: skip
    return {"@type": "Claim", "position": position, "appearance": shown}


def fitted(count: int, made: Callable[[int], Activity]) -> Activity:
    """Return the message with as many of its `count` parts as fit; `made` makes it with the first so many."""
    return next((one for kept in range(count, 0, -1) if size(one := made(kept)) <= LARGEST), made(0))


def size(activity: Activity) -> int:
    """Return the bytes of an activity as Teams counts them."""
    return len(json.dumps(activity, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le"))


def _label(cited: Sequence[Activity]) -> Activity:
    entity: Activity = {
        "type": "https://schema.org/Message", "@type": "Message", "@context": "https://schema.org", "@id": "",
        "additionalType": ["AIGeneratedContent"],
    }  # fmt: skip
    return {**entity, "citation": list(cited[:MOST_CITATIONS])} if cited else entity
