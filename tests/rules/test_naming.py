"""Which vendors a message names: brands, listed names and legal forms, and no ordinary capitals."""

from datetime import date

import pytest

from bot.naming import LONGEST, MOST, vendors_in
from tests.shipped import shipped_lists


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "Offers from Huawei, Acme Robotics GmbH and Siemens AG; look at Hikvision USA and 阿里云?",
            ("Huawei", "Acme Robotics GmbH", "Siemens AG", "Hikvision USA", "阿里云"),
        ),
        ("What about ZTE Corporation, ZTE CORPORATION or Alibaba Cloud? Regards, Anna", ("ZTE Corporation", "Alibaba Cloud")),
        ("The Department of Defense and the European Union published Guidelines", ()),
        ("hello all, nothing here, please see it", ()),
        ("Hangzhou Hikvision Digital Technology Company offers cameras", ("Hangzhou Hikvision Digital Technology Company",)),
        ("", ()),
        ("GmbH and Ltd", ()),
    ],
)  # fmt: skip
def test_names_are_found_as_they_are_written_and_once_each(text, names):
    assert vendors_in(text, shipped_lists(date(2026, 11, 28))) == names


def test_a_long_text_is_read_in_part_and_tells_only_so_many():
    lists = shipped_lists(date(2026, 11, 28))
    many = ", ".join(f"Company {letter}{letter} GmbH" for letter in "ABCDEFGHIJ")
    assert len(vendors_in(many, lists)) == MOST
    assert vendors_in(" x" * LONGEST + "ZTE Corporation", lists) == ()
