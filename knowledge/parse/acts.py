"""EU acts by name: from an act's own title to its CELEX number, its names, its address and its licence."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from knowledge import yamls
from knowledge.errors import DocumentRefused

_TABLE = Path(__file__).parent.parent / "data" / "acts.yaml"
_KIND = r"(?P<kind>(?:COMMISSION |COUNCIL )?(?:DELEGATED |IMPLEMENTING )?(?P<word>REGULATION|DIRECTIVE|DECISION))"
_TITLE = re.compile(
    rf"{_KIND} \((?P<body>[A-Z]{{2,4}}(?:, ?Euratom)?)\) "
    r"(?:No (?P<number>\d+)/(?P<year>\d{4}|\d{2})|(?P<year2>\d{4})/(?P<number2>\d+))\b",
    re.IGNORECASE,
)
_OLD = re.compile(rf"{_KIND} (?P<year>\d{{4}}|\d{{2}})/(?P<number>\d+)/(?P<body>[A-Z]{{2,4}})\b", re.IGNORECASE)
"""How directives and decisions were numbered before 2015: 95/46/EC, 2014/24/EU."""
_LETTERS = {"regulation": "R", "directive": "L", "decision": "D"}
_PATHS = {"regulation": "reg", "directive": "dir", "decision": "dec"}
_ONE_NUMBERING = 2015
"""The year since which every act is numbered YEAR/NUMBER."""


@dataclass(frozen=True, slots=True)
class Act:
    """An EU act as its title names it; `articles` and the other counts are None where no count is known.

    `status` is told of acts that are known to have been amended since the Official Journal printed them.
    """

    celex: str
    short: str
    citation: str
    eli: str
    aliases: tuple[str, ...] = ()
    articles: int | None = None
    recitals: int | None = None
    annexes: int | None = None
    status: str = ""

    def meta(self) -> dict[str, object]:
        """Return the facts that hold for every text of this act."""
        return {
            "id": f"eu:{self.celex}", "short": self.short, "citation": self.citation, "kind": "regulation",
            "jurisdiction": "EU", "language": "en", "url": self.eli, "aliases": self.aliases,
            "licence": "Commission Decision 2011/833/EU",
            "attribution": "© European Union, https://eur-lex.europa.eu; only the Official Journal is authentic",
            **({"status": self.status} if self.status else {}),
        }  # fmt: skip


def act(title: str) -> Act | None:
    """Return the act whose title this is, None when the title does not begin with one.

    An act that a title only mentions, as a corrigendum or a recommendation does, is another one.
    """
    found = _TITLE.match(title.strip()) or _OLD.match(title.strip())
    if not found:
        return None
    named = found.groupdict()
    year, number = _year(named["year"] or named["year2"]), int(named["number"] or named["number2"])
    kind, body = named["kind"].title(), re.sub(r", ?euratom", ", Euratom", named["body"].upper(), flags=re.IGNORECASE)
    if found.re is _OLD:
        written = f"{kind} {named['year']}/{named['number']}/{body}"
    else:
        written = f"{kind} ({body}) " + (f"No {number}/{named['year']}" if named["number"] else f"{year}/{number}")
    word = named["word"].lower()
    suffix = "_del" if "Delegated" in kind else "_impl" if "Implementing" in kind else ""
    return _act(f"3{year}{_LETTERS[word]}{number:04d}", written, f"{_PATHS[word]}{suffix}/{year}/{number}")


def by_celex(celex: str) -> Act:
    """Return the act of a CELEX number of sector 3; raise DocumentRefused when it is none.

    The number does not tell how an act before 2015 is cited, so that one is cited by the number itself.
    """
    found = re.fullmatch(r"3(\d{4})([RLD])(\d{4})", celex)
    if not found:
        raise DocumentRefused("its CELEX number is not that of a regulation, directive or decision")
    word = {letter: kind for kind, letter in _LETTERS.items()}[found[2]]
    year, number = int(found[1]), int(found[3])
    written = f"{word.title()} (EU) {year}/{number}" if year >= _ONE_NUMBERING else f"CELEX {celex}"
    return _act(celex, written, f"{_acts().get(celex, {}).get('eli', _PATHS[word])}/{year}/{number}")


def _act(celex: str, written: str, path: str) -> Act:
    row = _acts().get(celex, {})
    return Act(
        celex, str(row.get("short", written)), str(row.get("citation", written)),
        f"https://eur-lex.europa.eu/eli/{path}/oj", tuple(row.get("aliases", ())), row.get("articles"),
        row.get("recitals"), row.get("annexes"), str(row.get("status", "")),
    )  # fmt: skip


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 1900 + int(text)


@cache
def _acts() -> dict[str, dict[str, Any]]:
    rows = yamls.read(_TABLE.read_text(encoding="utf-8"))
    return {row["celex"]: row for row in rows}
