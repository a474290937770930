"""The picture of two shares is a PNG that says them in pixels."""

import struct
import zlib

import pytest

from bot.chart import HEIGHT, WIDTH, bar


@pytest.mark.parametrize(("answered", "refused", "left"), [(3, 1, 360), (0, 5, 0), (5, 0, 480), (0, 0, 0)])
def test_the_answered_share_stands_left_in_its_colour(answered, refused, left):
    made = bar(answered, refused)
    assert struct.unpack(">II", made[16:24]) == (WIDTH, HEIGHT)
    at = made.index(b"IDAT")
    rows = zlib.decompress(made[at + 4 : at + 4 + struct.unpack(">I", made[at - 4 : at])[0]])
    assert len(rows) == HEIGHT * (1 + 3 * WIDTH)
    first = [rows[1 + 3 * x : 4 + 3 * x] for x in range(WIDTH)]
    assert sum(pixel == b"\x2e\x7d\x5b" for pixel in first) == left
