"""Lets waiting questions through in a fair order: in turn by asker, so that nobody's burst holds up another's question."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

REMEMBERED = 1_000
"""Askers of whom it is known when they were served last."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many questions are worked on at once: by all, for one asker and for one place; 0 is no limit."""

    at_once: int
    per_asker: int = 0
    per_place: int = 0


@dataclass(eq=False, slots=True)
class Ticket:
    """One question at the gate."""

    asker: str
    place: str
    called: asyncio.Event = field(default_factory=asyncio.Event)


class Gate:
    """Works on one loop; a ticket waits until its asker's turn has come and neither asker nor place has too many inside."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waiting: list[Ticket] = []
        self._inside: list[Ticket] = []
        self._served: dict[str, int] = {}
        self._turns = 0
        self._closed = False

    def close(self) -> None:
        """Send everybody away who waits; who is inside may end."""
        self._closed = True
        for ticket in self._waiting:
            ticket.called.set()

    @asynccontextmanager
    async def turn(self, ticket: Ticket) -> AsyncIterator[None]:
        """Wait for the ticket's turn, and hold its place inside until the block ends; a closed gate cancels who waits."""
        self._waiting.append(ticket)
        self._call()
        if self._closed:
            ticket.called.set()
        try:
            await ticket.called.wait()
            if ticket not in self._inside:
                raise asyncio.CancelledError
            yield
        finally:
            (self._inside if ticket in self._inside else self._waiting).remove(ticket)
            self._call()

    def place_of(self, ticket: Ticket) -> int:
        """Return a ticket's place in the queue, 1 for the next one; 0 when it waits no more."""
        order = self._order()
        return order.index(ticket) + 1 if ticket in order else 0

    def _order(self) -> list[Ticket]:
        """Return who waits: by how many questions their asker has inside and before, then by how long ago it was served."""
        ahead = Counter(ticket.asker for ticket in self._inside)
        ranked = []
        for at, ticket in enumerate(self._waiting):
            ranked.append((ahead[ticket.asker], self._served.get(ticket.asker, 0), at, ticket))
            ahead[ticket.asker] += 1
        return [ticket for *_, ticket in sorted(ranked, key=lambda rank: rank[:3])]

    def _call(self) -> None:
        for ticket in [] if self._closed else self._order():
            if len(self._inside) >= self._limits.at_once:
                return
            if self._may_enter(ticket):
                self._waiting.remove(ticket)
                self._inside.append(ticket)
                self._turns += 1
                self._served.pop(ticket.asker, None)
                self._served[ticket.asker] = self._turns
                if len(self._served) > REMEMBERED:
                    del self._served[next(iter(self._served))]
                ticket.called.set()

    def _may_enter(self, ticket: Ticket) -> bool:
        of_asker = sum(one.asker == ticket.asker for one in self._inside)
        in_place = sum(bool(ticket.place) and one.place == ticket.place for one in self._inside)
        asker_full = self._limits.per_asker and of_asker >= self._limits.per_asker
        place_full = self._limits.per_place and in_place >= self._limits.per_place
        return not asker_full and not place_full
