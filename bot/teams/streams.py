"""A message that is written bit by bit, for one person's chat: a status while it is made, its first words, the whole."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog

from bot.teams.connector import Connector, MaybeSent, Unreachable

PATIENCE = 0.8
"""Seconds after which a person is shown that work goes on; an answer that is there before comes as one plain message."""
PACE = 1.2
"""Seconds between two requests of a stream; Teams takes one a second."""
LONGEST = 100.0
"""Seconds after which a stream is left alone: Teams ends it after 120."""
STATUSES = (
    "Reading the sources that you may read",
    "Writing, and checking each sentence against its quote",
    "Still at it: the answer comes here as soon as its sentences are proved",
)
TRIES = 3
BETWEEN = 4.0
"""Seconds between two statuses."""
T = TypeVar("T")
log = structlog.get_logger()


class Streams:
    """Streams to Teams; a stream that breaks in any way is given up, and the message goes as a plain one."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._steps: dict[str, tuple[int, float, float]] = {}

    async def during(self, work: Awaitable[T], payload: dict[str, Any], step: Callable[[], str] = str) -> tuple[T, str]:
        """Wait for work, with a status where it takes its time; return what it gives and the id of the stream, if any.

        A status is the step that `step` names, or words of ours where it names none or the same again.
        """
        task = asyncio.ensure_future(work)
        stream = shown = ""
        try:
            await asyncio.wait({task}, timeout=PATIENCE)
            for status in STATUSES:
                if task.done():
                    break
                shown = status if step() in {"", shown} else step()
                stream = await self._status(payload, stream, shown)
                if not stream:
                    break
                await asyncio.wait({task}, timeout=BETWEEN)
            return await task, stream
        finally:
            task.cancel()

    async def end(self, service: str, message: dict[str, Any]) -> str:
        """Write the first words and then the whole into a stream; return its id, empty where a plain message is needed.

        The whole may be written again after a crash: Teams then says that the stream is complete.
        """
        stream = message["stream"]
        _, _, began = self._steps.get(stream, (1, 0.0, time.monotonic()))
        try:
            for _ in range(TRIES):
                if time.monotonic() - began > LONGEST:
                    break
                try:
                    await self._whole(service, message)
                except MaybeSent:
                    continue
                return str(stream)
        except Unreachable as refused:
            log.info("teams.stream_refused", status=refused.status)
            ended = any(words in refused.words.lower() for words in ("already completed", "cancel"))
            return str(stream) if ended else ""
        finally:
            self._steps.pop(stream, None)
        return ""

    async def _whole(self, service: str, message: dict[str, Any]) -> None:
        stream, activity, where = message["stream"], message["activity"], message["conversation"]
        first = str(activity["text"]).split("\n\n")[0]
        if stream in self._steps and first != activity["text"]:
            sequence = self._steps[stream][0] + 1
            info = {"streamType": "streaming", "streamId": stream, "streamSequence": sequence}
            await self._step(service, where, stream, _typing(first, info))
        info = {"type": "streaminfo", "streamType": "final", "streamId": stream}
        await self._step(service, where, stream, {**activity, "entities": [*activity.get("entities", []), info]})

    async def _status(self, payload: dict[str, Any], stream: str, status: str) -> str:
        sequence = self._steps[stream][0] + 1 if stream else 1
        info: dict[str, Any] = {"streamType": "informative", "streamSequence": sequence}
        body = _typing(status, {**info, "streamId": stream} if stream else info)
        try:
            return await self._step(payload["service"], payload["conversation"], stream, body)
        except (Unreachable, MaybeSent) as error:
            log.info("teams.stream_refused", status=getattr(error, "status", 0))
            # A stream that was opened is ended or stopped by its last message, which learns what became of it.
            return stream

    async def _step(self, service: str, where: str, stream: str, body: dict[str, Any]) -> str:
        """Send the next request of a stream in its pace, and return the stream's id."""
        sequence, last, began = self._steps.get(stream, (0, 0.0, time.monotonic()))
        await asyncio.sleep(max(0.0, last + PACE - time.monotonic()))
        try:
            answer = await self._connector.call("POST", service, "conversations", where, "activities", body=body)
        finally:
            if stream:
                self._steps[stream] = (sequence + 1, time.monotonic(), began)
        id_ = stream or str(answer.get("id") or "")
        if id_ and not stream:
            self._steps[id_] = (1, time.monotonic(), began)
        return id_


def _typing(text: str, info: dict[str, Any]) -> dict[str, Any]:
    return {"type": "typing", "text": text, "entities": [{"type": "streaminfo", **info}]}
