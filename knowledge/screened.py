"""What a screening found: the parties that a typed name may be, what their listings entail on a day, and which lists were asked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from knowledge.names.find import Names
from knowledge.names.grade import Grade
from knowledge.party import Listing, Measure, Party


@dataclass(frozen=True, slots=True)
class ListState:
    """A list in service, or one that is known and not loaded: then `rows` is 0 and `snapshot` None.

    `snapshot` is the publisher's own date of what is in service, `read_at` when it was last taken. `stale` when it is older
    than the list's own limit on the day of the check; `gap` what it is known to lack; `failure` why a later one was refused,
    in words for people, empty when the last reading was taken. `shipped` lists came with Caveat. `current_on` is the last day
    on which what is in service is known to have been what its publisher says.
    """

    id: str
    title: str
    publisher: str
    url: str
    rows: int = 0
    snapshot: date | None = None
    read_at: datetime | None = None
    stale: bool = False
    gap: str = ""
    failure: str = ""
    shipped: bool = False
    current_on: date | None = None

    @property
    def day(self) -> date | None:
        """The day of what is in service: the publisher's own, else the last on which it was current; None for no list."""
        return self.snapshot or self.current_on

    @property
    def loaded(self) -> bool:
        """Tell whether anything of it is in service."""
        return self.rows > 0


@dataclass(frozen=True, slots=True)
class Standing:
    """One listing with the measure as it stands on the day of the check: its force may be UPCOMING or ENDED then.

    A listing whose own end has passed has `over` set: it is history, and never a hit.
    """

    listing: Listing
    measure: Measure
    over: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A listed party that the name may be: on which list, by which of its names, how sure and, in sentences, why not surer.

    `score` is 0 to 1; `how` is the evidence in one or two words, as `knowledge.names.grade.How` names it. `owned` says that
    our table of brands, with its source, makes the name a brand or a controlled company of the party.
    """

    list_id: str
    party: Party
    name: str
    how: str
    score: float
    grade: Grade
    reasons: tuple[str, ...]
    standings: tuple[Standing, ...]
    owned: bool = False


@dataclass(frozen=True, slots=True)
class Ruled:
    """A match that a reviewer decided about: what was found, the verdict, who, why and on which day (UTC).

    `holds` is False once the list's row has changed since; the match then counts as if nobody had decided.
    """

    found: Found
    verdict: str
    who: str
    why: str
    on: date
    holds: bool


@dataclass(frozen=True, slots=True)
class Screened:
    """A whole screening of one name on one day, surest first; never says that anybody is clear.

    `refused` is the sentence for people when the name cannot be searched at all. `background` are sentences on owners and
    brands, with their sources. `lists` are all known lists, those in service first. `ruled` are the matches that reviewers
    decided about; those that were ruled out are not in `found`.
    """

    query: str
    country: str
    day: date
    refused: str = ""
    found: tuple[Found, ...] = ()
    lists: tuple[ListState, ...] = ()
    background: tuple[str, ...] = ()
    ruled: tuple[Ruled, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """All lists in service as one immutable view: their names to be asked, each party by its id, and how each list stands.

    The id of a party is its list's id, a colon, and its `ref`; `party` gives the list's id and the party, and raises KeyError.
    """

    names: Names
    party: Callable[[str], tuple[str, Party]]
    lists: tuple[ListState, ...]
