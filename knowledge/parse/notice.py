"""Reads CELLAR's notices about an act: its dates, whether it is in force, and what it repeals."""

from lxml import etree

_NEVER = "9999-12-31"
"""How CELLAR writes that there is no end."""


def facts(root: etree._Element) -> dict[str, object]:
    """Return what a notice says of its act, under the names of `describe.Fields`; what it does not say is absent."""
    found: dict[str, object] = {}
    for name, element in (
        ("in_force_from", "RESOURCE_LEGAL_DATE_ENTRY-INTO-FORCE"),
        ("ends_on", "RESOURCE_LEGAL_DATE_END-OF-VALIDITY"),
    ):
        days = sorted(day for day in _values(root, element) if day != _NEVER)
        if days:
            found[name] = days[0] if name == "in_force_from" else days[-1]
    said = _values(root, "RESOURCE_LEGAL_IN-FORCE")
    if said:
        found["status"] = "in_force" if said[0].lower() in {"true", "1"} else "repealed"
    repealed = [f"eu:{celex}" for node in root.iter("RESOURCE_LEGAL_REPEALS_RESOURCE_LEGAL") for celex in _celex(node)]
    if repealed:
        found["supersedes"] = tuple(dict.fromkeys(repealed))
    return found


def _values(root: etree._Element, element: str) -> list[str]:
    return [
        text.strip() for node in root.iter(element) if (text := node.findtext("VALUE") or node.text) and text.strip()
    ]


def _celex(node: etree._Element) -> list[str]:
    return [
        str(same.findtext("IDENTIFIER")) for same in node.iter("URI")
        if same.findtext("TYPE") == "celex" and same.findtext("IDENTIFIER")
    ]  # fmt: skip
