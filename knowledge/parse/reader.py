"""Parses files in a process of its own, bounded in time and memory, so that no file can stop or starve a refresh."""

import resource
import socket
import subprocess
import sys
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from knowledge import parse
from knowledge.errors import DocumentRefused, KnowledgeError, PassedOver
from knowledge.parse.tree import Parsed

SECONDS = 60.0
"""For one file; the largest law that we know of takes under two."""
MEMORY = 3 << 30
"""Bytes of address space of the parsing process."""


class Reader:
    """One parsing process, started when it is first needed and started anew after a file that broke it."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds = seconds
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def read(self, raw: bytes, name: str) -> tuple[Parsed, ...]:
        """Parse a file into the documents it holds, at least one.

        Raises DocumentRefused when it cannot be read, or not within the bounds, PassedOver when it is no document.
        """
        pipe = self._started()
        try:
            pipe.send((raw, name))
            if not pipe.poll(self._seconds):
                self._stop()
                raise DocumentRefused(f"reading it took longer than {self._seconds:g} seconds")
            answer = pipe.recv()
        except (EOFError, OSError) as error:
            self._stop()
            raise DocumentRefused("reading it broke the parser; the file was passed over") from error
        if isinstance(answer, tuple):
            return answer
        raise answer

    def _started(self) -> Connection:
        if self._pipe is None:
            # A command of its own: multiprocessing would run the caller's main module again in the child.
            ours, theirs = socket.socketpair()
            with theirs:
                number = theirs.fileno()
                command = [sys.executable, "-m", "knowledge.parse.reader", str(number), str(self._memory)]
                self._process = subprocess.Popen(command, pass_fds=[number])  # noqa: S603 - our own module
            self._pipe = Connection(ours.detach())
        return self._pipe

    def _stop(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._pipe = None


def _work(pipe: Connection, memory: int) -> None:
    """Parse what comes in until the pipe closes; a refusal goes back as its words."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    while True:
        try:
            raw, name = pipe.recv()
        except EOFError:
            return
        try:
            answer: tuple[Parsed, ...] | KnowledgeError = parse.read(raw, name)
        except (DocumentRefused, PassedOver) as refused:
            answer = type(refused)(str(refused))
        except MemoryError:
            answer = DocumentRefused("reading it took more memory than is allowed")
        except Exception:  # noqa: BLE001 - whatever a parser does with a hostile file, the refresh goes on
            answer = DocumentRefused("the parser could not read it")
        pipe.send(answer)


if __name__ == "__main__":
    _work(Connection(int(sys.argv[1])), int(sys.argv[2]))
