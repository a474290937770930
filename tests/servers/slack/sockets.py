"""Socket Mode: the WebSockets an app opens, the envelopes it gets and the acknowledgements it sends back."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from tests.servers.slack.journal import Attempt, Delivery, Journal
from tests.servers.slack.model import Install, Json
from tests.servers.slack.workspace import Workspace

_KINDS = {"event": "events_api", "command": "slash_commands", "interaction": "interactive"}
MOST_CONNECTIONS = 10


@dataclass(frozen=True, slots=True)
class Awaited:
    """An acknowledgement that one connection owes."""

    socket: web.WebSocketResponse
    reply: asyncio.Future[Json]


class Sockets:
    """The open connections of an app, which take turns."""

    def __init__(self, workspace: Workspace, journal: Journal, ack_timeout: float) -> None:
        self._workspace = workspace
        self._journal = journal
        self._ack_timeout = ack_timeout
        self._tickets: dict[str, Install] = {}
        self._turns: deque[web.WebSocketResponse] = deque()
        self._leaving: set[web.WebSocketResponse] = set()
        self._acks: dict[str, Awaited] = {}

    @property
    def connected(self) -> int:
        """Count the connections that envelopes may go to."""
        return len(self._turns)

    def ticket(self, who: Install) -> str:
        """Issue a ticket for one connection."""
        ticket = self._workspace.id("ticket-")
        self._tickets[ticket] = who
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Run one connection until either side closes it."""
        who = self._tickets.pop(request.query.get("ticket", ""), None)
        if who is None or self.connected >= MOST_CONNECTIONS:
            raise web.HTTPForbidden
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._turns.append(socket)
        await socket.send_json(self._hello(who))
        self._journal.changed()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledge(json.loads(message.data))
        finally:
            self._forget(socket)
        return socket

    async def attempt(self, delivery: Delivery, number: int, reason: str | None) -> Attempt:
        """Send a payload over the next connection and wait for its acknowledgement."""
        try:
            async with asyncio.timeout(self._ack_timeout):
                await self._journal.wait(lambda: self.connected, self._ack_timeout)
                reply = await self._exchange(_envelope(delivery, self._workspace.id("env-"), number, reason))
        except (TimeoutError, ConnectionError):
            return Attempt(number, failure="timeout")
        payload = reply.get("payload")
        return Attempt(number, 200, "" if payload is None else json.dumps(payload))

    async def disconnect(self, reason: str) -> None:
        """Ask the app to replace its oldest connection, which gets no more envelopes."""
        socket = self._turns.popleft()
        self._leaving.add(socket)
        await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}})
        self._journal.changed()

    async def close(self) -> None:
        """Close every connection."""
        for socket in (*self._turns, *self._leaving):
            await socket.close()

    async def _exchange(self, envelope: Json) -> Json:
        socket = self._turns[0]
        self._turns.rotate(-1)
        ack = Awaited(socket, asyncio.get_running_loop().create_future())
        self._acks[envelope["envelope_id"]] = ack
        try:
            await socket.send_json(envelope)
            return await ack.reply
        finally:
            del self._acks[envelope["envelope_id"]]

    def _acknowledge(self, reply: Json) -> None:
        ack = self._acks.get(reply.get("envelope_id", ""))
        if ack is not None and not ack.reply.done():
            ack.reply.set_result(reply)

    def _forget(self, socket: web.WebSocketResponse) -> None:
        if socket in self._turns:
            self._turns.remove(socket)
        self._leaving.discard(socket)
        for ack in self._acks.values():
            if ack.socket is socket and not ack.reply.done():
                ack.reply.set_exception(ConnectionResetError())
        self._journal.changed()

    def _hello(self, who: Install) -> Json:
        debug = {"host": "local", "build_number": 1, "approximate_connection_time": 18_060}
        info = {"app_id": who.app_id}
        return {"type": "hello", "num_connections": self.connected, "debug_info": debug, "connection_info": info}


def _envelope(delivery: Delivery, envelope_id: str, number: int, reason: str | None) -> Json:
    envelope: Json = {
        "envelope_id": envelope_id,
        "type": _KINDS[delivery.kind],
        "payload": delivery.payload,
        "accepts_response_payload": delivery.kind != "event",
    }
    if delivery.kind == "event":
        envelope |= {"retry_attempt": number, "retry_reason": reason or ""}
    return envelope
