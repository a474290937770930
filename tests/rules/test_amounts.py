"""Amounts that were asked about, against the amounts between which a rule holds."""

import math

import pytest

from bot.amounts import Span, inside, outside, spans

ABOVE = 0.01


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a contract value up to EUR 500,000 must be approved", [("EUR", 0, 500_000)]),
        ("above EUR 50,000 and up to EUR 500,000", [("EUR", 50_000 + ABOVE, 500_000)]),
        ("A contract above EUR 5,000,000 needs the CEO", [("EUR", 5_000_000 + ABOVE, math.inf)]),
        ("purchases of less than 10,000 euros", [("EUR", 0, 10_000 - ABOVE)]),
        ("contracts worth $1 million or more", [("USD", 1_000_000, math.inf)]),
        ("orders of £250 or less, and of £9,000", [("GBP", 0, 250), ("GBP", 9_000, 9_000)]),
        ("low risk between 50k and 500k", [("", 50_000, 500_000)]),
        ("from EUR 100 to EUR 200 per order", [("EUR", 100, 200)]),
        ("a high-risk supplier for 300k?", [("", 300_000, 300_000)]),
        ("a 1.5m deal", [("", 1_500_000, 1_500_000)]),
        ("Article 28(3), 250 employees, 72 hours, § 12, 30 days, 20 % of 8 k", [("", 8_000, 8_000)]),
        ("", []),
    ],
)
def test_an_amount_is_read_with_its_currency_and_what_it_bounds(text, found):
    assert spans(text) == tuple(Span(*one) for one in found)


SMALL = "A contract with a vendor rated high and a contract value up to EUR 500,000 must be approved by the General Counsel."
LARGE = "A contract with a vendor rated high and a contract value above EUR 500,000 must be approved by the CFO."


@pytest.mark.parametrize(
    ("asked", "small", "large"),
    [
        ("who signs for 300k with a high-risk supplier?", True, False),
        ("who signs for exactly EUR 500,000?", True, False),
        ("who signs for €700,000?", False, True),
        ("who signs for 2 million euros?", False, True),
    ],
)
def test_a_rule_holds_for_the_amounts_that_it_names(asked, small, large):
    assert (inside(asked, SMALL), outside(asked, SMALL)) == (small, not small)
    assert (inside(asked, LARGE), outside(asked, LARGE)) == (large, not large)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("who signs for USD 300,000?", SMALL),  # another currency
        ("who signs above 500k?", SMALL),  # no amount, a range
        ("who signs with a high-risk supplier?", LARGE),
        ("can we be fined 30 million euros?", "Breach of contract is punished by fines of up to EUR 20 million."),
        ("our turnover is 30 million euros", "Companies with more than EUR 400 million turnover must publish orders."),
        ("what does a 300k contract need?", "A contract must name its sub-processors."),
    ],
)
def test_what_cannot_be_compared_is_neither_inside_nor_outside(asked, sentence):
    assert not inside(asked, sentence)
    assert not outside(asked, sentence)
