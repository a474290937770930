"""The facts of the knowledge base: sources, documents, their passages, and the editions that they stand in."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a document is; decides the role its passages play in an answer."""

    REGULATION = "regulation"
    GUIDANCE = "guidance"
    ADVISORY = "advisory"
    LIST = "list"
    POLICY = "policy"
    VENDOR_EVIDENCE = "vendor-evidence"
    NEWS = "news"


class Role(StrEnum):
    """What a passage can prove: law what is required, policy what we decided, news what was reported."""

    LIST = "list"
    LAW = "law"
    POLICY = "policy"
    GUIDANCE = "guidance"
    EVIDENCE = "vendor evidence"
    NEWS = "news"


ROLE_OF = {
    Kind.REGULATION: Role.LAW,
    Kind.GUIDANCE: Role.GUIDANCE,
    Kind.ADVISORY: Role.GUIDANCE,
    Kind.LIST: Role.LIST,
    Kind.POLICY: Role.POLICY,
    Kind.VENDOR_EVIDENCE: Role.EVIDENCE,
    Kind.NEWS: Role.NEWS,
}


class Status(StrEnum):
    """Where a document stands in its life; UNKNOWN when its source does not say."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    NOT_YET_APPLICABLE = "in_force_not_yet_applicable"
    PARTLY_APPLICABLE = "partly_applicable"
    AMENDED_SINCE = "amended_since"
    SUSPENDED = "suspended"
    REPEALED = "repealed"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    REPORTED = "reported"
    UNKNOWN = "unknown"


class Standing(StrEnum):
    """How firm a news report is: a probe or lawsuit, an acknowledged incident, or an authority's decision."""

    ALLEGATION = "allegation"
    INCIDENT = "incident"
    DECISION = "decision"


class Wording(StrEnum):
    """Whether the text is the official one or a summary of it."""

    OFFICIAL = "official"
    SUMMARY = "summary"


class Part(StrEnum):
    """What a passage is within its document. Recitals, preambles and notes bind nobody; annexes of EU acts do."""

    BODY = "body"
    RECITAL = "recital"
    ANNEX = "annex"
    DEFINITION = "definition"
    PREAMBLE = "preamble"
    NOTE = "note"
    ROW = "row"


UNBINDING = frozenset({Part.RECITAL, Part.PREAMBLE, Part.NOTE})
ATTACHED = "(attached)"
"""The source of a file that somebody attached to a question; no configured source can bear this name."""


@dataclass(frozen=True, slots=True)
class Document:
    """Everything a citation must say about one source text.

    Unknown dates are None, never guessed. `visibility` names who may read it: `public`, `staff`, `group:NAME` or
    `user:ID`, or several of the last two joined by commas, of which any is enough. `version` is what the source calls
    this state (a policy's version, a point in time, a consolidation); `supersedes` lists the ids of documents that this
    one replaces; `asked` are questions that its provisions answer, by their citations; `flags` what its reading found doubtful (`numbering_inconsistent`, `truncated` ...); `extractor` names
    the parser and its version.
    """

    id: str
    title: str
    short: str
    citation: str
    kind: Kind
    jurisdiction: str
    visibility: str
    source: str = ""
    authority: str = ""
    url: str = ""
    licence: str = ""
    language: str = "en"
    published: date | None = None
    in_force_from: date | None = None
    applies_from: date | None = None
    ends_on: date | None = None
    as_of: date | None = None
    review_due: date | None = None
    status: Status = Status.UNKNOWN
    standing: Standing | None = None
    wording: Wording = Wording.OFFICIAL
    owner: str = ""
    aliases: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    version: str = ""
    transposition_by: date | None = None
    attribution: str = ""
    supersedes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    extractor: str = ""
    asked: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def role(self) -> Role:
        """The role that this kind of document plays in an answer."""
        return ROLE_OF[self.kind]

    @property
    def attached(self) -> bool:
        """Tell whether this is a file that came with a question, which no edition holds; its version is then its SHA-256."""
        return self.source == ATTACHED


@dataclass(frozen=True, slots=True)
class Passage:
    """The smallest thing that is cited: characters `start` to `end` of the canonical text, under one citation.

    `id` hashes document, citation and text, so an unchanged passage keeps its id from edition to edition. `context` is
    the opening words that a point hangs on ("The contract shall stipulate that the processor:"); they are searched and
    shown with it but are not part of its text. `term` is what a definition defines, `page` where a paged file shows it.
    `applies_from` and `ends_on` are the provision's own dates where they differ from its document's.
    """

    id: str
    document_id: str
    citation: str
    heading: str
    text: str
    start: int
    end: int
    context: str = ""
    part: Part = Part.BODY
    term: str = ""
    page: int | None = None
    applies_from: date | None = None
    ends_on: date | None = None

    @property
    def binding(self) -> bool:
        """False for parts that explain the law but are none: recitals, preambles, notes."""
        return self.part not in UNBINDING


NOTE = "Caveat note"
"""How citations of our own remarks in a news digest begin."""


def role_of(document: Document, passage: Passage) -> Role:
    """Return what a passage can prove: what its document can.

    A remark of our own in a digest is no report, and a recital or note explains the law but is none.
    """
    if passage.citation.startswith(NOTE) or (document.role is Role.LAW and not passage.binding):
        return Role.GUIDANCE
    return document.role


@dataclass(frozen=True, slots=True)
class Version:
    """One state of one document: its facts, its canonical text, and the passages that are slices of that text.

    `ref` is the name under which its source knows it.
    """

    document: Document
    ref: str
    text: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """One published, immutable state of the knowledge base; `number` grows by one with every publication."""

    number: int
    published_at: datetime
    embedder: str
    documents: int
    passages: int
    starter: str = ""


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A configured source: which connector, where, and the facts its documents inherit when they do not say.

    `every` is its schedule in minutes, 0 for by hand only.
    """

    name: str
    type: str
    at: str
    kind: Kind | None = None
    jurisdiction: str = ""
    visibility: str = "staff"
    owner: str = ""
    every: int = 0
