"""Text for Teams messages, which are read as Markdown: what comes from outside is literal, and only our own marks are marks."""

import re

from bot.words import plain

_MARKS = re.compile(r"([\\`*_\[\]|~])")
_LEADS = re.compile(r"^([#+=-]|\d{1,9}(?=[.)](?:\s|$)))")
_ADDRESS = re.compile(r"https?://[^\s<>()\"'\\\[\]]+")


def literal(text: str) -> str:
    """Return a text in which Teams finds no markup: marks escaped, what looks like a tag or an entity spelled out."""
    folded = " ".join(plain(text).split())
    tagless = folded.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    marked = _MARKS.sub(r"\\\1", tagless)
    return _LEADS.sub(lambda found: _led(found[1]), marked)


def bold(text: str) -> str:
    """Return a literal text in bold."""
    said = literal(text)
    return f"**{said}**" if said else ""


def link(text: str, url: str) -> str:
    """Return a link, or the text alone where the address is none of the web's."""
    said = literal(text)
    return f"[{said}]({url})" if addressed(url) else said


def addressed(url: str) -> bool:
    """Tell whether an address can stand in a link as it is."""
    return bool(_ADDRESS.fullmatch(url)) and len(url) <= 2_000


def _led(lead: str) -> str:
    """Keep the beginning of a line from making a heading, a list or a rule."""
    return f"{lead}\\" if lead.isdigit() else f"\\{lead}"
