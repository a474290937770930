"""The embedder that ships: unit vectors, the same for the same text, whatever the text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.embed.remembering import Remembering
from knowledge.embed.static import BATCH, BLOCK, DIMENSIONS, NAME, Static
from tests.rules.properties import PROPERTY

EMBEDDER = Static()


def test_it_says_what_it_is():
    assert (EMBEDDER.name, EMBEDDER.dimensions) == (NAME, DIMENSIONS)


def test_a_vector_has_length_one_and_single_precision():
    vectors = EMBEDDER.embed(["a processor must notify a breach", "bread and butter"])
    assert vectors.shape == (2, DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-5)


@pytest.mark.parametrize(
    ("one", "alike", "other"),
    [
        ("a processor must notify a breach", "the vendor has to report an incident", "bread and butter"),
        ("data stored in China", "hosting with a Chinese cloud provider", "working hours of the canteen"),
        ("sanctions against a supplier", "an embargo on the vendor", "colour of the office walls"),
    ],
)
def test_texts_alike_are_nearer_than_others(one, alike, other):
    a, b, c = EMBEDDER.embed([one, alike, other])
    assert a @ b > a @ c


@pytest.mark.parametrize("said", ["", " \n", "。。。", "\ud800", "!?…", "\u0e01\u0e02"])
def test_a_text_without_a_known_word_has_no_direction(said):
    assert not EMBEDDER.embed([said]).any()


def test_no_texts_give_no_rows():
    assert EMBEDDER.embed([]).shape == (0, DIMENSIONS)


def test_a_text_s_vector_does_not_depend_on_the_texts_beside_it():
    texts = [f"vendor {n} must report breach {n}" for n in range(BATCH + 3)]
    together = EMBEDDER.embed(texts)
    assert np.array_equal(together[[0, BATCH - 1, BATCH, BATCH + 2]], np.vstack(
        [EMBEDDER.embed([texts[at]]) for at in (0, BATCH - 1, BATCH, BATCH + 2)]
    ))  # fmt: skip


def test_a_text_longer_than_a_block_changes_nothing_beside_it():
    texts = ["a vendor", "breach " * (BLOCK + 1), "", "an embargo", "a list " * BLOCK, "a vendor"]
    together = EMBEDDER.embed(texts)
    assert np.array_equal(together, np.vstack([EMBEDDER.embed([text]) for text in texts]))
    assert together[:2].any(axis=1).all()


class Asked:
    """The embedder that ships, with what it was asked for."""

    name, dimensions = NAME, DIMENSIONS

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, texts):
        self.texts += texts
        return EMBEDDER.embed(texts)


def test_one_that_remembers_gives_the_same_and_asks_only_for_what_is_new_to_it():
    asked = Asked()
    remembering = Remembering(asked, most=3)
    assert (remembering.name, remembering.dimensions, remembering.embed([]).shape) == (
        NAME,
        DIMENSIONS,
        (0, DIMENSIONS),
    )
    for texts in (["a", "vendor", "a"], ["vendor", "list"], ["an", "embargo", "list"], ["vendor"]):
        assert np.array_equal(remembering.embed(texts), EMBEDDER.embed(texts))
    # "an" and "embargo" were too many, so it began anew with them.
    assert asked.texts == ["a", "vendor", "list", "an", "embargo", "vendor"]
    for _ in range(2):
        assert remembering.embed(["1", "2", "3", "4"]).shape == (4, DIMENSIONS)
    assert asked.texts[6:] == ["1", "2", "3", "4"] * 2, "more than it may remember is not remembered"


def test_another_instance_gives_the_same_vectors():
    assert np.array_equal(Static().embed(["a vendor in Shenzhen"]), EMBEDDER.embed(["a vendor in Shenzhen"]))


def test_case_and_accents_change_nothing():
    assert np.array_equal(*np.split(EMBEDDER.embed(["Vendor Café", "vendor cafe"]), 2))


def test_a_very_long_text_is_embedded_whole():
    (vector,) = EMBEDDER.embed(["vendor " * 200_000 + "sanction"])
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)


@PROPERTY
@given(st.lists(st.text(max_size=200), max_size=5))
def test_no_text_gives_anything_but_a_unit_or_a_zero_vector(texts):
    lengths = np.linalg.norm(EMBEDDER.embed(texts), axis=1)
    assert all(length == pytest.approx(1, abs=1e-4) or length == 0 for length in lengths)
