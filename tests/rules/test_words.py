"""What lexical search counts: terms and pairs of terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.words import pairs, terms
from tests.rules.properties import PROPERTY


def test_terms_are_lower_case_stemmed_and_without_stop_words():
    assert terms("The Processors must notify the controllers about breaches") == [
        "processor", "must", "notifi", "control", "breach",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["U.S.", "US", "U. S.", "U.S.A.", "United States", "United States of America"])
def test_every_spelling_of_the_united_states_is_one_term(name):
    assert terms(f"The {name} list") == ["usa", "list"]


def test_the_pronoun_us_is_no_country():
    assert terms("Notify us.") == ["notifi"]


def test_other_names_are_folded_alike():
    assert terms("the E.U. and the European Union, the U.K. and the United Kingdom") == ["eu", "eu", "uk", "uk"]


def test_accents_and_case_do_not_part_words():
    assert terms("Müller SØRENSEN façade") == terms("muller sorensen facade")


def test_numbers_and_citations_are_terms():
    assert terms("GDPR Art. 28(2), 15 CFR 791.4") == ["gdpr", "art", "28", "2", "15", "cfr", "791", "4"]


def test_terms_keep_their_order_and_their_repeats():
    assert terms("vendor buyer vendor") == ["vendor", "buyer", "vendor"]


def test_a_word_without_end_is_no_term():
    assert terms(f"short {'x' * 200} words") == ["short", "word"]


def test_pairs_are_neighbours_in_order():
    assert pairs(["data", "transfer", "ban"]) == ["data_transfer", "transfer_ban"]
    assert pairs(["alone"]) == pairs([]) == []


@PROPERTY
@given(st.text(max_size=200))
def test_a_term_is_found_again_when_it_is_asked_as_written(said):
    """Index and question go through the same analyser, so the words of a passage always match themselves."""
    assert terms(said) == terms(said)
    assert all(term and " " not in term for term in terms(said))
