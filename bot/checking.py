"""The use case of a vendor check: a typed name goes in, a card whose every sentence is proved comes out, a receipt is kept."""

import asyncio
import hashlib
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from bot.access import labels
from bot.card import NOTHING, Card, Heard, made
from bot.dossier import freeze
from bot.ground import Grounds, sift
from bot.links import Links
from bot.model import Claim, VendorCheck
from bot.ports import Drafter
from bot.rubric import Rubric
from bot.scale import Scale
from knowledge.bearing import Bearing
from knowledge.errors import NothingPublished
from knowledge.model import Hit, Role
from knowledge.names.asked import understand as typed
from knowledge.names.grade import Grade
from knowledge.query import Names, Query, Vendor, family, understand
from knowledge.rank import Bearings, bearings, known_by
from knowledge.reading import Reading
from knowledge.screened import Loaded, Screened
from knowledge.screening import screen
from knowledge.search import Searcher
from knowledge.store.receipts import Receipts
from knowledge.words import terms

READ = 16
"""Passages about the vendor, and of policies, that are read for one question."""
CLAIMS = 6
SHORTEST = 3
"""Letters that a name must have to be looked for in texts."""
_SURE = frozenset({Grade.CONFIRMED, Grade.PROBABLE})


@dataclass(frozen=True, slots=True)
class Checking:
    """Checks vendors; `loaded` gives the lists in service on a day, `drafter` chooses sentences without a model."""

    searcher: Searcher
    receipts: Receipts
    loaded: Callable[[date], Loaded]
    drafter: Drafter
    scale: Scale
    rubric: Rubric
    today: Callable[[], date]
    links: Links | None = None

    async def check(self, asked: VendorCheck) -> Card:
        """Check a vendor and keep the receipt; the card's id is made from the event's key.

        A name that cannot be searched gives a card that says why, and no receipt.
        """
        card = await self.checked(asked)
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
        screened = await asyncio.to_thread(self._screened, asked, day)
        timings = {"screen": _since(began)}
        blank = Card(check_id(asked.key), asked.name[:300], screened.country, day, "R4", made_at=datetime.now(UTC))
        heard = Heard(None, "R4", understand("", Names(())))
        if not screened.refused:
            heard = await self._heard(asked, screened)
        timings["hear"] = _since(began) - timings["screen"]
        card = made(blank, screened, heard, self.scale, self.rubric)
        return replace(card, timings_ms={**timings, "total": _since(began)})

    def _screened(self, asked: VendorCheck, day: date) -> Screened:
        return screen(self.loaded(day), asked.name, asked.country, day)

    async def _heard(self, asked: VendorCheck, screened: Screened) -> Heard:
        """Return what the knowledge base holds on the vendor, or what policy demands for one that it does not know."""
        name = typed(asked.name).name
        nothing = Heard(None, "R4", understand("", Names(())))
        try:
            reading = await asyncio.to_thread(self.searcher.at, labels(asked.asker, asked.place), asked.as_of)
        except NothingPublished:
            return nothing
        vendors = _vendors(name, screened)
        rung = self.drafter.rung
        found: list[tuple[Query, Bearings]] = []
        for question in self.scale.questions if vendors else ():
            query = _query(reading, question, vendors)
            bears, degraded = await asyncio.to_thread(_bearings, reading, query, screened.day)
            rung = "R2" if degraded else rung
            if any(one.vendor for one in bears.found):
                found.append((query, bears))
        if not found:
            query = reading.understand(self.scale.demands)
            bears, degraded = await asyncio.to_thread(_demands, reading, query, screened.day)
            return Heard(reading.edition, "R2" if degraded else rung, query, demands=bears)
        claims = await self._claims(found)
        together = replace(found[0][1], found=tuple(_once(found)))
        return Heard(reading.edition, rung, found[0][0], claims, vendors, together)

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


def _vendors(name: str, screened: Screened) -> tuple[Vendor, ...]:
    """Return the names to look for in texts: those of our table, the typed one, and the listed party where it is sure."""
    sure = [one.party.name for one in screened.found if one.grade in _SURE or one.owned]
    names = list(dict.fromkeys((name, *sure)))
    table = {vendor.group: vendor for one in names for vendor in understand(one, Names(())).vendors}
    if name and table:
        # The typed name stands first in what is said, whatever the group is called.
        return tuple(table.values())
    own = [one for one in names if sum(map(str.isalpha, one)) >= SHORTEST]
    return tuple(Vendor(one, (), one, screened.country) for one in own)


def _query(reading: Reading, question: str, vendors: Sequence[Vendor]) -> Query:
    """Read a question about the vendor, whose own names are no subject of it."""
    query = reading.understand(question.replace("{vendor}", vendors[0].name))
    names = {word for vendor in vendors for one in (vendor.name, *family(vendor)) for word in terms(one)}
    concepts = tuple(one for one in query.concepts if not names & {word for way in one.ways for word in way})
    return replace(query, vendors=tuple(vendors), concepts=concepts)


def _bearings(reading: Reading, query: Query, day: date) -> tuple[Bearings, bool]:
    """Return what bears on the vendor: passages that name it, and what policy and law say beside them."""
    evidence = reading.search(query)
    named = [hit for hit in evidence.hits if _names(hit, query.vendors)]
    if not named:
        return NOTHING, "vectors" in evidence.degraded
    kept = {hit.passage.id for hit in named}
    beside = [hit for hit in evidence.hits if hit.role in {Role.POLICY, Role.LAW} and hit.passage.id not in kept]
    hits = sorted((*named[:READ], *beside[: READ // 2]), key=lambda hit: -hit.score)
    known = known_by(hits, day, reading.documents)
    found = bearings(query, known, reading.measure(query))
    bears = found.found or tuple(one for one in found.fitting if one.vendor)
    return replace(found, found=bears), "vectors" in evidence.degraded


def _demands(reading: Reading, query: Query, day: date) -> tuple[Bearings, bool]:
    """Return what policy demands of every new vendor."""
    evidence = reading.search(query)
    policies = [hit for hit in evidence.hits if hit.role is Role.POLICY][:READ]
    found = bearings(query, known_by(policies, day, reading.documents), reading.measure(query))
    return replace(found, found=found.fitting), "vectors" in evidence.degraded


def _names(hit: Hit, vendors: Sequence[Vendor]) -> bool:
    """Tell whether a passage names a vendor as a name is written: not "target" for Target, nor "Box" where a sentence opens."""
    text = f"{hit.passage.heading}\n{hit.passage.context}\n{hit.passage.text}\n{'; '.join(hit.document.vendors)}"
    return any(_written(name, text) for vendor in vendors for name in family(vendor))


def _written(name: str, text: str) -> bool:
    found = re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)" if name.isascii() else re.escape(name), text, re.IGNORECASE)
    for one in found:
        capitals = all(not word[:1].islower() for word in one[0].split())
        opens = re.search(r"(?:^|[.!?:]\s)\s*$", text[: one.start()]) is not None
        if capitals and (not opens or " " in name or not one[0].istitle() or text.count(one[0]) > 1):
            return True
    return False


def _once(found: Sequence[tuple[Query, Bearings]]) -> Iterator[Bearing]:
    seen: set[str] = set()
    for one in (one for _, bears in found for one in bears.found):
        if one.hit.passage.id not in seen:
            seen.add(one.hit.passage.id)
            yield one


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 2)
