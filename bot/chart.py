"""A bar of two shares as a small PNG, made without any library for images."""

import struct
import zlib

WIDTH, HEIGHT = 480, 24
_ANSWERED, _REFUSED = b"\x2e\x7d\x5b", b"\xd9\xa4\x41"
"""Green and amber as RGB, apart also for those who do not see red and green."""


def bar(answered: int, refused: int) -> bytes:
    """Return the bar: the answered share from the left, the refused one after it; all refused where there is neither."""
    left = round(WIDTH * answered / (answered + refused)) if answered + refused else 0
    row = b"\0" + _ANSWERED * left + _REFUSED * (WIDTH - left)
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(row * HEIGHT, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(*part) for part in parts)


def _part(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
