"""The card: levels by table, wording by grade, every sentence with its row, and never a word that acquits anybody."""

import json
import re
from dataclasses import replace
from datetime import date

import pytest

from bot.card import Card, Heard
from bot.cardrules import made
from bot.dossier import as_json, summary
from bot.errors import SettingsRefused
from bot.model import Category, Level
from bot.rubric import ours as rubric
from bot.scale import ours
from bot.slack import cards
from bot.slack.elements import MOST_BLOCKS, MOST_PARTS
from knowledge.lists.measures import measures
from knowledge.lists.statutory import shipped
from knowledge.names.grade import Grade
from knowledge.screened import ListState, Loaded
from knowledge.screening import screen
from tests.loaded import loaded, party, read
from tests.shipped import shipped_lists

TODAY = date(2026, 11, 25)
ACQUITS = re.compile(
    r"\b(?:clear|cleared|clean|safe|passe[ds]|pass|approved|harmless|unobjectionable|no risk)\b", re.IGNORECASE
)


def card(lists: Loaded, query: str, country: str = "", day: date = TODAY, scale=None) -> Card:
    blank = Card("c", query, country, day, "R4")
    screened = screen(lists, query, country, day)
    return made(blank, screened, Heard(1, "R1"), scale or ours(), rubric())


def own_words(one: Card) -> str:
    """Everything that a card says in our words: without names, which are the asker's and the lists'."""
    said = " ".join([summary(one), *one.limits, *one.background, *(row.text for row in one.rows)])
    for name in (one.query, *(row.found.party.name for row in one.rows)):
        said = said.replace(name, "")
    return said


def test_every_measure_has_a_level_for_every_grade_and_a_category():
    scale = ours()
    for key, rows in measures().items():
        for row in rows:
            Category(row.category)
            assert all(scale.level(row, grade).value for grade in Grade), key
    assert {key for key, _ in scale.levels} - {"default"} <= set(measures())


def test_no_word_of_any_card_acquits_and_every_finding_stands_on_its_row():
    lists = shipped_lists(TODAY)
    names = [name.text for one in shipped() for each in one.parties for name in each.names]
    asked = [
        *names,
        *(f"{name} Europe GmbH" for name in names[:30]),
        *(name[:-1] for name in names[:30]),
        "Bäckerei Müller",
    ]
    assert len(asked) > 100
    rows = {f"{one.list_id}:{each.ref}": each for one in shipped() for each in one.parties}
    for query in asked:
        shown = card(lists, query)
        assert not ACQUITS.search(own_words(shown)), query
        numbers = dict(shown.listed)
        for line in (line for section in shown.sections for line in section.lines):
            assert line.row is not None
            source = rows[line.row.id]
            assert numbers[line.source].id == line.row.id
            assert line.row.quote in {*(name.text for name in source.names), *(one.excerpt for one in source.listings)}
            assert source.name in line.row.lead
            assert line.row.standing.measure.effect in line.row.entails


@pytest.mark.parametrize(
    ("query", "country", "level", "words"),
    [
        ("Orion Shipping Lines", "IR", Level.CRITICAL, "Orion Shipping Lines is listed under OFAC SDN List"),
        ("Orion Shipping Lines", "", Level.HIGH, "Possible match, probable by its name, for a person to confirm: "),
        ("Orion Shiping Lines", "", Level.MODERATE, "Possible match, for a person to decide: "),
        ("Orion Shipping Lines", "DE", Level.MODERATE, "the country differs: DE asked, IR listed"),
    ],
)
def test_level_and_words_follow_from_measure_and_grade(query, country, level, words):
    lists = loaded(read("us.ofac-sdn", party("Orion Shipping Lines", "ofac-sdn", "4711", "IR")))
    shown = card(lists, query, country)
    assert shown.risk.level is level
    assert words in shown.rows[0].text
    assert "US persons must not deal with the party" in shown.rows[0].text


def test_a_tie_that_nobody_has_evidenced_is_worded_as_a_possible_affiliate():
    shown = card(shipped_lists(TODAY), "Hikvision USA")
    assert shown.risk.level is Level.MODERATE
    assert {row.text.partition(": ")[0] for row in shown.rows} == {"Possible affiliate, ownership not evidenced"}
    assert "the name adds united states" in shown.rows[0].text


def test_a_1260h_listing_is_said_to_be_reputation_outside_contracts_with_the_department():
    shown = card(shipped_lists(TODAY), "Alibaba Cloud")
    assert shown.risk.level is Level.HIGH
    assert shown.rows[0].text.startswith("Affiliate of a listed party: Alibaba Group Holding Limited")
    assert shown.rows[0].text.endswith("this listing alone is a matter of reputation.")


def test_a_measure_that_is_not_in_force_yet_weighs_little_and_says_from_when():
    before, after = (card(shipped_lists(TODAY), "CATL", day=day) for day in (TODAY, date(2027, 10, 1)))
    assert (before.risk.level, after.risk.level) == (Level.LOW, Level.MODERATE)
    assert "Upcoming: it applies from 1 Oct 2027." in before.rows[0].text
    assert "Upcoming" not in after.rows[0].text


def test_an_ended_listing_is_history_and_no_hit():
    ended = party("Orion Roads", "worldbank-debarred", "1", end=date(2026, 6, 30))
    shown = card(loaded(read("wb.debarred", ended)), "Orion Roads")
    assert shown.risk.level is Level.UNKNOWN
    assert shown.sections == ()
    assert shown.rows[0].text.endswith("It ended on 30 Jun 2026 and is shown as history, not as a hit.")
    assert "No match in these lists as of these dates: List wb.debarred (20 Nov 2026)." in shown.limits
    assert as_json(shown)["listings"][0]["status"] == "ended"


def test_exploited_products_are_a_risk_of_products_and_make_nobody_a_listed_party():
    row = party("Orionsoft", "cisa-kev", start=date(2026, 1, 2))
    first = replace(row.listings[0], citation="CVE-2026-1", excerpt="Gate\nGate Path Traversal")
    more = [replace(first, citation=f"CVE-2025-{n}", start=date(2025, 1, n)) for n in range(1, 9)]
    shown = card(loaded(read("us.cisa-kev", replace(row, listings=(*more, first)))), "Orionsoft")
    assert shown.risk.level is Level.LOW
    assert shown.resolved == ()
    assert [section.category for section in shown.sections] == [Category.CYBER]
    lines = [line.row.lead for line in shown.sections[0].lines]
    assert lines[0] == "Under active exploitation: Gate: Gate Path Traversal (CVE-2026-1, since 2 Jan 2026)."
    assert "6 more of this maker are in the catalogue" in lines[-1]


def test_equally_sure_parties_are_asked_back_by_names_that_lead_to_one_of_them():
    lists = shipped_lists(TODAY)
    choices = card(lists, "Kaspersky").choices
    assert choices == ("AO Kaspersky Lab | RU", "Kaspersky Lab, Inc.")
    for choice in choices:
        again = card(lists, choice)
        assert again.choices == ()
        assert again.resolved[0].name == choice.partition(" | ")[0]


def test_lists_that_are_not_loaded_stale_or_incomplete_are_named():
    state = ListState("eu.fsf", "EU list", "EU", "https://example.org")
    old = replace(
        state, id="un", title="UN list", rows=9, snapshot=date(2026, 1, 1), stale=True, gap="Half is missing."
    )
    shown = card(loaded(beside=(state, old)), "Orion")
    assert shown.limits == (
        "No match in these lists as of these dates: UN list (1 Jan 2026).",
        "Not loaded, and so not asked: EU list.",
        "UN list is stale: what is in service is of 1 Jan 2026 (328 days old).",
        "UN list is incomplete. Half is missing.",
        "No source in the knowledge base that you may read names this vendor.",
    )


def test_a_company_sets_what_a_measure_weighs_and_nonsense_is_refused_in_words(tmp_path):
    file = tmp_path / "card.yaml"
    file.write_text("measures:\n  dod-1260h: {owned: low, says: ''}\n")
    scale = ours().overridden(file)
    shown = card(shipped_lists(TODAY), "Alibaba Cloud", scale=scale)
    assert shown.risk.level is Level.LOW
    assert "reputation" not in shown.rows[0].text
    file.write_text("measures:\n  dod-1260h: {owned: dreadful}\n")
    with pytest.raises(SettingsRefused, match="cannot be read"):
        ours().overridden(file)


def test_a_card_that_is_too_long_for_slack_still_says_what_was_not_asked():
    shown = card(shipped_lists(TODAY), "Hikvision USA")
    made = cards.render(replace(shown, sections=shown.sections * 40))
    parts = [one["blocks"] for one in (made, *made["more"])]
    assert len(parts) == MOST_PARTS
    assert all(len(blocks) <= MOST_BLOCKS and len(json.dumps(blocks)) < 13_000 for blocks in parts)
    said = json.dumps(parts[0])
    assert "Not loaded, and so not asked" in said
    assert "shortened to fit" in said
    assert "shortened to fit" not in json.dumps(cards.render(shown))
    longer = cards.render(replace(shown, sections=shown.sections * 8))
    assert "shortened to fit" not in json.dumps(longer)
    assert "it goes on below" in json.dumps(longer["blocks"])
    whole = [line for one in (longer, *longer["more"]) for line in map(json.dumps, one["blocks"])]
    every = [json.dumps(block) for block in cards.render(shown)["blocks"]]
    assert all(whole.count(line) == 8 for line in every if "Company policy" in line)
