"""The port of a server: it can be shut, so that connections are refused, and opened again at the same number."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

HOST = "127.0.0.1"


class Door:
    """A port on the loopback that hands every connection to a protocol, while it is open."""

    def __init__(self, protocol: Callable[[], asyncio.BaseProtocol]) -> None:
        self._protocol = protocol
        # A socket that is bound and never listens keeps the number while the door is shut.
        self._place = _bound(0)
        self.port: int = self._place.getsockname()[1]
        self._listener: socket.socket | None = None
        self._entering: set[asyncio.Task[object]] = set()

    def open(self) -> None:
        """Accept connections from now on."""
        if self._listener is None:
            self._listener = _bound(self.port)
            self._listener.listen(128)
            asyncio.get_running_loop().add_reader(self._listener, self._accept)

    def shut(self) -> None:
        """Refuse connections from now on."""
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
            self._listener = None

    async def close(self) -> None:
        """Shut the door and give the port back."""
        self.shut()
        await asyncio.gather(*self._entering)
        self._place.close()

    def _accept(self) -> None:
        with suppress(BlockingIOError, ConnectionAbortedError):
            while self._listener is not None:
                connection, _address = self._listener.accept()
                connection.settimeout(0)
                entering = asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)
                task = asyncio.ensure_future(entering)
                self._entering.add(task)
                task.add_done_callback(self._entering.discard)


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.settimeout(0)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind((HOST, port))
    return bound
