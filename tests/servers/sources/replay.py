"""A web server that replays what sources answered, with their documented failures, for as long as a test lasts."""

import asyncio
import hashlib
import json
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from tests.servers.sources.saas import Service

JSON = "application/json"


class Replay(Service):
    """Answers by path: bytes, or a function of the request; with ETags, and 304 for who has them already."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, tuple[bytes | Callable[[Request], object], str]] = {}
        self.seen: list[dict[str, str]] = []

    def put(self, path: str, content: object, kind: str = "text/html") -> str:
        """Serve content at a path and return its address; what is no bytes, text or function is served as JSON."""
        if isinstance(content, str):
            content = content.encode()
        elif not isinstance(content, bytes) and not callable(content):
            content, kind = json.dumps(content).encode(), JSON
        self.pages[path] = (content, kind)
        return f"{self.base}{path}"

    def opens(self, _request: Request) -> bool:
        return True

    def answer(self, request: Request, _body: bytes) -> Response:
        self.seen.append(dict(request.headers))
        found = self.pages.get(request.url.path)
        if found is None:
            return Response("nothing here", 404)
        content, kind = found
        if callable(content):
            content = content(request)
            if isinstance(content, Response):
                return content
            if not isinstance(content, bytes):
                content, kind = json.dumps(content).encode(), JSON
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"etag": tag})
        return Response(content, media_type=kind, headers={"etag": tag})


def drip(_request: Request) -> Response:
    """Answer a byte at a time, for ever."""

    async def pieces():
        while True:
            yield b"x"
            await asyncio.sleep(0.05)

    return StreamingResponse(pieces(), media_type="text/html")


def redirect(target: str, status: int = 302) -> Callable[[Request], Response]:
    return lambda _request: Response(status_code=status, headers={"location": target})
