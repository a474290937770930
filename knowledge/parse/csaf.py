"""Reads a CSAF 2.0 security advisory: its summary, its products and each vulnerability with what to do about it."""

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.model import Part
from knowledge.parse.clean import line
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build

_STATUS = {"final": "in_force", "interim": "in_force", "draft": "draft"}
_LEFT_OUT = {"legal_disclaimer"}


def knows(value: Any) -> bool:
    """Tell whether a JSON value is a CSAF document."""
    return isinstance(value, dict) and str(value.get("document", {}).get("category", "")).startswith("csaf_")


def read(value: Mapping[str, Any]) -> tuple[Parsed, ...]:
    """Parse an advisory. Its vendors are those of the product tree: who found a flaw is not who has it."""
    document = value["document"]
    tracking = document["tracking"]
    id_ = str(tracking["id"])
    withdrawn = any("withdraw" in str(one.get("summary", "")).lower() for one in tracking.get("revision_history", ()))
    vendors = tuple(dict.fromkeys(_named(value.get("product_tree", {}).get("branches", ()), "vendor")))
    addresses = [one["url"] for one in document.get("references", ()) if one.get("category") == "self"]
    web = [one for one in addresses if not one.endswith(".json")] or addresses
    meta = {
        "id": f"cisa:csaf:{id_}", "title": line(document["title"]), "short": id_, "citation": f"{document['publisher']['name']} {id_}",
        "kind": "advisory", "jurisdiction": "US", "authority": document["publisher"]["name"],
        "published": str(tracking["initial_release_date"])[:10], "as_of": str(tracking["current_release_date"])[:10],
        "version": str(tracking["version"]), "status": "withdrawn" if withdrawn else _STATUS.get(str(tracking["status"]), "unknown"),
        "licence": f"TLP:{document.get('distribution', {}).get('tlp', {}).get('label', 'unknown')}", "vendors": vendors,
        "language": str(document.get("lang", "en"))[:2].lower(),
    }  # fmt: skip
    if web:
        meta["url"] = web[0]
    return (build(_blocks(value), title=str(meta["title"]), meta=meta, prefix=id_),)


def _blocks(value: Mapping[str, Any]) -> Iterator[Block]:
    yield from _notes(value["document"].get("notes", ()))
    products = [" ".join(path) for path in _products(value.get("product_tree", {}).get("branches", ()))]
    if products:
        yield Block(Shape.HEADING, "Affected products", 2)
        for product in products:
            yield Block(Shape.PARAGRAPH, product, pinpoint=Pinpoint(("products",), Part.ROW))
    for number, one in enumerate(value.get("vulnerabilities", ()), 1):
        yield from _vulnerability(one, str(one.get("cve") or f"vulnerability {number}"))


def _notes(notes: Any) -> Iterator[Block]:
    for note in notes:
        text = line(str(note.get("text", "")))
        if not text or note.get("category") in _LEFT_OUT:
            continue
        title = line(str(note.get("title") or note.get("category")))
        part = Part.BODY if note.get("category") in {"summary", "description", "details"} else Part.NOTE
        yield Block(Shape.HEADING, title, 2)
        yield Block(Shape.PARAGRAPH, text, pinpoint=Pinpoint((f"“{title}”",), part))


def _vulnerability(one: Mapping[str, Any], name: str) -> Iterator[Block]:
    title = line(" ".join(filter(None, (name, str(one.get("title") or one.get("cwe", {}).get("name", ""))))))
    yield Block(Shape.HEADING, title, 2)
    here = Pinpoint((name,))
    for note in one.get("notes", ()):
        if text := line(str(note.get("text", ""))):
            yield Block(Shape.PARAGRAPH, text, pinpoint=here)
    for score in one.get("scores", ()):
        rated = score.get("cvss_v3") or score.get("cvss_v4") or {}
        if rated:
            said = (str(rated.get(key, "")) for key in ("vectorString", "baseScore", "baseSeverity"))
            yield Block(Shape.PARAGRAPH, " ".join(said).strip(), pinpoint=here)
    for remedy in one.get("remediations", ()):
        if text := line(str(remedy.get("details", ""))):
            yield Block(Shape.PARAGRAPH, text, pinpoint=Pinpoint((name, "remediation")))


def _named(branches: Any, category: str) -> Iterator[str]:
    for branch in branches:
        if branch.get("category") == category and branch.get("name"):
            yield line(str(branch["name"]))
        yield from _named(branch.get("branches", ()), category)


def _products(branches: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for branch in branches:
        here = (*above, line(str(branch.get("name", ""))))
        if branch.get("branches"):
            yield from _products(branch["branches"], here)
        else:
            yield here
