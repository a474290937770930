"""What a sentence forbids, demands, allows, doubts and bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.modality import disagreement, tone
from tests.rules.corpus import sentences
from tests.rules.properties import PROPERTY

AGREE = [
    ("A vendor is prohibited from using the data.", "A vendor must not use the data."),
    ("The law obliges vendors to notify.", "The law requires vendors to notify."),
    ("A vendor has to notify the authority.", "A vendor must notify the authority."),
    ("The authority must be notified.", "A vendor must notify the authority."),
    ("A vendor is permitted to use the data.", "A vendor may use the data."),
    ("A vendor must not sign.", "No vendor may sign."),
    ("No vendor is permitted to sign.", "No vendor may sign."),
    ("It must notify within 72 hours.", "It must notify no later than 72 hours."),
    ("It must hold 50% or more.", "It must hold at least 50 percent."),
    ("Fines reach at most 4 percent.", "Fines reach up to 4 percent."),
    ("It must be reported within 10 days under 31 CFR 501.603.", "Under 31 CFR 501.603, it must be reported within 10 days."),
    ("From July 26, 2029 the law applies.", "From 26 July 2029 the law applies."),
    ("In May 2026 the law was changed.", "The law was changed on 5 May 2026."),
    ("The regulator may review it.", "The regulator could review it."),
    ("It must notify where data is lost.", "It must notify if data is lost."),
    ("People must be informed that they speak with a machine.", "The persons concerned must be informed that they speak with a machine."),
    ("Where possible it must respond within 24 hours.", "It must respond, where possible within 24 hours, to the entity concerned."),
    ("Decisions with legal effects are covered.", "Decisions are covered which produce legal effects concerning him or her."),
]  # fmt: skip
DISAGREE = [
    ("negation", "A vendor must use it.", "A vendor must not use it."),
    ("negation", "A vendor must not use it.", "A vendor must use it."),
    ("negation", "It must not use what is approved.", "It must not use what is not approved."),
    ("negation", "It is a ban.", "It is not a ban."),
    ("negation", "It cannot be fined.", "It can be fined."),
    ("modality", "A vendor must use it.", "A vendor may use it."),
    ("modality", "A vendor may use it.", "A vendor must use it."),
    ("modality", "A vendor must notify and must pay.", "A vendor must notify and may pay."),
    ("modality", "A vendor may notify and must pay.", "A vendor must notify and may pay."),
    ("modality", "It must, within 2 days, close it or may wait.", "It may, within 2 days, close it or may wait."),
    ("modality", "The law allows a complaint, where possible.", "The law requires a complaint, where possible."),
    ("modality", "No employee must sign.", "No employee may sign."),
    ("modality", "A vendor must use it.", "A vendor should use it."),
    (
        "modality",
        "The regulator will gain access, or could lose it.",
        "The regulator could gain access, or could lose it.",
    ),
    ("doubt", "The vendor gave the state access.", "The vendor allegedly gave the state access."),
    ("doubt", "The vendor gives the state access.", "There are concerns that the vendor gives the state access."),
    ("doubt", "The state has access.", "The state possibly has access."),
    ("condition", "It must not sign unless asked.", "It must not sign unless asked, except when only two remain."),
    ("condition", "It must notify the authority.", "It must notify the authority if data is lost."),
    ("condition", "It applies if needed.", "It applies if needed and if asked."),
    ("bound", "It must keep it up to 5 years.", "It must keep it at least 5 years."),
    ("bound", "It must keep it 5 years.", "It must keep it at least 5 years."),
    ("bound", "It must be rated high.", "It must be rated at least high."),
    ("bound", "It reached more than 5 million.", "It reached less than 5 million."),
    ("bound", "It must pay after 5 March 2022.", "It must pay before 5 March 2022."),
    ("bound", "It must pay within 5 days.", "It must pay 5 days."),
]


@pytest.mark.parametrize(("claim", "quote"), AGREE)
def test_sentences_that_say_the_same_agree(claim, quote):
    assert disagreement(claim, quote) == ""


@pytest.mark.parametrize(("why", "claim", "quote"), DISAGREE)
def test_a_sentence_that_says_something_else_is_told_why(why, claim, quote):
    said = disagreement(claim, quote)
    assert said == why or (why == "condition" and said == "negation")


@PROPERTY
@given(st.sampled_from(sentences(8)))
def test_every_real_sentence_agrees_with_itself(sentence):
    assert disagreement(sentence.text, sentence.text) == ""


@PROPERTY
@given(st.text(), st.text())
def test_any_two_texts_can_be_compared(one, other):
    assert disagreement(one, other) in {"", "negation", "modality", "doubt", "condition", "bound"}


def test_a_bound_is_no_negation():
    assert tone("It must notify no later than 72 hours and not more than 2 days").negations == 0


def test_the_month_of_may_is_no_permission():
    assert tone("In May 2026 it applies").modes == frozenset()


def test_a_citation_after_under_is_no_bound():
    assert tone("Under 18 USC 2713 and 28 CFR 202.205 it applies").bounds == frozenset()
