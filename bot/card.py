"""The risk card of a vendor, made from what lists and knowledge base hold: a pure rule, every sentence with its row or quote."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bot.model import LEVELS, Category, Claim, Level, Risk, Source, Step
from bot.risk import assess, category_of
from bot.rows import EXPLOITED, Row, rows
from bot.rubric import Rubric
from bot.scale import Scale
from bot.words import day as written
from bot.words import noted, steps
from knowledge.model import Role
from knowledge.names.grade import Grade
from knowledge.query import Query, Vendor
from knowledge.rank import Bearings
from knowledge.screened import Found, ListState, Screened
from knowledge.screening import groups

CHOICES = 5
REASONS = 3
NOTHING = Bearings((), (), (), ())
UNRATED = "no list row and no source found here says how risky this vendor is"


@dataclass(frozen=True, slots=True)
class Heard:
    """What the knowledge base holds on a vendor: proved claims, what policy demands, and how it was found.

    `edition` is None where nothing has been published yet. `vendors` are the names by which it knows the vendor; none where
    it does not, and then `demands` are the rules for every new vendor.
    """

    edition: int | None
    rung: str
    query: Query
    claims: tuple[Claim, ...] = ()
    vendors: tuple[Vendor, ...] = ()
    demands: Bearings = NOTHING


@dataclass(frozen=True, slots=True)
class Resolved:
    """A listed party that the name may be, with the rows of it on all lists, surest first."""

    vendor_id: str
    name: str
    how: str
    grade: Grade
    found: tuple[Found, ...]


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
    limits: tuple[str, ...] = ()
    next_steps: tuple[Step, ...] = ()
    choices: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    sources: tuple[Source, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
    made_at: datetime | None = None
    receipt_url: str = ""


def made(blank: Card, screened: Screened, heard: Heard, scale: Scale, rubric: Rubric) -> Card:
    """Return the card of a screening and of what the knowledge base holds."""
    if screened.refused:
        return replace(blank, refused=screened.refused, lists=screened.lists)
    found = rows(screened.found, screened.lists, scale)
    keys = list(dict.fromkeys(row.key for row in found))
    numbered = {key: n for n, key in enumerate(keys, 1)}
    listed = tuple({numbered[row.key]: row for row in reversed(found)}.items())
    claims = tuple(replace(claim, note=noted(claim, blank.day)) for claim in heard.claims)
    next_steps, sources = _steps(heard, claims, len(keys))
    of_passage = {source.passage.id: source.n for source in sources}
    said = _assessed(claims, of_passage, heard.vendors, rubric)
    lines = [*_listings(found, numbered), *_claims(claims, of_passage, said)]
    resolved = _resolved(screened.found)
    return replace(
        blank,
        edition=heard.edition,
        rung=heard.rung,
        risk=_risk(lines, said),
        resolved=resolved,
        sections=tuple(_sections(lines)),
        rows=found,
        listed=tuple(sorted(listed)),
        lists=screened.lists,
        background=_background(screened, resolved),
        limits=tuple(_limits(screened, found, heard)),
        next_steps=next_steps,
        choices=_choices(resolved),
        claims=claims,
        sources=sources,
    )


def _listings(found: Sequence[Row], numbered: dict[tuple[str, str, str], int]) -> list[tuple[Category, Line]]:
    return [(row.category, Line(numbered[row.key], row.level, row=row)) for row in found if row.holds]


def _claims(claims: Sequence[Claim], number: dict[str, int], said: Risk) -> list[tuple[Category, Line]]:
    """Return the claims in their categories, each with the level of the finding that it makes there."""
    worth = {(n, one.category): one.level for one in said.findings for n in one.sources}
    placed = ((category_of(claim), claim, number[claim.passage.id]) for claim in claims)
    return [(at, Line(n, worth.get((n, at), Level.UNKNOWN), claim=claim)) for at, claim, n in placed]


def _assessed(claims: Sequence[Claim], number: dict[str, int], vendors: Sequence[Vendor], rubric: Rubric) -> Risk:
    """Weigh what law, policy and reports say of the vendor; whether it is listed is for the lists themselves to say."""
    weighed = [claim for claim in claims if claim.role is not Role.LIST]
    if not weighed:
        return Risk(Level.UNKNOWN)
    return assess(weighed, [number[claim.passage.id] for claim in weighed], vendors, rubric)


def _sections(lines: Sequence[tuple[Category, Line]]) -> Iterator[Section]:
    """Yield the categories in which something was found, the gravest first."""
    found = {at: [line for category, line in lines if category is at] for at in Category}
    graded = [
        Section(at, max((one.level for one in own), key=LEVELS.index), tuple(own)) for at, own in found.items() if own
    ]
    yield from sorted(graded, key=lambda section: -LEVELS.index(section.level))


def _risk(lines: Sequence[tuple[Category, Line]], said: Risk) -> Risk:
    """Return the gravest level of lists and sources, with why: the measures first, then what was read."""
    weighed = [line for _, line in lines if line.row is not None]
    level = max((said.level, *(line.level for line in weighed)), key=LEVELS.index)
    if level is Level.UNKNOWN:
        return Risk(level, said.reasons or (UNRATED,), said.findings)
    why = [_why(line) for line in weighed if line.level is level]
    reasons = (*why, *(said.reasons if said.level is level else ()))
    return Risk(level, tuple(dict.fromkeys(reasons)), said.findings)


def _why(line: Line) -> str:
    row = line.row
    assert row is not None
    measure, party = row.standing.measure.title, row.found.party.name
    if row.standing.measure.id == EXPLOITED:
        return f"products of this maker are under active exploitation [{line.source}]"
    state = f", {row.status}" if row.status in {"upcoming", "suspended", "verify"} else ""
    sure = "affiliate of" if row.found.owned else _SURE[row.found.grade]
    return f"{measure}{state}: {sure} {party} [{line.source}]"


_SURE = {
    Grade.CONFIRMED: "the listed party is",
    Grade.PROBABLE: "possible match, probable by its name, with",
    Grade.POSSIBLE: "possible match with",
    Grade.AFFILIATE: "possible affiliate of",
}


def _steps(heard: Heard, claims: tuple[Claim, ...], before: int) -> tuple[tuple[Step, ...], tuple[Source, ...]]:
    """Return what policy says to do next with its owner, and all passages that are cited, numbered after the list rows."""
    first = {claim.passage.id: claim for claim in claims}
    sources = tuple(Source(n, claim.passage, claim.document) for n, claim in enumerate(first.values(), 1))
    found, all_sources = steps(heard.query, heard.demands, claims, sources)
    return (
        tuple(replace(step, source=step.source + before) for step in found),
        tuple(replace(source, n=source.n + before) for source in all_sources),
    )


def _resolved(found: Sequence[Found]) -> tuple[Resolved, ...]:
    return tuple(
        Resolved(
            f"{group[0].list_id}:{group[0].party.ref}",
            group[0].party.name,
            group[0].how,
            group[0].grade,
            tuple(group),
        )
        for group in groups(one for one in found if _restricted(one))
    )


def _restricted(found: Found) -> bool:
    """Tell whether a row is about the party and not only about its products."""
    return any(one.measure.id != EXPLOITED for one in found.standings)


def _choices(resolved: Sequence[Resolved]) -> tuple[str, ...]:
    """Return whole names to ask again where several parties are equally sure and none is confirmed."""
    like = [one for one in resolved if one.grade is resolved[0].grade]
    if len(like) < 2 or like[0].grade is Grade.CONFIRMED:
        return ()
    names = [one.name for one in like]
    countries = [next(iter(one.found[0].party.countries), "") for one in like]
    told = [f"{name} | {cc}" if cc else name for name, cc in zip(names, countries, strict=True)]
    return tuple(dict.fromkeys(told))[:CHOICES]


def _background(screened: Screened, resolved: Sequence[Resolved]) -> tuple[str, ...]:
    """Return what is known of owners and brands, where no match says it already."""
    said = {reason for one in resolved for found in one.found for reason in found.reasons}
    return tuple(one for one in screened.background if one not in said)


def _limits(screened: Screened, found: Sequence[Row], heard: Heard) -> Iterator[str]:
    """Yield which lists gave no match, as of when, and what was not, or not wholly, asked."""
    met = {row.list.id for row in found if row.holds}
    loaded = [state for state in screened.lists if state.loaded]
    none = [f"{state.title} ({dated(state)})" for state in loaded if state.id not in met]
    if none:
        yield f"No match in these lists as of these dates: {', '.join(none)}."
    missing = [state.title for state in screened.lists if not state.loaded]
    if missing:
        yield f"Not loaded, and so not asked: {', '.join(missing)}."
    for state in loaded:
        if state.stale:
            yield f"{state.title} is stale: what is in service is of {dated(state)}."
        if state.gap:
            yield f"{state.title} is incomplete. {state.gap}"
        if state.failure:
            yield f"{state.title} could not be renewed, and the one of {dated(state)} stays in service: {state.failure}"
    later = [state.title for state in loaded if state.snapshot and state.snapshot > screened.day]
    if later:
        yield f"Asked as of {written(screened.day)} from lists of a later day, each row by its own dates; rows that have left since are not in them: {', '.join(later)}."
    if heard.edition is None:
        yield "The knowledge base is empty, so no law and no policy was searched. An administrator can run a refresh."
    elif not heard.vendors:
        yield "No source in the knowledge base that you may read names this vendor."


def dated(state: ListState) -> str:
    """Return the day of what is in service of a list: the publisher's own, else when it was read."""
    return written(state.snapshot or (state.read_at.date() if state.read_at else None))
