"""The use cases: a question goes in, an answer whose every sentence is proved comes out, and a receipt is kept."""

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from bot.access import labels
from bot.compose import Read, composed, refused, unclear
from bot.conversation import notice, question_text
from bot.drafting import Drafting, Order
from bot.links import Links
from bot.model import Answer, Outcome, Question
from bot.progress import Stage, Told, leads, untold
from bot.receipt import freeze
from bot.rubric import Rubric
from bot.words import before_our_time
from knowledge.bearing import Bearing
from knowledge.context import pack
from knowledge.errors import NothingPublished
from knowledge.model import Evidence, Turn
from knowledge.query import Query
from knowledge.rank import Bearings, bearings, known_by, measure_hits
from knowledge.reading import Reading
from knowledge.search import Searcher
from knowledge.store.conversation import Gaps, Turns
from knowledge.store.receipts import Receipts

_TURNS = frozenset({Outcome.ANSWERED, Outcome.REFUSED, Outcome.UNCLEAR})
"""Outcomes of questions that a later one in their thread can lean on."""
MODEL_PASSAGES = 24
MODEL_BUDGET = 14_000
"""Characters of the passages that a model is shown, beside the rest of the best article."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers questions; `links` are what answers link to where there is a public address, `told` hears of each."""

    searcher: Searcher
    receipts: Receipts
    turns: Turns
    gaps: Gaps
    drafting: Drafting
    seconds: float
    today: Callable[[], date]
    rubric: Rubric
    links: Links | None = None
    told: Callable[[Answer], None] | None = None

    async def ask(self, question: Question, told: Told = untold) -> Answer:
        """Answer a question within the budget; every path ends in an answer or an honest notice.

        The answer's id is made from the question's key, so the same event asked again is the same answer. Where a model may
        write, `told` hears of the steps on the way, and of no sentence before it is proved; without one the answer is there at once.
        """
        question = await self._in_thread(question)
        return await self._kept(await self.answered(question, told), question)

    async def again(self, question: Question) -> Answer:
        """Answer a question that could not be answered before; a receipt is kept only where it can be now."""
        question = await self._in_thread(question)
        answer = await self.answered(question)
        return await self._kept(answer, question) if answer.outcome is Outcome.ANSWERED else answer

    async def filled(self, gap: str, answer: Answer) -> None:
        """Note that this answer fills a gap, so that nobody is told twice."""
        await asyncio.to_thread(self.gaps.fill, gap, answer.id)

    async def answered(self, question: Question, told: Told = untold) -> Answer:
        """Answer a question as `ask` does and keep nothing."""
        began = time.perf_counter()
        text = question_text(question.text)
        blank = Answer(
            id=answer_id(question.key), question=text, outcome=Outcome.REFUSED, edition=None,
            as_of=question.as_of or self.today(), rung="R1", made_at=datetime.now(UTC),
        )  # fmt: skip
        if said := notice(text):
            answer = replace(blank, question=text[:200], outcome=said.outcome, summary=said.words, reason=said.words)
        else:
            answer = await self._answer(blank, question, told)
        return replace(answer, timings_ms={**answer.timings_ms, "total": _since(began)})

    async def _answer(self, blank: Answer, question: Question, told: Told) -> Answer:
        readable = labels(question.asker, question.place)
        told = told if self.drafting.model else untold
        told(Stage("search", "Searching the sources that may be shown here", done=False))
        try:
            read, evidence, shown = await asyncio.to_thread(self._find, blank, readable, question)
        except NothingPublished:
            words = (
                "The knowledge base is empty: no edition has been published yet. An administrator can run a refresh."
            )
            return replace(blank, outcome=Outcome.UNAVAILABLE, rung="R5", summary=words, reason=words)
        blank = replace(blank, edition=evidence.edition, timings_ms=dict(evidence.timings_ms))
        told(Stage("search", f"Searched {len(read.documents)} documents of edition {evidence.edition}"))
        if unclear(read) or not (read.found.found or self.drafting.worth_asking(read.found)):
            return refused(blank, read)
        began = time.perf_counter()
        order = Order(read.query, read.found, shown, question.asker.id, question.place.name, self.seconds)
        basis = shown or read.found.found
        told(Stage("read", f"Read {len(basis)} passages that bear on it", leads=leads(basis)))
        drafted = await self.drafting.drafted(order, told)
        dropped = dict(drafted.dropped)
        blank = replace(blank, rung=_rung(drafted.rung, evidence), model=drafted.model, dropped=dropped)
        blank.timings_ms["draft"] = _since(began)
        if not drafted.claims:
            return refused(blank, read)
        return self._dated(composed(blank, read, drafted.claims, self.rubric), question.as_of)

    def _find(
        self, blank: Answer, readable: frozenset[str], question: Question
    ) -> tuple[Read, Evidence, tuple[Bearing, ...]]:
        """Return the question as it was understood with what bears on it, how it was found, and what a model is shown."""
        reading = self.searcher.at(readable, question.as_of)
        query = reading.understand(blank.question, question.before)
        evidence = reading.search(query)
        began = time.perf_counter()
        known = known_by(evidence.hits, blank.as_of, reading.documents)
        found = bearings(query, known, reading.measure(query))
        evidence.timings_ms["rank"] = _since(began)
        shown: tuple[Bearing, ...] = ()
        if self.drafting.worth_asking(found):
            shown = self._context(reading, query, found, blank.as_of)
        return Read(query, found, tuple(reading.documents)), evidence, shown

    async def _in_thread(self, question: Question) -> Question:
        """Return the question with the asker's own earlier ones in its thread."""
        if question.before or not question.thread:
            return question
        own = (question.thread, question.asker.id, answer_id(question.key))
        return replace(question, before=await asyncio.to_thread(self.turns.before, *own))

    async def _kept(self, answer: Answer, question: Question) -> Answer:
        """Freeze the answer before anybody sees it, and return it with the links that open what was kept."""
        readable = labels(question.asker, question.place)
        await asyncio.to_thread(self._keep, answer, question, readable)
        if self.told:
            self.told(answer)
        return self.links.attach(answer, readable) if self.links else answer

    def _keep(self, answer: Answer, question: Question, readable: frozenset[str]) -> None:
        kept = freeze(answer, question, readable)
        self.receipts.keep(answer.id, question.asker.id, answer.edition, kept)
        if question.thread and answer.outcome in _TURNS:
            cited = tuple(dict.fromkeys(claim.document.id for claim in answer.claims))
            self.turns.keep(question.thread, question.asker.id, answer.id, Turn(answer.question, cited))
        if answer.outcome is Outcome.REFUSED and question.back is not None:
            self.gaps.note(answer.id, question.asker.id, answer.question, answer.edition or 0, question.back)

    def _context(self, reading: Reading, query: Query, found: Bearings, day: date) -> tuple[Bearing, ...]:
        """Return what a model reads: what bears, within a budget, and the rest of the best article."""
        packed = {hit.passage.id for hit in pack([one.hit for one in found.fitting], MODEL_BUDGET)}
        shown = tuple(one for one in found.fitting if one.hit.passage.id in packed)[:MODEL_PASSAGES]
        held = {one.hit.passage.id for one in shown}
        rest = [hit for hit in reading.beside(found.fitting[0].hit) if hit.passage.id not in held]
        known = known_by(rest, day, reading.documents)
        return (*shown, *measure_hits(query, known, reading.measure(query))[0])

    def _dated(self, answer: Answer, day: date | None) -> Answer:
        """Say so when an answer as of a day rests on an edition that was published after it."""
        first = self.searcher.first_day() if day else None
        if day is None or first is None or first <= day:
            return answer
        return replace(answer, unknowns=(*answer.unknowns, before_our_time(day, first)))


def answer_id(key: str) -> str:
    """Return the id of the answer to an event: short, and the same for the same event."""
    return hashlib.sha256(f"answer:{key}".encode()).hexdigest()[:16]


def _rung(rung: str, evidence: Evidence) -> str:
    """Return the rung as it is named: R2 when there were no vectors at all."""
    return "R2" if "vectors" in evidence.degraded and rung == "R1" else rung


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 2)
