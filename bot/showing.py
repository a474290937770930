"""What a run shows while it works, and puts right where another run has taken the work over meanwhile."""

import asyncio
from dataclasses import dataclass

from bot.doorway import Door, Payload
from bot.progress import Stage
from bot.runs import Dropped, Run, Runs, composed_by, ended


@dataclass(frozen=True, slots=True)
class Showing:
    """Shows one run of one work to whoever waits for it."""

    key: str
    door: Door
    payload: Payload
    run: Run
    runs: Runs

    async def hold(self, place: int, stages: tuple[Stage, ...]) -> Payload:
        """Tell who waits; a run that was taken over meanwhile takes back what it said, once the other has ended."""
        await self._check()
        held = await self.door.hold(self.key, self.payload, place, stages, again=self.run.again)
        try:
            await self._check()
        except Dropped:
            if await ended(self.key):
                await self.door.retract(self.key, self.payload, held)
            raise
        return held

    async def show(self, held: Payload, stages: tuple[Stage, ...]) -> Payload:
        """Show the steps; a run that was taken over meanwhile may have written them over the other's answer, and sends that again."""
        if not held:
            return await self.door.show(self.key, self.payload, held, stages)
        await self._check()
        held = await self.door.show(self.key, self.payload, held, stages)
        try:
            await self._check()
        except Dropped:
            message = await asyncio.to_thread(composed_by, self.key) if await ended(self.key) else None
            if message:
                await self.door.deliver(self.key, self.payload, message, again=True)
            raise
        return held

    async def _check(self) -> None:
        await asyncio.to_thread(self.runs.check, self.key, self.run)
