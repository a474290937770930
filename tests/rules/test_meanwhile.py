"""When somebody who waits is told, shown steps and heard: after two seconds, or sooner where a step takes long."""

import asyncio
import time

import pytest

from bot.meanwhile import GivenUp, Meanwhile
from bot.progress import Course, Stage

SEARCHED = Stage("search", "Searched 50 documents of edition 1")
WRITING = Stage("draft", "Having sentences written from them", done=False, lasting=True)
WRITTEN = Stage("draft", "Had 2 sentences written from them")


class Waiting:
    """One work and what is said beside it, each with the seconds since it began."""

    def __init__(self, *plan, stop_after=1_000.0, slow=0.0):
        self.said = []
        self._plan, self._stop_after, self._slow = plan, stop_after, slow

    async def run(self, within=20.0):
        began = time.monotonic()
        course = Course()

        async def work():
            for stage, seconds in self._plan:
                if stage:
                    course.tell(stage)
                await asyncio.sleep(seconds)

        async def note(kind, stages):
            await asyncio.sleep(self._slow)
            self.said.append((kind, time.monotonic() - began, [one.title for one in stages]))
            return {"ts": "1"} if kind != "sign" else {}

        async def stopped(_held):
            return time.monotonic() - began > self._stop_after

        beside = Meanwhile(
            asyncio.ensure_future(work()), course,
            hold=lambda stages: note("hold", stages),
            show=lambda held, stages: note("show" if held else "sign", stages),
            stopped=stopped,
        )  # fmt: skip
        try:
            async with asyncio.timeout(within):
                await beside.accompany()
        finally:
            beside.work.cancel()
        return beside.held


async def test_who_waits_is_told_shown_each_step_once_and_heard():
    quick, lasting, waiting = Waiting((SEARCHED, 0.2)), Waiting((WRITING, 1.7)), Waiting((None, 3.0))
    steps, stopped = Waiting((WRITING, 1.5), (WRITTEN, 2.0)), Waiting((WRITING, 30.0), stop_after=1.0)
    late = Waiting((None, 30.0), slow=0.8)

    async def broken_off(one, error, within=20.0):
        with pytest.raises(error):
            await one.run(within)

    held = await asyncio.gather(
        quick.run(), lasting.run(), waiting.run(), steps.run(), broken_off(stopped, GivenUp),
        broken_off(late, TimeoutError, 2.4),
    )  # fmt: skip
    assert held[:3] == [{}, {"ts": "1"}, {"ts": "1"}]
    assert quick.said == []
    assert [kind for kind, *_ in lasting.said] == ["sign", "hold"]
    assert 0.7 < lasting.said[1][1] < 1.7
    assert [kind for kind, *_ in waiting.said] == ["hold"]
    assert 1.9 < waiting.said[0][1] < 3.0
    assert [(kind, titles) for kind, _, titles in steps.said] == [
        ("sign", [WRITING.title]), ("hold", [WRITING.title]), ("show", [WRITTEN.title]),
    ]  # fmt: skip
    assert [kind for kind, *_ in late.said] == ["hold"], "what is being shown when the time is over is shown to its end"
