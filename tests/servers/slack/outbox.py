"""The way of a payload to the app: tried, tried again as Slack does, and written down."""

import asyncio
from dataclasses import replace
from typing import Protocol

from tests.servers.slack.journal import Attempt, Delivery, Journal


class Route(Protocol):
    """One way to hand a payload to the app, once."""

    async def attempt(self, delivery: Delivery, number: int, reason: str | None) -> Attempt: ...


class Outbox:
    """Sends events in the background with retries, and interactions once while somebody waits."""

    def __init__(self, journal: Journal, retry_delays: tuple[float, ...]) -> None:
        self.retry_delays = retry_delays
        self.route: Route | None = None
        self._journal = journal
        self._running: set[asyncio.Task[Delivery]] = set()

    def post(self, delivery: Delivery) -> Delivery:
        """Send an event in the background; without a route it is only written down."""
        self._open(delivery)
        if self.route is None:
            delivery.done = True
            return delivery
        task = asyncio.create_task(self._insist(delivery))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return delivery

    async def hand(self, delivery: Delivery) -> Delivery:
        """Send an interaction once and return when the app answered or its time was up."""
        self._open(delivery)
        await self._try(delivery, 0, None)
        return self._close(delivery)

    async def again(self, delivery: Delivery) -> Attempt:
        """Send a past payload once more, as the retry after its last try."""
        return await self._try(delivery, max(len(delivery.attempts), 1), "http_timeout")

    async def idle(self) -> None:
        """Return when no event is on its way any more."""
        while self._running:
            await asyncio.gather(*self._running)

    async def close(self) -> None:
        """Give up what is still on its way."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _insist(self, delivery: Delivery) -> Delivery:
        attempt = await self._try(delivery, 0, None)
        for number, delay in enumerate(self.retry_delays, start=1):
            if attempt.failure is None or attempt.no_retry:
                break
            if delay:
                await asyncio.sleep(delay)
            attempt = await self._try(delivery, number, attempt.failure)
        return self._close(delivery)

    async def _try(self, delivery: Delivery, number: int, reason: str | None) -> Attempt:
        if self.route is None:
            raise RuntimeError("there is no app: set events_url or connect a socket")
        started = asyncio.get_running_loop().time()
        attempt = await self.route.attempt(delivery, number, reason)
        spent = (asyncio.get_running_loop().time() - started) * 1000
        delivery.attempts.append(replace(attempt, ms=spent))
        self._journal.changed()
        return delivery.attempts[-1]

    def _open(self, delivery: Delivery) -> None:
        self._journal.deliveries.append(delivery)
        self._journal.changed()

    def _close(self, delivery: Delivery) -> Delivery:
        delivery.done = True
        self._journal.changed()
        return delivery
