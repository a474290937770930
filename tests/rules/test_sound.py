"""The validator: what does not add up is cited more coarsely, what does is left alone."""

import pytest

from knowledge.parse.sound import LONGEST, sound
from knowledge.parse.tree import Block, Pinpoint, Shape, build


def read(*paragraphs):
    return build([Block(Shape.PARAGRAPH, text, pinpoint=Pinpoint(path)) for text, path in paragraphs])


def paths(parsed):
    return [unit.pinpoint.path for unit in parsed.units]


@pytest.mark.parametrize(
    "marks",
    ["abcd", ["1", "2", "2a", "3"], ["i", "ii", "iii", "iv", "v", "ix", "x"], ["y", "z", "aa", "bb"], ["d", "da", "e"], ["za", "zb", "a", "b"],
     ["h", "i", "j"], ["1", "3"], ['"Vendor"', '"Buyer"']],
)  # fmt: skip
def test_numbering_that_goes_up_is_left_alone(marks):
    parsed = read(*((f"({mark}) A point.", ("Art. 1", f"({mark})")) for mark in marks))
    assert sound(parsed) == parsed


def test_two_lists_in_one_paragraph_are_cited_by_the_paragraph():
    parsed = read(
        ("(a) One.", ("Art. 1", "(1)", "(a)")), ("(b) Two.", ("Art. 1", "(1)", "(b)")), ("(a) Again.", ("Art. 1", "(1)", "(a)")),
        ("2. Else.", ("Art. 1", "(2)")),
    )  # fmt: skip
    found = sound(parsed)
    assert paths(found) == [("Art. 1", "(1)")] * 3 + [("Art. 1", "(2)")]
    assert found.flags == ("coarsened:Art. 1(1)",)


def test_lists_below_different_points_may_begin_anew():
    parsed = read(("(i) One.", ("Art. 1", "(a)", "(i)")), ("(i) Two.", ("Art. 1", "(b)", "(i)")))
    assert sound(parsed) == parsed


def test_a_mark_that_is_not_on_the_path_makes_the_section_be_cited_as_one():
    found = sound(read(("(b) The prohibition.", ("52.204-25", "(a)")), ("(c) Else.", ("52.204-25", "(c)"))))
    assert paths(found) == [("52.204-25",), ("52.204-25",)]


def test_a_step_back_among_articles_paragraphs_is_not_trusted():
    assert paths(sound(read(("2. Two.", ("Art. 1", "(2)")), ("1. One.", ("Art. 1", "(1)"))))) == [("Art. 1",)] * 2


def test_a_paragraph_that_has_swallowed_a_document_is_flagged():
    assert sound(read(("x" * (LONGEST + 1), ("Art. 1",)))).flags == ("oversized",)


def test_hardly_anything_of_real_law_is_coarsened(shared):
    from knowledge import parse

    for name in ("gdpr", "dora", "nis2", "ai-act"):
        (parsed,) = parse.read((shared / "sources" / "eu" / "eurlex-html" / f"{name}.html").read_bytes(), "act.html")
        coarsened = [flag for flag in parsed.flags if flag.startswith("coarsened:")]
        assert sum(flag.count(",") + 1 for flag in coarsened) <= 3, coarsened
