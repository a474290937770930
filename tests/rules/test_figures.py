"""Numbers, amounts and dates in one normal form."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.figures import figures, stands, undated
from tests.rules.properties import PROPERTY

SAME = [
    ("18 January 2022", "January 18, 2022"),
    ("18 January 2022", "2022-01-18"),
    ("18 January 2022", "18th of Jan. 2022"),
    ("5 Sept 2025", "September 5th 2025"),
    ("EUR 20 million", "€20m"),
    ("EUR 20 million", "20 million euros"),
    ("EUR 20 million", "EUR 20,000,000"),
    ("USD 50 million", "$50m"),
    ("50 million US dollars", "US$50 million"),
    ("GBP 8.5 million", "£8.5m"),
    ("4 percent", "4%"),
    ("4 percent", "4 per cent"),
    ("4 percent", "four percent"),
    ("72 hours", "72-hour"),
    ("72 hours", "seventy-two hours"),
    ("24 months", "twenty four months"),
    ("one month", "1 month"),
    ("10 business days", "ten working days"),
    ("30 calendar days", "30 days"),
    ("200 people", "two hundred people"),
    ("1,500 units", "1500 units"),
    ("1 500 units", "1500 units"),
    ("Article 28(2)", "Art. 28(2)"),
    ("Article 28(2)", "Art.28(2)"),
    ("POL-02", "POL-2"),
]
LESS_PRECISE = [
    ("in 2022", "on 18 January 2022"),
    ("since January 2022", "on 18 January 2022"),
    ("on 18 January", "on 18 January 2022"),
    ("in 2022", "the 2022 report"),
    ("Article 28", "Article 28(2)(a)"),
    ("Article 28(2)", "Article 28(2)(a)"),
    ("Article 83(5)", "Article 83(4) and (5)"),
    ("Article 30(2)(f)", "Article 30(2)(e) to (i)"),
    ("Article 28(3)", "Articles 28(1)-(4)"),
    ("Article 28(4)(a)", "Article 28(4) asks for criticality in point (a)"),
    ("Article 54(4)", "paragraph 4 of Article 54"),
    ("30 days", "30 or 60 days"),
]
DIFFERENT = [
    ("18 January 2022", "18 January 2023"),
    ("18 January 2022", "19 January 2022"),
    ("18 January 2022", "18 June 2022"),
    ("18 January 2022", "in January 2022"),
    ("in 2023", "18 January 2022"),
    ("the Act 2016", "on 31 March 2016"),
    ("EUR 20 million", "USD 20 million"),
    ("EUR 20 million", "EUR 20 billion"),
    ("72 hours", "72 days"),
    ("10 calendar days", "10 business days"),
    ("two months", "one month"),
    ("one month", "two months"),
    ("30 hours", "72 hours or 30 days"),
    ("clause 2.1", "clause 2.10"),
    ("Article 28(3)", "Article 28(2), 3 percent"),
    ("Article 28(2)(b)", "Article 28(2)(a)"),
    ("28 CFR 202.205", "28 CFR 202.206"),
    ("version 4.0", "v3.0"),
    ("90 percent", "nine percent"),
]


def _proved(claim, source):
    among = figures(source)
    return all(stands(figure, among) for figure in figures(claim))


@pytest.mark.parametrize(("one", "other"), SAME)
def test_figures_in_different_spellings_agree(one, other):
    assert figures(one)
    assert _proved(one, other)
    assert _proved(other, one)


@pytest.mark.parametrize(("claim", "source"), LESS_PRECISE)
def test_a_less_precise_figure_stands_where_a_more_precise_one_does(claim, source):
    assert _proved(claim, source)


@pytest.mark.parametrize(("claim", "source"), DIFFERENT)
def test_different_figures_do_not_stand_for_each_other(claim, source):
    assert not _proved(claim, source)


@pytest.mark.parametrize(
    "text", ["one of the providers", "no figure here", "Section B", "it may march on", "a million"]
)
def test_text_without_figures_has_none(text):
    assert figures(text) == frozenset()


def test_a_number_before_the_verb_may_is_no_date():
    assert figures("Article 15 may apply") == {"n:15"}


def test_a_section_letter_is_no_billion():
    assert figures("Article 45B and section 17M") == {"n:45", "n:17"}


def test_dates_are_taken_out_whole():
    assert "May" not in undated("On 5 May 2026, or May 2026, it may apply")
    assert "may apply" in undated("On 5 May 2026 it may apply")


@pytest.mark.parametrize("text", ["45 May 2022", "2022-13-01", "2022-01-99"])
def test_an_impossible_date_does_not_break_anything(text):
    assert not any(figure.count("-13-") or figure.endswith(("-45", "-99")) for figure in figures(text))


@PROPERTY
@given(st.text())
def test_any_text_can_be_read(text):
    assert all(stands(figure, figures(text)) for figure in figures(text))


@PROPERTY
@given(st.integers(1, 10**12))
def test_a_number_reads_the_same_with_and_without_commas(number):
    year = 1900 <= number < 2100
    assert year or figures(f"{number:,} units") == figures(f"{number} units")


@PROPERTY
@given(st.dates(min_value=date(1900, 1, 1)))
def test_a_date_reads_the_same_in_every_form(day):
    forms = (f"{day:%Y-%m-%d}", f"{day.day} {day:%B} {day.year:04}", f"{day:%B} {day.day}, {day.year:04}")
    assert {figures(form) for form in forms} == {frozenset({f"d:{day:%Y-%m-%d}"})}


@pytest.mark.parametrize("digits", [16, 309, 5000])
def test_a_number_of_any_length_is_read_and_kept_exact(digits):
    assert figures("9" * digits) == {f"n:{'9' * digits}"}
