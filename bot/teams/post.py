"""Sends a message to Teams exactly once: Teams cannot be searched for what was sent, so what was begun is kept first."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot.teams import notices
from bot.teams.connector import Connector, MaybeSent, Unreachable
from bot.teams.streams import Streams
from knowledge.store.sent import Sent

Payload = dict[str, Any]
REFUSED = "refused"
"""What is kept in place of an id where Teams would not take a message."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Post:
    """Sends messages: each has the `conversation` it goes to, the `activity`, perhaps the `stream` it ends or what it `replace`s."""

    connector: Connector
    sent: Sent
    streams: Streams = field(compare=False)

    async def once(self, key: str, payload: Payload, message: dict[str, Any]) -> str:
        """Send a message and return its id; raise Unreachable where Teams will not take it. The same key again sends no more.

        What was refused was not taken, so under its key it may be sent again.
        Where an earlier try may have been taken, a short message says so and offers the answer by a button: so it is neither
        lost nor told twice.
        """
        before = await asyncio.to_thread(self.sent.begin, key, message["conversation"], message)
        if before and before.activity not in {"", REFUSED}:
            return before.activity
        unknown = before is not None and not before.activity
        try:
            id_, doubt = await self._sent(key, payload, message, doubt=unknown)
        except Unreachable as refused:
            log.warning("teams.refused", status=refused.status)
            await asyncio.to_thread(self.sent.end, key, REFUSED)
            raise
        await asyncio.to_thread(self.sent.end, key, id_ or "untold", keep=doubt)
        return id_

    async def _sent(self, key: str, payload: Payload, message: dict[str, Any], *, doubt: bool) -> tuple[str, bool]:
        if message.get("replace"):
            return await self._replaced(payload, message), False
        if message.get("stream"):
            ended = await self.streams.end(payload["service"], message)
            if ended:
                return ended, False
        if not doubt:
            try:
                return await self._written(payload, message), False
            except MaybeSent:
                log.warning("teams.maybe_sent")
        return await self._told(payload, message["conversation"], notices.doubt(key)), True

    async def _written(self, payload: Payload, message: dict[str, Any]) -> str:
        """Send an activity; what Teams finds too large or cannot read goes as its plain words, once."""
        try:
            return await self._activity(payload, message["conversation"], message["activity"])
        except Unreachable as refused:
            if refused.status not in {400, 413}:
                raise
            log.warning("teams.shortened", status=refused.status)
            return await self._activity(payload, message["conversation"], notices.shortened(message["activity"]))

    async def _told(self, payload: Payload, conversation: str, activity: Payload) -> str:
        """Send a notice that may well come twice, until it is known to be there."""
        for _ in range(5):
            try:
                return await self._activity(payload, conversation, activity)
            except MaybeSent:
                await asyncio.sleep(1.0)
        return ""

    async def _activity(self, payload: Payload, conversation: str, activity: Payload) -> str:
        path = ("conversations", conversation, "activities")
        answer = await self.connector.call("POST", payload["service"], *path, body=activity)
        return str(answer.get("id") or "sent")

    async def _replaced(self, payload: Payload, message: dict[str, Any]) -> str:
        """Put a message in the place of an earlier one, which can be done again; where that is gone it is sent anew."""
        path = ("conversations", message["conversation"].partition(";")[0], "activities", message["replace"])
        try:
            await self.connector.call("PUT", payload["service"], *path, body=message["activity"])
        except Unreachable as refused:
            if refused.status not in {403, 404}:
                raise
            return await self._written(payload, message)
        return str(message["replace"])
