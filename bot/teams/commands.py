"""What a message in Teams says: a command with or without its slash, or else a question."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.deciding import REMIND
from bot.kb.wants import COMMAND

ASK, CHECK, WATCH, WATCHES, STOP, LOOK, SHOW, WELCOME, USAGE, RULE = (
    "ask", "check", "watch", "watches", "stop", "look", "show", "welcome", "usage", "rule",
)  # fmt: skip
"""What can be done; the first five are said by people, the others come about by themselves or by a button."""
PRIVATE = frozenset({WATCH, WATCHES, STOP, LOOK, REMIND})
"""What is between one person and the app, and is told in their own conversation."""
CHECK_USAGE = "Write the vendor's name after the command, for example: vendor-check Alibaba Cloud"
WATCH_USAGE = (
    "Write a vendor's name after the command, for example: vendor-watch Alibaba Cloud. Also: vendor-watch list, and"
    " vendor-watch stop NAME."
)
_AT = re.compile(r"<at(?:\s[^>]*)?>(.*?)</at>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wants done, and with which words."""

    do: str
    text: str


def understood(words: str) -> Said:
    """Read a message whose mentions have been taken out: a known first word is a command, all else a question."""
    first, _, rest = words.removeprefix("/").partition(" ")
    rest = rest.strip()
    match first.lower():
        case "vendor-ask":
            return Said(ASK, rest)
        case "vendor-check":
            return Said(CHECK, rest) if rest else Said(USAGE, CHECK_USAGE)
        case "vendor-watch":
            return _watch(rest)
        case "vendor-kb":
            return Said(COMMAND, rest)
    return Said(ASK, words)


def _watch(rest: str) -> Said:
    word, _, name = rest.partition(" ")
    if not rest or (word in {"stop", "add"} and not name.strip()):
        return Said(USAGE, WATCH_USAGE)
    if rest == "list":
        return Said(WATCHES, "")
    return Said(STOP if word == "stop" else WATCH, name.strip() if word in {"stop", "add"} else rest)


def words_of(activity: Mapping[str, Any]) -> str:
    """Return a message's words as they were typed: the bot's mention out, other people's by their names."""
    bot = _id(activity.get("recipient"))
    text = str(activity.get("text") or "")
    for entity in _mentions(activity):
        if _id(entity.get("mentioned")) == bot and entity.get("text"):
            text = text.replace(str(entity["text"]), " ")
    return " ".join(html.unescape(_AT.sub(r" \1 ", text)).split())


def mentions_bot(activity: Mapping[str, Any]) -> bool:
    """Tell whether a message mentions the bot."""
    bot = _id(activity.get("recipient"))
    return bool(bot) and any(_id(one.get("mentioned")) == bot for one in _mentions(activity))


def _mentions(activity: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = activity.get("entities")
    return (
        [one for one in found if isinstance(one, Mapping) and one.get("type") == "mention"]
        if isinstance(found, list)
        else []
    )


def _id(account: Any) -> str:
    return str(account.get("id") or "") if isinstance(account, Mapping) else ""
