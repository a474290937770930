"""Runs the real `caveat` command in processes of its own."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.flows.forking import Forked, fork

CAVEAT = [sys.executable, "-m", "bot"]
COLD = bool(os.environ.get("CAVEAT_TESTS_COLD"))


def cold(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end in a Python that starts with nothing imported."""
    env = {**os.environ, "CAVEAT_HOME": str(home), **environment}
    return subprocess.run([*CAVEAT, *arguments], env=env, capture_output=True, text=True, timeout=120, check=False)


def caveat(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end in a process of its own."""
    if COLD:
        return cold(home, *arguments, **environment)
    env = {**os.environ, "CAVEAT_HOME": str(home), **environment}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        code = fork(arguments, env, out=out, err=err).wait_here(120)
        for one in (out, err):
            one.seek(0)
        return subprocess.CompletedProcess(arguments, code, out.read(), err.read())


def caveat_json(home: Path, *arguments: str, **environment: str) -> dict:
    """Run a command with `--json` and return the one document it prints."""
    return json.loads(caveat(home, *arguments, "--json", **environment).stdout)


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment with these variables."""
    return {**os.environ, **variables}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@asynccontextmanager
async def running(home: Path, command: str, *, ready: bool = True, **environment: str) -> AsyncIterator["Running"]:
    """Run a server command until the block ends, then kill it; with `ready`, wait until it says so over HTTP.

    A test of how a server stops calls `stop` itself: draining takes a second and more.
    """
    port = free_port()
    env = {**os.environ, "CAVEAT_HOME": str(home), "PORT": str(port), **environment}
    errors = home.parent / f"{command}-{port}.log"
    with errors.open("w") as log:
        if COLD:
            process = await asyncio.create_subprocess_exec(*CAVEAT, command, env=env, stderr=log)
        else:
            process = fork([command], env, out=1, err=log)
        server = Running(process, f"http://127.0.0.1:{port}", errors)
        try:
            if ready:
                await server.ready()
            yield server
        finally:
            if process.returncode is None:
                await server.kill()


class Running:
    """A server process and where it is reached."""

    def __init__(self, process: asyncio.subprocess.Process | Forked, url: str, errors: Path) -> None:
        self.process = process
        self.url = url
        self.errors = errors

    async def ready(self) -> None:
        async with asyncio.timeout(60), aiohttp.ClientSession() as session:
            while self.process.returncode is None:
                try:
                    async with session.get(f"{self.url}/readyz") as response:
                        if response.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.05)
        raise AssertionError(self.errors.read_text())

    async def started(self) -> None:
        """Wait for a process without a port to say in its log that it works."""
        async with asyncio.timeout(60):
            while "server.started" not in self.errors.read_text():
                assert self.process.returncode is None, self.errors.read_text()
                await asyncio.sleep(0.05)

    async def stop(self) -> int:
        if self.process.returncode is None:
            self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 60)

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()
