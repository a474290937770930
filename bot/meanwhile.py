"""Beside a work that takes its time: whoever waits is told so, sees its steps, and can have it given up."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.progress import Course, Stage

PATIENCE = 2.0
"""Seconds after which who waits is told so; an answer within them is one message, never edited."""
EAGER = 0.8
"""Seconds after which that is done where a step is at work that takes long, as a model's writing does."""
PACE = 1.0
"""Seconds between two looks at the steps, and at whether the work is to be given up."""
GRACE = 12.0
"""Seconds in which a call to a platform that is under way may come to its end."""
Payload = dict[str, Any]
T = TypeVar("T")


class GivenUp(Exception):
    """Whoever asked does not want the answer any more."""


@dataclass(slots=True)
class Meanwhile:
    """Accompanies one work; `held` is by what the platform holds its place, empty while nothing stands there.

    `hold` tells who waits, `show` shows the steps in what is held, `stopped` tells whether the work is to be given up.
    """

    work: asyncio.Future[Any]
    course: Course
    hold: Callable[[tuple[Stage, ...]], Coroutine[Any, Any, Payload]]
    show: Callable[[Payload, tuple[Stage, ...]], Coroutine[Any, Any, Payload]]
    stopped: Callable[[Payload], Awaitable[bool]]
    held: Payload = field(default_factory=dict)

    async def accompany(self) -> None:
        """Return when the work has ended; raise GivenUp when it is to be given up before that."""
        if await self.stopped({}):
            raise GivenUp
        await self._moment()
        if self.work.done():
            return
        # Where this is broken off, something may stand there all the same: then it is looked for.
        self.held = {"look": True}
        shown = self.course.stages
        await self._whole(self.hold(shown))
        while not self.work.done():
            if await self.stopped(self.held):
                raise GivenUp
            if self.held.get("behind") or self.course.stages != shown:
                shown = self.course.stages
                await self._whole(self.show(self.held, shown))
            await asyncio.wait({self.work}, timeout=PACE)

    async def _moment(self) -> None:
        """Wait for as long as nothing need be said; a step that takes long is shown as a mere status at once."""
        lasting = asyncio.ensure_future(self.course.lasts())
        try:
            await asyncio.wait({self.work, lasting}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
            if not lasting.done() or self.work.done():
                return
            until = asyncio.get_running_loop().time() + EAGER
            await self._whole(self.show({}, self.course.stages))
            await asyncio.wait({self.work}, timeout=max(0.0, until - asyncio.get_running_loop().time()))
        finally:
            lasting.cancel()

    async def _whole(self, call: Coroutine[Any, Any, Payload]) -> None:
        """Make a call to its end even where the wait for it ends: half a change could come after the answer."""
        task = asyncio.ensure_future(call)
        try:
            self.held = await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task}, timeout=GRACE)
            if task.done() and not task.cancelled() and task.exception() is None:
                self.held = task.result()
            raise
