"""Texts cut into sentences: where they end, and not a character changed."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.sentences import sentences, spans
from tests.rules.properties import PROPERTY


def test_legal_abbreviations_end_no_sentence():
    said = "Under Art. 28(2) GDPR, the U.S. firm must ask, e.g. in writing. See No. 4 to Part 744. It pays EUR 1.2 billion."
    assert sentences(said) == [
        "Under Art. 28(2) GDPR, the U.S. firm must ask, e.g. in writing.",
        "See No. 4 to Part 744.",
        "It pays EUR 1.2 billion.",
    ]


@PROPERTY
@given(st.text(max_size=300))
def test_sentences_change_no_character(said):
    found = spans(said)
    assert all(a < b <= c for (a, b), (c, _) in pairwise(found))
    assert "".join(said[a:b] for a, b in found).replace(" ", "") != "" or not said.strip() or not found


def test_a_roman_numeral_may_end_a_sentence():
    said = "It freezes the funds of those listed in Annex I. Article 2(2) forbids more."
    assert sentences(said) == ["It freezes the funds of those listed in Annex I.", "Article 2(2) forbids more."]


@pytest.mark.parametrize(
    "said",
    [
        "It follows Art. 28(3) GDPR and No. 5 of the list.",
        "The U.S. Department of Commerce reviews it.",
        "Use two factors, e.g. a token, i.e. something held.",
        "See Sec. 889(a)(1)(B) and para. 4 of 48 CFR 52.204-25.",
        "Acme Inc. and Beta Ltd. sign with Gamma Co. in Delaware.",
        "The fee is EUR 1.2 million or 2.5 percent.",
        "Clause 3.1 binds Mr. Li and Dr. Ada.",
        "The order cites 50 U.S.C. 1701 and 85 Fed. Reg. 48465.",
        "It holds cf. Recital 12 and pp. 3 to 9.",
        "Under paras. 2 and 3, lit. a and Rec. 41 apply.",
        "See Pub. L. 117-78, 135 Stat. 1525, and Sched. II.",
        "It takes approx. 5 days.",
    ],
)
def test_an_abbreviation_ends_no_sentence(said):
    assert sentences(said) == [said]


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("Müller müßte prüfen. Sørensen også. Żółć też.", 3),
        ("“Is it so?” she asked. He said “No.” Then he left.", 3),
        ("供应商必须通知买方。 The vendor waits.", 2),
        ("Ein 😀 Satz. Noch einer 👩‍⚖️ hier.", 2),
        ("First!\n\nSecond?\nThird.", 3),
    ],
)
def test_spans_fit_texts_beyond_ascii(said, count):
    found = spans(said)
    assert len(found) == count
    assert all(said[a:b] == said[a:b].strip() != "" for a, b in found)
    assert "".join("".join(said[a:b].split()) for a, b in found) == "".join(said.split())


@PROPERTY
@given(st.text(max_size=300))
def test_nothing_but_white_space_lies_between_sentences(said):
    inside = set()
    for start, end in spans(said):
        inside |= set(range(start, end))
    assert all(char.isspace() for at, char in enumerate(said) if at not in inside)


def test_a_sentence_may_end_in_such_a_word_when_a_new_one_begins():
    assert sentences("Compare the App. Users install it.") == ["Compare the App.", "Users install it."]
    assert sentences("Twelve files are in the doc. The rest is lost.")[1] == "The rest is lost."


def test_an_empty_text_has_no_sentences():
    assert spans("") == spans(" \n ") == []


def test_a_long_text_is_cut_in_time_that_grows_with_it():
    assert len(spans("The vendor must ask the buyer. " * 30_000)) == 30_000
