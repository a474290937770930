"""The level of risk, rule by rule."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Category, Claim, Level
from bot.risk import assess, category_of
from bot.rubric import ours
from knowledge.model import Document, Kind, Passage, Standing
from knowledge.vendors import known_vendors
from tests.rules.properties import PROPERTY

ALIBABA = next(vendor for vendor in known_vendors() if vendor.name == "Alibaba Cloud")
DOCUMENT = Document("d", "Title", "D", "D", Kind.REGULATION, "EU", "public", published=date(2022, 1, 18))
STANDINGS = [None, *Standing]
OURS = ours()


def _claim(quote, kind, standing=None, heading=""):
    passage = Passage("p", "d", "D 1", heading, quote, 0, len(quote))
    return Claim(quote, quote, passage, replace(DOCUMENT, kind=kind, standing=standing), 0, len(quote))


def _level(quote, kind, standing=None):
    return assess([_claim(quote, kind, standing)], [1], [ALIBABA], OURS).level


@pytest.mark.parametrize(
    ("level", "kind", "quote"),
    [
        (Level.HIGH, Kind.LIST, "The list of 8 June 2026 names Alibaba Group."),
        (Level.HIGH, Kind.LIST, "Tencent is not named, but Alibaba is named."),
        (Level.UNKNOWN, Kind.LIST, "The list contains no separate entry for Alibaba Cloud."),
        (Level.UNKNOWN, Kind.LIST, "The list names Tencent and does not name Alibaba."),
        (Level.UNKNOWN, Kind.LIST, "The list names Kaspersky."),
        (Level.HIGH, Kind.REGULATION, "The law prohibits contracts with Alibaba."),
        (Level.UNKNOWN, Kind.REGULATION, "The law does not prohibit contracts with Alibaba."),
        (Level.UNKNOWN, Kind.REGULATION, "The list is not a general ban of Alibaba."),
        (Level.UNKNOWN, Kind.REGULATION, "The law bans no vendor, Alibaba included."),
        (Level.MODERATE, Kind.REGULATION, "The law prohibits contracts with Alibaba unless a licence is granted."),
        (Level.MODERATE, Kind.GUIDANCE, "A transfer requires an assessment."),
        (Level.HIGH, Kind.POLICY, "Alibaba Cloud must not host restricted data."),
        (Level.MODERATE, Kind.POLICY, "Alibaba Cloud must not host data before approval."),
        (Level.MODERATE, Kind.POLICY, "Restricted data must not leave the country."),
        (Level.UNKNOWN, Kind.POLICY, "Policies are kept on the intranet."),
        (Level.UNKNOWN, Kind.NEWS, "Kaspersky was in the news."),
        (Level.UNKNOWN, Kind.VENDOR_EVIDENCE, "Alibaba Cloud states that it encrypts data."),
    ],
)
def test_a_claim_gives_the_level_of_its_rule(level, kind, quote):
    assert _level(quote, kind) is level


@pytest.mark.parametrize(
    ("standing", "level"),
    [
        (Standing.ALLEGATION, Level.UNKNOWN),
        (Standing.INCIDENT, Level.MODERATE),
        (Standing.DECISION, Level.HIGH),
        (None, Level.UNKNOWN),
    ],
)
def test_only_an_authoritys_decision_makes_news_more_than_moderate(standing, level):
    assert _level("Alibaba is banned and must not sell.", Kind.NEWS, standing) is level


def _report(n, publisher, standing=Standing.ALLEGATION):
    claim = _claim("Alibaba was probed.", Kind.NEWS, standing)
    return replace(claim, document=replace(claim.document, id=f"d{n}", authority=publisher))


def test_one_unconfirmed_report_decides_nothing_and_two_publishers_make_moderate():
    risk = assess([_report(1, "Reuters"), _report(2, "Reuters")], [1, 2], [ALIBABA], OURS)
    assert (risk.level, risk.reasons) == (
        Level.UNKNOWN,
        ("one unconfirmed report [1] [2] is not enough to give a level",),
    )
    assert assess([_report(1, "Reuters"), _report(2, "AP")], [1, 2], [ALIBABA], OURS).level is Level.MODERATE


def test_an_unconfirmed_report_is_a_finding_beside_what_decides():
    law = _claim("A transfer to Alibaba requires an assessment.", Kind.REGULATION)
    risk = assess([law, _report(2, "Reuters")], [1, 2], [ALIBABA], OURS)
    assert [one.name for one in risk.findings] == ["law_conditions", "alleged"]
    assert risk.reasons == ("the law sets conditions that have to be met first [1]",)


def test_sanctions_that_block_the_vendor_are_critical():
    assert _level("Alibaba was added to the SDN List.", Kind.LIST) is Level.CRITICAL
    assert _level("Alibaba is not on the SDN List.", Kind.LIST) is Level.UNKNOWN


def test_a_claim_counts_in_the_category_that_its_words_point_to_among_those_of_its_document():
    claim = _claim("A processor must report a security incident and a personal data breach.", Kind.POLICY)
    topics = ("internal-policy", "privacy-transfers", "cyber")
    assert category_of(replace(claim, document=replace(DOCUMENT, topics=topics))) in {Category.PRIVACY, Category.CYBER}
    assert category_of(replace(claim, document=replace(DOCUMENT, topics=("internal-policy",)))) is Category.POLICY


def test_a_name_inside_another_word_is_not_the_vendor():
    assert _level("The law prohibits Alibabaesque contracts.", Kind.REGULATION) is Level.UNKNOWN


def test_a_vendor_named_in_the_heading_counts():
    claim = _claim("The entry is in force.", Kind.LIST, heading="Alibaba Group")
    assert assess([claim], [1], [ALIBABA], OURS).level is Level.HIGH


def test_without_a_vendor_there_is_no_level():
    risk = assess([_claim("The law requires it.", Kind.REGULATION)], [1], [], OURS)
    assert risk.level is Level.UNKNOWN
    assert risk.reasons == ("no vendor is named, so there is no level to give",)


def test_without_claims_there_is_neither_level_nor_reason():
    risk = assess([], [], [ALIBABA], OURS)
    assert (risk.level, risk.reasons, risk.findings) == (Level.UNKNOWN, (), ())


def test_the_reason_names_every_source_of_the_highest_level_once():
    banned = _claim("The law prohibits contracts with Alibaba.", Kind.REGULATION)
    asked = _claim("The law requires it.", Kind.REGULATION)
    risk = assess([asked, banned, banned, banned], [1, 2, 3, 2], [ALIBABA], OURS)
    assert (risk.level, risk.reasons) == (Level.HIGH, ("a legal prohibition names the vendor [2] [3]",))


@PROPERTY
@given(st.text(), st.sampled_from(Kind), st.sampled_from(STANDINGS), st.text())
def test_more_claims_never_lower_the_level(quote, kind, standing, other):
    order = list(Level)
    one, more = _claim(quote, kind, standing), _claim(other, Kind.VENDOR_EVIDENCE)
    alone, together = assess([one], [1], [ALIBABA], OURS), assess([one, more], [1, 2], [ALIBABA], OURS)
    assert order.index(together.level) >= order.index(alone.level)
    assert together.reasons


@PROPERTY
@given(st.text())
def test_an_allegation_is_never_more_than_moderate(quote):
    assert _level(f"Alibaba {quote}", Kind.NEWS, Standing.ALLEGATION) in {Level.MODERATE, Level.UNKNOWN}
