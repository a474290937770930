"""The vector store: segments in Chroma, their check from a fresh process, and the exact search behind them."""

import os
import resource
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from knowledge.errors import SegmentsDamaged, VectorsUnavailable
from knowledge.model import Document, Kind, Passage, Version
from knowledge.store import chroma
from knowledge.store.chroma import BATCH, LARGEST_FILE, UNFINISHED, ChromaSegments, index_folders
from knowledge.store.database import open_database
from knowledge.store.entry import text_hash
from knowledge.store.exact import ExactVectors
from knowledge.store.ledger import Shelf
from knowledge.store.material import Material
from knowledge.store.publishing import Publishing
from knowledge.store.verify import EXACT, Verifier, claim, runaway
from knowledge.store.versions import Versions


def unit(rows, dimensions=64, seed=3):
    matrix = np.random.default_rng(seed).normal(size=(rows, dimensions)).astype(np.float32)
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


@pytest.fixture
def segments(tmp_path):
    return ChromaSegments(tmp_path)


def test_a_segment_finds_what_exact_search_finds(segments):
    matrix, queries = unit(1500), unit(40, seed=9)
    ids = [f"p{n}" for n in range(1500)]
    segments.write("kb-a", ids, matrix)
    hits = 0
    for query in queries:
        exact = {ids[at] for at in np.argsort(-(matrix @ query))[:10]}
        found = segments.nearest("kb-a", query, 10)
        hits += len(exact & {id_ for id_, _ in found})
        assert found == sorted(found, key=lambda pair: -pair[1])
    assert hits >= 0.95 * 400


def test_the_similarity_is_the_cosine(segments):
    matrix = unit(5)
    segments.write("kb-a", list("abcde"), matrix)
    for id_, score in segments.nearest("kb-a", matrix[0], 5):
        assert score == pytest.approx(float(matrix["abcde".index(id_)] @ matrix[0]), abs=1e-4)


def test_a_vector_without_direction_is_kept_and_like_nothing(segments):
    matrix = np.vstack([unit(2), np.zeros((1, 64), np.float32)])
    segments.write("kb-a", list("abc"), matrix)
    assert dict(segments.nearest("kb-a", matrix[0], 3))["c"] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("size", [1, 2, BATCH - 1, BATCH, BATCH + 1, 2 * BATCH])
def test_a_segment_of_any_size_is_written_whole(segments, tmp_path, size):
    matrix, ids = unit(size), [f"p{n}" for n in range(size)]
    segments.write("kb-a", ids, matrix)
    assert segments.count("kb-a") == size
    Verifier(tmp_path).check([claim("kb-a", ids, matrix)])


def test_more_are_asked_for_than_there_are(segments):
    segments.write("kb-a", ["x", "y"], unit(2))
    assert {id_ for id_, _ in segments.nearest("kb-a", unit(1)[0], 50)} == {"x", "y"}


def test_an_unknown_segment_is_unavailable_and_dropping_it_is_no_error(segments):
    for ask in (lambda: segments.nearest("kb-none", unit(1)[0], 3), lambda: segments.count("kb-none")):
        with pytest.raises(VectorsUnavailable):
            ask()
    segments.drop("kb-none")
    segments.write("kb-a", ["x"], unit(1))
    assert segments.names() == {"kb-a"}
    segments.drop("kb-a")
    segments.drop("kb-a")
    assert segments.names() == set()


def test_a_segment_s_name_is_used_once(segments):
    segments.write("kb-a", ["x"], unit(1))
    with pytest.raises(VectorsUnavailable):
        segments.write("kb-a", ["y"], unit(1))
    assert segments.nearest("kb-a", unit(1)[0], 5)[0][0] == "x"


def test_a_segment_that_could_not_be_written_whole_has_no_name(segments):
    with pytest.raises(VectorsUnavailable):
        segments.write("kb-a", ["x", "y", "z"], np.vstack([unit(2), np.full((1, 64), np.nan, np.float32)])[:, :0])
    assert "kb-a" not in segments.names()
    assert segments.names() <= {f"kb-a{UNFINISHED}"}


def test_a_deleted_segment_leaves_no_folder(segments, tmp_path):
    for name in ("kb-a", "kb-b"):
        segments.write(name, ["x", "y"], unit(2))
    (orphan := tmp_path / "0f8fad5b-d9cb-469f-a165-70867728950e").mkdir()
    segments.drop("kb-a")
    assert set(index_folders(tmp_path)) == {"kb-b"}
    assert [place for place in tmp_path.iterdir() if place.is_dir()] == [index_folders(tmp_path)["kb-b"]]
    assert not orphan.exists()
    assert segments.count("kb-b") == 2


def test_a_segment_that_was_built_again_is_found_under_its_old_name(segments, tmp_path):
    matrix = unit(60)
    segments.write("kb-a", [f"old{n}" for n in range(60)], matrix)
    segments.nearest("kb-a", matrix[0], 3)
    again = (
        "import numpy as np, sys; from pathlib import Path; from knowledge.store.chroma import ChromaSegments;"
        f" s = ChromaSegments(Path({str(tmp_path)!r})); s.drop('kb-a');"
        " s.write('kb-a', [f'new{n}' for n in range(64)], np.eye(64, dtype='f4'))"
    )
    subprocess.run([sys.executable, "-c", again], check=True)
    assert segments.nearest("kb-a", np.eye(64, dtype=np.float32)[7], 1)[0][0] == "new7"


def test_two_threads_that_ask_first_open_the_store_once(segments, tmp_path):
    ChromaSegments(tmp_path).write("kb-a", ["x"], unit(1))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: segments.nearest("kb-a", unit(1)[0], 1)[0][0], range(32)))
    assert found == ["x"] * 32


def test_a_forked_child_is_told_at_once_instead_of_hanging(segments):
    """Without the check the call never returns (shared notes on Chroma, 3.2)."""
    segments.write("kb-a", ["x"], unit(1))
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = b"answered"
        try:
            segments.nearest("kb-a", unit(1)[0], 1)
        except VectorsUnavailable as error:
            said = str(error).encode()
        os.write(writing, said)
        os._exit(0)
    os.close(writing)
    assert b"forked" in os.read(reading, 200)
    os.waitpid(child, 0)


def test_no_file_can_grow_without_end_once_the_store_is_open(tmp_path):
    probe = (
        "import resource; from pathlib import Path; from knowledge.store.chroma import ChromaSegments;"
        f" ChromaSegments(Path({str(tmp_path)!r})).names(); print(*resource.getrlimit(resource.RLIMIT_FSIZE))"
    )
    said = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.split()
    assert int(said[0]) == LARGEST_FILE
    assert int(said[1]) == resource.RLIM_INFINITY
    limited = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 28, 1 << 29)),
    )  # fmt: skip
    assert limited.stdout.split() == [str(1 << 28), str(1 << 29)]


def test_a_store_whose_files_are_rubbish_is_unavailable(tmp_path):
    (tmp_path / "chroma.sqlite3").write_bytes(b"rubbish" * 1000)
    with pytest.raises(VectorsUnavailable):
        ChromaSegments(tmp_path).names()


def test_a_server_that_is_not_there_is_unavailable(tmp_path):
    with pytest.raises(VectorsUnavailable):
        ChromaSegments(tmp_path, "http://127.0.0.1:9").nearest("kb-a", unit(1)[0], 3)


def test_a_fresh_process_names_exactly_the_segments_that_are_not_whole(segments, tmp_path):
    matrix, ids = unit(250), [f"p{n}" for n in range(250)]
    for name in ("kb-whole", "kb-short", "kb-other"):
        segments.write(name, ids, matrix)
    whole = claim("kb-whole", ids, matrix)
    Verifier(tmp_path).check([whole])
    with pytest.raises(SegmentsDamaged) as damaged:
        Verifier(tmp_path).check(
            [
                whole, claim("kb-short", [*ids, "more"], np.vstack([matrix, matrix[:1]])),
                claim("kb-other", ids, unit(250, seed=4)), claim("kb-missing", ids, matrix),
            ],
        )  # fmt: skip
    assert damaged.value.names == {"kb-short", "kb-other", "kb-missing"}


def test_a_check_that_cannot_be_made_is_no_proof_of_damage(tmp_path):
    with pytest.raises(VectorsUnavailable) as raised:
        Verifier(tmp_path, "no address\0").check([claim("kb-a", ["x"], unit(1))])
    assert not isinstance(raised.value, SegmentsDamaged)


def test_segments_with_a_broken_index_file_never_pass_their_check(segments, tmp_path):
    """Chroma finds the damage, or crashes over it with a segmentation fault; neither is published."""
    matrix, ids = unit(300), [f"p{n}" for n in range(300)]
    segments.write("kb-a", ids, matrix)
    (index_folders(tmp_path)["kb-a"] / "data_level0.bin").write_bytes(b"")
    with pytest.raises(VectorsUnavailable):
        Verifier(tmp_path).check([claim("kb-a", ids, matrix)])


def test_an_index_file_that_ran_away_is_noticed_before_it_is_opened(segments, tmp_path):
    for name in ("kb-a", "kb-b"):
        segments.write(name, ["x", "y"], unit(2))
    with (index_folders(tmp_path)["kb-a"] / "link_lists.bin").open("wb") as links:
        links.truncate(50 << 20)
    assert runaway(tmp_path) == {"kb-a"}
    with pytest.raises(SegmentsDamaged) as damaged:
        Verifier(tmp_path).check([claim(name, ["x", "y"], unit(2)) for name in ("kb-a", "kb-b")])
    assert damaged.value.names == {"kb-a"}


def test_a_claim_samples_evenly_and_passes_over_vectors_without_direction():
    matrix = np.vstack([np.zeros((50, 64), np.float32), unit(950)])
    one = claim("kb-a", [str(n) for n in range(1000)], matrix)
    assert one.count == 1000
    assert len(one.samples) == 20
    numbers = [int(id_) for id_, _ in one.samples]
    assert min(numbers) == 50
    assert max(numbers) > 900


@pytest.fixture
def exact(tmp_path):
    """An edition of three passages in a ledger, two public and one of staff, with vectors for all."""
    engine = open_database(f"sqlite:///{tmp_path / 'ledger.db'}")
    material = Material(engine)
    text = "One. Two."
    document = Document("d", "D", "D", "D", Kind.POLICY, "INT", "public")
    passages = tuple(
        Passage(f"p{n}", "d", f"D §{n}", "", text[start:end], start, end)
        for n, (start, end) in enumerate(((0, 4), (5, 9)))
    )
    other = replace(document, id="e", visibility="staff")
    keys = Versions(engine).keep(
        [
            Version(document, "d.md", text, passages),
            Version(other, "e.md", "One.", (replace(passages[0], id="q", document_id="e"),)),
        ]
    )
    material.keep_vectors("e", [text_hash("", "One."), text_hash("", "Two.")], np.eye(2, dtype=np.float32))
    rows = material.keys(keys)
    shelves = [Shelf(f"kb-{name}", name, len(rows[name]), np.zeros(2, dtype=np.float32)) for name in sorted(rows)]
    for shelf in shelves:
        material.keep_members(shelf.name, rows[shelf.visibility])
    edition = Publishing(engine).publish(
        number=1, embedder="e", dimensions=2, version_ids=keys, shelves=shelves, starter="", failed=()
    )  # fmt: skip
    return ExactVectors(material), edition, shelves


def test_exact_search_ranks_one_shelf_only(exact):
    search, edition, (public, staff) = exact
    vector = np.asarray([0.6, 0.8], dtype=np.float32)
    assert search.nearest(edition, public, vector, 5) == [("p1", pytest.approx(0.8)), ("p0", pytest.approx(0.6))]
    assert [id_ for id_, _ in search.nearest(edition, staff, vector, 5)] == ["q"]
    assert search.nearest(edition, replace(public, name="kb-none"), vector, 5) == []


def test_exact_search_leaves_out_what_is_dead(exact):
    search, edition, (public, _) = exact
    (dead,) = (key for key in search._material.members(public.name) if search._material.rows([key])[0][0] == "p1")
    found = search.nearest(edition, replace(public, dead={dead: "p1"}), np.asarray([0.6, 0.8], dtype=np.float32), 5)
    assert [id_ for id_, _ in found] == ["p0"]


def test_exact_search_without_the_vectors_is_unavailable(exact):
    search, edition, (public, _) = exact
    with pytest.raises(VectorsUnavailable):
        search.nearest(replace(edition, embedder="another"), public, np.ones(2, dtype=np.float32), 5)


def test_a_copied_store_answers_like_the_one_it_was_copied_from(segments, tmp_path):
    matrix, ids = unit(300), [f"p{n}" for n in range(300)]
    segments.write("kb-a", ids, matrix)
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path, copy, ignore=shutil.ignore_patterns("copy"))
    assert ChromaSegments(copy).nearest("kb-a", matrix[5], 4) == segments.nearest("kb-a", matrix[5], 4)


def test_a_large_segment_is_written_in_steps_and_is_whole_as_a_fresh_process_sees_it(segments, tmp_path, monkeypatch):
    monkeypatch.setattr(chroma, "LARGE", 100)
    monkeypatch.setattr(chroma, "LARGE_BATCH", 30)
    ids, matrix = [f"p{n}" for n in range(730)], unit(730)
    segments.write("kb-a", ids, matrix)
    Verifier(tmp_path).check([claim("kb-a", ids, matrix)])
    assert segments.names() == {"kb-a"}


@pytest.mark.parametrize(
    ("size", "strange", "whole"), [(EXACT + 50, 2, True), (EXACT + 50, 3, False), (EXACT - 50, 1, False)]
)
def test_only_a_large_segment_may_miss_a_few_of_its_samples(segments, tmp_path, size, strange, whole):
    ids, matrix = [f"p{n}" for n in range(size)], unit(size, 16)
    segments.write("kb-a", ids, matrix)
    claimed = claim("kb-a", ids, matrix)
    others = tuple(
        (id_, tuple(map(float, row))) for (id_, _), row in zip(claimed.samples, unit(strange, 16, 8), strict=False)
    )
    claimed = replace(claimed, samples=(*others, *claimed.samples[strange:]))
    if whole:
        Verifier(tmp_path).check([claimed])
    else:
        with pytest.raises(SegmentsDamaged):
            Verifier(tmp_path).check([claimed])
