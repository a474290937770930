"""Vector segments, exact vectors, lexical indexes, shelves, folders and the embedder."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.embed.static import Static
from knowledge.errors import DocumentRefused, SourceUnreachable, VectorsUnavailable
from knowledge.sources.folder import LARGEST, Folder
from knowledge.store.chroma import ChromaSegments
from knowledge.store.lexical import Entry, LexicalIndex, idf, write_index
from knowledge.store.shelves import Shelves
from knowledge.store.verify import claim, runaway, verify
from knowledge.words import pairs, terms


def unit(rows, dimensions=64, seed=3):
    matrix = np.random.default_rng(seed).normal(size=(rows, dimensions)).astype(np.float32)
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


def test_a_segment_finds_what_exact_search_finds(tmp_path):
    matrix, queries = unit(1500), unit(40, seed=9)
    ids = [f"p{n}" for n in range(1500)]
    segments = ChromaSegments(tmp_path)
    segments.write("kb-a", ids, matrix)
    hits = 0
    for query in queries:
        exact = {ids[at] for at in np.argsort(-(matrix @ query))[:10]}
        found = segments.nearest("kb-a", query, 10)
        hits += len(exact & {id_ for id_, _ in found})
        assert found == sorted(found, key=lambda pair: -pair[1])
    assert hits >= 0.95 * 400


def test_a_segment_s_similarity_is_the_cosine(tmp_path):
    matrix = unit(5)
    segments = ChromaSegments(tmp_path)
    segments.write("kb-a", list("abcde"), matrix)
    for id_, score in segments.nearest("kb-a", matrix[0], 5):
        assert score == pytest.approx(float(matrix["abcde".index(id_)] @ matrix[0]), abs=1e-4)


def test_an_unknown_segment_is_unavailable_and_dropping_it_is_no_error(tmp_path):
    segments = ChromaSegments(tmp_path)
    with pytest.raises(VectorsUnavailable):
        segments.nearest("kb-none", unit(1)[0], 3)
    segments.drop("kb-none")
    segments.write("kb-a", ["x"], unit(1))
    assert segments.names() == {"kb-a"}
    segments.drop("kb-a")
    assert segments.names() == set()


def test_a_segment_s_name_is_used_once(tmp_path):
    segments = ChromaSegments(tmp_path)
    segments.write("kb-a", ["x"], unit(1))
    with pytest.raises(VectorsUnavailable):
        segments.write("kb-a", ["y"], unit(1))


def test_a_fresh_process_accepts_a_whole_segment_and_refuses_one_that_lacks_vectors(tmp_path):
    matrix, ids = unit(250), [f"p{n}" for n in range(250)]
    ChromaSegments(tmp_path).write("kb-a", ids, matrix)
    verify(tmp_path, "", [claim("kb-a", ids, matrix)])
    with pytest.raises(VectorsUnavailable):
        verify(tmp_path, "", [claim("kb-a", [*ids, "more"], np.vstack([matrix, matrix[:1]]))])
    with pytest.raises(VectorsUnavailable):
        verify(tmp_path, "", [claim("kb-a", ids, unit(250, seed=4))])


def test_a_runaway_index_file_is_noticed_before_it_is_opened(tmp_path):
    place = tmp_path / "segment"
    place.mkdir()
    (place / "data_level0.bin").write_bytes(b"x" * 100)
    with (place / "link_lists.bin").open("wb") as links:
        links.truncate(50 << 20)
    assert runaway(tmp_path) == [str(place / "link_lists.bin")]


@pytest.fixture(scope="module")
def embedder():
    return Static()


def test_an_embedding_is_a_unit_vector_and_alike_texts_are_near(embedder):
    a, b, c = embedder.embed(
        ["a processor must notify a breach", "the vendor has to report an incident", "bread and butter"]
    )
    assert np.linalg.norm(a) == pytest.approx(1, abs=1e-5)
    assert a @ b > a @ c


@settings(deadline=None, max_examples=100)
@given(st.lists(st.text(max_size=200), max_size=5))
def test_no_text_gives_anything_but_a_unit_or_a_zero_vector(texts):
    lengths = np.linalg.norm(Static().embed(texts), axis=1)
    assert all(length == pytest.approx(1, abs=1e-4) or length == 0 for length in lengths)


def entries(*texts, header=""):
    return [Entry(f"p{n}", "", text, header) for n, text in enumerate(texts)]


def rarity(words, *indexes, field="body"):
    size = sum(index.size for index in indexes)
    return {word: idf(size, sum(index.frequency(field, word) for index in indexes)) for word in words}


def test_terms_are_folded_stemmed_and_stopped():
    assert terms("The processors' obligations in the U.S. and the EU") == ["processor", "oblig", "usa", "eu"]
    assert pairs(["a", "b", "c"]) == ["a_b", "b_c"]


def test_the_lexical_index_ranks_by_rare_words(tmp_path):
    write_index(tmp_path / "i", entries("vendor vendor vendor", "vendor breach", "breach notice deadline"))
    index = LexicalIndex(tmp_path / "i")
    weights = dict.fromkeys(terms("notice vendor"), 1.0)
    assert index.best("body", weights, 3, rarity(weights, index))[0][0] == "p2"


def test_scores_of_shelves_compare_and_a_hidden_shelf_leaves_no_trace(tmp_path):
    write_index(tmp_path / "open", entries("alpha beta", "alpha gamma"))
    write_index(tmp_path / "hidden", entries("alpha alpha delta", "beta beta beta"))
    index, hidden = LexicalIndex(tmp_path / "open"), LexicalIndex(tmp_path / "hidden")
    weights = dict.fromkeys(terms("alpha beta"), 1.0)
    alone = index.best("body", weights, 5, rarity(weights, index))
    again = index.best("body", weights, 5, rarity(weights, index))
    both = index.best("body", weights, 5, rarity(weights, index, hidden))
    assert alone == again != both


def test_a_shelf_appears_whole_or_not_at_all(tmp_path):
    shelves = Shelves(tmp_path)
    shelves.write("kb-a", entries("one"))
    assert shelves.present("kb-a")
    (tmp_path / ".kb-b").mkdir()
    assert not shelves.present("kb-b")
    shelves.sweep({"kb-a"})
    assert [place.name for place in tmp_path.iterdir()] == ["kb-a"]


def test_a_folder_lists_what_is_below_it_in_order(tmp_path):
    for name in ("b.md", "a.txt", "sub/c.html", ".hidden.md", ".git/x.md", "README.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text")
    assert list(Folder(tmp_path).list()) == ["a.txt", "b.md", "sub/c.html"]


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(DocumentRefused, match="link"):
        Folder(inside).fetch("link.txt")
    with pytest.raises(DocumentRefused):
        Folder(inside).fetch("../secret.txt")


def test_files_that_cannot_be_read_are_refused_with_a_reason(tmp_path):
    with (tmp_path / "large.txt").open("wb") as large:
        large.truncate(LARGEST + 1)
    os.mkfifo(tmp_path / "pipe.txt")
    for name, words in (
        ("large.txt", "larger"),
        ("pipe.txt", "regular"),
        ("gone.txt", "regular"),
        ("x.docx", "format"),
    ):
        with pytest.raises(DocumentRefused, match=words):
            Folder(tmp_path).fetch(name)


def test_a_folder_that_is_not_there_is_unreachable(tmp_path):
    with pytest.raises(SourceUnreachable):
        list(Folder(tmp_path / "gone").list())
