"""Dates of application: only what a sentence says outright, for the parts that it names."""

from datetime import date

import pytest

from knowledge.parse.application import application

DAY = date(2027, 1, 1)


@pytest.mark.parametrize(
    ("text", "place", "day"),
    [
        ("Chapter V, Section II shall apply from 1 January 2027.", ("V", "II", 9, 0), DAY),
        ("Chapter V, Section II shall apply from 1 January 2027.", ("V", "I", 8, 0), None),
        ("Articles 3(1) and 5(2) shall apply from 1 January 2027.", ("", "", 5, 2), DAY),
        ("Articles 3(1) and 5(2) shall apply from 1 January 2027.", ("", "", 5, 1), None),
        ("Articles 5 to 7 shall apply from 1 January 2027, except for Article 6.", ("", "", 6, 0), None),
        ("Articles 5 to 7 shall apply from 1 January 2027, except for Article 6.", ("", "", 7, 0), DAY),
        ("Chapter IV shall apply from 1 January 2027 to contracts concluded before.", ("IV", "", 13, 0), None),
        ("Article 5(1), point (a), shall apply from 1 January 2027.", ("", "", 5, 1), None),
        ("Article 5 on vendors in Article 7 shall apply from 1 January 2027.", ("", "", 7, 0), None),
        ("Article 5 shall not apply to Article 7, which shall apply from 1 January 2027.", ("", "", 5, 0), None),
        ("Chapter I shall apply from 1 May 2026. Article 2 shall apply from 1 January 2027.", ("I", "", 2, 0), DAY),
        ("Article 2 shall apply from 1 May 2026. Article 2 shall apply from 1 January 2027.", ("", "", 2, 0), None),
    ],
)
def test_a_part_has_a_date_of_its_own_only_where_the_sentence_names_it_and_nothing_else(text, place, day):
    assert application(text, None).of(*place) == day


def test_two_parts_of_one_sentence_have_their_own_dates():
    dates = application(
        "This Regulation shall apply from 11 December 2027.\nHowever, Article 14 shall apply from 11 September 2026 and"
        " Chapter IV (Articles 35 to 51) shall apply from 11 June 2026.",
        None,
    )
    assert dates.applies_from == date(2027, 12, 11)
    assert dates.of("", "", 14, 2) == date(2026, 9, 11)
    assert dates.of("", "", 51, 0) == dates.of("IV", "", 36, 0) == date(2026, 6, 11)
    assert dates.of("", "", 34, 0) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("shall enter into force on the twentieth day following that of its publication", date(2024, 7, 25)),
        ("shall enter into force on the twentieth day following its publication", date(2024, 7, 25)),
        ("shall enter into force on the day following that of its publication", date(2024, 7, 6)),
        ("shall enter into force on 1 January 2027.", DAY),
        ("shall enter into force on the umpteenth day following that of its publication", None),
    ],
)
def test_entry_into_force_is_counted_from_publication(text, day):
    assert application(f"This Regulation {text} in the Official Journal.", date(2024, 7, 5)).in_force_from == day


def test_measures_that_apply_by_kind_of_company_give_no_date():
    dates = application(
        "Member States shall adopt and publish, by 26 July 2026, the laws necessary to comply.\nThey shall apply those"
        " measures:\n(a) from 26 July 2027 as regards companies of a kind;",
        None,
    )
    assert (dates.transposition_by, dates.applies_from) == (date(2026, 7, 26), None)
