"""Reads a CSAF 2.0 security advisory: its summary, its products and each vulnerability with what to do about it."""

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.model import Part
from knowledge.parse.clean import line
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build

_STATUS = {"final": "in_force", "interim": "in_force", "draft": "draft"}
_LEFT_OUT = {"legal_disclaimer"}
_AFFECTED = frozenset({"known_affected", "first_affected", "last_affected", "under_investigation"})
_CLEAR = frozenset({"fixed", "first_fixed", "known_not_affected"})


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
    names, vulnerabilities = _names(value.get("product_tree", {})), value.get("vulnerabilities", ())
    for heading, path, ids in _sorted(names, vulnerabilities):
        yield Block(Shape.HEADING, heading, 2)
        for id_ in ids:
            yield Block(Shape.PARAGRAPH, names[id_], pinpoint=Pinpoint((path,), Part.ROW))
    for number, one in enumerate(value.get("vulnerabilities", ()), 1):
        yield from _vulnerability(one, str(one.get("cve") or f"vulnerability {number}"), names)


def _notes(notes: Any) -> Iterator[Block]:
    for note in notes:
        text = line(str(note.get("text", "")))
        if not text or note.get("category") in _LEFT_OUT:
            continue
        title = line(str(note.get("title") or note.get("category")))
        part = Part.BODY if note.get("category") in {"summary", "description", "details"} else Part.NOTE
        yield Block(Shape.HEADING, title, 2)
        yield Block(Shape.PARAGRAPH, text, pinpoint=Pinpoint((f"“{title}”",), part))


def _vulnerability(one: Mapping[str, Any], name: str, names: Mapping[str, str]) -> Iterator[Block]:
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
    remedies = one.get("remediations", ())
    apart = len({tuple(sorted(remedy.get("product_ids", ()))) for remedy in remedies}) > 1
    for remedy in remedies:
        text, address = line(str(remedy.get("details", ""))), line(str(remedy.get("url", "")))
        full = text if address in text else f"{text} {address}".strip()
        products = "; ".join(names[id_] for id_ in remedy.get("product_ids", ()) if id_ in names) if apart else ""
        for written in (products, full):
            if written:
                yield Block(Shape.PARAGRAPH, written, pinpoint=Pinpoint((name, "remediation")))


def _sorted(names: Mapping[str, str], vulnerabilities: Any) -> Iterator[tuple[str, str, list[str]]]:
    """Yield (heading, path, ids) of the products by what is said of them; all are affected where nothing is said."""
    affected = _listed(vulnerabilities, _AFFECTED)
    clear = _listed(vulnerabilities, _CLEAR) - affected
    rest = names.keys() - affected - clear if affected else set[str]()
    groups = (
        ("Affected products", "products", names.keys() - clear - rest),
        ("Products that are fixed or not affected", "products fixed or not affected", clear),
        ("Other products named", "other products", rest),
    )
    for heading, path, chosen in groups:
        if ids := [id_ for id_ in names if id_ in chosen]:
            yield heading, path, ids


def _listed(vulnerabilities: Any, statuses: frozenset[str]) -> set[str]:
    """Return the products that any vulnerability lists under one of the statuses."""
    known = [one.get("product_status", {}) for one in vulnerabilities]
    return {str(id_) for one in known for status in statuses for id_ in one.get(status, ())}


def _named(branches: Any, category: str) -> Iterator[str]:
    for branch in branches:
        if branch.get("category") == category and branch.get("name"):
            yield line(str(branch["name"]))
        yield from _named(branch.get("branches", ()), category)


def _names(tree: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of the products by their ids; one without an id goes by its name."""
    found = {str(id_ or name): name for id_, name in _products(tree.get("branches", ()))}
    joined = [one.get("full_product_name", {}) for one in tree.get("relationships", ())]
    for one in (*tree.get("full_product_names", ()), *joined):
        if name := line(str(one.get("name", ""))):
            found[str(one.get("product_id") or name)] = name
    return found


def _products(branches: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield (id, name) of each product in the tree."""
    for branch in branches:
        here = (*above, line(str(branch.get("name", ""))))
        if branch.get("branches"):
            yield from _products(branch["branches"], here)
        else:
            yield str(branch.get("product", {}).get("product_id", "")), " ".join(here)
