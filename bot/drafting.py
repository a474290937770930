"""How an answer is drafted: the model writes, the gate decides, failed claims get one more try, and R1 stands in."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from bot.breaker import Breaker
from bot.compose import SURE
from bot.errors import BudgetSpent, ModelFailed
from bot.ground import Grounds, Sifted, sift
from bot.model import Claim, DraftClaim, Failed
from bot.paying import paid
from bot.ports import Drafter, Model, Purse
from bot.progress import Stage, Told, untold
from bot.prompt import MOST_CLAIMS
from bot.restating import AS_IT_IS, Reworded, Wish, reworded
from bot.words import MODEL
from knowledge.bearing import Bearing
from knowledge.query import Query
from knowledge.rank import Bearings
from knowledge.sentences import spans, unnumbered
from knowledge.spans import span

log = structlog.get_logger()

OVERHEAD = 1.0
"""Seconds of the budget that are kept back for our own work after the model's."""
ASK = 0.1
"""How likely it must be that the passages answer, by our own measure, for a model to be asked whether they do."""
_ITS_OWN = frozenset({"content_filter", "length", "too_long", "refusal"})
"""Failures that belong to one question: they say nothing about the next."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be drafted: what bears on the question, what a model is shown of it, who pays, and the seconds there are.

    `said` is what the asker said, whose figures and names a claim may use; `widened` is set where the passages were also
    looked for in the sources' own words, of which our measure of an answer knows nothing.
    """

    query: Query
    found: Bearings
    shown: Sequence[Bearing]
    user: str
    place: str
    seconds: float
    said: str
    widened: bool = False


@dataclass(frozen=True, slots=True)
class Drafted:
    """The proved claims, the rung and the model that wrote them, and what was dropped by check.

    There are no claims where nothing could be proved, or where a model that read the passages found no answer in them.
    """

    rung: str
    claims: tuple[Claim, ...]
    dropped: Mapping[str, int]
    model: str = ""


@dataclass(frozen=True, slots=True)
class Drafting:
    """Drafts with the model where there is one and it may be asked, else without; `clock` gives monotonic seconds.

    `restates` is set where the model is also asked for a question in other words before anything is searched.
    """

    plain: Drafter
    model: Model | None = None
    breaker: Breaker | None = None
    purse: Purse | None = None
    clock: Callable[[], float] = time.monotonic
    restates: bool = True

    async def drafted(self, order: Order, told: Told = untold) -> Drafted:
        """Draft within the order's seconds; every path ends in claims that passed the gate, or in none.

        `told` hears of each step with counts: no word of a draft leaves this room before the gate has passed it.
        """
        if self.model is None or not self.worth_asking(order.found, widened=order.widened):
            return await self._plainly(order, {})
        if self.breaker and not self.breaker.allows():
            return await self._plainly(order, {f"{MODEL}open": 1})
        try:
            said = await self._modelled(self.model, order, told)
        except BudgetSpent as spent:
            said = {f"{MODEL}budget:{spent.whose}": 1}
            told(Stage("draft", "The day's budget of the language model is used up"))
        except ModelFailed as failed:
            said = {f"{MODEL}{failed.why}": 1}
            told(Stage("draft", "The language model wrote nothing that can be used"))
        if isinstance(said, Drafted):
            return said
        told(Stage("plain", "Taking sentences from the sources as they stand"))
        return await self._plainly(order, said)

    async def reworded(self, wish: Wish, told: Told = untold) -> Reworded:
        """Return a question in other words to search by, or nothing where there is no model that can say."""
        if self.model is None or not self.restates:
            return AS_IT_IS
        told(Stage("words", "Looking for the words that the sources use", done=False, lasting=True))
        found = await reworded(self.model, self.breaker, self.purse, wish)
        told(Stage("words", "Searching in the sources' own words too" if found.words else "Searching in your words"))
        return found

    def worth_asking(self, found: Bearings, *, widened: bool = False) -> bool:
        """Tell whether there is a model, and something for it to read that may answer: it judges better than we do."""
        may = widened or bool(found.found) or found.confidence >= ASK
        return self.model is not None and bool(found.fitting) and may

    async def close(self) -> None:
        """Close what the drafters hold open."""
        await self.plain.close()
        if self.model is not None:
            await self.model.close()

    async def _modelled(self, model: Model, order: Order, told: Told) -> Drafted | dict[str, int]:
        """Return what the model wrote and could be proved; where nothing of it could, what was dropped."""
        began = self.clock()
        end = began + order.seconds - OVERHEAD
        told(Stage("draft", "Having sentences written from them", done=False, lasting=True))
        drafts = await self._first(model, order, end)
        told(Stage("draft", f"Had {_counted(len(drafts))} written from them"))
        if not drafts:
            return Drafted(model.rung, (), {f"{MODEL}no_answer": 1}, model.name)
        grounds = _grounds(order, order.shown)
        sifted = _gated(drafts, grounds)
        checked = f"Checked {_counted(len(drafts))} against their quotes"
        told(Stage("check", f"{checked}: {len(sifted.claims)} proved"))
        if sifted.failed and end - self.clock() >= self.clock() - began:
            asked = f"{_counted(len(sifted.failed))} without proof"
            told(Stage("again", f"Asking again for {asked}", done=False, lasting=True))
            before = len(sifted.claims)
            sifted = await self._again(model, order, end, sifted, grounds)
            told(Stage("again", f"Asked again for {asked}: {len(sifted.claims) - before} more proved"))
        if self.breaker:
            self.breaker.replied(proved=bool(sifted.claims))
        log.info("draft.checked", model=model.name, proved=len(sifted.claims), dropped=sifted.dropped)
        claims = (*sifted.claims, *await self._verbatim(order, sifted))[:MOST_CLAIMS]
        return Drafted(model.rung, claims, sifted.dropped, model.name) if claims else sifted.dropped

    async def _first(self, model: Model, order: Order, end: float) -> tuple[DraftClaim, ...]:
        """Return the first draft, and tell the breaker where there is none to judge."""
        try:
            drafts = await self._paid(model, order, end, ())
        except ModelFailed as failed:
            if self.breaker and failed.why in _ITS_OWN:
                self.breaker.replied(proved=True)
            elif self.breaker:
                self.breaker.failed()
            raise
        except BudgetSpent:
            if self.breaker:
                self.breaker.unused()
            raise
        if self.breaker and not drafts:
            # Where we are sure ourselves, finding no answer counts against the model.
            self.breaker.replied(proved=order.found.confidence < SURE)
        return drafts

    async def _again(self, model: Model, order: Order, end: float, first: Sifted, grounds: Grounds) -> Sifted:
        """Tell the model once which of its claims failed which check; what comes back can only add proved claims."""
        try:
            drafts = await self._paid(model, order, end, first.failed)
        except ModelFailed as failed:
            return replace(first, dropped={**first.dropped, f"{MODEL}again:{failed.why}": 1})
        except BudgetSpent:
            return first
        second = _gated(drafts, grounds, first.claims)
        dropped = Counter(first.dropped) + Counter(one.check for one in second.failed)
        fixed = {claim.passage.id for claim in second.claims}
        still = [one for one in first.failed if one.draft.passage_id not in fixed]
        return Sifted([*first.claims, *second.claims], dict(dropped), still)

    async def _paid(self, model: Model, order: Order, end: float, failed: Sequence[Failed]) -> tuple[DraftClaim, ...]:
        """Ask the model once, out of the budgets of the day."""
        most = model.most(order.query, order.shown)
        draft = await paid(
            self.purse, order.user, order.place, most,
            lambda: model.draft(order.query, order.shown, end - self.clock(), failed),
        )  # fmt: skip
        return draft.claims

    async def _verbatim(self, order: Order, sifted: Sifted) -> tuple[Claim, ...]:
        """Return, for claims that could not be proved, a sentence of the passage that each was made from.

        Only from passages that bear on the question by our own measure: what a model points at is no answer by that. Where
        nothing at all was proved, it is the sentence that the model quoted word for word, and only if we are too unsure to answer
        without it.
        """
        taken = {claim.passage.id for claim in sifted.claims}
        bearing = {one.hit.passage.id: one for one in order.found.fitting}
        wanted: dict[str, DraftClaim] = {}
        for one in sifted.failed:
            wanted.setdefault(one.draft.passage_id, one.draft)
        drafts: list[DraftClaim] = []
        for id_, failed in wanted.items():
            if id_ not in bearing or id_ in taken:
                continue
            if sifted.claims:
                drafts.extend((await self.plain.draft(order.query, (bearing[id_],), order.seconds))[:1])
            elif not order.found.found:
                drafts.extend(_quoted(failed, bearing[id_].hit.passage.text))
        return tuple(_gated(drafts, _grounds(order, order.found.fitting), sifted.claims).claims)

    async def _plainly(self, order: Order, dropped: Mapping[str, int]) -> Drafted:
        """Draft without a model."""
        drafts = await self.plain.draft(order.query, order.found.found, order.seconds)
        sifted = _gated(drafts, _grounds(order, order.found.found))
        return Drafted(self.plain.rung, tuple(sifted.claims), {**dropped, **sifted.dropped})


def _quoted(failed: DraftClaim, text: str) -> list[DraftClaim]:
    """Return the whole sentence in which a claim's quote stands word for word; none where it does not."""
    at = text.find(failed.quote) if failed.quote.strip() else -1
    whole = (text[start:end] for start, end in spans(text) if start <= at < end)
    return [DraftClaim(unnumbered(one), failed.passage_id, unnumbered(one)) for one in whole if at >= 0]


def _gated(drafts: Sequence[DraftClaim], grounds: Grounds, proved: Sequence[Claim] = ()) -> Sifted:
    """Let the gate decide about drafted claims."""
    with span("gate", {"caveat.claims.drafted": len(drafts)}) as gate:
        sifted = sift(drafts, grounds, proved)
        gate.note({"caveat.claims.proved": len(sifted.claims), "caveat.claims.failed": len(sifted.failed)})
    return sifted


def _counted(sentences: int) -> str:
    return "one sentence" if sentences == 1 else f"{sentences} sentences"


def _grounds(order: Order, bearings: Sequence[Bearing]) -> Grounds:
    passages = {one.hit.passage.id: (one.hit.passage, one.hit.document) for one in bearings}
    return Grounds(passages, order.said, order.query.vendors)
