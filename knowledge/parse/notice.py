"""Reads CELLAR's notices about an act: its dates, whether it is in force, and what it repeals."""

import re
from datetime import date

from lxml import etree

_NEVER = "9999-12-31"
"""How CELLAR writes that there is no end."""
_CONSOLIDATED = re.compile(r"0\d{4}[A-Z]{1,2}\d{4}-(\d{4})(\d{2})(\d{2})")
_YES = {"true", "1"}


def facts(root: etree._Element) -> dict[str, object]:
    """Return what a notice says of its act, under the names of `describe.Fields`; what it does not say is absent.

    The dates of a consolidated text are those of one state of its act, so they give the state and no entry into force.
    An act that is not in force may be repealed or still to come: only one whose end is told is called repealed.
    """
    found: dict[str, object] = {}
    inner = root.find("WORK")
    work = root if inner is None else inner
    state = next(filter(None, map(_CONSOLIDATED.fullmatch, _values(work, "RESOURCE_LEGAL_ID_CELEX"))), None)
    starts = _days(work, "RESOURCE_LEGAL_DATE_ENTRY-INTO-FORCE")
    ends = _days(work, "RESOURCE_LEGAL_DATE_END-OF-VALIDITY")
    if state:
        found["version"] = found["as_of"] = "-".join(state.groups())
    elif starts:
        found["in_force_from"] = starts[0]
    if ends and not state:
        found["ends_on"] = ends[-1]
    said = _values(work, "RESOURCE_LEGAL_IN-FORCE")
    if said and said[0].lower() in _YES:
        found["status"] = "in_force"
    elif said and ends and not state:
        found["status"] = "repealed"
    repealed = [f"eu:{celex}" for node in work.iter("RESOURCE_LEGAL_REPEALS_RESOURCE_LEGAL") for celex in _celex(node)]
    if repealed:
        found["supersedes"] = tuple(dict.fromkeys(repealed))
    return found


def _days(work: etree._Element, element: str) -> list[str]:
    """Return the dates of an element, earliest first; no end and what is no date are none."""
    return sorted(day for day in _values(work, element) if day != _NEVER and _is_day(day))


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).year > 1900
    except ValueError:
        return False


def _values(root: etree._Element, element: str) -> list[str]:
    """Return the values of the work's own elements, not of the acts that it is related to."""
    return [
        text.strip() for node in root.findall(element) if (text := node.findtext("VALUE") or node.text) and text.strip()
    ]


def _celex(node: etree._Element) -> list[str]:
    return [
        str(same.findtext("IDENTIFIER")) for same in node.iter("URI")
        if same.findtext("TYPE") == "celex" and same.findtext("IDENTIFIER")
    ]  # fmt: skip
