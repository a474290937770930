"""Starts the real `caveat` command as a process of its own, a fork of one that has imported the program already.

Starting Python and importing the program costs each process one to two seconds of work, which is most of what a short
command does. Here one process per test worker imports it and does nothing else; each command is a fork of it, with the
arguments, environment and output of its own, runs the command's `main` and ends as the command does. What tests how a
process itself starts uses `cold` or the Procfile; with CAVEAT_TESTS_COLD set every process starts from nothing.
"""

import asyncio
import atexit
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent.parent
SDKS = ("chromadb", "openai", "rich")
TEAMS = "bot.teams.gate"  # its SDK takes seconds to import and few servers need it
LARGEST = 1 << 20


class Forked:
    """A process that was forked from the one that has the program; it answers as `asyncio.subprocess.Process` does."""

    def __init__(self, told: int) -> None:
        self._told = os.fdopen(told, "rb", buffering=0)
        self.pid = int(self._line())
        os.set_blocking(told, False)
        self._code: int | None = None

    @property
    def returncode(self) -> int | None:
        """Give the code it ended with, negative for a signal; None while it runs."""
        if self._code is None and (line := self._told.read(16)) is not None:
            self._told.close()
            self._code = int(line)
        return self._code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to stop."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Return the code when it has ended."""
        while (code := self.returncode) is None:  # noqa: ASYNC110 - a pipe says so, not an event
            await asyncio.sleep(0.005)
        return code

    def wait_here(self, seconds: float) -> int:
        """Block until it has ended; one that takes longer is killed, and TimeoutError raised."""
        until = time.monotonic() + seconds
        while (code := self.returncode) is None:
            if time.monotonic() > until:
                self.kill()
                raise TimeoutError(f"process {self.pid} has not ended in {seconds} s")
            time.sleep(0.005)
        return code

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            one = self._told.read(1)
            assert one, "the process that forks has ended"
            line += one
        return line


def fork(arguments: Sequence[str], environment: Mapping[str, str], *, out: IO | int, err: IO | int) -> Forked:
    """Start `caveat` with these arguments, with these files or descriptors as its standard output and error."""
    told, tell = os.pipe()
    files = [one if isinstance(one, int) else one.fileno() for one in (out, err)]
    wish = json.dumps({"arguments": arguments, "environment": dict(environment), "folder": str(Path.cwd())})
    socket.send_fds(_stem(), [wish.encode()], [*files, tell])
    os.close(tell)
    return Forked(told)


@cache
def _stem() -> socket.socket:
    """Start the process that forks, once in each test worker; it ends when its socket closes."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        stem = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.forking", str(theirs.fileno())],
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, cwd=ROOT,
        )  # fmt: skip

    def end() -> None:
        ours.close()
        stem.wait(30)

    atexit.register(end)
    return ours


def _load() -> None:
    """Import the whole program, and nothing of it begins to work."""
    for package in ("bot", "knowledge"):
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if found.name not in {"bot.__main__", TEAMS, "knowledge.embed.distill"} and "migrations" not in found.name:
                importlib.import_module(found.name)
    for name in SDKS:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


class _Stem:
    """Forks on demand and tells how each fork ended."""

    def __init__(self, wishes: socket.socket) -> None:
        self._wishes = wishes
        self._telling: dict[int, int] = {}

    def serve(self) -> list[str]:
        """Return the arguments in each process that is forked; never return in the one that forks."""
        here, there = socket.socketpair()
        here.settimeout(0)
        there.settimeout(0)
        signal.set_wakeup_fd(there.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while True:
            ready, _, _ = select.select([self._wishes, here], [], [])
            if here in ready:
                here.recv(4096)
                self._reap()
            if self._wishes in ready:
                wish, files, _, _ = socket.recv_fds(self._wishes, LARGEST, 3)
                if not wish:
                    sys.exit()
                if (pid := os.fork()) == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    for other in (here, there, self._wishes):
                        other.close()
                    return self._become(json.loads(wish), files)
                self._begun(pid, files)

    def _begun(self, pid: int, files: list[int]) -> None:
        *outputs, tell = files
        for one in outputs:
            os.close(one)
        os.write(tell, f"{pid}\n".encode())
        self._telling[pid] = tell

    def _become(self, wish: dict, files: list[int]) -> list[str]:
        for number, file in enumerate(files[:2], 1):
            os.dup2(file, number)
        for one in (*files, *self._telling.values()):
            os.close(one)
        os.environ.clear()
        os.environ.update(wish["environment"])
        os.chdir(wish["folder"])
        return wish["arguments"]

    def _reap(self) -> None:
        while self._telling:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            tell = self._telling.pop(pid)
            with os.fdopen(tell, "wb") as end:
                end.write(str(os.waitstatus_to_exitcode(status)).encode())


if __name__ == "__main__":
    _load()
    sys.argv[1:] = _Stem(socket.socket(fileno=int(sys.argv[1]))).serve()
    from bot.__main__ import main

    main()
