"""The use cases: a question goes in, an answer whose every sentence is proved comes out, and a receipt is kept."""

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from bot import attached
from bot.access import labels
from bot.attached import Enclosed
from bot.compose import Read, composed, refused, unclear
from bot.conversation import notice, question_text
from bot.drafting import Drafted, Drafting, Order
from bot.links import Links
from bot.model import Answer, Outcome, Question
from bot.ports import Earlier
from bot.progress import Stage, Told, leads, untold
from bot.receipt import freeze
from bot.restating import Reworded, Wish, sought
from bot.rubric import Rubric
from bot.words import before_our_time
from knowledge.aim import Aim
from knowledge.bearing import Bearing
from knowledge.context import pack
from knowledge.enclosure import bearing, joined
from knowledge.errors import NothingPublished
from knowledge.evidence import Evidence, FileRef, Turn
from knowledge.query import Query
from knowledge.rank import NONE, Bearings, bearings, known_by, measure_hits
from knowledge.reading import Reading
from knowledge.search import Searcher
from knowledge.spans import span
from knowledge.store.conversation import Gaps, Turns
from knowledge.store.receipts import Receipts
from knowledge.thread import TURNS

_TURNS = frozenset({Outcome.ANSWERED, Outcome.REFUSED, Outcome.UNCLEAR})
"""Outcomes of questions that a later one in their thread can lean on."""
MODEL_PASSAGES = 24
MODEL_FILE_PASSAGES = 8
FILE_SENTENCES = 3
"""Passages of attached files that a model is shown, and sentences of theirs in one answer."""
MODEL_BUDGET = 14_000
"""Characters of the passages that a model is shown, beside the rest of the best article."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as rules read it: what is searched by it, what it goes on from, and the files that it is about."""

    text: str
    query: Query
    before: tuple[Turn, ...]
    files: tuple[FileRef, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """What one kind of source holds on a question, and what a model is shown of it."""

    found: Bearings = NONE
    shown: tuple[Bearing, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """A question as it was read, how the search went, and what bears on it: from the knowledge base, from its own files."""

    read: Read
    evidence: Evidence
    base: _Part
    own: _Part = _Part()


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
        with span("answer", {"caveat.answer.id": answer_id(question.key)}) as traced:
            question = await self._in_thread(question)
            answer = await self._kept(await self.answered(question, told), question)
            traced.note({"caveat.outcome": answer.outcome.value, "caveat.rung": answer.rung})
        return answer

    async def again(self, question: Question) -> Answer:
        """Answer a question that could not be answered before; a receipt is kept only where it can be now."""
        question = await self._in_thread(question)
        answer = await self.answered(question)
        return await self._kept(answer, question) if answer.outcome is Outcome.ANSWERED else answer

    async def handed(self, question: Question) -> None:
        """Note files that came without a question, so that the next one in the thread is asked of them."""
        turn = Turn("", (), question.files)
        await asyncio.to_thread(self.turns.keep, question.thread, question.asker.id, answer_id(question.key), turn)

    async def begun(self, key: str, thread: str) -> None:
        """Note in which thread the answer to an event stands, where that began with it: the next question there goes on with it."""
        await asyncio.to_thread(self.turns.move, answer_id(key), thread)

    async def filled(self, gap: str, answer: Answer) -> None:
        """Note that this answer fills a gap, so that nobody is told twice."""
        await asyncio.to_thread(self.gaps.fill, gap, answer.id)

    def renewed(self, own: str, key: str, readable: frozenset[str]) -> str:
        """Return the key under which to compose anew what was kept as `own`; empty where these labels may read it as it is."""
        kept = self.receipts.find(own)
        if kept is None:
            return key
        narrowed = not set(kept["readable"]) <= readable
        return f"{key}:again:{hashlib.sha256(' '.join(sorted(readable)).encode()).hexdigest()[:8]}" if narrowed else ""

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
            reading, asked = await asyncio.to_thread(self._understood, blank, readable, question)
        except NothingPublished:
            words = (
                "The knowledge base is empty: no edition has been published yet. An administrator can run a refresh."
            )
            return replace(blank, outcome=Outcome.UNAVAILABLE, rung="R5", summary=words, reason=words)
        enclosed = await attached.opened(asked.files, question.fetch) if asked.files else attached.NOTHING
        began = time.perf_counter()
        other = await self.drafting.reworded(self._wish(reading, asked, question), told)
        left = self.seconds - (time.perf_counter() - began)
        found = await asyncio.to_thread(self._find, reading, asked.query, other, blank.as_of, enclosed)
        blank = replace(
            blank, edition=found.evidence.edition, timings_ms=dict(found.evidence.timings_ms), searched=other.words,
            understood=other.text if other.text != asked.text else "",
        )  # fmt: skip
        told(Stage("search", f"Searched {len(found.read.documents)} documents of edition {found.evidence.edition}"))
        query = found.read.query
        said = _said(asked) if other.text else query.text
        order = Order(query, NONE, (), question.asker.id, question.place.name, left, said, widened=bool(other.words))
        answer = await self._composed(blank, found, question.as_of, order, told)
        return attached.told(answer, enclosed, query)

    async def _composed(self, blank: Answer, found: "_Found", day: date | None, order: Order, told: Told) -> Answer:
        """Return the answer that can be drafted from what was found.

        What comes from files is drafted by itself, so that nothing that stands in one can push out, or speak to whoever
        drafts, what the knowledge base says.
        """
        read = found.read
        widened = bool(blank.searched)
        parts = [part for part in (found.base, found.own) if self._bears(part, widened=widened)]
        if not parts or (unclear(read) and not self._bears(found.own, widened=widened)):
            return refused(blank, read)
        began = time.perf_counter()
        orders = [replace(order, query=read.query, found=part.found, shown=part.shown) for part in parts]
        basis = [one for order in orders for one in (order.shown or order.found.found)]
        told(Stage("read", f"Read {len(basis)} passages that bear on it", leads=leads(basis)))
        with span("draft") as drafting:
            drafts = await asyncio.gather(*(self.drafting.drafted(order, told) for order in orders))
            blank = replace(blank, **_made(drafts, found.evidence))
            drafting.note({"caveat.rung": blank.rung, "caveat.claims": sum(len(draft.claims) for draft in drafts)})
        blank.timings_ms["draft"] = _since(began)
        base, own = (
            [c for draft in drafts for c in draft.claims if c.document.attached is held] for held in (False, True)
        )
        first = read.query.aim is Aim.FACT or attached.points(blank.question)
        claims = [*own[:FILE_SENTENCES], *base] if first else [*base, *own[:FILE_SENTENCES]]
        if not claims:
            return refused(blank, read)
        return self._dated(composed(blank, read, claims, self.rubric), day)

    def _bears(self, part: "_Part", *, widened: bool) -> bool:
        return bool(part.found.found) or self.drafting.worth_asking(part.found, widened=widened)

    def _understood(self, blank: Answer, readable: frozenset[str], question: Question) -> tuple[Reading, _Asked]:
        """Return the edition, and the question as rules read it."""
        reading = self.searcher.at(readable, question.as_of)
        held = bool(question.files) or any(turn.files for turn in question.before)
        text = attached.unpointed(blank.question) if held else blank.question
        # Who brings a file asks about that file, whatever was asked before.
        before = () if question.files else question.before
        with span("understand", {"caveat.edition": reading.edition, "caveat.before": len(question.before)}):
            query = reading.understand(text, before)
        files = question.files or attached.concerned(blank.question, query, question.before)
        return reading, _Asked(text, query, before, files)

    def _wish(self, reading: Reading, asked: _Asked, question: Question) -> Wish:
        """Return what a model is to say in other words, with the earlier questions and what may be read of their sources now."""
        names = {document.id: document.short for document in reading.documents}
        earlier = tuple(
            Earlier(turn.text, tuple(names[id_] for id_ in turn.documents if id_ in names))
            for turn in asked.before[-TURNS:]
            if turn.text
        )
        return Wish(asked.text, earlier, question.asker.id, question.place.name, self.seconds)

    def _find(self, reading: Reading, query: Query, other: Reworded, day: date, enclosed: Enclosed) -> "_Found":
        """Return what bears on a question, from the knowledge base and from its files, and what a model is shown of each."""
        query, evidence = sought(reading, query, other)
        began = time.perf_counter()
        measure = reading.measure(query)
        with span("rank", {"caveat.hits": len(evidence.hits)}) as ranked:
            found = bearings(query, known_by(evidence.hits, day, reading.documents), measure)
            ranked.note({"caveat.bearing": len(found.found), "caveat.confidence": round(float(found.confidence), 3)})
        evidence.timings_ms["rank"] = _since(began)
        asked = self.drafting.worth_asking(found, widened=bool(other.words))
        shown = self._context(reading, query, found, day) if asked else ()
        documents = tuple(reading.documents)
        if not enclosed.papers:
            return _Found(Read(query, found, documents), evidence, _Part(found, shown))
        own = bearing(enclosed.papers, query, measure)
        evidence.timings_ms["files"] = round(_since(began) - evidence.timings_ms["rank"], 2)
        read = Read(query, joined(found, own), documents)
        return _Found(read, evidence, _Part(found, shown), _Part(own, own.fitting[:MODEL_FILE_PASSAGES]))

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
            cited = tuple(dict.fromkeys(claim.document.id for claim in answer.claims if not claim.document.attached))
            files = tuple(one.ref for one in answer.files)
            self.turns.keep(question.thread, question.asker.id, answer.id, Turn(answer.question, cited, files))
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


def _said(asked: _Asked) -> str:
    """Return what the asker said in this thread, whose figures and names claims may use."""
    return " ".join([*(turn.text for turn in asked.before[-TURNS:]), asked.text])


def answer_id(key: str) -> str:
    """Return the id of the answer to an event: short, and the same for the same event."""
    return hashlib.sha256(f"answer:{key}".encode()).hexdigest()[:16]


def _made(drafts: Sequence[Drafted], evidence: Evidence) -> dict[str, Any]:
    """Return how an answer was made that comes from these drafts: its rung is the first one's that has claims."""
    first = next((draft for draft in drafts if draft.claims), drafts[0])
    dropped = Counter[str]()
    for draft in drafts:
        dropped.update(draft.dropped)
    model = next((draft.model for draft in drafts if draft.model), "")
    return {"rung": _rung(first.rung, evidence), "model": model, "dropped": dict(dropped)}


def _rung(rung: str, evidence: Evidence) -> str:
    """Return the rung as it is named: R2 when there were no vectors at all."""
    return "R2" if "vectors" in evidence.degraded and rung == "R1" else rung


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 2)
