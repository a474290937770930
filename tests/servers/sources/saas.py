"""What the local Confluence, Graph and Drive share: a token to be shown, a record of calls, and refusals on demand."""

import json
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from knowledge.sources.http import Http


@dataclass
class Refusal:
    """An answer instead of the real one, for the next `times` calls whose path and query contain `part`."""

    part: str
    status: int
    times: int = 1
    headers: dict = field(default_factory=dict)
    body: dict = field(default_factory=dict)


class Service:
    """A service that answers whoever shows one of its tokens; `calls` are the paths with their queries, in order.

    It is served on 127.0.0.1 at `base` for as long as the `with` lasts, and so long `http` may reach it.
    """

    base = ""

    def __init__(self) -> None:
        self.tokens = {"Bearer good"}
        self.calls: list[str] = []
        self.refusals: list[Refusal] = []
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(self.app, log_level="error", lifespan="off", ws="none", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()
        self.http = Http(private_hosts=frozenset({"127.0.0.1", "localhost"}))
        while not self._server.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_error: object) -> None:
        self.http.close()
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()

    def refuse(self, part: str, status: int, times: int = 1, **more) -> None:
        self.refusals.append(Refusal(part, status, times, **more))

    def asked(self, part: str) -> int:
        return sum(part in call for call in self.calls)

    async def _answer(self, request: Request) -> Response:
        call = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.calls.append(call)
        for refusal in self.refusals:
            if refusal.part in call and refusal.times > 0:
                refusal.times -= 1
                return JSONResponse(refusal.body, refusal.status, headers=refusal.headers)
        body = await request.body()
        if not self.opens(request):
            return JSONResponse({"message": "Unauthorized"}, 401)
        return self.answer(request, body)

    def opens(self, request: Request) -> bool:
        return request.headers.get("authorization") in self.tokens

    def answer(self, request: Request, body: bytes) -> Response:
        raise NotImplementedError


def missing() -> Response:
    return JSONResponse({"error": {"code": "itemNotFound", "message": "The resource could not be found."}}, 404)


def page(rows: list, start: int, size: int) -> tuple[list, int | None]:
    """Cut a page out of rows, and tell where the next one starts."""
    return rows[start : start + size], start + size if start + size < len(rows) else None


def table(body: bytes) -> dict:
    return json.loads(body or b"{}")
