"""The rubric: ours, and a company's own over it."""

import pytest

from bot.errors import SettingsRefused
from bot.model import Category, Level
from bot.risk import RULES
from bot.rubric import ours


def test_every_rule_has_its_worth_and_words():
    rubric = ours()
    assert {name for name, _ in RULES} == set(rubric.levels) == set(rubric.words)
    assert all(rubric.words.values())


def test_a_company_says_what_a_finding_is_worth_and_in_which_category(tmp_path):
    file = tmp_path / "rubric.yaml"
    file.write_text("findings:\n  listed: {level: critical}\ncategories:\n  cyber: {incident: high}\n")
    rubric = ours().overridden(file)
    assert rubric.level("listed", Category.BANS) is Level.CRITICAL
    assert rubric.level("incident", Category.CYBER) is Level.HIGH
    assert rubric.level("incident", Category.CONDUCT) is Level.MODERATE
    assert rubric.words == ours().words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("findings:\n  alleged: {level: high}\n", "unconfirmed"),
        ("categories:\n  cyber: {reported: critical}\n", "unconfirmed"),
        ("findings:\n  rumoured: {level: low}\n", "does not exist"),
        ("categories:\n  cyber: {rumoured: low}\n", "does not exist"),
        ("findings:\n  listed: {level: dreadful}\n", "cannot be read"),
        ("categories:\n  weather: {listed: low}\n", "cannot be read"),
        ("findings: [", "cannot be read"),
        ("colours: {}\n", "cannot be read"),
    ],
)
def test_a_rubric_that_makes_no_sense_is_refused_in_words(tmp_path, text, said):
    file = tmp_path / "rubric.yaml"
    file.write_text(text)
    with pytest.raises(SettingsRefused, match=said):
        ours().overridden(file)
