"""Why a card has its level, in a few words with the numbers of the sources."""

import re
from collections.abc import Iterator, Sequence

from bot.rows import Row
from knowledge.names.grade import Grade

_CITED = re.compile(r"(?: \[\d+\])+$")
_SURE = {
    Grade.CONFIRMED: "it is",
    Grade.PROBABLE: "possible match, probable by its name, with",
    Grade.POSSIBLE: "possible match with",
    Grade.AFFILIATE: "possible affiliate of",
}


def measured(grave: Sequence[tuple[Row, int]]) -> Iterator[str]:
    """Yield why lists give the level, once for each party and how sure it is."""
    for tie in dict.fromkeys(_tie(row) for row, _ in grave):
        own = [(row, n) for row, n in grave if _tie(row) == tie]
        titles = dict.fromkeys(_measure(row) for row, _ in own if row.restricts)
        cited = dict.fromkeys(f"[{n}]" for _, n in own)
        yield f"{tie}{', '.join(titles)} {' '.join(cited)}"


def _tie(row: Row) -> str:
    if not row.restricts:
        return "products of this maker are under active exploitation"
    sure = "affiliate of" if row.found.owned else _SURE[row.found.grade]
    return f"{sure} {row.found.party.name}, listed under "


def _measure(row: Row) -> str:
    state = f" ({row.status})" if row.status in {"upcoming", "suspended", "verify"} else ""
    return f"{row.standing.measure.title}{state}"


def merged(reasons: Sequence[str]) -> Iterator[str]:
    """Yield reasons that differ in nothing but their sources as one."""
    cut = [
        (reason[: at.start()] if (at := _CITED.search(reason)) else reason, at[0] if at else "") for reason in reasons
    ]
    for why in dict.fromkeys(words for words, _ in cut):
        yield why + "".join(cited for words, cited in cut if words == why)
