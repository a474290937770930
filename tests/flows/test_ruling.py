"""Decisions about matches: they hold for that name and that row alone, are told on the card, and never acquit anybody."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete

from bot.card import Heard
from bot.cardrules import made
from bot.differing import differences, seen
from bot.dossier import as_json
from bot.errors import RulingRefused
from bot.model import Level
from bot.reviewing import Decision, Reviewing
from bot.rubric import ours as rubric
from bot.scale import ours
from knowledge.names.grade import Grade
from knowledge.party import PartyName
from knowledge.ruling import Verdict, asked_for, ruled, standing
from knowledge.screening import screen
from knowledge.store import schema
from knowledge.store.database import open_database
from knowledge.store.owners import Owners
from knowledge.store.rulings import Rulings
from tests.loaded import loaded, party, read
from tests.rules.test_card import ACQUITS, card
from tests.shipped import shipped_lists

TODAY = date(2026, 11, 28)
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
ORION = party("Orion Shipping Lines", "ofac-sdn", "4711", "IR")
COPY = party("Orion Shipping Lines", "un-sanctions", "QDe.1", "IR")
LISTS = loaded(read("us.ofac-sdn", ORION), read("un.consolidated", COPY))


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    opened = open_database(f"sqlite:///{tmp_path_factory.mktemp('rulings') / 'ledger.db'}")
    yield opened
    opened.dispose()


@pytest.fixture
def kept(engine):
    with engine.begin() as connection:
        connection.execute(delete(schema.rulings))
    return Rulings(engine)


def decide(kept, verdict=Verdict.OUT, vendor="Orion Shiping Lines", *, now=NOON, lists=LISTS, **more):
    decision = Decision(
        more.pop("key", "e1"),
        vendor,
        more.pop("party_id", ""),
        verdict,
        more.pop("why", "Another owner"),
        "ann",
        **more,
    )
    return Reviewing(lambda _: lists, kept, Owners(Path("/nowhere")), lambda: now).decide_now(decision)


def checked(kept, vendor="Orion Shiping Lines", country="", lists=LISTS, day=TODAY):
    screened = screen(lists, vendor, country, day)
    after = ruled(screened, standing(kept.of(asked_for(vendor, country)), day))
    return made(card(lists, vendor, country, day), after, Heard(1, "R1"), ours(), rubric())


def test_a_match_that_was_ruled_out_counts_for_nothing_and_is_told_on_every_later_card(kept):
    assert checked(kept).risk.level is Level.MODERATE
    assert len(decide(kept)) == 2
    after = checked(kept)
    assert (after.risk.level, after.rows, after.resolved) == (Level.UNKNOWN, (), ())
    (said,) = after.decided
    assert said == (
        "Orion Shipping Lines (List us.ofac-sdn, List un.consolidated) is not this vendor, decided by ann on 28 Nov 2026; the row counts"
        " for nothing here until the list changes it, and what law, policy and reports say of the name is shown all the"
        " same. Why: Another owner."
    )
    assert not any("No match in these lists" in limit for limit in after.limits)
    assert not ACQUITS.search(" ".join((*after.decided, *after.limits)))
    assert [one["verdict"] for one in as_json(after)["decisions"]] == ["ruled out", "ruled out"]


def test_it_holds_for_that_name_in_any_spelling_and_for_no_other_form_or_country(kept):
    decide(kept)
    assert checked(kept, "orion  SHIPING-lines").rows == ()
    assert checked(kept, "Orion Shiping Lines", "IR").rows
    assert checked(kept, "Orion Shiping Lines Ltd").rows
    assert checked(kept, "Orion Shipping Lines").rows


def test_once_the_row_changes_the_match_is_open_again_and_says_that_it_was_decided(kept):
    decide(kept)
    renamed = replace(ORION, names=(*ORION.names, PartyName("Orion Marine", ORION.names[0].kind)))
    after = checked(kept, lists=loaded(read("us.ofac-sdn", renamed), read("un.consolidated", COPY)))
    assert [row.list.id for row in after.rows] == ["us.ofac-sdn"]
    assert "has changed since, so the match is open again" in " ".join(after.decided)


def test_a_confirmed_match_is_sure_and_a_confirmed_tie_is_an_evidenced_one(kept):
    decide(kept, Verdict.CONFIRMED)
    after = checked(kept)
    assert {row.found.grade for row in after.rows} == {Grade.CONFIRMED}
    assert after.risk.level is Level.CRITICAL
    shipped = shipped_lists(TODAY)
    assert not any(row.found.owned for row in checked(kept, "Hikvision USA", lists=shipped).rows)
    decide(kept, Verdict.CONFIRMED, "Hikvision USA", key="e2", lists=shipped)
    tied = checked(kept, "Hikvision USA", lists=shipped)
    assert {(row.found.grade, row.found.owned) for row in tied.rows} == {(Grade.AFFILIATE, True)}


def test_the_last_decision_stands_one_can_be_taken_back_and_the_past_is_as_it_was(kept):
    decide(kept, now=datetime(2026, 11, 20, 9, tzinfo=UTC))
    assert checked(kept, day=date(2026, 11, 19)).rows
    decide(kept, Verdict.REOPENED, key="e2")
    assert len(checked(kept).rows) == 2
    assert checked(kept, day=date(2026, 11, 21)).rows == ()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"why": "  x "}, "needs its reason"),
        ({"vendor": "🎉"}, "at least two letters"),
        ({"vendor": "Bäckerei Müller"}, "leads to no listed party"),
        ({"party_id": "us.ofac-sdn:1"}, "does not lead to us.ofac-sdn:1"),
        ({"verdict": Verdict.REOPENED}, "nobody has decided"),
    ],
)
def test_what_cannot_be_decided_is_refused_in_words_and_nothing_is_kept(kept, more, words):
    with pytest.raises(RulingRefused, match=words):
        decide(kept, **more)
    assert kept.all() == ()


def test_a_watcher_is_told_of_rows_that_came_went_and_changed_and_of_the_level_and_of_nothing_else():
    none, one = loaded(read("un.consolidated")), loaded(read("us.ofac-sdn", ORION))
    was, now = seen(card(none, "Orion Shipping Lines")), seen(card(one, "Orion Shipping Lines"))
    assert differences(was, was, (), ()) == ()
    level, new = differences(was, now, (), ())
    assert level == "Risk is high now; it was unknown."
    assert new.startswith("New: Possible match, probable by its name")
    dropped = differences(now, seen(card(loaded(read("us.ofac-sdn", COPY)), "Somebody Else")), (), ())
    assert [line.partition(":")[0] for line in dropped] == ["Risk is unknown now; it was high.", "No longer found"]
    unloaded = differences(now, was, (), ())
    assert "List us.ofac-sdn is not loaded any more" in unloaded[1]


def test_a_watcher_is_told_that_a_reviewer_ruled_a_row_out_and_not_that_it_is_gone(kept):
    was = seen(checked(kept))
    decide(kept)
    level, said = differences(was, seen(checked(kept)), (), ())
    assert level == "Risk is unknown now; it was moderate."
    assert "is not this vendor, decided by ann" in said


def test_passages_are_news_only_where_they_are_new_changed_or_gone():
    said = {"citation": "POL-07 §5.2", "quote": "must not be bought", "note": ""}
    empty = {"edition": 1, "level": "high", "rows": {}, "claims": {}, "lists": {}, "decided": [], "out": []}
    old, new = {**empty, "claims": {"p1": said}}, {**empty, "claims": {"p2": {**said, "quote": "may be bought"}}}
    assert differences(empty, old, {"p1"}, ()) == ()
    assert differences(old, empty, (), ()) == ()
    assert differences(empty, old, (), ()) == ("POL-07 §5.2 is new: “must not be bought”",)
    assert differences(old, new, (), {"p1"}) == ("POL-07 §5.2 reads differently now: “may be bought”",)
    assert differences(old, empty, (), {"p1"})[0].startswith("POL-07 §5.2 is no longer among the sources")
    stale = {**empty, "claims": {"p1": {**said, "note": "superseded"}}}
    assert differences(old, stale, {"p1"}, ()) == ("POL-07 §5.2 is now: superseded.",)
