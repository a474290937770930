"""Tells in one message how far a refresh is that was asked for in a chat, and runs it in a process of its own."""

import asyncio
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import Gone, Untold
from bot.kb import replies
from bot.kb.reply import Reply
from knowledge.errors import KnowledgeError, RefreshRunning
from knowledge.store.renewals import Renewal, Renewals

EVERY = 1.0
"""Seconds between two looks, and so at least between two updates of the message."""
TRIES = 3
"""Processes that are begun for one refresh before it counts as failed."""
FIRST_DOOR = "slack"
"""The door of a wish that names none: it was asked for when there was no other."""
_KILLED = f"its process ended {TRIES} times without a result; the log of the server says why"
Lease = Callable[[str], AbstractContextManager[None]]
"""Takes the lease of a name, `asked` or `telling`; raises RefreshRunning where another process has it."""
Begin = Callable[[str, Sequence[str]], Awaitable[Process]]
"""Begins the process of a refresh for the key of its wish."""
log = structlog.get_logger()


class Teller(Protocol):
    """Shows at its door how far a refresh is; `back` is what that door left in the wish."""

    def pace(self, back: Mapping[str, Any]) -> float:
        """Return the seconds between two updates of this message."""
        ...

    async def update(self, back: Mapping[str, Any], reply: Reply, *, last: bool) -> None:
        """Put a reply in the message's place; raise Gone where there is no such message, Untold where it was not taken now."""
        ...

    async def anew(self, key: str, back: Mapping[str, Any], reply: Reply) -> None:
        """Post a reply as a message of its own, once for a key; raise Untold where it was not taken."""
        ...


class Board:
    """Follows the refresh that was asked for; of all workers one tells, and another takes over where that one dies.

    The process of the refresh keeps its own progress and outcome, so it ends well without anybody who follows it. A wish remembers
    its door; where that one is closed the refresh is done all the same, and the audit log alone tells it.
    """

    def __init__(self, tellers: Mapping[str, Teller], renewals: Renewals, lease: Lease, begin: Begin) -> None:
        self._tellers = tellers
        self._renewals = renewals
        self._lease = lease
        self._begin = begin
        self._child: Process | None = None
        self._shown: Reply | None = None
        self._shown_at = 0.0

    async def follow(self) -> None:
        """Follow what is asked for in chat, for as long as the process lives."""
        while True:
            try:
                await self.step()
            except Untold as late:
                await asyncio.sleep(late.seconds)
            except (KnowledgeError, SQLAlchemyError, OSError):
                log.warning("renewal.unknown")
            await asyncio.sleep(EVERY)

    async def step(self) -> None:
        """Follow the refresh that is not at its end, if there is one, until its message says how it ended."""
        wish = await asyncio.to_thread(self._renewals.open)
        if wish is None:
            return
        with ExitStack() as held:
            try:
                held.enter_context(self._lease("telling"))
            except RefreshRunning:
                return
            self._shown = None
            while await self._told(wish.key):  # noqa: ASYNC110 - it follows another process, which has no event for us
                await asyncio.sleep(EVERY)

    async def _told(self, key: str) -> bool:
        """Do what is next for a refresh and say how far it is; False once it is at its end."""
        # Looked at before the wish is read: whoever is at work no more has written down how it ended.
        working = (self._child is not None and self._child.returncode is None) or await self._leased()
        wish = await asyncio.to_thread(self._renewals.open)
        if wish is None or wish.key != key:
            return False
        if wish.outcome is not None:
            await self._end(wish)
            return False
        if not working:
            await self._go(wish)
        await self._show(wish, replies.under_way(wish.sources, wish.progress or {}))
        return True

    async def _go(self, wish: Renewal) -> None:
        """Begin the process of a refresh, or give up where it has ended without a result too often."""
        if wish.tries >= TRIES:
            await asyncio.to_thread(self._renewals.end, wish.key, {"error": _KILLED})
            return
        await asyncio.to_thread(self._renewals.begin, wish.key)
        self._child = await self._begin(wish.key, wish.sources)
        log.info("renewal.begun", tries=wish.tries + 1)

    async def _leased(self) -> bool:
        """Tell whether a process is at work on what was asked for."""

        def look() -> bool:
            try:
                with self._lease("asked"):
                    return False
            except RefreshRunning:
                return True

        return await asyncio.to_thread(look)

    async def _show(self, wish: Renewal, reply: Reply) -> None:
        """Update the message where it would say something else; how far it is may be lost, the end may not."""
        teller = self._teller(wish)
        if teller is None or reply == self._shown or time.monotonic() < self._shown_at + teller.pace(wish.back):
            return
        try:
            await teller.update(wish.back, reply, last=False)
        except Gone:
            log.warning("renewal.not_shown", error="gone")
        except Untold as late:
            log.warning("renewal.not_shown", error=late.why)
            await asyncio.sleep(max(EVERY, late.seconds))
            return
        self._shown, self._shown_at = reply, time.monotonic()

    async def _end(self, wish: Renewal) -> None:
        """Say how it ended, in a new message where the old one is gone, and let the next refresh be asked for."""
        reply = replies.ended(wish.outcome or {}, wish.key)
        if teller := self._teller(wish):
            try:
                await teller.update(wish.back, reply, last=True)
            except Gone:
                await self._anew(teller, wish, reply)
        else:
            log.warning("renewal.untold", error="closed")
        await asyncio.to_thread(self._renewals.close, wish.key)

    async def _anew(self, teller: Teller, wish: Renewal, reply: Reply) -> None:
        """Post the end in a message of its own; where the door takes that one neither, the audit log alone tells it."""
        try:
            await teller.anew(f"{wish.key}:end", wish.back, reply)
        except Untold as refused:
            log.warning("renewal.untold", error=refused.why)

    def _teller(self, wish: Renewal) -> Teller | None:
        return self._tellers.get(wish.back.get("door", FIRST_DOOR))
