"""From what the gate let through to a whole answer or refusal: order, numbers, level, conflicts, unknowns, next steps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.clarify import asked_back, narrower
from bot.conflict import conflicts
from bot.model import Answer, Claim, Level, Outcome, Risk, Source
from bot.refuse import nearest, owner, refusal
from bot.risk import assess, gravity
from bot.rubric import Rubric
from bot.words import UNJUDGED, noted, steps, summarise, unknowns
from knowledge.aim import Aim
from knowledge.model import Document
from knowledge.query import Query
from knowledge.rank import Bearings

SURE = 0.9
"""How sure our signs must be that what was found answers, for us to stand by it without a reader: below, the answer says so."""


@dataclass(frozen=True, slots=True)
class Read:
    """A question as it was understood, what was found for it, and the documents that its asker may read."""

    query: Query
    found: Bearings
    documents: tuple[Document, ...]


def composed(blank: Answer, read: Read, drafted: Sequence[Claim], rubric: Rubric) -> Answer:
    """Return the answer that these claims make, with the deciding one first."""
    claims = tuple(replace(claim, note=noted(claim, blank.as_of)) for claim in _ordered(read.query, drafted))
    sources = _numbered(claims)
    number = {source.passage.id: source.n for source in sources}
    numbers = [number[claim.passage.id] for claim in claims]
    risk = assess(claims, numbers, read.query.vendors, rubric)
    next_steps, sources = steps(read.query, read.found, claims, sources)
    return replace(
        blank,
        outcome=Outcome.ANSWERED,
        risk=risk,
        claims=claims,
        sources=sources,
        summary=summarise(read.query, risk, claims, sources),
        unknowns=(*unknowns(read.query, read.found, claims), *_doubt(blank, read)),
        next_steps=next_steps,
        conflicts=conflicts(claims, numbers),
        choices=narrower(read.query, read.found.found),
        vendor=read.query.vendors[0].name if read.query.vendors else "",
    )


def _doubt(blank: Answer, read: Read) -> tuple[str, ...]:
    """Return that nobody has judged whether the sentences answer, where no model did and we are not sure ourselves."""
    return () if blank.model or read.found.confidence >= SURE else (UNJUDGED,)


def unclear(read: Read) -> bool:
    """Tell whether the question has to be asked back before anything is answered: about which vendor?"""
    return bool(asked_back(read.query, read.documents)[0])


def refused(blank: Answer, read: Read) -> Answer:
    """Return what helps where nothing answers: a question back, or the nearest sources and whom to ask."""
    asks, choices = asked_back(read.query, read.documents)
    if asks:
        return replace(blank, outcome=Outcome.UNCLEAR, summary=asks, reason=asks, choices=choices)
    shown = nearest(read.found)
    reason = refusal(read.query, read.found, shown, read.documents)
    next_steps, sources = owner(read.query, read.found.measured, shown)
    return replace(
        blank, outcome=Outcome.REFUSED, summary=reason, reason=reason, sources=sources, risk=Risk(Level.UNKNOWN),
        unknowns=unknowns(read.query, read.found, ()), next_steps=next_steps,
    )  # fmt: skip


def _ordered(query: Query, claims: Sequence[Claim]) -> list[Claim]:
    """Put what decides about a vendor first: what forbids, then what stands on a list, then what allows it on conditions."""
    if query.aim is Aim.FACT or not query.vendors:
        return list(claims)
    return sorted(claims, key=lambda claim: gravity(claim, query.vendors))


def _numbered(claims: Sequence[Claim]) -> tuple[Source, ...]:
    passages = {claim.passage.id: claim for claim in claims}
    return tuple(Source(n, claim.passage, claim.document) for n, claim in enumerate(passages.values(), 1))
