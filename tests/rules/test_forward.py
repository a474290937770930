"""The forward index: the signs of a passage are what can be counted in its words, on one shelf as on several."""

import itertools
import math

import numpy as np
import pytest

from knowledge.embed.static import Static
from knowledge.store.entry import Entry
from knowledge.store.forward import K1, Asked, B, Forward, document_number, write_forward
from knowledge.words import terms

WORDS = Static()
TEXTS = (
    "The processor shall notify the controller of a breach without undue delay.",
    "A breach register is kept. The supplier delivers spare parts; a processor may be asked for a copy.",
    "Invoices are paid within thirty days.",
)
QUESTION = "processor notify breach"


def entries(texts):
    return [Entry(f"p{n}", "", text, "", f"doc{n // 2}", n * 100) for n, text in enumerate(texts)]


def asked(question=QUESTION, length=8.0):
    own = tuple(dict.fromkeys(terms(question)))
    rarity = np.ones(len(own), np.float32)
    pairs = dict.fromkeys(itertools.pairwise(own), 1.0)
    return Asked(
        own, rarity, rarity, len(own), WORDS.embed(question.split()), pairs, WORDS.embed([question])[0], length
    )


@pytest.fixture
def build(tmp_path):
    def build_(texts, name="shelf"):
        rows = entries(texts)
        write_forward(tmp_path / name, rows, WORDS.embed([row.embedded for row in rows]), WORDS)
        return Forward(tmp_path / name)

    return build_


def test_the_words_found_and_their_bm25_are_those_of_the_text(build):
    forward = build(TEXTS)
    signs = forward.signs(forward.rows(["p0", "p1", "p2"]), asked())
    lengths = [len(terms(text)) for text in TEXTS]
    once = [(K1 + 1) / (1 + K1 * (1 - B + B * length / 8.0)) for length in lengths]
    assert signs["body"] == pytest.approx([3 * once[0], 2 * once[1], 0], rel=1e-5)
    assert signs["found"] == pytest.approx([1, 2 / 3, 0], rel=1e-5)
    assert signs["words"] == pytest.approx([1, 2 / 3, 0], rel=1e-5)
    assert signs["length"] == pytest.approx([math.log1p(length) for length in lengths], rel=1e-5)


def test_pairs_count_only_side_by_side_and_windows_only_within_their_width(build):
    apart = "Processor " + "spare part " * 6 + "notify."
    forward = build(("The processor notify the board.", apart))
    signs = forward.signs(forward.rows(["p0", "p1"]), asked("processor notify"))
    assert signs["pairs"][0] > 0
    assert signs["pairs"][1] == 0
    assert signs["within_6"] == pytest.approx([1, 0.5])
    assert signs["within_12"] == pytest.approx([1, 0.5])


def test_no_window_and_no_pair_crosses_into_the_next_passage(build):
    forward = build(("Parts for the processor", "notify the board of a breach"))
    signs = forward.signs(forward.rows(["p0", "p1"]), asked("processor notify"))
    assert signs["pairs"] == pytest.approx([0, 0])
    assert signs["within_12"] == pytest.approx([0.5, 0.5])


def test_a_word_that_means_nearly_the_same_is_alike_without_being_found(build):
    forward = build(("Attorneys were hired.", "Bananas were hired."))
    signs = forward.signs(forward.rows(["p0", "p1"]), asked("lawyer"))
    assert signs["found"] == pytest.approx([0, 0])
    assert signs["alike"][0] > signs["alike"][1] + 0.1


def test_the_cosine_is_that_of_the_vectors_up_to_their_rounding(build):
    forward = build(TEXTS)
    signs = forward.signs(forward.rows(["p0", "p1", "p2"]), asked())
    assert signs["cosine"] == pytest.approx(WORDS.embed(TEXTS) @ WORDS.embed([QUESTION])[0], abs=5e-3)


def test_the_signs_of_a_passage_do_not_depend_on_what_else_its_shelf_holds(build):
    whole, alone = build(TEXTS, "whole"), build(TEXTS[:1], "alone")
    together = whole.signs(whole.rows(["p0", "p2"]), asked())
    single = alone.signs(alone.rows(["p0"]), asked())
    assert {name: pytest.approx(float(values[0]), abs=1e-5) for name, values in single.items()} == {
        name: float(values[0]) for name, values in together.items()
    }


def test_passages_know_their_document_and_their_place_in_it(build):
    forward = build(TEXTS)
    documents, places = forward.place(forward.rows(["p0", "p1", "p2"]))
    assert documents.tolist() == [document_number("doc0")] * 2 + [document_number("doc1")]
    assert places.tolist() == [0, 1, 0]
    assert forward.holding(["p1", "p9", "a"]) == {"p1"}


def test_a_passage_without_any_term_and_a_question_without_any_are_no_trouble(build):
    forward = build(("The of and.", "processor"))
    signs = forward.signs(forward.rows(["p0", "p1"]), asked())
    assert signs["body"][0] == 0
    nothing = forward.signs(forward.rows(["p1"]), asked(""))
    assert all(np.isfinite(values).all() for values in nothing.values())
