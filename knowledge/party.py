"""The words of screening: a party on a list, its names and identifiers, what a listing entails, a list as it was read."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class PartyKind(StrEnum):
    """What a listed party is; a vendor check looks for organisations."""

    ORGANISATION = "organisation"
    PERSON = "person"
    VESSEL = "vessel"
    AIRCRAFT = "aircraft"
    CATEGORY = "category"
    """A whole class of equipment, such as FCC's foreign-produced routers: it has no party."""


class NameKind(StrEnum):
    """How a list knows a party by a name."""

    PRIMARY = "primary"
    ALIAS = "alias"
    WEAK = "weak"
    """An alias that the list itself calls weak or low quality; it never grades above POSSIBLE."""
    FORMER = "former"
    NATIVE = "native"
    """The name in the party's own script."""


class Reach(StrEnum):
    """Which affiliates of a listed party a measure reaches."""

    NONE = "none"
    NAMED = "named"
    FIFTY_PERCENT = "50 percent"
    CONTROL = "control"


class Force(StrEnum):
    """Whether a measure is in force; VERIFY means that its dates have passed without a document that says.

    UPCOMING and ENDED are never written into a row: they say how a row stands to the day that is asked about.
    """

    IN_FORCE = "in force"
    UPCOMING = "upcoming"
    ENDED = "ended"
    SUSPENDED = "suspended"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class PartyName:
    """One name of a party as its list writes it; `language` is ISO 639 where the list says it."""

    text: str
    kind: NameKind
    language: str = ""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number that names a party, as its list writes it.

    `scheme` is lei, uscc, ogrn, inn, okpo, vat, tax, duns, uei, cage, imo, bic, isin or registration; `country` is ISO alpha-2
    where the list says whose number it is.
    """

    scheme: str
    value: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """That a party stands on a list under one measure, from and until when, and where this can be read.

    `measure` is the id of a Measure. `excerpt` is verbatim from the list's row: its remarks, reason or scope.
    """

    measure: str
    citation: str
    url: str
    start: date | None = None
    end: date | None = None
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """That a party is tied to another by the list's own words: `type` is parent, subsidiary, linked or member."""

    other: str
    type: str


@dataclass(frozen=True, slots=True)
class Party:
    """One row, or the rows of one party, of one list; `ref` is the list's own key and stays the same between its editions.

    `countries` are ISO 3166-1 alpha-2 codes, in the list's order.
    """

    ref: str
    kind: PartyKind
    names: tuple[PartyName, ...]
    listings: tuple[Listing, ...]
    countries: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    relations: tuple[Relation, ...] = ()

    @property
    def name(self) -> str:
        """The name that the list puts first."""
        return self.names[0].text


@dataclass(frozen=True, slots=True)
class Measure:
    """What a listing entails, in one sentence of ours, for whom, and between which days.

    `category` is one of the risk categories of `bot.model.Category`; `authority` is the citation of the rule and `url` its
    official text. A change of force on a day is another Measure row of the same id with later dates.
    """

    id: str
    title: str
    category: str
    effect: str
    reach: Reach
    force: Force
    authority: str
    url: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class ListRead:
    """A list as one file or answer of its publisher had it: parties in its order, with what could not be read.

    `snapshot` is the publisher's own date, None where the file has none. `rows` counts the data rows of the file, whatever
    became of them. `skipped` counts rows by the reason that they were left out. `gap` says in a sentence what is known to be
    missing from the list, "" where nothing is.
    """

    list_id: str
    parties: tuple[Party, ...]
    rows: int
    snapshot: date | None = None
    skipped: dict[str, int] = field(default_factory=dict)
    gap: str = ""
