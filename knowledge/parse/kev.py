"""Reads CISA's catalogue of known exploited vulnerabilities: a list, each entry a row under its CVE number."""

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.model import Part
from knowledge.parse.clean import line
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build

_LINES = ("dateAdded", "dueDate", "knownRansomwareCampaignUse")


def knows(value: Any) -> bool:
    """Tell whether a JSON value is the catalogue."""
    return isinstance(value, dict) and "catalogVersion" in value and isinstance(value.get("vulnerabilities"), list)


def read(value: Mapping[str, Any]) -> tuple[Parsed, ...]:
    """Parse the catalogue; vendor and product stand in each row's heading, so that a search for them finds the row."""
    version = str(value["catalogVersion"])
    meta: dict[str, object] = {
        "id": "cisa:kev", "title": line(str(value["title"])), "short": "CISA KEV", "citation": f"CISA KEV {version}", "kind": "list",
        "jurisdiction": "US", "authority": "CISA", "as_of": str(value["dateReleased"])[:10], "version": version,
        "published": str(value["dateReleased"])[:10], "licence": "CC0-1.0", "status": "in_force",
        "url": "https://www.cisa.gov/known-exploited-vulnerabilities-catalog",
    }  # fmt: skip
    blocks = [block for row in value["vulnerabilities"] for block in _row(row)]
    return (build(blocks, title=str(meta["title"]), meta=meta),)


def _row(row: Mapping[str, Any]) -> Iterator[Block]:
    said = {name: line(str(text)) for name, text in row.items() if isinstance(text, str)}
    here = Pinpoint((said["cveID"],), Part.ROW)
    yield Block(Shape.HEADING, f"{said.get('vendorProject', '')} {said.get('product', '')}".strip(), 2)
    sentence = f"{said['cveID']}: {said.get('vulnerabilityName', '')}"
    for text in (sentence, said.get("shortDescription", ""), said.get("requiredAction", "")):
        if text:
            yield Block(Shape.PARAGRAPH, text, pinpoint=here)
    dates = "; ".join(f"{name}: {said[name]}" for name in _LINES if said.get(name))
    if dates:
        yield Block(Shape.PARAGRAPH, dates, pinpoint=here)
