"""The use case of a watch: somebody follows a vendor, and after each refresh is told once what is different."""

import asyncio
import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from bot.access import labels
from bot.card import Card
from bot.checking import Checking, check_id
from bot.differing import differences, seen
from bot.model import Asker, Place, VendorCheck
from knowledge.ruling import asked_for
from knowledge.store.ledger import Ledger
from knowledge.store.watches import Watch, Watches

UNHEARD = "The knowledge base did not answer in time, so nothing is watched yet. Please try again in a minute."
MOST = 200
"""Vendors that one person may watch."""


@dataclass(frozen=True, slots=True)
class News:
    """What a look found: the vendor as it was typed, the differences as sentences, and the card's id, whose receipt is kept."""

    vendor: str
    country: str
    lines: tuple[str, ...]
    card_id: str
    receipt_url: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """What came of a wish to watch: the card as it stands now, and whether the watch is a new one.

    `refused` says in words why there is none.
    """

    card: Card | None
    new: bool = False
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Watching:
    """Watches vendors; `served` names the lists and the register of owners in service, another one for others."""

    checking: Checking
    ledger: Ledger
    watches: Watches
    served: Callable[[], str]
    today: Callable[[], date]

    def mark(self) -> str:
        """Return the name of the state that a look would see: edition, lists and day (UTC). It blocks."""
        live = self.ledger.live()
        state = f"{live.number if live else 0}|{self.served()}|{self.today()}"
        return hashlib.sha256(state.encode()).hexdigest()[:32]

    async def add(self, asked: VendorCheck, back: dict[str, Any] | None = None) -> Added:
        """Watch a vendor for its asker from what its card says now; watched again it stays as it was."""
        mark = await asyncio.to_thread(self.mark)
        card = await self.checking.checked(asked)
        if card.refused or self._unheard(card):
            return Added(None, refused=card.refused or UNHEARD)
        own = await asyncio.to_thread(self.watches.of, asked.asker.id)
        if len(own) >= MOST:
            return Added(
                None, refused=f"You watch {MOST} vendors already, and more are not kept: stop watching one first."
            )
        watch = Watch(
            watch_id(asked.asker.id, asked.name, asked.country), asked.asker.id, asked.name, asked.country, back,
            datetime.now(UTC), mark, seen(card),
        )  # fmt: skip
        return Added(card, new=await asyncio.to_thread(self.watches.add, watch))

    async def stop(self, watcher: str, vendor: str, country: str = "") -> bool:
        """Stop watching a vendor; False where the watcher did not."""
        return await asyncio.to_thread(self.watches.remove, watch_id(watcher, vendor, country))

    async def look(self, watch: Watch, asker: Asker, place: Place, mark: str) -> News | None:
        """Look at a vendor in a state and return what is different; None where nothing is, or nobody watches any more.

        Where the knowledge base does not answer nothing is kept: the next state is looked at as if this one had not been.

        The same look again returns the same news: a look that was interrupted after it was kept tells nothing twice and
        forgets nothing.
        """
        if watch.look == mark:
            return self._told(watch, mark)
        asked = VendorCheck(f"watch:{watch.id}:{mark}", watch.vendor, asker, place, watch.country)
        card = await self.checking.checked(asked)
        if card.refused or self._unheard(card):
            return None
        now = seen(card)
        lines = await asyncio.to_thread(self._differences, watch, now, labels(asker, place))
        if lines:
            await self.checking.keep(card, asked)
        if await asyncio.to_thread(self.watches.looked, watch, mark, {**now, "told": list(lines)}, lines):
            return self._news(watch, lines, card)
        again = await asyncio.to_thread(self.watches.find, watch.id)
        return self._told(again, mark) if again else None

    def _unheard(self, card: Card) -> bool:
        """Tell whether the knowledge base did not answer: of such a card nothing can be said to be gone or to be new."""
        return card.edition is None and self.ledger.live() is not None

    def _told(self, watch: Watch, mark: str) -> News | None:
        """Return what a look that was kept already has found."""
        lines = tuple(watch.seen.get("told", ())) if watch.look == mark else ()
        if not lines:
            return None
        return News(watch.vendor, watch.country, lines, check_id(f"watch:{watch.id}:{mark}"))

    def _news(self, watch: Watch, lines: tuple[str, ...], card: Card) -> News | None:
        return News(watch.vendor, watch.country, lines, card.id, card.receipt_url) if lines else None

    def _differences(self, watch: Watch, now: dict[str, Any], readable: frozenset[str]) -> tuple[str, ...]:
        before = watch.seen
        known = self._held(before["edition"], now["claims"], readable)
        gone = set(before["claims"]) - self._held(now["edition"], before["claims"], readable)
        return differences(before, now, known, gone)

    def _held(self, edition: int | None, ids: Collection[str], readable: frozenset[str]) -> set[str]:
        """Return which of these passages an edition has that the watcher may read."""
        return set(self.ledger.passages(edition, list(ids), readable)) if edition is not None else set()


def watch_id(watcher: str, vendor: str, country: str) -> str:
    """Return the id of a watch: one for each watcher and vendor, however its name is spaced."""
    return hashlib.sha256(f"{watcher}|{asked_for(vendor, country)}".encode()).hexdigest()[:16]
