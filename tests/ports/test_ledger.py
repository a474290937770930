"""The ledger with versions, material and publishing, the catalogue and receipts, on SQLite and on PostgreSQL."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from knowledge.errors import NothingPublished, RefreshRunning
from knowledge.model import Document, Kind, Passage, SourceSpec, Standing, Status, Version
from knowledge.report import Failure
from knowledge.store import schema
from knowledge.store.catalog import Catalog
from knowledge.store.database import REVISION, migrate, open_database
from knowledge.store.lease import refresh_lease
from knowledge.store.ledger import Ledger, Shelf
from knowledge.store.material import Material
from knowledge.store.publishing import Publishing
from knowledge.store.receipts import Receipts
from knowledge.store.rows import facts, restore
from knowledge.store.versions import Versions

TEXT = "Ä vendor must ask first. Then it waits."
DOCUMENT = Document(
    "pol.1", "Policy", "POL", "POL v1", Kind.POLICY, "INT", "staff", "mine", published=date(2024, 1, 2), status=Status.IN_FORCE,
    standing=Standing.DECISION, aliases=("the policy",), topics=("cyber",),
)  # fmt: skip


def version(document=DOCUMENT, text=TEXT, ref="p.md"):
    passages = (
        Passage(f"{document.id}-a"[:16], document.id, "POL §1", "One", text[:24], 0, 24),
        Passage(f"{document.id}-b"[:16], document.id, "POL §2", "Two", text[25:], 25, len(text)),
    )
    return Version(document, ref, text, passages)


def keep(engine, version):
    (key,) = Versions(engine).keep([version])
    return key


def publish(engine, *version_ids, shelves=None, failed=()):
    publishing = Publishing(engine)
    return publishing.publish(
        number=publishing.next_number(), embedder="e", dimensions=2, version_ids=version_ids, shelves=shelves or (),
        starter="s", failed=failed,
    )  # fmt: skip


@pytest.fixture
def ledger(engine):
    return Ledger(engine)


@pytest.fixture
def material(engine):
    return Material(engine)


@pytest.fixture
def publishing(engine):
    return Publishing(engine)


def test_the_migrations_make_exactly_the_tables_of_the_schema(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == REVISION
        assert compare_metadata(context, schema.metadata) == []


def test_migrating_twice_changes_nothing(engine, database):
    migrate(engine)
    open_database(database).dispose()


def test_nothing_is_live_before_the_first_edition(ledger):
    assert ledger.live() is None
    assert ledger.previous() is None
    with pytest.raises(NothingPublished):
        ledger.require_live()


def test_a_document_s_facts_come_back_as_they_were(engine, ledger):
    assert restore(facts(DOCUMENT)) == DOCUMENT
    key = keep(engine, version())
    edition = publish(engine, key)
    assert ledger.documents(edition.number, frozenset({"staff"})) == [DOCUMENT]


def test_a_version_is_kept_once_and_a_changed_one_beside_it(engine):
    assert keep(engine, version()) == keep(engine, version())
    assert keep(engine, version(replace(DOCUMENT, title="New"))) != keep(engine, version())


def test_passages_are_slices_by_characters_not_bytes(engine, ledger):
    edition = publish(engine, keep(engine, version()))
    found = ledger.passages(edition.number, ["pol.1-a", "pol.1-b"], frozenset({"staff"}))
    assert found["pol.1-a"][0].text == "Ä vendor must ask first."
    assert found["pol.1-b"][0].text == "Then it waits."


def test_many_versions_are_kept_at_once_each_with_its_passages(engine):
    versions = [version(replace(DOCUMENT, id=f"d{n}")) for n in range(1_200)]
    keys = Versions(engine).keep([*versions, versions[0]])
    assert len(set(keys)) == len(keys) == 1_200
    assert Versions(engine).keep(versions[600:]) == keys[600:]
    assert len(Material(engine).entries(keys)) == 2_400
    assert Versions(engine).keep([]) == []


def test_characters_beyond_the_first_plane_count_as_one(engine, ledger):
    text = "😀 vendor asks 👩\u200d⚖️. Then 供应商 waits."
    edition = publish(engine, keep(engine, version(text=text)))
    found = ledger.passages(edition.number, ["pol.1-a", "pol.1-b"], frozenset({"staff"}))
    assert (found["pol.1-a"][0].text, found["pol.1-b"][0].text) == (text[:24], text[25:])


def test_what_shelves_must_hold_is_the_same_slices_by_visibility(engine, material):
    other = replace(DOCUMENT, id="pol.2", visibility="group:legal", aliases=("the other",), vendors=("Acme",))
    keys = [keep(engine, version()), keep(engine, version(other, ref="q.md"))]
    entries = material.entries(keys)
    assert [entry.passage_id for entry in entries] == ["pol.1-a", "pol.1-b", "pol.2-a", "pol.2-b"]
    assert entries[0].body == "Ä vendor must ask first."
    assert all(word in entries[2].header for word in ("POL §1", "One", "Policy", "the other", "Acme"))
    by_visibility = material.keys(keys)
    assert by_visibility == {
        "staff": {entry.key for entry in entries[:2]},
        "group:legal": {entry.key for entry in entries[2:]},
    }
    assert material.count(keys) == {"staff": 2, "group:legal": 2}
    assert material.entries(keys, frozenset({entries[3].key})) == [entries[3]]
    assert material.holding({entries[3].key}) == ([keys[1]], {entries[3].key: "pol.2-b"})
    assert material.rows({entries[3].key, entries[0].key}) == [
        ("pol.1-a", entries[0].text_hash), ("pol.2-b", entries[3].text_hash),
    ]  # fmt: skip


def test_passages_are_given_to_their_readers_and_their_edition_only(engine, ledger):
    first = publish(engine, keep(engine, version()))
    second = publish(engine)
    ids = ["pol.1-a"]
    assert ledger.passages(first.number, ids, frozenset({"public", "group:legal"})) == {}
    assert ledger.passages(first.number, ids, frozenset()) == {}
    assert ledger.passages(second.number, ids, frozenset({"staff"})) == {}
    assert ledger.documents(first.number, frozenset({"public"})) == []
    assert set(ledger.passages(first.number, ids, frozenset({"staff"}))) == {"pol.1-a"}


def test_more_ids_than_a_query_takes_parameters_are_read_in_pages(engine, ledger):
    edition = publish(engine, keep(engine, version()))
    ids = [f"unknown{n}" for n in range(40_000)] + ["pol.1-a"]
    assert set(ledger.passages(edition.number, ids, frozenset({"staff"}))) == {"pol.1-a"}


def test_vectors_come_back_in_the_order_asked_and_missing_ones_are_named(material):
    matrix = np.asarray([[1, 0], [0.6, 0.8]], dtype=np.float32)
    material.keep_vectors("e", ["h1", "h2"], matrix)
    assert np.array_equal(material.vectors("e", ["h2", "h1", "h2"]), matrix[[1, 0, 1]])
    assert material.missing_vectors("e", ["h1", "h3"]) == {"h3"}
    assert material.missing_vectors("other", ["h1"]) == {"h1"}
    with pytest.raises(KeyError):
        material.vectors("e", ["h9"])


def test_publishing_moves_the_pointer_and_keeps_what_failed(engine, ledger):
    key = keep(engine, version())
    shelf = Shelf("kb-1", "staff", 2, np.asarray([0.5, 0.5], dtype=np.float32), {"k": "pol.1-b"})
    edition = publish(engine, key, shelves=[shelf], failed=[Failure("mine", "x.md", "broken")])
    assert ledger.live() == edition
    (kept,) = ledger.shelves(edition.number)
    assert (kept.name, kept.visibility, kept.passages, kept.dead) == ("kb-1", "staff", 2, {"k": "pol.1-b"})
    assert np.array_equal(kept.centroid, shelf.centroid)
    assert (edition.documents, edition.passages) == (1, 1)
    assert ledger.report(edition.number) == [Failure("mine", "x.md", "broken")]
    assert ledger.held(edition.number)["pol.1"].ref == "p.md"


def test_an_edition_that_cannot_be_written_whole_is_not_written_at_all(engine, ledger, publishing):
    first = publish(engine)
    with pytest.raises(IntegrityError):
        publish(engine, "no-such-version")
    assert ledger.live() == first
    assert publishing.next_number() == first.number + 1


def test_the_edition_before_can_be_pointed_to_again_and_an_unknown_one_cannot(engine, ledger, publishing):
    first, second = publish(engine), publish(engine)
    assert ledger.previous() == first.number
    assert publishing.point_to(first.number)
    assert ledger.live() == first
    assert not publishing.point_to(99)
    assert publishing.point_to(second.number)


def test_after_a_rollback_the_edition_before_is_the_one_that_was_replaced(engine, ledger, publishing):
    """Not the one that was rolled back: a second rollback must not bring that one back."""
    centroid = np.zeros(2, dtype=np.float32)
    for name in ("a", "b"):
        publish(engine, shelves=[Shelf(name, "public", 0, centroid)])
    publishing.point_to(1)
    third = publish(engine, shelves=[Shelf("c", "public", 0, centroid)])
    assert (third.number, ledger.previous()) == (3, 1)
    assert ledger.kept_shelves() == {"a", "c"}


def test_what_failed_later_replaces_what_failed_then(engine, ledger, publishing):
    edition = publish(engine, failed=[Failure("mine", "x.md", "broken")])
    second = publish(engine)
    publishing.keep_report(second.number, [Failure("mine", "y.md", "gone")])
    assert ledger.report(edition.number) == [Failure("mine", "x.md", "broken")]
    assert ledger.report(second.number) == [Failure("mine", "y.md", "gone")]
    assert ledger.previous() == edition.number
    assert ledger.live() == second


def test_only_shelves_of_the_live_edition_and_the_one_before_are_kept(engine, ledger):
    centroid = np.zeros(2, dtype=np.float32)
    for name in ("a", "b", "c"):
        publish(engine, shelves=[Shelf(name, "public", 0, centroid)])
    assert ledger.kept_shelves() == {"b", "c"}


def test_sources_are_added_once_noted_and_removed(engine):
    catalog = Catalog(engine)
    spec = SourceSpec("seed", "folder", "/x", Kind.NEWS, "US", "staff", "Ann")
    assert catalog.add(spec)
    assert not catalog.add(spec)
    assert catalog.all() == [spec]
    catalog.note("seed", "gone")
    assert catalog.notes()["seed"].error == "gone"
    assert catalog.remove("seed")
    assert not catalog.remove("seed")


def test_a_receipt_is_frozen(engine):
    receipts = Receipts(engine)
    receipts.keep("a1", "ann", 1, {"claims": ["ä"]})
    receipts.keep("a1", "ann", 1, {"claims": ["changed"]})
    assert receipts.find("a1") == {"claims": ["ä"]}
    assert receipts.find("a2") is None
    assert receipts.count() == 1


def test_one_refresh_holds_the_lease_at_a_time(engine, tmp_path):
    with refresh_lease(tmp_path, engine), pytest.raises(RefreshRunning), refresh_lease(tmp_path, engine):
        pass
    with refresh_lease(tmp_path, engine):
        pass


def test_one_answer_kept_by_many_at_once_is_kept_once(engine):
    receipts = Receipts(engine)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: receipts.keep("a1", "ann", 1, {"n": n}), range(12)))
    assert receipts.count() == 1


def test_one_name_added_by_many_at_once_is_taken_once(engine):
    catalog = Catalog(engine)
    spec = SourceSpec("seed", "folder", "/x", Kind.NEWS)
    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(lambda _: catalog.add(spec), range(12))) == 1


def test_a_killed_process_loses_the_lease(engine, database, tmp_path):
    hold = (
        "import time; from pathlib import Path; from knowledge.store.database import open_database;"
        " from knowledge.store.lease import refresh_lease\n"
        f"with refresh_lease(Path({str(tmp_path)!r}), open_database({database!r})): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(RefreshRunning), refresh_lease(tmp_path, engine):
            pass
        holder.kill()
        holder.wait()
    for _ in range(50):  # PostgreSQL notices a lost connection a moment later
        try:
            with refresh_lease(tmp_path, engine):
                return
        except RefreshRunning:
            time.sleep(0.1)
    pytest.fail("the lease was never given back")


def test_two_state_folders_on_one_postgresql_share_the_lease(postgres, tmp_path):
    engine = open_database(postgres)
    with refresh_lease(tmp_path / "a", engine), pytest.raises(RefreshRunning), refresh_lease(tmp_path / "b", engine):
        pass
    engine.dispose()


def test_processes_that_start_at_once_on_an_empty_database_all_find_it_ready(database):
    start = f"from knowledge.store.database import open_database; open_database({database!r}).dispose()"
    children = [subprocess.Popen([sys.executable, "-c", start], stderr=subprocess.PIPE) for _ in range(4)]
    assert [(child.communicate()[1][-300:], child.returncode) for child in children] == [(b"", 0)] * 4


def test_a_migration_that_breaks_off_leaves_nothing_behind(database, monkeypatch):
    """Half the tables would keep every later start from making the rest."""
    from alembic import op

    made = []

    def break_off(*arguments, **more):
        if len(made) == 4:
            raise KeyboardInterrupt
        made.append(arguments[0])
        return create(*arguments, **more)

    create = op.create_table
    monkeypatch.setattr(op, "create_table", break_off)
    with pytest.raises(KeyboardInterrupt):
        open_database(database)
    monkeypatch.undo()
    opened = open_database(database)
    assert inspect(opened).has_table("receipts")
    opened.dispose()


def test_a_document_that_goes_back_to_its_old_readers_is_open_to_these_only(engine, ledger):
    """Its old version is not stored again, so the time when it was added does not tell that it holds again."""
    staff, everyone = keep(engine, version()), keep(engine, version(replace(DOCUMENT, visibility="public")))
    public = frozenset({"public"})
    opened = []
    for held in ((staff,), (everyone,), (staff,), ()):
        publish(engine, *held)
        opened.append(ledger.open_now([DOCUMENT.id], public))
    assert opened == [set(), {DOCUMENT.id}, set(), set()]
    assert ledger.open_now([DOCUMENT.id], frozenset({"staff"})) == {DOCUMENT.id}
