"""The use case of a vendor check: a typed name goes in, a card whose every sentence is proved comes out, a receipt is kept."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import islice, zip_longest

from bot.access import STAFF, labels
from bot.card import Card, Heard
from bot.cardrules import made
from bot.dossier import freeze
from bot.ground import Grounds, sift
from bot.hearing import Reader, vendors_of
from bot.links import Links
from bot.model import Claim, VendorCheck
from bot.ports import Drafter
from bot.rows import rows
from bot.rubric import Rubric
from bot.scale import Scale, Situation
from bot.words import before_our_time
from knowledge.decision import Standing
from knowledge.decision import standing as stands
from knowledge.errors import NothingPublished
from knowledge.names.asked import understand as typed
from knowledge.names.forms import form
from knowledge.names.score import nondescript
from knowledge.owning import owned
from knowledge.query import Query
from knowledge.rank import Bearings
from knowledge.ruling import asked_for, ruled, standing
from knowledge.screened import Loaded, Screened
from knowledge.screening import screen
from knowledge.search import Searcher
from knowledge.spans import span
from knowledge.store.decisions import Decisions
from knowledge.store.owners import Owners
from knowledge.store.receipts import Receipts
from knowledge.store.rulings import Rulings

CLAIMS = 12
"""How many sentences of the knowledge base a card has at most; each question about the vendor brings its best in turn."""


@dataclass(frozen=True, slots=True)
class Checking:
    """Checks vendors; `loaded` gives the lists in service on a day, `drafter` chooses sentences without a model.

    `told` hears of each card. The knowledge base is given `seconds`; a card is made without it where it takes longer.
    What reviewers decided about matches (`rulings`) holds for everybody; who did and why is told to staff alone. What was
    decided about a vendor (`decisions`) changes no level, and is told to staff alone, at places that staff alone read.
    """

    searcher: Searcher
    receipts: Receipts
    rulings: Rulings
    owners: Owners
    decisions: Decisions
    loaded: Callable[[date], Loaded]
    drafter: Drafter
    scale: Scale
    rubric: Rubric
    today: Callable[[], date]
    seconds: float = 20.0
    links: Links | None = None
    told: Callable[[Card], None] | None = None

    async def check(self, asked: VendorCheck) -> Card:
        """Check a vendor and keep the receipt; the card's id is made from the event's key.

        A name that cannot be searched gives a card that says why, and no receipt.
        """
        with span("check", {"caveat.answer.id": check_id(asked.key)}) as traced:
            card = await self.checked(asked)
            if self.told:
                self.told(card)
            traced.note({"caveat.rung": card.rung, "caveat.refused": bool(card.refused)})
            return await self.keep(card, asked)

    async def keep(self, card: Card, asked: VendorCheck) -> Card:
        """Keep the receipt of a card, and return it with the links that open what was kept."""
        if card.refused:
            return card
        readable = labels(asked.asker, asked.place)
        await asyncio.to_thread(
            self.receipts.keep, card.id, asked.asker.id, card.edition, freeze(card, asked, readable)
        )
        return self._linked(card, readable)

    async def checked(self, asked: VendorCheck) -> Card:
        """Check a vendor as `check` does and keep nothing."""
        began = time.perf_counter()
        day = asked.as_of or self.today()
        with span("screen") as screening:
            screened = await asyncio.to_thread(self._screened, asked, day)
            screening.note({"caveat.matches": len(screened.found)})
        timings = {"screen": _since(began)}
        blank = Card(
            check_id(asked.key),
            " ".join(asked.name.split())[:300],
            screened.country,
            day,
            "R4",
            made_at=datetime.now(UTC),
        )
        with span("hear"):
            heard = Heard(None, "R4") if screened.refused else await self._in_time(asked, screened)
        timings["hear"] = round(_since(began) - timings["screen"], 2)
        card = made(blank, screened, heard, self.scale, self.rubric)
        if STAFF in labels(asked.asker, asked.place) and not card.refused:
            card = replace(card, standing=await asyncio.to_thread(self._standing, asked, day))
        return replace(card, timings_ms={**timings, "total": _since(began)})

    def _screened(self, asked: VendorCheck, day: date) -> Screened:
        loaded = self.loaded(day)
        screened = screen(loaded, asked.name, asked.country, day)
        if not screened.refused:
            screened = owned(screened, self.owners.of(typed(asked.name, asked.country)), loaded, day)
        if screened.refused or not screened.found:
            return screened
        decided = ruled(screened, standing(self.rulings.of(asked_for(asked.name, asked.country)), day))
        if STAFF in labels(asked.asker, asked.place):
            return decided
        return replace(decided, ruled=tuple(replace(one, who="", why="") for one in decided.ruled))

    async def _in_time(self, asked: VendorCheck, screened: Screened) -> Heard:
        """Return what the knowledge base holds, or that it did not answer in time: the lists are told in any case."""
        try:
            return await asyncio.wait_for(self._heard(asked, screened), self.seconds)
        except TimeoutError:
            return Heard(None, "R4", late=True)

    def _standing(self, asked: VendorCheck, day: date) -> Standing:
        return stands(self.decisions.of(asked_for(asked.name, asked.country)), day)

    async def _heard(self, asked: VendorCheck, screened: Screened) -> Heard:
        """Return what the knowledge base holds on the vendor, and what policy demands of us now."""
        try:
            reading = await asyncio.to_thread(self.searcher.at, labels(asked.asker, asked.place), asked.as_of)
        except NothingPublished:
            return Heard(None, "R4")
        name = typed(asked.name).name
        reader = Reader(reading, screened.day)
        vendors = vendors_of(name, screened)
        queries = [reader.query(question, vendors) for question in self.scale.questions if vendors]
        bears = await asyncio.gather(*(asyncio.to_thread(reader.about, query) for query in queries))
        found = [
            (query, one) for query, one in zip(queries, bears, strict=True) if any(each.vendor for each in one.found)
        ]
        known = vendors if found else ()
        vague = nondescript(form(name))
        questions = self._steps(screened, name, known=bool(known))
        demands = await asyncio.gather(*(asyncio.to_thread(reader.demands, question) for question in questions))
        first = await asyncio.to_thread(self.searcher.first_day)
        rung = "R2" if reader.degraded else self.drafter.rung
        early = before_our_time(asked.as_of, first) if asked.as_of and first and asked.as_of < first else ""
        return Heard(reading.edition, rung, await self._claims(found), known, tuple(demands), early, vague=vague)

    def _steps(self, screened: Screened, name: str, *, known: bool) -> list[str]:
        """Return what to ask company policy in this situation."""
        hits = [row for row in rows(screened.found, screened.lists, self.scale) if row.holds and row.restricts]
        situation = Situation.HIT if hits else Situation.KNOWN if known else Situation.UNKNOWN
        hit = self.scale.hit(hits[0].standing.measure) if hits else ""
        asks = self.scale.steps.get(situation, ())
        return [question.replace("{vendor}", name).replace("{hit}", hit) for question in asks]

    async def _claims(self, found: Sequence[tuple[Query, Bearings]]) -> tuple[Claim, ...]:
        """Return the sentences that the extractor chooses and the gate lets through, each question's best in turn."""
        proved: list[Claim] = []
        turns: list[list[Claim]] = []
        for query, bears in found:
            drafts = await self.drafter.draft(query, bears.found, 1.0)
            passages = {one.hit.passage.id: (one.hit.passage, one.hit.document) for one in bears.found}
            more = sift(drafts, Grounds(passages, query.text, query.vendors), proved).claims
            held = {claim.passage.id for claim in proved}
            turns.append([claim for claim in more if claim.passage.id not in held])
            proved += turns[-1]
        in_turn = (claim for best in zip_longest(*turns) for claim in best if claim is not None)
        return tuple(islice(in_turn, CLAIMS))

    def _linked(self, card: Card, readable: frozenset[str]) -> Card:
        if self.links is None or not self.links.base or card.edition is None:
            return card
        until = self.links.expiry()
        sources = tuple(
            replace(one, evidence_url=self.links.evidence(card.id, one.n, readable, until)) for one in card.sources
        )
        return replace(card, sources=sources, receipt_url=self.links.receipt(card.id, readable, until))


def check_id(key: str) -> str:
    """Return the id of the card of an event: short, and the same for the same event."""
    return hashlib.sha256(f"check:{key}".encode()).hexdigest()[:16]


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 2)
