"""EU acts by name: from an act's own title to its CELEX number, its names, its address and its licence."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.errors import DocumentRefused

_TABLE = Path(__file__).parent.parent / "data" / "acts.yaml"
_TITLE = re.compile(
    r"(?P<kind>(?:COMMISSION |COUNCIL )?(?:DELEGATED |IMPLEMENTING )?(?:REGULATION|DIRECTIVE|DECISION))"
    r" \((?:EU|EC)(?:, Euratom)?\) (?:No (?P<number>\d+)/(?P<year>\d{4})|(?P<year2>\d{4})/(?P<number2>\d+))",
    re.IGNORECASE,
)
_LETTERS = {"regulation": "R", "directive": "L", "decision": "D"}
_PATHS = {"regulation": "reg", "directive": "dir", "decision": "dec"}


@dataclass(frozen=True, slots=True)
class Act:
    """An EU act as its title names it; `articles` and the other counts are None where no count is known."""

    celex: str
    short: str
    citation: str
    eli: str
    aliases: tuple[str, ...] = ()
    articles: int | None = None
    recitals: int | None = None
    annexes: int | None = None

    def meta(self) -> dict[str, object]:
        """Return the facts that hold for every text of this act."""
        return {
            "id": f"eu:{self.celex}", "short": self.short, "citation": self.citation, "kind": "regulation",
            "jurisdiction": "EU", "language": "en", "url": self.eli, "aliases": self.aliases,
            "licence": "Commission Decision 2011/833/EU",
            "attribution": "© European Union, https://eur-lex.europa.eu; only the Official Journal is authentic",
        }  # fmt: skip


def act(title: str) -> Act | None:
    """Return the act that a title names, None when it names none."""
    found = _TITLE.search(title)
    if not found:
        return None
    word = found["kind"].split()[-1].lower()
    year, number = found["year"] or found["year2"], int(found["number"] or found["number2"])
    celex = f"3{year}{_LETTERS[word]}{number:04d}"
    written = f"{found['kind'].title()} (EU) {'No ' + found['number'] + '/' + year if found['number'] else f'{year}/{number}'}"
    suffix = (
        "_del" if "delegated" in found["kind"].lower() else "_impl" if "implementing" in found["kind"].lower() else ""
    )
    eli = f"https://eur-lex.europa.eu/eli/{_PATHS[word]}{suffix}/{year}/{number}/oj"
    row: dict[str, Any] = _acts().get(celex, {})
    return Act(
        celex, str(row.get("short", written)), written, eli, tuple(row.get("aliases", ())), row.get("articles"),
        row.get("recitals"), row.get("annexes"),
    )  # fmt: skip


def by_celex(celex: str) -> Act:
    """Return the act of a CELEX number of sector 3; raise DocumentRefused when it is none."""
    found = re.fullmatch(r"3(\d{4})([RLD])(\d{4})", celex)
    if not found:
        raise DocumentRefused("its CELEX number is not that of a regulation, directive or decision")
    word = {letter: kind for kind, letter in _LETTERS.items()}[found[2]]
    year, number = found[1], int(found[3])
    row: dict[str, Any] = _acts().get(celex, {})
    written = f"{word.title()} (EU) {year}/{number}"
    eli = f"https://eur-lex.europa.eu/eli/{row.get('eli', _PATHS[word])}/{year}/{number}/oj"
    return Act(
        celex, str(row.get("short", written)), str(row.get("citation", written)), eli, tuple(row.get("aliases", ())),
        row.get("articles"), row.get("recitals"), row.get("annexes"),
    )  # fmt: skip


@cache
def _acts() -> dict[str, dict[str, Any]]:
    rows = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return {row["celex"]: row for row in rows}
