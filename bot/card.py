"""A vendor's risk card and what it is made from: facts, each with its row or its quote."""

from dataclasses import dataclass, field
from datetime import date, datetime

from bot.model import Category, Claim, Level, Risk, Source, Step
from bot.rows import Row
from knowledge.bearing import Bearing
from knowledge.decision import Standing
from knowledge.names.grade import Grade
from knowledge.screened import Found, ListState, Ruled
from knowledge.vendors import Vendor

TITLES = {
    Category.SANCTIONS: "Sanctions and export control",
    Category.BANS: "Procurement bans",
    Category.FORCED_LABOUR: "Import and forced labour",
    Category.FOREIGN_CONTROL: "Data access and foreign-government control",
    Category.PRIVACY: "Privacy and transfers",
    Category.CYBER: "Cyber",
    Category.CONTINUITY: "Service continuity",
    Category.CONDUCT: "Conduct and debarments",
    Category.AI: "AI",
    Category.POLICY: "Internal policy",
}

SURE = frozenset({Grade.CONFIRMED, Grade.PROBABLE})
"""Grades beside which merely possible matches are told in short."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the knowledge base holds on a vendor: proved claims, what policy demands, and how it was found.

    `edition` is None where nothing has been published yet. `vendors` are the names by which it knows the vendor, none where
    it does not. `demands` are passages of policy that say what to do now, for each thing that was asked the best first.
    `early` says that the day asked about is before the first edition, `late` that nothing was heard within the time there is,
    `vague` that the name is too common to be looked for.
    """

    edition: int | None
    rung: str
    claims: tuple[Claim, ...] = ()
    vendors: tuple[Vendor, ...] = ()
    demands: tuple[tuple[Bearing, ...], ...] = ()
    early: str = ""
    late: bool = False
    vague: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    """A listed party that the name may be, with the rows of it on all lists, surest first.

    `spelled` says that the name is one of its listed names to the letter.
    """

    vendor_id: str
    name: str
    how: str
    grade: Grade
    found: tuple[Found, ...]
    spelled: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One finding of a category, standing on a list row or on a claim, with the number of its source."""

    source: int
    level: Level
    row: Row | None = None
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One risk category of a card, with its level and its findings, the gravest first."""

    category: Category
    level: Level
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """What a check hands to a door. `refused` is the sentence for people where the name cannot be searched.

    `rows` are the listings, `listed` their numbered rows, history last; `sources` are the passages, numbered after them.
    `decided` are the sentences on what reviewers decided about its matches, `ruled` these decisions. `standing` is what the
    company decided about the vendor itself, None where nothing was or where the asker and the place may not see it.
    `limits` say what was not found where, and what was not, or not wholly, asked. `choices` are whole names to ask again
    where several parties may be meant. `rung` is R4 where the knowledge base could not be read.
    """

    id: str
    query: str
    country: str
    day: date
    rung: str
    edition: int | None = None
    refused: str = ""
    risk: Risk = field(default_factory=lambda: Risk(Level.UNKNOWN))
    resolved: tuple[Resolved, ...] = ()
    sections: tuple[Section, ...] = ()
    rows: tuple[Row, ...] = ()
    listed: tuple[tuple[int, Row], ...] = ()
    lists: tuple[ListState, ...] = ()
    background: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()
    ruled: tuple[Ruled, ...] = ()
    standing: Standing | None = None
    limits: tuple[str, ...] = ()
    next_steps: tuple[Step, ...] = ()
    choices: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    sources: tuple[Source, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
    made_at: datetime | None = None
    receipt_url: str = ""
