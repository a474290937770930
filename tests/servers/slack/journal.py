"""The record of every Web API call and every delivery, and the means to wait for the next one."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.servers.slack.model import Json

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """One Web API call with its decoded arguments and the answer it got."""

    method: str
    args: Json
    token: str | None
    status: int
    result: Json
    at: float

    @property
    def ok(self) -> bool:
        """Tell whether Slack did what was asked."""
        return bool(self.result.get("ok"))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a delivery; ``failure`` is Slack's retry reason, or nothing when the app acknowledged."""

    number: int
    status: int | None = None
    body: str = ""
    headers: Json = field(default_factory=dict)
    failure: str | None = None
    no_retry: bool = False
    ms: float = 0.0

    @property
    def answer(self) -> Any:
        """Read the acknowledgement: JSON where it is JSON, else its text."""
        try:
            return json.loads(self.body)
        except ValueError:
            return self.body


@dataclass(slots=True)
class Delivery:
    """One payload on its way to the app, with every try to hand it over."""

    kind: str
    payload: Json
    attempts: list[Attempt] = field(default_factory=list)
    done: bool = False
    refused: str | None = None

    @property
    def name(self) -> str:
        """Name what is delivered: an event's type, a command, or an interaction's type."""
        event = self.payload.get("event", {})
        return str(event.get("type") or self.payload.get("command") or self.payload.get("type"))

    @property
    def event_id(self) -> str | None:
        """Give the id that stays the same on every retry of an event."""
        return self.payload.get("event_id")

    @property
    def acked(self) -> bool:
        """Tell whether the app took it."""
        return any(attempt.failure is None for attempt in self.attempts)

    @property
    def status(self) -> int | None:
        """Give the status of the last try."""
        return self.attempts[-1].status if self.attempts else None

    @property
    def answer(self) -> Any:
        """Read the acknowledgement of the last try."""
        return self.attempts[-1].answer if self.attempts else None


class Journal:
    """Everything that happened, in order."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.deliveries: list[Delivery] = []
        self._waiters: set[asyncio.Future[None]] = set()

    def changed(self) -> None:
        """Wake everyone who waits for something to happen."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    async def wait(self, condition: Callable[[], T], timeout: float) -> T:  # noqa: ASYNC109 - reads like wait_for
        """Return the condition's first true value, looking again whenever something happened.

        Raises TimeoutError, with what did happen, when it stays false for ``timeout`` seconds.
        """
        try:
            async with asyncio.timeout(timeout):
                while not (value := condition()):
                    waiter = asyncio.get_running_loop().create_future()
                    self._waiters.add(waiter)
                    await waiter
        except TimeoutError as error:
            raise TimeoutError(f"nothing made it true in {timeout} s; this happened:\n{self.story()}") from error
        return value

    def story(self) -> str:
        """Tell in one line each what was called and delivered."""
        calls = [f"  {call.method} -> {call.result.get('error') or 'ok'}" for call in self.calls]
        sent = [
            f"  {one.kind} {one.name} -> {[try_.status or try_.failure for try_ in one.attempts]}"
            for one in self.deliveries
        ]
        return "\n".join(["calls:", *calls, "deliveries:", *sent])
