"""The lexical indexes: what ranks first, what shelves let show of each other, and how they stand on the disk."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from knowledge.embed.static import Static
from knowledge.store.entry import Entry, embedded, text_hash
from knowledge.store.lexical import FIELDS, LexicalIndex, idf, write_index
from knowledge.store.shelves import Shelves
from knowledge.words import pairs, terms

WORDS = Static()


def entries(*texts, header=""):
    return [Entry(f"p{n}", "", text, header) for n, text in enumerate(texts)]


def put(shelves, name, rows):
    shelves.write(name, rows, WORDS.embed([entry.embedded for entry in rows]))


def rarity(words, *indexes, field="body"):
    size = sum(index.size for index in indexes)
    return {word: idf(size, sum(index.frequency(field, word) for index in indexes)) for word in words}


@pytest.fixture
def build(tmp_path):
    def _build(name, rows):
        write_index(tmp_path / name, rows)
        return LexicalIndex(tmp_path / name)

    return _build


def test_a_passage_with_the_rare_word_ranks_first(build):
    index = build("i", entries("vendor vendor vendor", "vendor breach", "breach notice deadline"))
    weights = dict.fromkeys(terms("notice vendor"), 1.0)
    assert index.best({"body": weights}, 3, {"body": rarity(weights, index)})[0][0] == "p2"


def test_each_field_is_searched_for_itself(build):
    index = build("i", [Entry("p0", "", "alpha beta gamma", "GDPR Art. 28 | delta")])
    for field, found, missed in (
        ("body", "alpha", "delta"),
        ("header", "delta", "alpha"),
        ("pairs", "alpha_beta", "alpha_gamma"),
    ):
        assert [id_ for id_, _ in index.best({field: {found: 1.0}}, 5, {field: {found: 1.0}})] == ["p0"]
        assert index.best({field: {missed: 1.0}}, 5, {field: {missed: 1.0}}) == []
    assert set(FIELDS) == {"body", "header", "pairs"}


def test_a_term_s_weight_counts(build):
    index = build("i", entries("alpha x", "beta y"))
    scores = rarity(("alpha", "beta"), index)
    assert index.best({"body": {"alpha": 1.0, "beta": 2.0}}, 2, {"body": scores})[0][0] == "p1"
    assert index.best({"body": {"alpha": 2.0, "beta": 1.0}}, 2, {"body": scores})[0][0] == "p0"
    assert index.best({"body": {"alpha": 0.0}}, 2, {"body": scores}) == []


def test_scores_are_those_of_bm25_over_all_shelves_that_the_asker_may_read(build):
    """Two shelves of texts of equal length score together exactly as one index of all the texts."""
    texts = ("alpha beta", "alpha gamma", "delta beta", "alpha epsilon")
    rows = entries(*texts)
    one, left, right = build("one", rows), build("left", rows[:2]), build("right", rows[2:])
    weights = dict.fromkeys(("alpha", "beta", "delta"), 1.0)
    whole = one.best({"body": weights}, 9, {"body": rarity(weights, one)})
    over_both = rarity(weights, left, right)
    parts = left.best({"body": weights}, 9, {"body": over_both}) + right.best({"body": weights}, 9, {"body": over_both})
    assert dict(parts) == pytest.approx(dict(whole), rel=1e-5)


def test_a_hidden_shelf_leaves_no_trace_in_the_scores(tmp_path):
    rows = entries("alpha beta", "alpha gamma")
    weights = dict.fromkeys(("alpha", "beta"), 1.0)
    scores = []
    for place, hidden in (("without", ()), ("with", ("alpha alpha delta", "beta beta beta"))):
        shelves = Shelves(tmp_path / place, WORDS)
        put(shelves, "open", rows)
        if hidden:
            put(shelves, "hidden", entries(*hidden))
        index = shelves.open("open").lexical
        scores.append(index.best({"body": weights}, 5, {"body": rarity(weights, index)}))
    assert scores[0] == scores[1]


def test_the_other_shelf_counts_when_it_may_be_read(build):
    index, other = build("a", entries("alpha beta", "alpha gamma")), build("b", entries("beta beta", "beta x"))
    weights = dict.fromkeys(("alpha", "beta"), 1.0)
    alone, both = {"body": rarity(weights, index)}, {"body": rarity(weights, index, other)}
    assert index.best({"body": weights}, 5, alone) != index.best({"body": weights}, 5, both)


def test_rare_terms_weigh_more_and_none_weighs_less_than_nothing():
    assert idf(100, 1) > idf(100, 50) > idf(100, 100) > 0
    assert idf(0, 0) > 0


def test_at_most_as_many_are_returned_as_asked_for(build):
    index = build("i", entries(*["alpha"] * 30))
    assert len(index.best({"body": {"alpha": 1.0}}, 7, {"body": {"alpha": 1.0}})) == 7


def test_an_empty_index_answers(build):
    index = build("i", [])
    assert (index.size, index.best({"body": {"alpha": 1.0}}, 7, {"body": {"alpha": 1.0}})) == (0, [])


def test_what_is_embedded_is_heading_and_body_and_has_its_hash():
    entry = Entry("p", "Heading", "Body.", "ignored")
    assert entry.embedded == embedded("Heading", "Body.") == "Heading\nBody."
    assert entry.text_hash == text_hash("Heading", "Body.") != text_hash("", "Body.")


def test_pairs_do_not_cross_passages(build):
    index = build("i", entries("alpha", "beta"))
    assert index.frequency("pairs", pairs(["alpha", "beta"])[0]) == 0


def test_a_shelf_appears_whole_or_not_at_all(tmp_path):
    shelves = Shelves(tmp_path, WORDS)
    put(shelves, "kb-a", entries("one"))
    (tmp_path / ".kb-b").mkdir()
    assert shelves.present("kb-a")
    assert not shelves.present("kb-b")
    shelves.sweep({"kb-a"})
    assert [place.name for place in tmp_path.iterdir()] == ["kb-a"]


@pytest.mark.parametrize("damage", ["meta.json", "*.term", "*.*", "forward/ids.npy", "forward/*", "forward/words.txt"])
def test_a_damaged_shelf_is_not_present_and_can_be_written_again(tmp_path, damage):
    put(Shelves(tmp_path, WORDS), "kb-a", entries("one"))
    for place in (tmp_path / "kb-a").glob(damage):
        place.write_bytes(b"\xff")
    shelves = Shelves(tmp_path, WORDS)
    assert not shelves.present("kb-a")
    put(shelves, "kb-a", entries("one"))
    assert shelves.open("kb-a").lexical.size == 1


def test_what_another_living_process_builds_is_not_swept_away(tmp_path):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        places = [tmp_path / f".{number}.x" for number in (other.pid, os.getpid())]
        for place in places:
            place.mkdir()
        Shelves(tmp_path, WORDS).sweep(set())
        assert [place.exists() for place in places] == [True, False]
        other.communicate(b"\n")
    Shelves(tmp_path, WORDS).sweep(set())
    assert not places[0].exists()


def test_processes_that_build_the_same_shelf_at_once_all_find_it(tmp_path):
    build_ = (
        "from pathlib import Path; import numpy as np; from knowledge.embed.static import Static;"
        " from knowledge.store.shelves import Shelves; from knowledge.store.entry import Entry;"
        f" s = Shelves(Path({str(tmp_path)!r}), Static());"
        " rows = [Entry(f'{n:03d}', '', f'word{n}', '') for n in range(300)];"
        " s.write('kb-a', rows, np.zeros((300, 4), 'f4'));"
        " print(s.open('kb-a').lexical.size)"
    )
    children = [subprocess.Popen([sys.executable, "-c", build_], stdout=subprocess.PIPE) for _ in range(4)]
    assert [child.communicate()[0].strip() for child in children] == [b"300"] * 4
    assert [place.name for place in tmp_path.iterdir()] == ["kb-a"]


def test_a_swept_shelf_is_still_answered_from_by_who_had_it_open_and_then_let_go(tmp_path):
    reader, builder = Shelves(tmp_path, WORDS), Shelves(tmp_path, WORDS)
    put(builder, "kb-a", entries("alpha"))
    index = reader.open("kb-a").lexical
    builder.sweep(set())
    assert [id_ for id_, _ in index.best({"body": {"alpha": 1.0}}, 1, {"body": {"alpha": 1.0}})] == ["p0"]
    put(builder, "kb-b", entries("beta"))
    reader.open("kb-b")
    assert not reader.present("kb-a")


def test_threads_share_one_index(tmp_path):
    shelves = Shelves(tmp_path, WORDS)
    put(shelves, "kb-a", entries(*[f"alpha word{n}" for n in range(200)]))
    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(
                lambda _: shelves.open("kb-a").lexical.best({"body": {"alpha": 1.0}}, 5, {"body": {"alpha": 1.0}}),
                range(100),
            )
        )
    assert all(one == found[0] for one in found)
