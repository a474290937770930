"""A model that takes its time: a real server before the local model, which passes calls on when it is let."""

import asyncio
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from tests.servers.model import Model


class SlowModel:
    """Passes each call on after `seconds`, and none while it is shut."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.calls = 0
        self._opened = asyncio.Event()
        self._opened.set()

    async def __aenter__(self) -> Self:
        self._model = await Model().__aenter__()
        self._session = aiohttp.ClientSession()
        app = web.Application()
        app.router.add_route("*", "/v1/{rest:.*}", self._pass_on)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.set()
        await self._runner.cleanup()
        await self._session.close()
        await self._model.__aexit__(kind, error, trace)

    def shut(self) -> None:
        """Let calls wait."""
        self._opened.clear()

    def open(self) -> None:
        """Let calls pass, those that wait first."""
        self._opened.set()

    async def _pass_on(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.calls += 1
        await asyncio.sleep(self.seconds)
        await self._opened.wait()
        url = f"{self._model.base_url}/{request.match_info['rest']}"
        headers = {
            name: value for name, value in request.headers.items() if name.lower() not in {"host", "content-length"}
        }
        async with self._session.request(request.method, url, data=body, headers=headers) as answer:
            kept = {"Content-Type": answer.headers.get("Content-Type", "application/json")}
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)
