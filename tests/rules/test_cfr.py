"""The levels of US regulation: exact where the marks add up in one way, coarser where in two, none where in no way."""

import pytest

from knowledge.model import Part
from knowledge.parse.cfr import levels
from knowledge.parse.paragraph import plain, starred


def pins(*texts):
    found = levels(texts, "1.1")
    return None if found is None else ["".join(at.path[1:]) for at in found]


def marked(marks):
    return [f"({mark}) Text." for mark in marks.split()]


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ("a 1 i A B ii 2 b", "(a) (a)(1) (a)(1)(i) (a)(1)(i)(A) (a)(1)(i)(B) (a)(1)(ii) (a)(2) (b)"),
        ("g h 1 2 i j", None),  # a section does not begin with (g)
        ("a b c d e f g h 1 2 i j", "(a) (b) (c) (d) (e) (f) (g) (h) (h)(1) (h)(2) (i) (j)"),
        ("a b c d e f g h 1 i ii i", "(a) (b) (c) (d) (e) (f) (g) (h) (h)(1) (h)(1)(i) (h)(1)(ii) (i)"),
        ("a b c d e f g h i ii j", None),
        ("a b c d e f g h i ii i j", "(a) (b) (c) (d) (e) (f) (g) (h) (h)(i) (h)(ii) (i) (j)"),
        ("y z aa bb", None),
    ],
)
def test_what_follows_tells_a_letter_from_a_numeral(marks, expected):
    assert pins(*marked(marks)) == (expected.split() if expected else None)


def test_a_last_i_that_may_be_a_letter_or_a_numeral_is_cited_by_what_both_share():
    assert pins(*marked("a b c d e f g h 1 2 i"))[-1] == ""


def test_double_letters_follow_z():
    assert pins(*marked("a b c d e f g h i j k l m n o p q r s t u v w x y z aa bb"))[-2:] == ["(aa)", "(bb)"]


def test_italics_tell_the_fifth_level_from_the_second():
    texts = ["(a) A", "(1) B", "(i) C", "(A) D", "(*1*) E", "(*i*) F", "(*ii*) G", "(*2*) H", "(2) I"]
    assert pins(*texts)[4:] == [
        "(a)(1)(i)(A)(1)", "(a)(1)(i)(A)(1)(i)", "(a)(1)(i)(A)(1)(ii)", "(a)(1)(i)(A)(2)", "(a)(2)",
    ]  # fmt: skip


@pytest.mark.parametrize("title", ["*Scope.*", "*Scope*—", "*Scope* —", "*Scope*"])
def test_a_mark_after_an_italic_title_counts_and_the_title_is_no_term(title):
    (first, second) = levels([f"(a) {title} (1) One.", "(2) Two."], "1.1")
    assert (first.path, second.path) == (("1.1", "(a)", "(1)"), ("1.1", "(a)", "(2)"))
    assert first.part is second.part is Part.BODY
    assert not first.term
    assert not second.term


def test_a_paragraph_that_defines_after_its_mark_is_a_definition_with_its_points():
    (act, one, board) = levels(
        ["(a) *Act* means:", "(1) One.", '(b) The term "board" or "the body" has the meaning'], "1.1"
    )
    assert [(at.part, at.term) for at in (act, one, board)] == [
        (Part.DEFINITION, "Act"), (Part.DEFINITION, "Act"), (Part.DEFINITION, "board"),
    ]  # fmt: skip


def test_a_term_with_words_before_its_verb_begins_a_definition_of_its_own():
    texts = ["(a) *Definitions.* As used—", "*Product* means a thing.", "*Service,* as defined in 4 U.S.C. 7—", "(1) Means work;", "(b) Else."]  # fmt: skip
    assert pins(*texts) == ["(a)", '(a)"Product"', '(a)"Service"', '(a)"Service"(1)', "(b)"]


def test_a_term_whose_list_begins_in_its_line_keeps_it():
    texts = ["*Act* means a law.", "*Request*—(1) *In general.* A request.", "(2) *Exception.* None."]
    assert pins(*texts) == ['"Act"', '"Request"(1)', '"Request"(2)']


def test_a_list_below_words_of_unknown_place_is_cited_by_the_section():
    texts = ["(a) *Definitions.* As used—", "*Product* means a thing.", "Person—", "(1) One.", "(2) Two.", "(b) Else."]
    assert pins(*texts) == ["(a)", '(a)"Product"', "", "", "", "(b)"]


def test_an_alternate_of_a_clause_counts_anew_under_its_own_name():
    texts = ["(a) A.", "(b) B.", "(c) C.", "(End of clause)", "*Alternate I* (). As prescribed, substitute:", "(b) *Ban.* (1) X.", "(2) Y."]  # fmt: skip
    found = levels(texts, "52.1-1")
    assert [at.path for at in found[-3:]] == [
        ("52.1-1", "Alternate I"), ("52.1-1", "Alternate I", "(b)", "(1)"), ("52.1-1", "Alternate I", "(b)", "(2)"),
    ]  # fmt: skip


@pytest.mark.parametrize("words", ["(c)-(e) [Reserved]", "(c) through (e) [Reserved]", "(c)–(e) [Reserved]"])
def test_marks_that_are_reserved_together_are_counted(words):
    assert pins("(a) A.", "(b) B.", words, "(f) F.") == ["(a)", "(b)", "(c)", "(f)"]


@pytest.mark.parametrize("words", ["(a)(1) of this section applies.", "(a) or (b) of this part does not apply."])
def test_a_reference_at_the_beginning_of_a_paragraph_is_no_mark(words):
    assert pins("(a) A.", "(1) One.", words, "(2) Two.") == ["(a)", "(a)(1)", "", "(a)(2)"]


def test_an_asterisk_of_the_text_is_no_italics():
    assert plain("*Note* " + starred("5 * 3")) == "Note 5 * 3"


def test_a_long_section_takes_no_square_of_its_length():
    assert len(levels([f"({number}) Text." for number in range(1, 1000)] + ["More."] * 20_000, "1.1")) == 20_999
