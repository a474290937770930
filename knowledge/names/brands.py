"""Brands, trade names and families that no list spells out, each tied to a legal entity with its dates and its source."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from knowledge import yamls
from knowledge.names.forms import Form, characters, form
from knowledge.names.grade import Grade
from knowledge.names.score import placeless

NATIVE = 3
"""Characters from which a native name is telling: two are often a word."""
_FILE = Path(__file__).parent / "brands.yaml"


class Relation(StrEnum):
    """How a brand is tied to its parent."""

    SAME = "same-as"
    FORMERLY = "formerly"
    BRAND = "brand-of"
    SUBSIDIARY = "subsidiary-of"
    HELD = "held-by"


_SAID = {
    Relation.SAME: "another name of",
    Relation.FORMERLY: "formerly",
    Relation.BRAND: "a brand of",
    Relation.SUBSIDIARY: "a subsidiary of",
    Relation.HELD: "held in part, and not controlled, by",
}


@dataclass(frozen=True, slots=True)
class Brand:
    """One row of our table; `parents` are legal names, the first one as the group writes it; dates are as precise as known."""

    name: str
    spellings: tuple[str, ...]
    parents: tuple[str, ...]
    relation: Relation
    source: str
    since: str = ""
    until: str = ""
    note: str = ""

    @property
    def grade(self) -> Grade:
        """Return what the tie carries today: nothing once it has ended."""
        if self.until:
            return Grade.NONE
        return Grade.PROBABLE if self.relation in {Relation.SAME, Relation.FORMERLY} else Grade.AFFILIATE

    def said(self, spelling: str) -> str:
        """Say the tie of one of its spellings in one sentence, with its dates and its source."""
        since, until = f" since {self.since}" if self.since else "", f" until {self.until}" if self.until else ""
        note = f"; {self.note}" if self.note else ""
        return f"{spelling} is {_SAID[self.relation]} {self.parents[0]}{since}{until}{note} (source: {self.source})"


@cache
def brands() -> tuple[Brand, ...]:
    """Return the table in its order."""
    rows = yamls.read(_FILE.read_text(encoding="utf-8"))
    return tuple(
        Brand(
            name=row["brand"],
            spellings=(row["brand"], *row.get("also", ()), *row.get("native", ())),
            parents=(row["parent"], *row.get("legal", ())),
            relation=Relation(row["relation"]),
            source=row["source"],
            **{field: str(row.get(field, "")) for field in ("since", "until", "note")},
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class Tie:
    """A brand that was asked for, by the spelling that was met, and what follows it in the asked name."""

    brand: Brand
    spelling: str
    rest: str = ""

    @property
    def reason(self) -> str:
        """Say the tie in one sentence."""
        return self.brand.said(self.spelling)


@lru_cache(maxsize=4)
def _known(own: tuple[Brand, ...]) -> dict[str, tuple[Tie, ...]]:
    found: dict[str, tuple[Tie, ...]] = {}
    for brand in (*brands(), *own):
        spelled = {key: spelling for spelling in reversed(brand.spellings) for key in _keys(form(spelling), spelling)}
        for key, spelling in spelled.items():
            found[key] = (*found.get(key, ()), Tie(brand, spelling))
    return found


def branded(asked: Form, text: str, own: tuple[Brand, ...] = ()) -> tuple[Tie, ...]:
    """Return the rows that a name belongs to, ended ones as well; `own` are the company's rows beside ours.

    After a brand in Latin letters only places may follow, after three characters of a native one anything.
    """
    known = _known(own)
    for key in _keys(asked, text):
        if key in known:
            return known[key]
    if asked.script:
        heads = ((asked.script[:end], asked.script[end:]) for end in range(len(asked.script) - 1, NATIVE - 1, -1))
    else:
        cuts = ((asked.core[:end], asked.core[end:]) for end in range(len(asked.core) - 1, 0, -1))
        heads = (("".join(head), " ".join(rest)) for head, rest in cuts if not placeless(rest))
    met = next(((known[head], rest) for head, rest in heads if head in known), ((), ""))
    return tuple(replace(tie, rest=met[1]) for tie in met[0])


def background(name: str, own: tuple[Brand, ...] = ()) -> tuple[str, ...]:
    """Say what is known of a name's owners, whether they are listed or not and whether the tie still holds."""
    return tuple(tie.reason for tie in branded(form(name), name, own))


def _keys(asked: Form, text: str) -> tuple[str, ...]:
    """Return what a brand is known by: its own characters, else all its words or its core."""
    return (characters(text), asked.script) if asked.script else (asked.full, asked.key)
