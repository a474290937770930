"""Quotes are found verbatim or not at all."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.quotes import _read, locate
from tests.rules.corpus import sentences
from tests.rules.properties import PROPERTY

TEXT = (
    "A processor must not engage another processor without the prior written authorisation of the controller. "
    "It must notify the controller within 72 hours, and fines reach EUR 20.5 million under Article 28(2)."
)
QUOTE = "A processor must not engage another processor without the prior written authorisation"
WORDS = st.text(st.sampled_from("abcdefgh 0123456789.,-’“ß\n\u00ad\u200b\u00a0éﬁ²"), max_size=60)
real = st.sampled_from(sentences(8))


def _folded(text):
    return {reading.text.strip() for reading in _read(text)}


@PROPERTY
@given(WORDS, st.integers(0, 60), st.integers(0, 60))
def test_what_is_found_is_folded_equal_to_the_quote(text, start, end):
    quote = text[start:end]
    place = locate(quote, text)
    assert place is None or _folded(text[slice(*place)]) & _folded(quote)


@PROPERTY
@given(real)
def test_a_real_sentence_is_found_where_it_stands(sentence):
    start, end = locate(sentence.text, sentence.passage.text)
    assert sentence.passage.text[start:end] == sentence.text


HARMLESS = {
    "a line break": lambda text, at: f"{text[:at]}\n{text[at + 1 :]}",
    "several blanks": lambda text, at: f"{text[:at]}  \t {text[at + 1 :]}",
    "a no-break space": lambda text, at: f"{text[:at]}\u00a0{text[at + 1 :]}",
    "a zero-width space": lambda text, at: f"{text[:at]}\u200b{text[at:]}",
    "a soft hyphen": lambda text, at: f"{text[: at - 1]}\u00ad{text[at - 1 :]}",
    "capitals": lambda text, _at: text.upper(),
    "curly quotation marks": lambda text, _at: text.replace("'", "’").replace('"', "“"),
    "straight quotation marks": lambda text, _at: text.replace("’", "'").replace("“", '"').replace("”", '"'),
    "long dashes": lambda text, _at: text.replace("-", "–"),
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
@PROPERTY
@given(sentence=real, where=st.integers(0, 10**6))
def test_a_harmless_change_is_still_found(change, sentence, where):
    gaps = [gap.start() for gap in re.finditer(r"(?<=\w\w) (?=\w)", sentence.text)]
    changed = change(sentence.text, gaps[where % len(gaps)])
    assert locate(changed, sentence.passage.text) == locate(sentence.text, sentence.passage.text)


@PROPERTY
@given(real, st.integers(0, 10**6))
def test_a_word_cut_at_the_end_of_a_line_is_still_found(sentence, where):
    places = [found.end() for found in re.finditer(r"[a-z]{3}(?=[a-z]{2})", sentence.text)]
    at = places[where % len(places)]
    assert locate(f"{sentence.text[:at]}-\n{sentence.text[at:]}", sentence.passage.text)


def test_a_word_that_the_source_cut_is_found():
    assert locate("the prior written authorisation", "needs the prior writ-\nten authorisation here") == (6, 39)


def test_a_compound_that_the_source_broke_at_its_own_hyphen_is_found():
    assert locate("risk of the third-party provider", "the risk of the third-\nparty provider is high")


TAMPERED = {
    "a word replaced": lambda words, at, _rng: [*words[:at], "ordinary", *words[at + 1 :]],
    "a word dropped": lambda words, at, _rng: [*words[:at], *words[at + 1 :]],
    "a word inserted": lambda words, at, _rng: [*words[:at], "hardly", *words[at:]],
    "a not inserted": lambda words, at, _rng: [*words[:at], "not", *words[at:]],
    "two words swapped": lambda words, at, _rng: [*words[: at - 1], words[at], words[at - 1], *words[at + 1 :]],
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED)
@PROPERTY
@given(sentence=real, where=st.integers(0, 10**6))
def test_a_tampered_quote_is_never_found(change, sentence, where):
    words = sentence.text.split()
    tampered = " ".join(change(words, 1 + where % (len(words) - 2), random))
    unchanged = " ".join(tampered.casefold().split()) in " ".join(sentence.passage.text.casefold().split())
    assert unchanged or locate(tampered, sentence.passage.text) is None


@PROPERTY
@given(real, st.integers(0, 10**6), st.integers(1, 9))
def test_a_changed_digit_is_never_found(sentence, where, step):
    digits = [found.start() for found in re.finditer(r"\d", sentence.text)]
    if digits:
        at = digits[where % len(digits)]
        changed = f"{sentence.text[:at]}{(int(sentence.text[at]) + step) % 10}{sentence.text[at + 1 :]}"
        assert locate(changed, sentence.passage.text) is None


@PROPERTY
@given(real, real)
def test_a_sentence_of_another_passage_is_never_found(one, other):
    assert one.text in other.passage.text or locate(one.text, other.passage.text) is None


@pytest.mark.parametrize("quote", ["", "   ", "must not engage", "authorisation of controllers", "\u200b" * 40])
def test_a_quote_that_is_too_short_is_not_found(quote):
    assert locate(quote, TEXT) is None


@pytest.mark.parametrize(
    "quote",
    [
        "rocessor must not engage another processor",
        "A processor must not engage another process",
        "within 72 hours, and fines reach EUR 20",
        "5 million under Article 28(2)",
    ],
)
def test_a_quote_that_begins_or_ends_inside_a_word_or_number_is_not_found(quote):
    assert locate(quote, TEXT) is None


def test_offsets_point_into_the_original_although_folding_changes_its_length():
    text = "“Straße”…\u00ad  The ﬁrst  con\u00adtract must be signed before use. End"
    start, end = locate("the first contract must be signed before use.", text)
    assert text[start:end] == "The ﬁrst  con\u00adtract must be signed before use."


def test_a_raised_digit_is_no_ordinary_digit():
    assert locate("the limit is 102 units in all", "the limit is 10² units in all") is None


def test_an_accent_written_as_a_mark_of_its_own_is_the_same_letter():
    assert locate("the café may not be used at night", "The cafe\u0301 may not be used at night.")


def test_a_letter_without_its_accent_is_another_letter():
    assert locate("nobody may enter the cafe", "nobody may enter the cafe\u0301") is None


def test_a_later_place_is_found_when_the_first_is_inside_a_word():
    text = "unable to transfer the data abroad, able to transfer the data abroad"
    assert locate("able to transfer the data abroad", text) == (36, len(text))
