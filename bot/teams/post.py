"""Sends a message to Teams exactly once: Teams cannot be searched for what was sent, so what was begun is kept first."""

import asyncio
from collections.abc import Mapping
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
class Landed:
    """Where a message stands: its id, empty where Teams will not take it, and the conversation."""

    id: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """Sends messages: each has the `conversation` it goes to, the `activity`, perhaps the `stream` it ends or what it `replace`s.

    One that is for `only` one person among several goes as a targeted message where those are switched on, and else into his own
    chat with the app.
    """

    connector: Connector
    sent: Sent
    streams: Streams = field(compare=False)
    targeted: bool = False

    async def once(self, key: str, payload: Payload, message: dict[str, Any]) -> str:
        """Send a message and return its id; raise Unreachable where Teams will not take it. The same key again sends no more.

        What was refused was not taken, so under its key it may be sent again.
        Where an earlier try may have been taken, a short message says so and offers the answer by a button: so it is neither
        lost nor told twice.
        """
        begun = (key, message["conversation"], message, message.get("answer", ""))
        before = await asyncio.to_thread(self.sent.begin, *begun)
        if before and before.activity not in {"", REFUSED}:
            return before.activity
        unknown = before is not None and not before.activity
        try:
            landed, doubt = await self._sent(key, payload, message, doubt=unknown)
        except Unreachable as refused:
            log.warning("teams.refused", status=refused.status)
            await asyncio.to_thread(self.sent.end, key, REFUSED)
            raise
        where = "" if doubt else landed.where
        await asyncio.to_thread(self.sent.end, key, landed.id or "untold", where=where, keep=doubt)
        return landed.id

    async def alone(self, payload: Mapping[str, Any]) -> Payload:
        """Return what makes a payload one between its person and the app: here, by targeted messages, or in their own chat.

        Raises Unreachable where the app may not open that chat.
        """
        if payload["kind"] == "personal":
            return {}
        if self.targeted:
            return {"private": True}
        return await self.own(payload)

    async def own(self, payload: Mapping[str, Any]) -> Payload:
        """Return where somebody and the app are alone; Teams gives the same conversation every time. Raises Unreachable."""
        if payload["kind"] == "personal":
            return {}
        return {
            "conversation": await self._opened(payload["service"], payload),
            "kind": "personal", "shared": False, "private": False,
        }  # fmt: skip

    async def _opened(self, service: str, person: Mapping[str, Any]) -> str:
        body = {
            "isGroup": False, "bot": {"id": person["bot"]}, "members": [{"id": person["user"]}],
            "tenantId": person["tenant"], "channelData": {"tenant": {"id": person["tenant"]}},
        }  # fmt: skip
        opened = await self.connector.call("POST", service, "conversations", body=body)
        return str(opened["id"])

    async def _sent(self, key: str, payload: Payload, message: dict[str, Any], *, doubt: bool) -> tuple[Landed, bool]:
        if message.get("replace"):
            return await self._replaced(payload, message), False
        if message.get("stream"):
            ended = await self.streams.end(payload["service"], message)
            if ended:
                return Landed(ended), False
        if not doubt:
            try:
                return await self._written(payload, message), False
            except MaybeSent:
                log.warning("teams.maybe_sent")
        return await self._told(payload, {**message, "activity": notices.doubt(key)}), True

    async def _written(self, payload: Payload, message: dict[str, Any]) -> Landed:
        """Send an activity; what Teams finds too large or cannot read goes as its plain words, once."""
        try:
            return await self._brought(payload, message)
        except Unreachable as refused:
            if refused.status not in {400, 413}:
                raise
            log.warning("teams.shortened", status=refused.status)
            return await self._brought(payload, {**message, "activity": notices.shortened(message["activity"])})

    async def _told(self, payload: Payload, message: dict[str, Any]) -> Landed:
        """Send a notice that may well come twice, until it is known to be there."""
        for _ in range(5):
            try:
                return await self._brought(payload, message)
            except MaybeSent:
                await asyncio.sleep(1.0)
        return Landed("")

    async def _brought(self, payload: Payload, message: dict[str, Any]) -> Landed:
        """Send an activity to where it goes: what is for one person never to others."""
        service, where, activity = payload["service"], message["conversation"], message["activity"]
        only = message.get("only")
        if not only:
            return await self._activity(service, where, activity)
        if self.targeted:
            try:
                aimed = {**activity, "recipient": {"id": only["user"]}}
                return await self._activity(service, where, aimed, {"isTargetedActivity": "true"})
            except Unreachable as refused:
                log.info("teams.not_targeted", status=refused.status)
        try:
            return await self._activity(service, await self._opened(service, only), activity)
        except Unreachable as refused:
            if refused.status in {400, 413}:
                raise
            log.info("teams.not_alone", status=refused.status)
        return await self._activity(service, where, notices.said(notices.UNTOLD))

    async def _activity(
        self, service: str, where: str, activity: Payload, query: Mapping[str, str] | None = None
    ) -> Landed:
        path = ("conversations", where, "activities")
        answer = await self.connector.call("POST", service, *path, body=activity, query=query)
        return Landed(str(answer.get("id") or "sent"), where)

    async def _replaced(self, payload: Payload, message: dict[str, Any]) -> Landed:
        """Put a message in the place of an earlier one, which can be done again; where that is gone it is sent anew."""
        path = ("conversations", message["conversation"].partition(";")[0], "activities", message["replace"])
        try:
            await self.connector.call("PUT", payload["service"], *path, body=message["activity"])
        except Unreachable as refused:
            if refused.status not in {400, 403, 404}:
                raise
            return await self._written(payload, message)
        return Landed(str(message["replace"]))
