"""How an answer travels: its bytes, the pauses between them and the way the connection ends."""

import asyncio
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

from tests.servers.model import responses
from tests.servers.model.completion import Completion
from tests.servers.model.request import Call

End = Literal["whole", "fin", "reset", "hang"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """The bytes of an answer; with ``raw`` they replace the head too, and the connection never sees a response.

    ``end`` says what follows them: the proper end, a FIN or a RST before it, or nothing for as long as the client waits.
    """

    pieces: list[bytes] = field(default_factory=list)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0.0
    end: End = "whole"
    raw: bool = False


def answer(call: Call, completion: Completion) -> Delivery:
    """Deliver an answer the way the client wants it, by the API it asked."""
    ids = {"x-request-id": completion.request_id, "openai-processing-ms": "7", "openai-version": "2020-10-01"}
    if call.streams:
        chunks = completion.events(usage=call.usage) if call.api == "chat" else responses.events(completion)
        return Delivery(chunks, headers=ids | {"Content-Type": "text/event-stream; charset=utf-8"})
    body = completion.whole() if call.api == "chat" else responses.whole(completion)
    return Delivery([body], headers=ids | {"Content-Type": "application/json", "Content-Length": str(len(body))})


async def send(request: web.Request, delivery: Delivery, closing: asyncio.Event) -> web.StreamResponse:
    """Send an answer; whatever still waits when ``closing`` is set ends at once."""
    response = web.StreamResponse(status=delivery.status, headers=delivery.headers)
    if delivery.raw and request.transport:
        request.transport.write(b"".join(delivery.pieces))
    else:
        with suppress(ConnectionError):
            await response.prepare(request)
            await _write(response, delivery, closing)
    if delivery.end == "hang":
        await closing.wait()
    if delivery.end != "whole" or closing.is_set():
        _hang_up(request.transport, reset=delivery.end == "reset")
    return response


async def _write(response: web.StreamResponse, delivery: Delivery, closing: asyncio.Event) -> None:
    for piece in delivery.pieces:
        await response.write(piece)
        if delivery.pause and await _elapsed(delivery.pause, closing):
            return
    if delivery.end == "whole":
        await response.write_eof()


async def _elapsed(seconds: float, closing: asyncio.Event) -> bool:
    """Wait a while; tell whether the server closes before it is over."""
    with suppress(TimeoutError):
        await asyncio.wait_for(closing.wait(), seconds)
    return closing.is_set()


def _hang_up(transport: asyncio.Transport | None, *, reset: bool) -> None:
    """End a connection: a FIN after what was written, or a RST that does not wait for it."""
    if transport is None:
        return
    if not reset:
        transport.close()
        return
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
