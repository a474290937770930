"""What administrators send from Teams: a command, a button, a form and files, as what a payload says of them."""

from collections.abc import Mapping
from typing import Any

from bot.kb.wants import ADD, FILE, REMOVE, ROLLBACK, START, TELL
from bot.kb.words import typed_command

KB = "vendor-kb"
DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"
MOST_FILES = 10
"""As many as Teams takes in a message."""
LONGEST_ADDRESS = 4_000
_LONGEST = {START: 2_000, REMOVE: 100, ROLLBACK: 20, TELL: 500, ADD: 20, FILE: 64}
"""What buttons may bring back, in characters: it comes from whoever presses, not from us."""
_MOST_FIELDS, _LONGEST_FIELD = 12, 2_000
BUTTONS = frozenset(_LONGEST)


def is_kept(verb: Any) -> bool:
    """Tell whether a button is one of an administrator's."""
    return isinstance(verb, str) and verb in BUTTONS


def commanded(rest: str) -> dict[str, Any]:
    """Return what was typed after the command."""
    typed = typed_command(rest, KB)
    return {"word": typed.word, "text": typed.rest, "usage": typed.usage}


def pressed(verb: str, data: Any) -> dict[str, Any] | None:
    """Return what a button asks for, with what was filled in; None for what is none of our buttons."""
    value = data.get("text") if isinstance(data, Mapping) else None
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST[verb]:
        return None
    if verb == ADD:
        return {"fields": _fields(data)}
    if verb == FILE:
        return {"file": value, "fields": _fields(data)}
    return {"value": value}


def _fields(data: Mapping[str, Any]) -> dict[str, str]:
    """Return what was filled in; what is too long stays too long, so that it is refused and not cut."""
    said = [(name, value) for name, value in data.items() if name not in {"verb", "text"} and isinstance(value, str)]
    return {str(name)[:40]: value[: _LONGEST_FIELD + 1] for name, value in said[:_MOST_FIELDS]}


def handed(activity: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the files that a message brings, each with its name and where it can be fetched for a short time."""
    found = activity.get("attachments")
    files = []
    for one in found if isinstance(found, list) else []:
        if not isinstance(one, Mapping) or one.get("contentType") != DOWNLOAD:
            continue
        content = one.get("content")
        url = content.get("downloadUrl") if isinstance(content, Mapping) else None
        files.append({"name": str(one.get("name") or "")[:200], "url": str(url or "")[:LONGEST_ADDRESS]})
    return files[:MOST_FILES]
