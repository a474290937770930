"""From the engine's threads to the process's own loop, where its connections live."""

import asyncio
from collections.abc import Coroutine
from concurrent import futures
from typing import Any, TypeVar

from bot.runs import Dropped

T = TypeVar("T")


class Bridge:
    """Leads to the loop that it is made on, until it is closed."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._closed = False

    def wait(self, work: Coroutine[Any, Any, T], seconds: float | None = None) -> T:
        """Run asynchronous work on the loop and return what it returns; raise Dropped where the loop ends before it."""
        if self._closed:
            work.close()
            raise Dropped
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)
        except futures.CancelledError:
            raise Dropped from None

    def close(self) -> None:
        """Take no more work: the loop is about to end."""
        self._closed = True
