"""What an edition is made of when little changes, what older ones still answer, and what a source can do to either."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot import build
from bot.doctor import examine
from bot.settings import Settings
from bot.status import status
from knowledge.errors import DocumentRefused, RefreshRefused, SourceUnreachable
from knowledge.model import Kind, SourceSpec
from knowledge.ports import UNKNOWN, Known, Listed, Raw, Ref
from knowledge.rank import known_by
from knowledge.refresh import refresh
from knowledge.store import schema

STAFF = frozenset({"public", "staff"})
TODAY = datetime.now(UTC).date()


def text(n: int, words: str = "quinces", **fields: str) -> bytes:
    front = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f"---\n{front}x: y\n---\n# Note {n}\n\n1.{n} Buyers of {words} number{n} keep record{n} for {n + 2} days.\n".encode()


@dataclass
class Place:
    """A source in memory that lists and fails as it is told."""

    documents: dict[str, bytes]
    patience: int = 2
    gone: frozenset[str] = frozenset()
    broken: set[str] = field(default_factory=set)
    unreachable: bool = False
    whole: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)

    def list(self, since: str) -> Listed:
        self.asked.append(("list", since))
        if self.unreachable:
            raise SourceUnreachable("the place is closed today")
        refs = tuple(Ref(name, str(hash(said))) for name, said in self.documents.items() if self.whole or not since)
        return Listed(refs, cursor=f"c{len(self.asked)}", gone=self.gone, whole=self.whole)

    def fetch(self, ref: Ref, known: Known = UNKNOWN) -> Raw:  # noqa: ARG002
        self.asked.append(("fetch", ref.name))
        if ref.name in self.broken:
            raise DocumentRefused("the page answers with an error")
        return Raw(self.documents[ref.name], ref.name)

    def ids(self) -> frozenset[str]:
        return frozenset(self.documents)

    def fetched(self):
        return [name for what, name in self.asked if what == "fetch"]


@pytest.fixture
def place() -> Place:
    return Place({f"{n}.md": text(n) for n in range(40)})


@pytest.fixture
def library(home, place) -> build.Library:
    """The starter library with a source in memory that no refresh has read yet."""
    opened = build.library(Settings(CAVEAT_HOME=home))
    opened.catalog.add(SourceSpec("notes", "page", "", Kind.POLICY))
    inner = opened.refresher.library
    harvested = replace(inner, open_source=lambda spec: place if spec.name == "notes" else inner.open_source(spec))
    return replace(opened, refresher=replace(opened.refresher, library=harvested))


def found(library: build.Library, words: str, labels=STAFF, day: date | None = None) -> list[str]:
    return [hit.passage.text for hit in library.searcher.at(labels, day).find(words, 5).hits]


def shelves(library: build.Library) -> dict[str, int]:
    return {shelf.name: len(shelf.dead) for shelf in library.ledger.shelves(library.ledger.live().number)}


def backdate(library: build.Library, number: int, days: int) -> date:
    """Make an edition as old as if it had been published days ago, and return that day."""
    then = datetime.now(UTC) - timedelta(days=days)
    with library.engine.begin() as connection:
        connection.execute(update(schema.editions).where(schema.editions.c.number == number).values(published_at=then))
    return then.date()


def test_a_small_change_stands_in_a_small_shelf_and_the_old_words_are_not_found(library, place):
    refresh(library.refresher)
    before = shelves(library)
    place.documents["7.md"] = text(7, "medlars")
    assert refresh(library.refresher).changed == 1
    after = shelves(library)
    assert before.keys() < after.keys()
    assert sorted(after.values()) == [0] * (len(after) - 1) + [1]
    words = found(library, "Buyers number7 keep record7")
    assert any("medlars number7" in said for said in words)
    assert not any("quinces number7" in said for said in words)


def test_many_small_changes_leave_few_shelves_and_nothing_lost(library, place):
    refresh(library.refresher)
    for n in range(9):
        place.documents[f"{n}.md"] = text(n, f"medlars{n}")
        refresh(library.refresher)
    staff = [shelf for shelf in library.ledger.shelves(library.ledger.live().number) if shelf.visibility == "staff"]
    assert len(staff) <= 4
    assert all(
        any(f"medlars{n} number{n}" in said for said in found(library, f"medlars{n} record{n}")) for n in range(9)
    )
    assert all(
        any(f"quinces number{n}" in said for said in found(library, f"record{n} number{n}")) for n in range(9, 40)
    )


def test_what_is_dead_does_not_crowd_out_what_lives(library, place):
    place.documents = {f"{n}.md": text(n, "quinces medlars") for n in range(40)}
    refresh(library.refresher)
    for n in range(7):
        del place.documents[f"{n}.md"]
    place.patience = 1
    assert refresh(library.refresher).removed == 7
    texts = [hit.passage.text for hit in library.searcher.at(STAFF).find("quinces medlars buyers record").hits]
    assert sum("quinces medlars" in said for said in texts) == 33


def test_an_equal_mark_is_not_fetched_and_a_different_one_with_the_same_bytes_changes_nothing(library, place):
    refresh(library.refresher)
    place.asked.clear()
    assert refresh(library.refresher).unchanged == 99
    assert place.fetched() == []
    place.documents["x.md"] = text(50)
    refresh(library.refresher)
    assert place.fetched() == ["x.md"]


def test_a_refresh_that_was_stopped_goes_on_from_what_it_had_read(library, place, monkeypatch):
    monkeypatch.setattr(library.refresher.publishing, "publish", None)
    with pytest.raises(TypeError):
        refresh(library.refresher)
    assert len(place.fetched()) == 40
    monkeypatch.undo()
    place.asked.clear()
    assert refresh(library.refresher).added == 40
    assert place.fetched() == []


def test_other_settings_of_a_source_are_a_reason_to_read_it_again(library, place):
    refresh(library.refresher)
    library.catalog.remove("notes")
    library.catalog.add(SourceSpec("notes", "page", "", Kind.POLICY, visibility="group:legal"))
    place.asked.clear()
    assert refresh(library.refresher).changed == 40
    assert not any("record3 " in said for said in found(library, "record3 number3"))
    assert any("record3 " in said for said in found(library, "record3 number3", STAFF | {"group:legal"}))


def test_one_miss_of_a_patient_source_keeps_a_document_and_two_let_it_go(library, place):
    refresh(library.refresher)
    kept = place.documents.pop("3.md")
    assert refresh(library.refresher).removed == 0
    place.documents["3.md"] = kept
    refresh(library.refresher)
    del place.documents["3.md"]
    assert refresh(library.refresher).removed == 0
    assert refresh(library.refresher).removed == 1
    assert not any("record3 " in said for said in found(library, "record3 number3"))


def test_what_a_source_says_is_withdrawn_goes_at_once(library, place):
    refresh(library.refresher)
    place.gone = frozenset({"3.md"})
    assert refresh(library.refresher).removed == 1


def test_a_cursor_moves_only_when_everything_could_be_fetched(library, place):
    place.whole = False
    place.broken = {"5.md"}
    assert len(refresh(library.refresher).failed) == 1
    assert library.catalog.cursor("notes") == ""
    place.broken.clear()
    refresh(library.refresher)
    assert library.catalog.cursor("notes").rpartition(":")[2].startswith("c")
    place.asked.clear()
    refresh(library.refresher)
    assert place.asked[0][1].startswith("c")
    assert place.fetched() == []


def test_a_source_most_of_whose_documents_fail_at_once_stays_as_it_was(library, place):
    refresh(library.refresher)
    place.documents = {name: said + b"\nMore of it.\n" for name, said in place.documents.items()}
    place.broken = {f"{n}.md" for n in range(30)}
    report = refresh(library.refresher)
    assert report.changed == 0
    assert report.unchanged == 99
    assert "30 of its 40 known documents failed at once" in library.catalog.notes()["notes"].error


def test_a_source_that_shrinks_or_cannot_be_reached_is_named_by_status_and_doctor(library, place):
    refresh(library.refresher)
    place.patience = 1
    place.documents = {name: place.documents[name] for name in list(place.documents)[:4]}
    with pytest.raises(RefreshRefused):
        refresh(library.refresher)
    settings = Settings(CAVEAT_HOME="/nowhere")
    (row,) = (one for one in status(settings, library)["sources"] if one["name"] == "notes")
    assert "shrank from 40 to 4" in row["error"]
    assert row["documents"] == 40
    assert status(settings, library)["refresh"]["state"] == "refused"
    checks = {one["check"]: one for one in examine(settings, library)}
    assert checks["source notes"]["state"] == checks["last refresh"]["state"] == "bad"
    assert "last went well" in checks["source notes"]["note"]
    place.unreachable = True
    assert refresh(library.refresher).unchanged == 99
    assert "closed today" in library.catalog.notes()["notes"].error


def test_a_day_is_answered_from_the_edition_that_was_in_service_on_it(library, place):
    refresh(library.refresher)
    place.documents["7.md"] = text(7, "medlars")
    refresh(library.refresher)
    for number, days in ((1, 30), (2, 20), (3, 10)):
        backdate(library, number, days)
    old, new = TODAY - timedelta(days=15), TODAY - timedelta(days=5)
    assert any("quinces number7" in said for said in found(library, "number7 record7", day=old))
    assert any("medlars number7" in said for said in found(library, "number7 record7", day=new))
    assert not any("record7 " in said for said in found(library, "number7 record7", day=TODAY - timedelta(days=25)))
    assert any("medlars number7" in said for said in found(library, "number7 record7"))


def test_an_old_edition_is_still_answered_when_its_shelves_are_swept_away(library, place):
    refresh(library.refresher)
    day = backdate(library, 2, 30)
    backdate(library, 1, 60)
    for n in range(5):
        place.documents[f"{n}.md"] = text(n, "medlars")
        refresh(library.refresher)
    fresh = build.library(Settings(CAVEAT_HOME=library.engine.url.database.rsplit("/", 1)[0]))
    assert any("quinces number2" in said for said in found(fresh, "number2 record2", day=day))


def test_the_past_does_not_show_what_is_secret_by_now(library, place):
    refresh(library.refresher)
    day = backdate(library, 2, 30)
    backdate(library, 1, 60)
    place.documents["7.md"] = text(7, visibility="group:legal")
    refresh(library.refresher)
    assert not any("record7 " in said for said in found(library, "number7 record7", day=day))
    legal = STAFF | {"group:legal"}
    assert any("record7 " in said for said in found(library, "number7 record7", legal, day))


def test_what_a_newer_document_supersedes_is_left_out_from_the_day_that_it_holds(library, place):
    place.documents["1.md"] = text(1, id="old.1")
    place.documents["2.md"] = text(2, id="new.1", supersedes="old.1", in_force_from="2026-03-01")
    refresh(library.refresher)
    reading = library.searcher.at(STAFF)
    hits, documents = reading.find("number1 record1", 5).hits, reading.documents
    assert "old.1" in {hit.document.id for hit in known_by(hits, date(2026, 2, 28), documents)}
    assert "old.1" not in {hit.document.id for hit in known_by(hits, date(2026, 3, 1), documents)}


def test_the_answers_whose_ground_has_moved_are_listed_most_used_first(library, place):
    refresh(library.refresher)

    def answer(key: str, *records: int) -> None:
        sources = []
        for n in records:
            hit = library.searcher.at(STAFF).find(f"record{n} number{n}", 1).hits[0]
            sources.append({"passage_id": hit.passage.id, "citation": hit.passage.citation})
        body = {"question": f"May we keep {key}?", "made_at": key, "sources": sources}
        library.receipts.keep(key, "ann", 2, body)

    answer("a1", 3)
    answer("a2", 4)
    answer("a3", 3, 9)
    place.documents["3.md"] = text(3, "medlars")
    place.gone = frozenset({"9.md"})
    impact = refresh(library.refresher).impact
    assert [(one.answer_id, len(one.changed), len(one.vanished), one.uses) for one in impact] == [
        ("a3", 1, 1, 3), ("a1", 1, 0, 2),
    ]  # fmt: skip
    assert impact[0].question == "May we keep a3?"


def test_what_is_gone_has_a_tombstone_with_its_last_state(library, place):
    refresh(library.refresher)
    place.gone = frozenset({"3.md"})
    refresh(library.refresher)
    with library.engine.connect() as connection:
        (stone,) = connection.execute(schema.tombstones.select()).mappings().all()
    assert (stone["document_id"], stone["number"]) == ("notes:3.md", 3)
    assert library.refresher.shop.material.entries([stone["version_id"]])[0].body.startswith("1.3 Buyers")


def test_the_running_refresh_can_be_watched_from_outside(library, place):
    seen = []
    refresh(library.refresher, watch=lambda _: seen.append(library.refresher.runs.last()["state"]))
    assert set(seen) == {"running"}
    last = library.refresher.runs.last()
    assert (last["state"], last["report"]["added"]) == ("published", 40)
    assert Path(library.engine.url.database).exists()


def test_a_refresh_that_was_killed_is_not_called_running(library):
    library.refresher.runs.begin([])
    assert status(Settings(CAVEAT_HOME="/nowhere"), library)["refresh"]["state"] == "failed"
    with library.refresher.lease():
        told = status(Settings(CAVEAT_HOME="/nowhere"), library)["refresh"]
    assert (told["state"], told["started_at"][-6:]) == ("running", "+00:00")


def test_a_question_sees_one_edition_to_its_end_whatever_is_published_meanwhile(library, place):
    refresh(library.refresher)
    reading = library.searcher.at(STAFF)
    place.documents["7.md"] = text(7, "medlars")
    refresh(library.refresher)
    assert any("quinces number7" in hit.passage.text for hit in reading.find("number7 record7", 5).hits)
    assert any("medlars number7" in said for said in found(library, "number7 record7"))
