"""The facts of the people's side: questions, drafts, claims, answers and what may be read where."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from knowledge.evidence import FileRef, Turn
from knowledge.model import Document, Passage, Role, role_of


class Outcome(StrEnum):
    """How a question ended; everything but ANSWERED carries no claims."""

    ANSWERED = "answered"
    REFUSED = "refused"
    GREETING = "greeting"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    LANGUAGE = "language"
    UNCLEAR = "unclear"
    UNAVAILABLE = "unavailable"


class Level(StrEnum):
    """How much risk the findings show; UNKNOWN when they do not show enough to say."""

    UNKNOWN = "unknown"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    CRITICAL = "critical"


LEVELS = tuple(Level)
"""The levels in their order, the one that says nothing first."""


class Category(StrEnum):
    """What a risk is about; the topics of documents bear the same names."""

    SANCTIONS = "sanctions-export-control"
    BANS = "procurement-bans"
    FORCED_LABOUR = "forced-labour"
    FOREIGN_CONTROL = "foreign-control"
    PRIVACY = "privacy-transfers"
    CYBER = "cyber"
    CONTINUITY = "continuity"
    CONDUCT = "conduct"
    AI = "ai"
    POLICY = "internal-policy"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: staff read staff sources, members of a group that group's; anyone else reads public ones only.

    `names` are the ids and addresses that the platform vouches for: sources that name their readers name them by these.
    """

    id: str
    staff: bool = False
    groups: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """Where the answer goes: `labels` are what everyone there may read, None when only the asker reads it."""

    name: str
    labels: frozenset[str] | None = None


Fetch = Callable[[FileRef], Awaitable[tuple[str, bytes]]]
"""Brings a file that came with a question from its platform: its name and its bytes. Raises FileUnread where it cannot be had."""


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that came with a question: its hash where it was read, else why not, as a clause for people."""

    ref: FileRef
    name: str
    sha256: str = ""
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as a door hands it over; `key` identifies the event, so that it is answered once.

    `before` are the earlier questions of the same asker in the same thread, oldest first, for what this one leaves out;
    where they are not given, `thread` names the conversation whose kept ones are read. `back` is how a door reaches the
    asker again, once a later edition holds an answer: plain JSON, None where it cannot. `files` came with the question and are
    read for it alone, brought by `fetch`, which brings those of an earlier question in the thread as well.
    """

    key: str
    text: str
    asker: Asker
    place: Place
    as_of: date | None = None
    before: tuple[Turn, ...] = ()
    thread: str = ""
    back: Mapping[str, Any] | None = None
    files: tuple[FileRef, ...] = ()
    fetch: Fetch | None = None


@dataclass(frozen=True, slots=True)
class VendorCheck:
    """A vendor to be checked, as a door hands it over; `key` identifies the event, so that it is checked once.

    `country` is ISO 3166-1 alpha-2, empty where it was not told.
    """

    key: str
    name: str
    asker: Asker
    place: Place
    country: str = ""
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class DraftClaim:
    """A sentence that a drafter proposes, with the passage and the quote it claims to stand on; nothing is checked."""

    text: str
    passage_id: str
    quote: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A draft that failed a check of the gate, with its number in what was drafted, counted from 1."""

    number: int
    draft: DraftClaim
    check: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that passed the gate: `quote` stands verbatim at `start` to `end` of its passage.

    `note` is what a reader must know about the source on the day of the answer: stale, superseded, not yet applicable.
    """

    text: str
    quote: str
    passage: Passage
    document: Document
    start: int
    end: int
    note: str = ""

    @property
    def role(self) -> Role:
        """What this claim's source can prove."""
        return role_of(self.document, self.passage)

    @property
    def opening(self) -> str:
        """The words of the source that the quote hangs on, where it begins a point of a list; empty otherwise."""
        return self.passage.context if self.start == 0 else ""


@dataclass(frozen=True, slots=True)
class Source:
    """A numbered source of an answer, ready to be shown; `evidence_url` opens it highlighted, empty without a public address."""

    n: int
    passage: Passage
    document: Document
    evidence_url: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What the company's own policy says to do next, verbatim, with the clause it stands in."""

    text: str
    source: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What the rubric makes of one or more claims: its name there, the category, the level, why, and the sources' numbers."""

    name: str
    category: Category
    level: Level
    why: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Risk:
    """A level with the reasons that led to it, each naming its sources, and every finding, the gravest first."""

    level: Level
    reasons: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Sources that say different things about the same: their numbers, how they differ, and which goes before."""

    sources: tuple[int, ...]
    differs: str
    precedence: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the desk hands to a door; an answer without claims is a refusal or a notice, told in `reason`.

    `sources` are numbered from 1 in the order of the claims; on a refusal they are the nearest ones. `choices` are
    questions that would make this one precise, ready to be asked in its place or after it. `dropped` counts drafted claims that
    failed a check, by check; `model` names the language model that wrote them, empty for none. `vendor` is the one that the
    question is about, empty where it names none. `files` are those that were to be read for it. `understood` is the question as it
    was read with what its thread says, where a model said so, and `searched` are a model's other words that were searched for too.
    """

    id: str
    question: str
    outcome: Outcome
    edition: int | None
    as_of: date
    rung: str
    summary: str = ""
    reason: str = ""
    risk: Risk = Risk(Level.UNKNOWN)
    claims: tuple[Claim, ...] = ()
    sources: tuple[Source, ...] = ()
    unknowns: tuple[str, ...] = ()
    next_steps: tuple[Step, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    choices: tuple[str, ...] = ()
    dropped: dict[str, int] = field(default_factory=dict)
    timings_ms: dict[str, float] = field(default_factory=dict)
    made_at: datetime | None = None
    model: str = ""
    receipt_url: str = ""
    vendor: str = ""
    files: tuple[AttachedFile, ...] = ()
    understood: str = ""
    searched: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Tell whether there is no claim to show."""
        return not self.claims
