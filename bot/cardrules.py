"""How a card is made from what lists and knowledge base hold: a pure rule, every sentence with its row or quote."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from bot.card import Card, Heard, Line, Resolved, Section
from bot.decided import decided
from bot.limits import limits
from bot.model import LEVELS, Category, Claim, Level, Risk, Source, Step
from bot.reasons import measured, merged
from bot.risk import assess, category_of
from bot.rows import EXPLOITED, Row, rows
from bot.rubric import Rubric
from bot.scale import Scale
from bot.words import noted
from knowledge.bearing import Bearing
from knowledge.model import Role
from knowledge.names.asked import understand as typed
from knowledge.names.forms import form
from knowledge.names.grade import Grade
from knowledge.screened import Found, Screened
from knowledge.screening import groups
from knowledge.sentences import unnumbered
from knowledge.vendors import Vendor

CHOICES = 5
_GRADES = tuple(Grade)
STEPS = 3
COVER = 0.5
"""The share of what policy was asked that a passage must cover to give a step."""
_MUST = re.compile(r"\b(?:must|may only|may be \w+ only|needs?|requires?|no \w+ may)\b", re.IGNORECASE)
UNRATED = "no list row and no source found here says how risky this vendor is"


def made(blank: Card, screened: Screened, heard: Heard, scale: Scale, rubric: Rubric) -> Card:
    """Return the card of a screening and of what the knowledge base holds."""
    if screened.refused:
        return replace(blank, refused=screened.refused, lists=screened.lists)
    found = rows(screened.found, screened.lists, scale)
    keys = list(dict.fromkeys(row.key for row in found if row.shown))
    numbered = {key: n for n, key in enumerate(keys, 1)}
    listed = tuple({numbered[row.key]: row for row in reversed(found) if row.shown}.items())
    claims = tuple(replace(claim, note=noted(claim, blank.day)) for claim in heard.claims)
    next_steps, sources = _steps(heard, claims, len(keys))
    of_passage = {source.passage.id: source.n for source in sources}
    said = _assessed(claims, of_passage, heard.vendors, rubric)
    lines = [*_listings(found, numbered), *_claims(claims, of_passage, said)]
    resolved = _resolved(screened)
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
        decided=tuple(decided(screened.ruled, screened.lists)),
        ruled=screened.ruled,
        limits=(*limits(screened, {*(row.list.id for row in found if row.holds), *_out(screened)}), *_unread(heard)),
        next_steps=next_steps,
        choices=_choices(resolved),
        claims=claims,
        sources=sources,
    )


def _listings(found: Sequence[Row], numbered: dict[tuple[str, str, str], int]) -> list[tuple[Category, Line]]:
    return [(row.category, Line(numbered[row.key], row.level, row=row)) for row in found if row.holds and row.shown]


def _claims(claims: Sequence[Claim], number: dict[str, int], said: Risk) -> list[tuple[Category, Line]]:
    """Return the claims in their categories, each with the level of the finding that it makes there.

    A report that decides nothing by itself has no level: no category may say more than the whole card.
    """
    most = LEVELS.index(said.level)
    deciding = [one for one in said.findings if LEVELS.index(one.level) <= most]
    worth = {(n, one.category): one.level for one in deciding for n in one.sources}
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
        Section(at, max((one.level for one in own), key=LEVELS.index), tuple(sorted(own, key=_order)))
        for at, own in found.items()
        if own
    ]
    yield from sorted(graded, key=lambda section: -LEVELS.index(section.level))


def _order(line: Line) -> tuple[bool, int]:
    return line.row is None, -LEVELS.index(line.level)


def _risk(lines: Sequence[tuple[Category, Line]], said: Risk) -> Risk:
    """Return the gravest level of lists and sources, with why: the measures first, then what was read."""
    weighed = [(line.row, line) for _, line in lines if line.row is not None]
    level = max((said.level, *(line.level for _, line in weighed)), key=LEVELS.index)
    if level is Level.UNKNOWN:
        return Risk(level, said.reasons or (UNRATED,), said.findings)
    grave = [(row, line.source) for row, line in weighed if line.level is level]
    reasons = (*measured(grave), *(merged(said.reasons) if said.level is level else ()))
    return Risk(level, reasons, said.findings)


def _steps(heard: Heard, claims: tuple[Claim, ...], before: int) -> tuple[tuple[Step, ...], tuple[Source, ...]]:
    """Return what policy says to do next with its owner, and all passages that are cited, numbered after the list rows."""
    passages = {claim.passage.id: (claim.passage, claim.document) for claim in claims}
    shown = {claim.quote for claim in claims}
    each = [[one for one in demands if one.cover >= COVER][:STEPS] for demands in heard.demands]
    turns = (one for turn in zip_longest(*each) for one in turn if one is not None)
    chosen = {text: one.hit for one in turns if (text := _duty(one)) and text not in shown}
    kept = list(chosen.items())[:STEPS]
    passages |= {hit.passage.id: (hit.passage, hit.document) for _, hit in kept if hit.passage.id not in passages}
    number = {id_: n for n, id_ in enumerate(passages, before + 1)}
    sources = tuple(Source(number[id_], passage, document) for id_, (passage, document) in passages.items())
    told = [Step(text, number[hit.passage.id]) for text, hit in kept]
    policies = [*(source for step in told for source in sources if source.n == step.source), *sources]
    owned = [one for one in policies if one.document.role is Role.POLICY and one.document.owner][:1]
    asks = (Step(f"Ask the {one.document.owner}, who owns {one.document.short}.", one.n) for one in owned)
    return (*told, *asks), sources


def _duty(one: Bearing) -> str:
    """Return the sentence of a policy passage that tells someone what to do and covers most of what was asked."""
    duties = [sentence for sentence in one.sentences if _MUST.search(sentence.text) and sentence.cover > 0]
    return unnumbered(max(duties, key=lambda sentence: (sentence.cover, sentence.likeness)).text) if duties else ""


def _resolved(screened: Screened) -> tuple[Resolved, ...]:
    """Return the listed parties, surest first, and of equally sure ones first the one that the name spells out."""
    name = form(typed(screened.query).name).full
    parties = groups(one for one in screened.found if _restricted(one))
    parties.sort(key=lambda group: (_GRADES.index(group[0].grade), not _spelled(name, group)))
    return tuple(
        Resolved(
            f"{group[0].list_id}:{group[0].party.ref}",
            group[0].party.name,
            group[0].how,
            group[0].grade,
            tuple(group),
            spelled=_spelled(name, group),
        )
        for group in parties
    )


def _spelled(name: str, group: Sequence[Found]) -> bool:
    return any(form(one.text).full == name for found in group for one in found.party.names)


def _restricted(found: Found) -> bool:
    """Tell whether a row is about the party and not only about its products."""
    return any(one.measure.id != EXPLOITED for one in found.standings)


def _choices(resolved: Sequence[Resolved]) -> tuple[str, ...]:
    """Return whole names to ask again where several parties are equally sure, none is confirmed and no single one spelled out."""
    like = [one for one in resolved if one.grade is resolved[0].grade]
    if len(like) < 2 or like[0].grade is Grade.CONFIRMED or sum(one.spelled for one in like) == 1:
        return ()
    names = [one.name for one in like]
    countries = [next(iter(one.found[0].party.countries), "") for one in like]
    told = [f"{name} | {cc}" if cc else name for name, cc in zip(names, countries, strict=True)]
    return tuple(dict.fromkeys(told))[:CHOICES]


def _background(screened: Screened, resolved: Sequence[Resolved]) -> tuple[str, ...]:
    """Return what is known of owners and brands, where no match says it already."""
    said = {reason for one in resolved for found in one.found for reason in found.reasons}
    return tuple(one for one in screened.background if one not in said)


def _out(screened: Screened) -> Iterator[str]:
    """Yield the lists with a match that was ruled out: of them it would be wrong to say that they have none."""
    yield from (one.found.list_id for one in screened.ruled)


def _unread(heard: Heard) -> Iterator[str]:
    """Yield what the knowledge base did not, or could not, say."""
    if heard.early:
        yield heard.early
    if heard.late:
        yield (
            "The knowledge base did not answer in time, so this card stands on lists alone: no law and no policy was searched."
            " Check again in a minute."
        )
    elif heard.edition is None:
        yield "The knowledge base is empty, so no law and no policy was searched. An administrator can run a refresh."
    elif heard.vague and not heard.vendors:
        yield "Texts were not searched: this is a place, a legal form or a common word. Give the company's full name."
    elif not heard.vendors:
        yield "No source in the knowledge base that you may read names this vendor."
