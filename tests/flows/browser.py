"""A headless Chromium, driven by the WebDriver protocol of its own chromedriver."""

import asyncio
import base64
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.flows.processes import free_port

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
PHONE, DESK = (390, 844), (1280, 900)


@asynccontextmanager
async def browser(profile: Path) -> AsyncIterator["Browser"]:
    """Start a browser; the test is skipped where there is none."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("no chromium and chromedriver on this machine: the pages are not looked at in a browser")
    port = free_port()
    driver = await asyncio.create_subprocess_exec(
        DRIVER, f"--port={port}", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
            opened = Browser(http)
            await opened.start(profile)
            yield opened
            await opened.call("DELETE", "")
    finally:
        driver.terminate()
        await driver.wait()


class Browser:
    """One session of the browser."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self._session = ""

    async def start(self, profile: Path) -> None:
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        arguments += [f"--user-data-dir={profile}", "--disable-background-networking", "--disable-component-update"]
        options = {"binary": CHROMIUM, "args": arguments}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"}}
        body = {"capabilities": {"alwaysMatch": wanted}}
        async with asyncio.timeout(60):
            while not self._session:
                try:
                    async with self._http.post("/session", json=body) as response:
                        self._session = (await response.json())["value"]["sessionId"]
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.05)

    async def call(self, method: str, path: str, body: dict | None = None):
        async with self._http.request(method, f"/session/{self._session}{path}", json=body) as response:
            answer = (await response.json())["value"]
        assert response.status == 200, answer
        return answer

    async def become(self, size: tuple[int, int], *, dark: bool = False) -> None:
        """Have a screen of this size in CSS pixels, and a taste for light or dark pages."""
        screen = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE}
        taste = {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]}
        for command, values in (("setDeviceMetricsOverride", screen), ("setEmulatedMedia", taste)):
            await self.call("POST", "/goog/cdp/execute", {"cmd": f"Emulation.{command}", "params": values})

    async def open(self, url: str) -> None:
        await self.call("POST", "/url", {"url": url})

    async def run(self, script: str):
        """Return what a script in the page returns."""
        return await self.call("POST", "/execute/sync", {"script": script, "args": []})

    async def picture(self, path: Path) -> None:
        image = base64.b64decode(await self.call("GET", "/screenshot"))
        await asyncio.to_thread(path.write_bytes, image)

    async def hosts(self) -> set[str]:
        """Return the hosts that were asked for anything since the last call."""
        entries = await self.call("POST", "/se/log", {"type": "performance"})
        messages = [json.loads(entry["message"])["message"] for entry in entries]
        asked = [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]
        return {urlsplit(url).netloc for url in asked if url.startswith(("http:", "https:", "ws:", "wss:", "ftp:"))}

    async def complaints(self) -> list[str]:
        """Return what the browser wrote to its console, such as what a content security policy kept out."""
        return [entry["message"] for entry in await self.call("POST", "/se/log", {"type": "browser"})]
