"""What company policies say about themselves at their head: number, version, dates, owner; and what templates leave open."""

import re
from collections.abc import Mapping
from datetime import datetime

_FIELD = re.compile(r"^\**([A-Z][A-Za-z ]{2,30}):\**\s*(.+?)\s*\**\s*$")
_NAMES = {
    "document id": "short", "policy id": "short", "policy number": "short", "document number": "short", "version": "version",
    "effective date": "in_force_from", "next review date": "review_due", "review date": "review_due", "owner": "owner",
    "policy owner": "owner", "document owner": "owner",
}  # fmt: skip
_DATES = {"in_force_from", "review_due"}
_FORMATS = ("%B %d, %Y", "%d %B %Y", "%Y-%m-%d", "%d.%m.%Y", "%b %d, %Y")
_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
_LINE_OF_ONE = re.compile(r"^\s*`?\{\{\s*[\w.]+\s*\}\}`?\s*$", re.MULTILINE)
_HEAD = 1_500
_FRONT_WITHOUT_FENCE = re.compile(r"\A((?:[A-Za-z_][\w-]*:.*\n(?:[ \t]+.*\n)*)+)---[ \t]*\n")
_SAME_LETTER = re.compile(r"^a\.\s+", re.MULTILINE)


def facts(text: str) -> dict[str, object]:
    """Return the facts of a policy whose head names it and its version or owner; nothing for any other text."""
    found: dict[str, object] = {}
    for line in text[:_HEAD].splitlines():
        said = _FIELD.match(line.strip())
        name = _NAMES.get(said[1].lower()) if said else None
        if said and name and name not in found:
            value = _day(said[2]) if name in _DATES else said[2]
            if value:
                found[name] = value
    if "short" not in found or not ({"version", "owner"} & found.keys()) or len(str(found["short"])) > 40:
        return {}
    return (
        {**found, "kind": "policy", "status": "in_force"} if "in_force_from" in found else {**found, "kind": "policy"}
    )


def acronym(meta: Mapping[str, object]) -> dict[str, object]:
    """Return the facts of a policy whose front matter gives a name and an acronym, as some policy generators write it."""
    if isinstance(meta.get("name"), str) and isinstance(meta.get("acronym"), str):
        return {"title": meta["name"], "short": meta["acronym"], "kind": "policy"}
    return {}


def without_placeholders(text: str) -> str:
    """Return a text without what its template leaves open, and with its front matter fenced.

    A line of nothing but a placeholder goes; a paragraph around one goes with it where the words would not stand without
    it, except for the company's own name, which is what the placeholder says.
    """
    fenced = _FRONT_WITHOUT_FENCE.sub(r"---\n\1---\n", text)
    if len(_SAME_LETTER.findall(fenced)) > 1:
        fenced = _SAME_LETTER.sub("", fenced)  # every line is "a.": a mark of the generator, not of the clause
    if "{{" not in fenced:
        return fenced
    kept = _LINE_OF_ONE.sub("", fenced)
    named = _PLACEHOLDER.sub(lambda found: "The company" if "company" in found[1].lower() else found[0], kept)
    named = re.sub(r"(?<=[a-z,;(] )The company\b", "the company", named)
    return "\n\n".join(part for part in re.split(r"\n\s*\n", named) if not _PLACEHOLDER.search(part))


def _day(text: str) -> str:
    for form in _FORMATS:
        try:
            return datetime.strptime(text.strip(), form).date().isoformat()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
    return ""
