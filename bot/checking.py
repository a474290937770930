"""The use case of a vendor check: a typed name goes in, a card whose every sentence is proved comes out, a receipt is kept."""

import asyncio
import hashlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache

from bot.access import STAFF, labels
from bot.card import Card, Heard, made
from bot.dossier import freeze
from bot.ground import Grounds, sift
from bot.links import Links
from bot.model import Claim, VendorCheck
from bot.ports import Drafter
from bot.rows import rows
from bot.rubric import Rubric
from bot.scale import Scale, Situation
from bot.words import before_our_time
from knowledge.bearing import Bearing
from knowledge.decision import Standing
from knowledge.decision import standing as stands
from knowledge.errors import NothingPublished
from knowledge.evidence import Hit
from knowledge.model import NOTE, Role
from knowledge.names.asked import understand as typed
from knowledge.names.forms import form
from knowledge.names.grade import Grade
from knowledge.names.score import nondescript
from knowledge.owning import owned
from knowledge.query import Query
from knowledge.rank import Bearings, bearings, known_by
from knowledge.reading import Reading
from knowledge.ruling import asked_for, ruled, standing
from knowledge.screened import Loaded, Screened
from knowledge.screening import screen
from knowledge.search import Searcher
from knowledge.spans import span
from knowledge.store.decisions import Decisions
from knowledge.store.owners import Owners
from knowledge.store.receipts import Receipts
from knowledge.store.rulings import Rulings
from knowledge.vendors import COUNTRIES, Vendor, family, known_vendors, vendors_in
from knowledge.words import terms

READ, BESIDE = 14, 5
"""Passages about the vendor that are read for one question, and of law or policy on its country, or of policy for a step."""
HOME = "US"
"""The country whose name stands in too many rules to say anything of a vendor."""
CLAIMS = 7
NOTHING = Bearings((), (), (), ())
SHORTEST = 3
"""Letters that a name must have to be looked for in texts."""
_SURE = frozenset({Grade.CONFIRMED, Grade.PROBABLE})


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
        reader = _Reader(reading, screened.day)
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
        for query, bears in found:
            drafts = await self.drafter.draft(query, bears.found, 1.0)
            passages = {one.hit.passage.id: (one.hit.passage, one.hit.document) for one in bears.found}
            more = sift(drafts, Grounds(passages, query.text, query.vendors), proved).claims
            held = {claim.passage.id for claim in proved}
            proved += [claim for claim in more if claim.passage.id not in held]
        return tuple(proved[:CLAIMS])

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


def vendors_of(name: str, screened: Screened) -> tuple[Vendor, ...]:
    """Return the names to look for in texts: those of our table, else the typed one and the listed party where it is sure.

    A typed name that is only a place, a legal form or a common word is not looked for: every second text has it.
    """
    sure = [one.party.name for one in screened.found if one.grade in _SURE or one.owned]
    names = list(dict.fromkeys((name, *sure)))
    table = {vendor.group: vendor for one in names for vendor in vendors_in(one, terms(one))}
    told = names[1:] if nondescript(form(name)) else names
    own = [one for one in told if sum(map(str.isalpha, one)) >= SHORTEST]
    return tuple(table.values()) or tuple(Vendor(one, (), one, screened.country) for one in own)


class _Reader:
    """One edition as the asker sees it on a day; `degraded` is set once a search had to do without vectors."""

    def __init__(self, reading: Reading, day: date) -> None:
        self._reading, self._day = reading, day
        self.degraded = False

    def query(self, question: str, vendors: Sequence[Vendor]) -> Query:
        """Read a question about the vendor, whose own names are no subject of it."""
        query = self._reading.understand(question.replace("{vendor}", vendors[0].name))
        names = {word for vendor in vendors for one in (vendor.name, *family(vendor)) for word in terms(one)}
        concepts = tuple(one for one in query.concepts if not names & {word for way in one.ways for word in way})
        return replace(query, vendors=tuple(vendors), concepts=concepts)

    def about(self, query: Query) -> Bearings:
        """Return what bears on the vendor: passages that name it, and law and policy on the country of its group."""
        hits = self._search(query)
        names = _telling(query.vendors, hits)
        named = [hit for hit in hits if _names(hit, names)][:READ]
        if not named:
            return NOTHING
        held = {hit.passage.id for hit in named}
        beside = [hit for hit in hits if hit.passage.id not in held and _abroad(hit, query.vendors)]
        found = self._bearings(query, sorted((*named, *beside[:BESIDE]), key=lambda hit: -hit.score))
        return replace(found, found=found.found or tuple(one for one in found.fitting if one.vendor))

    def demands(self, question: str) -> tuple[Bearing, ...]:
        """Return what company policy demands, what covers most of the question first."""
        query = self._reading.understand(question)
        policies = [hit for hit in self._search(query) if hit.role is Role.POLICY][:BESIDE]
        return tuple(sorted(self._bearings(query, policies).measured, key=_fit, reverse=True))

    def _search(self, query: Query) -> tuple[Hit, ...]:
        evidence = self._reading.search(query, asked=False)  # these questions are our own, in the words of rules
        self.degraded = self.degraded or "vectors" in evidence.degraded
        return tuple(hit for hit in evidence.hits if not hit.passage.citation.startswith(NOTE))

    def _bearings(self, query: Query, hits: Sequence[Hit]) -> Bearings:
        known = known_by(hits, self._day, self._reading.documents)
        return bearings(query, known, self._reading.measure(query))


def _fit(one: Bearing) -> tuple[float, float]:
    return round(one.cover, 2), max((sentence.likeness for sentence in one.sentences), default=0.0)


def _telling(vendors: Sequence[Vendor], hits: Sequence[Hit]) -> list[str]:
    """Return the names to be met in texts; of those that our table does not have, none that is an ordinary word there."""
    table = {vendor.name for vendor in known_vendors()}
    own = [name for vendor in vendors if vendor.name in table for name in family(vendor)]
    typed_ones = [vendor.name for vendor in vendors if vendor.name not in table]
    written = "\n".join(hit.passage.text for hit in hits)
    return [*own, *(name for name in typed_ones if not re.search(_word(name.lower()), written))]


def _names(hit: Hit, names: Sequence[str]) -> bool:
    """Tell whether a passage names the vendor, or its document does and the passage names nobody else."""
    text = f"{hit.passage.heading}\n{hit.passage.context}\n{hit.passage.text}"
    if _met(text, names):
        return True
    return _met("; ".join(hit.document.vendors), names) and not _met(text, sorted(_everybody() - set(names)))


@cache
def _everybody() -> frozenset[str]:
    """Return every name of our table."""
    return frozenset(name for vendor in known_vendors() for name in (vendor.name, vendor.group, *vendor.aliases))


def _met(text: str, names: Sequence[str]) -> bool:
    """Tell whether a text has one of the names, each word of it with its capital."""
    low = text.lower()
    return any(
        all(not word[:1].islower() for word in met[0].split())
        for name in names
        if name.lower() in low
        for met in re.finditer(_word(name), text, re.IGNORECASE)
    )


def _word(name: str) -> str:
    return rf"(?<!\w){re.escape(name)}(?!\w)" if name.isascii() else re.escape(name)


def _abroad(hit: Hit, vendors: Sequence[Vendor]) -> bool:
    """Tell whether a law or policy speaks of the country of a vendor's group."""
    countries = {COUNTRIES[one.country] for one in vendors if one.country in COUNTRIES and one.country != HOME}
    text = f"{hit.passage.heading} {hit.passage.context} {hit.passage.text}"
    return hit.role in {Role.POLICY, Role.LAW} and any(country in text for country in countries)


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 2)
