"""The use cases: a question goes in, an answer whose every sentence is proved comes out, and a receipt is kept."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from bot.access import labels
from bot.conversation import notice, question_text
from bot.errors import ModelFailed
from bot.ground import Grounds, Sifted, sift
from bot.links import Links
from bot.model import Answer, Claim, Outcome, Question, Risk, Source
from bot.ports import Drafter
from bot.receipt import freeze
from bot.risk import assess
from bot.words import before_our_time, nothing_found, steps, summarise, unknowns
from knowledge.bearing import Bearing
from knowledge.context import pack
from knowledge.errors import NothingPublished
from knowledge.model import Evidence
from knowledge.query import Query
from knowledge.rank import Bearings, bearings, known_by, measure_hits
from knowledge.reading import Reading
from knowledge.search import Searcher
from knowledge.store.receipts import Receipts

OVERHEAD = 1.0
"""Seconds of the budget that are kept back for our own work after the model's."""
NEAREST = 3
MODEL_PASSAGES = 14
MODEL_BUDGET = 9_000
"""Characters of the passages that a model is shown, beside the rest of the best article."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers questions. `model` is None where no language model is set up; `plain` needs none.

    `links` are what answers link to where there is a public address.
    """

    searcher: Searcher
    receipts: Receipts
    plain: Drafter
    model: Drafter | None
    seconds: float
    today: Callable[[], date]
    links: Links | None = None

    async def ask(self, question: Question) -> Answer:
        """Answer a question within the budget; every path ends in an answer or an honest notice.

        The answer's id is made from the question's key, so the same event asked again is the same answer.
        """
        began = time.perf_counter()
        text = question_text(question.text)
        blank = Answer(
            id=answer_id(question.key), question=text, outcome=Outcome.REFUSED, edition=None,
            as_of=question.as_of or self.today(), rung="R1", made_at=datetime.now(UTC),
        )  # fmt: skip
        if said := notice(text):
            answer = replace(blank, question=text[:200], outcome=said.outcome, summary=said.words, reason=said.words)
        else:
            answer = await self._answer(blank, question)
        answer = replace(answer, timings_ms={**answer.timings_ms, "total": _since(began)})
        readable = labels(question.asker, question.place)
        kept = freeze(answer, question, readable)
        await asyncio.to_thread(self.receipts.keep, answer.id, question.asker.id, answer.edition, kept)
        return self.links.attach(answer, readable) if self.links else answer

    async def _answer(self, blank: Answer, question: Question) -> Answer:
        readable = labels(question.asker, question.place)
        try:
            query, evidence, found, shown = await asyncio.to_thread(self._find, blank, readable, question)
        except NothingPublished:
            words = (
                "The knowledge base is empty: no edition has been published yet. An administrator can run a refresh."
            )
            return replace(blank, outcome=Outcome.UNAVAILABLE, rung="R5", summary=words, reason=words)
        blank = replace(blank, edition=evidence.edition, timings_ms=dict(evidence.timings_ms))
        if not found.found:
            return _refuse(blank, query, found)
        began = time.perf_counter()
        rung, sifted = await self._draft(query, found, shown)
        blank = replace(blank, rung=_rung(rung, evidence), dropped=sifted.dropped)
        blank.timings_ms["draft"] = _since(began)
        if not sifted.claims:
            return _refuse(blank, query, found)
        return self._dated(_compose(blank, query, found, sifted.claims), question.as_of)

    def _find(
        self, blank: Answer, readable: frozenset[str], question: Question
    ) -> tuple[Query, Evidence, Bearings, tuple[Bearing, ...]]:
        """Return the question as it was understood, what was found, what of it bears, and what a model is shown."""
        reading = self.searcher.at(readable, question.as_of)
        query = reading.understand(blank.question, question.before)
        evidence = reading.search(query)
        began = time.perf_counter()
        known = known_by(evidence.hits, blank.as_of, reading.documents)
        found = bearings(query, known, reading.measure(query))
        evidence.timings_ms["rank"] = _since(began)
        shown: tuple[Bearing, ...] = ()
        if self.model is not None and found.found:
            shown = self._context(reading, query, found, blank.as_of)
        return query, evidence, found, shown

    def _context(self, reading: Reading, query: Query, found: Bearings, day: date) -> tuple[Bearing, ...]:
        """Return what a model reads: what bears, within a budget, and the rest of the best article."""
        packed = {hit.passage.id for hit in pack([one.hit for one in found.found], MODEL_BUDGET)}
        shown = tuple(one for one in found.found if one.hit.passage.id in packed)[:MODEL_PASSAGES]
        held = {one.hit.passage.id for one in shown}
        rest = [hit for hit in reading.beside(found.found[0].hit) if hit.passage.id not in held]
        known = known_by(rest, day, reading.documents)
        return (*shown, *measure_hits(query, known, reading.measure(query))[0])

    def _dated(self, answer: Answer, day: date | None) -> Answer:
        """Say so when an answer as of a day rests on an edition that was published after it."""
        first = self.searcher.first_day() if day else None
        if day is None or first is None or first <= day:
            return answer
        return replace(answer, unknowns=(*answer.unknowns, before_our_time(day, first)))

    async def _draft(self, query: Query, found: Bearings, shown: Sequence[Bearing]) -> tuple[str, Sifted]:
        """Draft with the model where there is one; what it cannot prove is dropped, and R1 stands in for nothing left."""
        passages = {one.hit.passage.id: (one.hit.passage, one.hit.document) for one in found.found}
        dropped: dict[str, int] = {}
        if self.model is not None:
            offered = {one.hit.passage.id: (one.hit.passage, one.hit.document) for one in shown}
            try:
                drafts = await self.model.draft(query, shown, self.seconds - OVERHEAD)
                sifted = sift(drafts, Grounds(offered, query.text, query.vendors))
                if sifted.claims:
                    return self.model.rung, sifted
                dropped = sifted.dropped
            except ModelFailed as failed:
                dropped = {f"model:{failed.why}": 1}
        drafts = await self.plain.draft(query, found.found, self.seconds)
        sifted = sift(drafts, Grounds(passages, query.text, query.vendors))
        return self.plain.rung, Sifted(sifted.claims, {**dropped, **sifted.dropped})


def answer_id(key: str) -> str:
    """Return the id of the answer to an event: short, and the same for the same event."""
    return hashlib.sha256(f"answer:{key}".encode()).hexdigest()[:16]


def _compose(blank: Answer, query: Query, found: Bearings, claims: Sequence[Claim]) -> Answer:
    sources = _numbered(claims)
    number = {source.passage.id: source.n for source in sources}
    risk = assess(claims, [number[claim.passage.id] for claim in claims], query.vendors)
    next_steps, sources = steps(query, found, claims, sources)
    return replace(
        blank,
        outcome=Outcome.ANSWERED,
        risk=risk,
        claims=tuple(claims),
        sources=sources,
        summary=summarise(query, risk, claims, sources, blank.as_of),
        unknowns=unknowns(query, found, claims),
        next_steps=next_steps,
    )


def _refuse(blank: Answer, query: Query, found: Bearings) -> Answer:
    nearest = tuple(Source(n, one.hit.passage, one.hit.document) for n, one in enumerate(found.nearest[:NEAREST], 1))
    reason = nothing_found(query, found, nearest, blank.edition)
    return replace(
        blank, outcome=Outcome.REFUSED, summary=reason, reason=reason, sources=nearest, risk=Risk(blank.risk.level),
        unknowns=unknowns(query, found, ()),
    )  # fmt: skip


def _numbered(claims: Sequence[Claim]) -> tuple[Source, ...]:
    passages = {claim.passage.id: claim for claim in claims}
    return tuple(Source(n, claim.passage, claim.document) for n, claim in enumerate(passages.values(), 1))


def _rung(rung: str, evidence: Evidence) -> str:
    """Return the rung as it is named: R2 when there were no vectors at all."""
    return "R2" if "vectors" in evidence.degraded and rung == "R1" else rung


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 2)
