"""The server: one HTTP server on a loopback port, with both APIs, that answers each call with the next behaviour."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.servers.model.completion import Completion
from tests.servers.model.delivery import Delivery, answer, send
from tests.servers.model.door import HOST, Door
from tests.servers.model.faults import Fault
from tests.servers.model.honest import Honest, Writer
from tests.servers.model.picky import Picky
from tests.servers.model.refusals import UNREADABLE, Refusal, complaint
from tests.servers.model.request import PREFIXES, Api, Call
from tests.servers.model.rewording import Echo, Rewording

Behaviour = Writer | Fault | Picky
NAME = "local-model"
LARGEST_REQUEST = 64 * 2**20


class Model:
    """A model served on 127.0.0.1 for as long as the ``async with`` lasts; it is honest unless told otherwise.

    Every call that could be read stands in ``calls``, also one that is refused or never answered. Those that ask for a question
    in other words stand in ``restatings``: what they get is told by ``restate``, an echo unless told otherwise. ``working`` counts
    the seconds in which replies were made up, so that a caller in the same process can take them off its own time.
    """

    def __init__(self, *behaviours: Behaviour) -> None:
        self.calls: list[Call] = []
        self.restatings: list[Call] = []
        self.working = 0.0
        self._restating: Rewording | Fault = Echo()
        self._queue: deque[Behaviour] = deque(behaviours or [Honest()])
        self._door: Door | None = None
        self._numbers = count(1)

    async def __aenter__(self) -> Self:
        self._closing, self._called = asyncio.Event(), asyncio.Event()
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.router.add_post("/v1/chat/completions", partial(self._complete, "chat"))
        app.router.add_post("/v1/responses", partial(self._complete, "responses"))
        app.router.add_get("/v1/models", _models)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, handler_cancellation=True)
        await self._runner.setup()
        self._door = Door(self._runner.server)
        self._guard()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        await self._door.close()
        await self._runner.cleanup()

    @property
    def base_url(self) -> str:
        """Give the base URL for ``AsyncOpenAI`` and ``OPENAI_BASE_URL``."""
        return f"http://{HOST}:{self._door.port}/v1"

    def behave(self, *behaviours: Behaviour) -> None:
        """Answer the next calls with these, one each, and with the last one ever after; without any, honestly.

        A port that refuses cannot count, so ``Fault("refused")`` holds from its turn until the next ``behave``.
        """
        self._queue = deque(behaviours or [Honest()])
        if self._door is not None:
            self._guard()

    def restate(self, behaviour: "Rewording | Fault") -> None:
        """Answer every call for other words of a question in this way from now on."""
        self._restating = behaviour

    async def called(self, times: int = 1, seconds: float = 5.0) -> Call:
        """Return the call of this number once it has arrived; raises TimeoutError when it does not."""
        async with asyncio.timeout(seconds):
            while len(self.calls) < times:
                await self._called.wait()
        return self.calls[times - 1]

    async def _complete(self, api: Api, request: web.Request) -> web.StreamResponse:
        await request.read()
        with self._at_work():
            try:
                call = Call(request.headers, dict(await request.json()), api)
            except (ValueError, TypeError):
                return _refused(UNREADABLE)
            if call.restated is None:
                self.calls.append(call)
                self._called.set()
                self._called.clear()
            else:
                self.restatings.append(call)
            if refusal := complaint(call):
                return _refused(refusal)
            delivery = self._delivery(call) if call.restated is None else self._reworded(call)
        response = await send(request, delivery, self._closing)
        if call.restated is None:
            self._guard()
        return response

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.working += time.perf_counter() - began

    def _reworded(self, call: Call) -> Delivery:
        """Work out what is sent to a call for other words."""
        number = next(self._numbers)
        fault = self._restating if isinstance(self._restating, Fault) else None
        if fault and fault.silent(call):
            return fault.refused(call, f"req_{number:012d}")
        writer = Echo() if isinstance(self._restating, Fault) else self._restating
        call.said = writer.reword(call.restated or {})
        said = Completion(
            id=f"{PREFIXES[call.api]}local{number:012d}", model=call.body["model"], created=int(time.time()),
            content=call.said, prompt=100, request_id=f"req_{number:012d}",
        )  # fmt: skip
        return fault.delivered(call, fault.spoilt(said)) if fault else answer(call, said)

    def _delivery(self, call: Call) -> Delivery:
        """Take the next behaviour and work out what it sends."""
        behaviour = self._queue[0] if len(self._queue) == 1 else self._queue.popleft()
        number = next(self._numbers)
        request_id = call.headers.get("X-Request-Id", f"req_{number:012d}")
        fault = behaviour if isinstance(behaviour, Fault) else None
        if fault and fault.silent(call):
            return fault.refused(call, request_id)
        if isinstance(behaviour, Picky) and (refused := behaviour.refused(call)):
            return refused
        writer = behaviour.says if isinstance(behaviour, Fault | Picky) else behaviour
        task = call.task
        completion = Completion(
            # As vLLM does: a client that names its request finds that name in the id and in the header.
            id=f"{PREFIXES[call.api]}{call.headers.get('X-Request-Id', f'local{number:012d}')}",
            model=call.body["model"],
            created=int(time.time()),
            content=writer.write(task),
            prompt=len(task.context) // 4,
            request_id=request_id,
        )
        completion = fault.spoilt(completion) if fault else completion
        call.said = completion.refusal or completion.content
        return fault.delivered(call, completion) if fault else answer(call, completion)

    def _guard(self) -> None:
        """Open the door, or shut it when refusing is what comes next; a server that leaves opens it no more."""
        if self._closing.is_set():
            return
        head = self._queue[0]
        if not (isinstance(head, Fault) and head.kind == "refused"):
            self._door.open()
            return
        self._door.shut()
        for connection in self._runner.server.connections:
            connection.force_close()


def _refused(refusal: Refusal) -> web.Response:
    return web.Response(status=refusal.status, body=refusal.body, content_type="application/json")


async def _models(_request: web.Request) -> web.Response:
    one = {"id": NAME, "object": "model", "created": 1_790_000_000, "owned_by": "tests"}
    return web.json_response({"object": "list", "data": [one]})
