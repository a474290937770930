"""Reads an OSCAL catalogue or resolved profile: every control and enhancement with its statement and its discussion."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.model import Part
from knowledge.parse.clean import line
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build
from knowledge.parse.written import unmarked

_INSERT = re.compile(r"\{\{\s*insert:\s*param,\s*([\w.-]+)\s*\}\}")
_LOOSE = re.compile(r"(?<=[\]\w]) +(?=[,;.](?:\s|$))")
"""The blank that a filled-in parameter or a link leaves before a mark of punctuation."""
_LABEL = re.compile(r"[A-Z]{2}-\d+(?:\(\d+\))?")
_TITLES = {"guidance": "Discussion", "overview": "Overview"}


def knows(value: Any) -> bool:
    """Tell whether a JSON value is an OSCAL catalogue."""
    return isinstance(value, dict) and isinstance(value.get("catalog"), dict) and "metadata" in value["catalog"]


def read(value: Mapping[str, Any]) -> tuple[Parsed, ...]:
    """Parse a catalogue; parameters stand as the printed publication shows them: [Assignment: …], [Selection: …]."""
    catalog = value["catalog"]
    facts = catalog["metadata"]
    title = line(str(facts["title"]))
    named = re.search(r"(?:Special Publication|SP) (800-\d+)(?:,? (?:Rev(?:ision)?\.? ?|r)(\d+))?", title)
    short = f"NIST SP {named[1]}{f'r{named[2]}' if named[2] else ''}" if named else title[:80]
    meta: dict[str, object] = {
        "id": f"nist:{re.sub(r'[^a-z0-9.]+', '-', title.lower()).strip('-')[:150]}", "title": title, "short": short,
        "kind": "guidance", "jurisdiction": "US", "authority": "NIST", "as_of": str(facts["last-modified"])[:10],
        "version": str(facts["version"]), "licence": "US Government work", "status": "in_force",
    }  # fmt: skip
    withdrawn: list[str] = []
    blocks = [block for group in catalog.get("groups", ()) for block in _group(group, withdrawn)]
    flags = (f"withdrawn:{len(withdrawn)}",) if withdrawn else ()
    return (build(blocks, title=title, meta=meta, flags=flags),)


def _group(group: Mapping[str, Any], withdrawn: list[str]) -> Iterator[Block]:
    yield Block(Shape.HEADING, line(str(group["title"])), 1)
    for inner in group.get("groups", ()):
        yield from _group(inner, withdrawn)
    for control in group.get("controls", ()):
        yield from _control(control, {}, withdrawn)


def _control(control: Mapping[str, Any], above: Mapping[str, Any], withdrawn: list[str]) -> Iterator[Block]:
    label = _label(control)
    if any(one.get("name") == "status" and one.get("value") == "withdrawn" for one in control.get("props", ())):
        withdrawn.append(label)
        return
    params = {**above, **{one["id"]: one for one in control.get("params", ())}}
    yield Block(Shape.HEADING, f"{label} {line(str(control['title']))}", 2)
    for part in control.get("parts", ()):
        if part["name"] == "statement":
            yield from _statement(part, (label,), params)
        elif part["name"] in _TITLES and part.get("prose"):
            text = line(_filled(part["prose"], params))
            yield Block(Shape.PARAGRAPH, text, pinpoint=Pinpoint((label, _TITLES[part["name"]]), Part.NOTE))
    for inner in control.get("controls", ()):
        yield from _control(inner, params, withdrawn)


def _statement(part: Mapping[str, Any], path: tuple[str, ...], params: Mapping[str, Any]) -> Iterator[Block]:
    mark = next((str(one["value"]) for one in part.get("props", ()) if one.get("name") == "label"), "")
    here = (*path, f"({mark.strip('.()')})") if mark else path
    if part.get("prose"):
        text = line(f"{mark} {_filled(part['prose'], params)}")
        yield Block(Shape.PARAGRAPH, text, pinpoint=Pinpoint(here))
    for inner in part.get("parts", ()):
        yield from _statement(inner, here, params)


def _filled(prose: str, params: Mapping[str, Any], depth: int = 0) -> str:
    def shown(found: re.Match[str]) -> str:
        param = params.get(found[1], {})
        if depth > 3:
            return "[Assignment]"
        if choices := param.get("select", {}).get("choice"):
            many = " (one or more)" if param["select"].get("how-many") == "one-or-more" else ""
            return f"[Selection{many}: {'; '.join(_filled(str(one), params, depth + 1).strip() for one in choices)}]"
        label = str(param.get("label", "")).removeprefix("organization-defined").strip()
        return f"[Assignment: organization-defined {label}".strip() + "]"

    return _LOOSE.sub("", _INSERT.sub(shown, unmarked(prose)))


def _label(control: Mapping[str, Any]) -> str:
    """Return a control's name as the publication prints it: RA-3, SR-3(1)."""
    for one in control.get("props", ()):
        if one.get("name") == "label" and not one.get("class") and _LABEL.fullmatch(str(one["value"])):
            return str(one["value"])
    number = re.fullmatch(r"([a-z]{2})-(\d+)(?:\.(\d+))?", str(control["id"]))
    return f"{number[1].upper()}-{number[2]}{f'({number[3]})' if number[3] else ''}" if number else str(control["id"])
