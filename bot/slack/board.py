"""Tells in one message how far a refresh is that was asked for in Slack, and runs it in a process of its own."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError

from bot.slack import kbviews as views
from bot.slack.clients import Clients
from bot.slack.post import Later, Spot, code, post_once
from knowledge.errors import KnowledgeError, RefreshRunning
from knowledge.store.renewals import Renewal, Renewals

EVERY = 1.0
"""Seconds between two looks, and so at least between two updates of the message."""
TRIES = 3
"""Processes that are begun for one refresh before it counts as failed."""
_GONE = frozenset(
    {"message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found", "is_archived"}
)
_KILLED = f"its process ended {TRIES} times without a result; the log of the server says why"
Lease = Callable[[str], AbstractContextManager[None]]
"""Takes the lease of a name, `asked` or `telling`; raises RefreshRunning where another process has it."""
Begin = Callable[[str, Sequence[str]], Awaitable[Process]]
"""Begins the process of a refresh for the key of its wish."""
log = structlog.get_logger()


class Board:
    """Follows the refresh that was asked for; of all workers one tells, and another takes over where that one dies.

    The process of the refresh keeps its own progress and outcome, so it ends well without anybody who follows it.
    """

    def __init__(self, clients: Clients, renewals: Renewals, lease: Lease, begin: Begin) -> None:
        self._clients = clients
        self._renewals = renewals
        self._lease = lease
        self._begin = begin
        self._child: Process | None = None
        self._shown: dict[str, Any] = {}

    async def follow(self) -> None:
        """Follow what is asked for in chat, for as long as the process lives."""
        while True:
            try:
                await self.step()
            except (KnowledgeError, SQLAlchemyError, SlackApiError, aiohttp.ClientError, OSError):
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
            self._shown = {}
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
        await self._show(wish, views.under_way(wish.sources, wish.progress or {}))
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

    async def _show(self, wish: Renewal, message: dict[str, Any]) -> None:
        """Update the message where it would say something else; how far it is may be lost, the end may not."""
        if message == self._shown:
            return
        try:
            await self._update(wish, message)
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("renewal.not_shown", error=type(error).__name__)
            await asyncio.sleep(_wait(error))

    async def _end(self, wish: Renewal) -> None:
        """Say how it ended, in a new message where the old one is gone, and let the next refresh be asked for."""
        message = views.ended(wish.outcome or {}, wish.key)
        try:
            await self._update(wish, message)
        except SlackApiError as error:
            if error.response.get("error") not in _GONE:
                raise
            await self._anew(wish, message)
        await asyncio.to_thread(self._renewals.close, wish.key)

    async def _anew(self, wish: Renewal, message: dict[str, Any]) -> None:
        """Post the end in a message of its own; where Slack takes that one neither, the audit log alone tells it."""
        try:
            await post_once(await self._of(wish), Spot(f"{wish.key}:end", wish.back["channel"]), message, again=True)
        except SlackApiError as error:
            log.warning("renewal.untold", error=code(error))
        except Later:
            log.warning("renewal.untold", error="late")

    async def _of(self, wish: Renewal) -> AsyncWebClient:
        return await self._clients.of(wish.back.get("team", ""))

    async def _update(self, wish: Renewal, message: dict[str, Any]) -> None:
        await (await self._of(wish)).chat_update(channel=wish.back["channel"], ts=wish.back["ts"], **message)
        self._shown = message


def _wait(error: Exception) -> float:
    """Return how long Slack wants us to wait, in seconds."""
    headers = getattr(getattr(error, "response", None), "headers", {}) or {}
    try:
        return min(60.0, max(EVERY, float(headers.get("Retry-After", EVERY))))
    except (TypeError, ValueError):
        return EVERY
