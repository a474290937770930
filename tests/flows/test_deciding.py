"""Decisions about vendors: what they need, when they count, who is told of them, and the terminal."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot import build, vetting
from bot.deciding import Wish
from bot.decision import lines
from bot.dossier import as_json
from bot.errors import DecisionRefused
from bot.model import Asker, Place, VendorCheck
from bot.settings import Settings
from knowledge.decision import Choice
from tests.flows.asking import ANN, GUEST, TERMINAL
from tests.flows.processes import caveat, caveat_json

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
WISH = Wish("e1", "Zephyr Robotics", Choice.APPROVED, "A trial  of\none year", "U1", "ann")
CHANNEL = Place("slack:C1", frozenset({"public"}))


@pytest.fixture
def deciding(starter_home, tmp_path):
    """Decisions in a ledger of their own, on a day that does not pass."""
    settings = Settings(CAVEAT_HOME=shutil.copytree(starter_home, tmp_path / "home"))
    library = build.library(settings)
    checking = replace(vetting.checking(settings, library), today=NOW.date)
    return replace(vetting.deciding(settings, library, checking), now=lambda: NOW)


def told(deciding):
    return " ".join(lines(deciding.stands("HIKVISION", "", NOW.date())))


@pytest.mark.parametrize(("wrong", "words"), [
    ({"why": " \n "}, "needs its reason"),
    ({"why": "x" * 1001}, "needs its reason"),
    ({"choice": Choice.CONDITIONS}, "needs them"),
    ({"until": date(2026, 11, 27)}, "between today and 5 years"),
    ({"until": date(2036, 1, 1)}, "between today and 5 years"),
    ({"vendor": "?"}, "at least two letters"),
])  # fmt: skip
async def test_a_decision_that_lacks_something_is_refused_in_words_and_nothing_is_kept(deciding, wrong, words):
    with pytest.raises(DecisionRefused, match=f"{words}.*nothing was decided"):
        await deciding.decide(replace(WISH, **wrong), ANN, TERMINAL)
    assert deciding.decisions.all() == ()


async def test_an_approval_at_grave_risk_waits_and_a_rejection_counts_at_once(deciding):
    easy = await deciding.decide(WISH, ANN, TERMINAL)
    assert (easy.needs_second, easy.why, easy.until) == (False, "A trial of one year", NOW.date() + timedelta(days=365))
    grave = replace(WISH, key="e2", vendor="Hikvision")
    made = await deciding.decide(grave, ANN, TERMINAL)
    assert made.needs_second
    with pytest.raises(DecisionRefused, match="another person"):
        await deciding.second(made.n, "U1", "ann")
    assert not (await deciding.decide(replace(grave, key="e3", choice=Choice.REJECTED), ANN, TERMINAL)).needs_second
    with pytest.raises(DecisionRefused, match="waits for nobody any more"):
        await deciding.second(made.n, "U2", "bob")
    assert "Decided: rejected by ann on 28 Nov 2026 until 28 Nov 2027." in told(deciding)
    await deciding.decide(replace(grave, key="e4", choice=Choice.REVIEW), ANN, TERMINAL)
    assert "Decided: needs review, says ann on 28 Nov 2026, until 28 Nov 2027." in told(deciding)


async def test_the_graver_level_of_what_was_seen_and_of_a_check_made_now_decides(deciding):
    assert (await deciding.decide(replace(WISH, seen="critical"), ANN, TERMINAL)).needs_second
    assert (await deciding.decide(replace(WISH, key="e2", vendor="Hikvision", seen="low"), ANN, TERMINAL)).needs_second


async def test_the_same_event_decides_once_and_the_second_person_counts_once(deciding):
    wish = replace(WISH, seen="high")
    made = await deciding.decide(wish, ANN, TERMINAL)
    assert await deciding.decide(wish, ANN, TERMINAL) == made
    agreed = await deciding.second(made.n, "U2", "bob")
    assert await deciding.second(made.n, "U2", "bob") == agreed
    with pytest.raises(DecisionRefused, match="bob agreed before you"):
        await deciding.second(made.n, "U3", "eve")
    with pytest.raises(DecisionRefused, match="no such decision"):
        await deciding.second(99, "U3", "eve")


@pytest.mark.parametrize(
    ("asker", "place", "told"),
    [(ANN, TERMINAL, True), (GUEST, TERMINAL, False), (ANN, CHANNEL, False), (Asker("x"), CHANNEL, False)],
)
async def test_a_card_tells_a_decision_to_staff_at_places_of_staff_alone(deciding, asker, place, told):
    await deciding.decide(WISH, ANN, TERMINAL)
    card = await deciding.checking.check(VendorCheck("c1", "zephyr  robotics", asker, place))
    assert ("approved by ann" in str(as_json(card))) is told
    assert "approved" not in str(as_json(replace(card, standing=None)))


def test_the_terminal_decides_lists_and_knows_reviewers(home):
    stranger = caveat(home, "decide", "Zephyr", "approve", "--why", "A trial", "--as", "eve")
    assert (stranger.returncode, "no reviewer" in stranger.stderr) == (4, True)
    refused = caveat(home, "decide", "Zephyr", "approve")
    assert (refused.returncode, "nothing was decided" in refused.stderr) == (2, True)
    made = caveat_json(home, "decide", "Huawei", "conditions", "--why", "Parts", "--conditions", "No networks")
    assert (made["needs_second"], made["conditions"]) == (True, "No networks")
    agreed = caveat(home, "decide", "HUAWEI", "second", "--as", "bo", CAVEAT_REVIEWERS="bo")
    assert "Decided: approved with conditions by operator and bo on" in agreed.stdout
    (kept,) = caveat_json(home, "decide", "list")["decisions"]
    assert (kept["state"], kept["second"]) == ("counts", "bo")
