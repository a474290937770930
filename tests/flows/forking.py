"""Starts the real `caveat` command as a process of its own, a fork of one that has imported the program already.

Starting Python and importing the program costs each process one to two seconds of work, which is most of what a short
command does. Here one process per test worker imports it and does nothing else; each command is a fork of it, with the
arguments, environment and output of its own, runs the command's `main` and ends as the command does. What tests how a
process itself starts uses `cold` or the Procfile; with CAVEAT_TESTS_COLD set every process starts from nothing.

The process that checks what a refresh wrote starts in the same way, wherever `sys.executable` is the launcher: it opens
the store afresh, as it does from nothing, because the process that forks has opened no store. The forks of one worker
share the seed of Python's hashes, which differs from worker to worker and from run to run.
"""

import asyncio
import atexit
import gc
import importlib
import json
import os
import pkgutil
import resource
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent.parent
SDKS = ("chromadb", "openai", "rich")
TEAMS = "bot.teams.gate"  # its SDK takes seconds to import and few servers need it
LARGEST = 1 << 20
CHECKER = "knowledge.store.verify"
MODULES = {"bot": ("bot.__main__", "main"), CHECKER: (CHECKER, "_main")}
"""What can be asked for, and what runs then."""


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
            self._code = int(line or 1)  # empty where the process that forks was interrupted itself
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
    wish = {"module": "bot", "arguments": arguments, "environment": dict(environment), "folder": str(Path.cwd())}
    with Path(os.devnull).open() as nothing:
        socket.send_fds(_stem().wishes, [json.dumps(wish).encode()], [nothing.fileno(), *files, tell])
    os.close(tell)
    return Forked(told)


def launcher() -> str:
    """Return a command that stands in for the interpreter, for as long as the test worker lives."""
    return str(_stem().launcher)


@dataclass(frozen=True, slots=True)
class _Started:
    """The process that forks: where its own test worker asks it, and the launcher by which others do."""

    wishes: socket.socket
    launcher: Path


@cache
def _stem() -> _Started:
    """Start the process that forks, once in each test worker; it ends when its socket closes."""
    folder = Path(tempfile.mkdtemp(prefix="caveat-forks-"))
    place = folder / "socket"
    launched = folder / "python"
    python, script = shlex.quote(sys.executable), shlex.quote(str(Path(__file__).with_name("launcher.py")))
    asks = f'[ "$2" = {CHECKER} ] && exec {python} -IS {script} {shlex.quote(str(place))} "$@"'
    launched.write_text(f'#!/bin/sh\n{asks}\nexec {python} "$@"\n')
    launched.chmod(0o700)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    others = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    others.bind(str(place))
    others.listen(64)
    with theirs, others:
        numbers = [theirs.fileno(), others.fileno()]
        stem = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.forking", *map(str, numbers), str(launched)],
            pass_fds=numbers, stdin=subprocess.DEVNULL, cwd=ROOT,
        )  # fmt: skip

    def end() -> None:
        ours.close()
        stem.wait(30)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    return _Started(ours, launched)


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
    """Forks on demand and tells how each fork ended; a launcher that is killed takes its fork along."""

    def __init__(self, wishes: socket.socket, others: socket.socket) -> None:
        self._wishes, self._others = wishes, others
        self._launchers: dict[socket.socket, int] = {}
        self._telling: dict[int, int] = {}
        self._here, self._there = socket.socketpair()

    def serve(self) -> dict:
        """Return the wish in each process that is forked; never return in the one that forks."""
        for one in (self._here, self._there):
            one.settimeout(0)
        signal.set_wakeup_fd(self._there.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while True:
            ready, _, _ = select.select([self._wishes, self._others, self._here, *self._launchers], [], [])
            for one in ready:
                if one is self._here:
                    self._here.recv(4096)
                    self._reap()
                elif one is self._others:
                    self._launchers[self._others.accept()[0]] = 0
                elif (wish := self._asked(one)) is not None:
                    return wish

    def _asked(self, one: socket.socket) -> dict | None:
        """Fork for a wish, and return it in the fork."""
        try:
            raw, files, _, _ = socket.recv_fds(one, LARGEST, 4)
        except ConnectionResetError:  # killed before it read what it was told
            raw, files = b"", []
        if not raw:
            self._gone(one)
            return None
        if one is not self._wishes:
            files.append(os.dup(one.fileno()))
        *standard, tell = files
        if (pid := os.fork()) == 0:
            self._become(standard)
            os.close(tell)
            return json.loads(raw)
        for number in standard:
            os.close(number)
        with suppress(BrokenPipeError):  # who asked is gone
            os.write(tell, f"{pid}\n".encode())
        self._telling[pid] = tell
        if one is not self._wishes:
            self._launchers[one] = pid
        return None

    def _gone(self, one: socket.socket) -> None:
        if one is self._wishes:
            sys.exit()
        pid = self._launchers.pop(one)
        one.close()
        if pid in self._telling:
            os.kill(pid, signal.SIGKILL)

    def _become(self, standard: list[int]) -> None:
        """Take the outputs of the wish, and let go of all that is the forking process's own."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, file in enumerate(standard):
            os.dup2(file, number)
        for one in (self._here, self._there, self._wishes, self._others, *self._launchers):
            one.close()
        for number in (*standard, *self._telling.values()):
            os.close(number)

    def _reap(self) -> None:
        while self._telling:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            tell = self._telling.pop(pid)
            with suppress(BrokenPipeError):
                os.write(tell, str(os.waitstatus_to_exitcode(status)).encode())
            os.close(tell)


def _run(wish: dict) -> None:
    """Be the process that was wished for."""
    os.environ.clear()
    os.environ.update(wish["environment"])
    os.chdir(wish["folder"])
    sys.argv[1:] = wish["arguments"]
    if "largest" in wish:
        resource.setrlimit(resource.RLIMIT_FSIZE, tuple(wish["largest"]))
    module, name = MODULES[wish["module"]]
    getattr(importlib.import_module(module), name)()


if __name__ == "__main__":
    wishes, others, sys.executable = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    _load()
    _run(_Stem(socket.socket(fileno=wishes), socket.socket(fileno=others)).serve())
