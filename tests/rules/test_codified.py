"""Renditions of US law in Markdown and text: sentences whole, and nothing cited that stands outside its section."""

from knowledge.model import Part
from knowledge.parse.codified import read
from tests.rules.test_parse import leaves


def found(text):
    (parsed,) = read(text)
    return [(parsed.text[one.start : one.end], one.pinpoint.path, one.pinpoint.part) for one in leaves(parsed.units)]


PART = "<!-- A remark -->\n# 15 CFR Part 7—THINGS\n\n**Authority:** 1 U.S.C. 2.\n\n## Subpart A\n\n### § 7.1 Scope.\n\n(a) All.\n"


def test_the_authority_of_a_part_is_kept_as_a_note_and_remarks_of_the_rendition_are_not():
    assert found(PART) == [
        ("Authority: 1 U.S.C. 2.", ("part 7",), Part.NOTE), ("(a) All.", ("7.1", "(a)"), Part.BODY),
    ]  # fmt: skip


def test_a_clause_says_its_date_in_capitals_or_not():
    clause = (
        "## FAR 52.1-1 Things.\n\nAs prescribed at 1.1, insert the following clause:\n\n### Things ({})\n\n(a) Do it.\n"
    )
    for day in ("NOV 2021", "Nov 2021", "JUNE 2020"):
        (parsed,) = read(clause.format(day))
        assert parsed.meta["version"] == day
        assert leaves(parsed.units)[0].pinpoint.part is Part.PREAMBLE


ORDER = """## **Executive Order 10001—Doing Things** *May 1, 2020*

By the authority vested in me, it is ordered:

- *Sec. 1*. *Work*. (a) The Secretary shall, with the

{1}------------------------------------------------

Director, work:
- (i) well; and

{2}------------------------------------------------

- (ii) fast.

JANE Q. DOE

The White House, May 1, 2020.
"""


def test_a_sentence_that_a_page_cuts_is_one_and_keeps_its_list():
    assert found(ORDER)[1:4] == [
        ("(a) The Secretary shall, with the Director, work:", ("Sec. 1", "(a)"), Part.BODY),
        ("(i) well; and", ("Sec. 1", "(a)", "(i)"), Part.BODY), ("(ii) fast.", ("Sec. 1", "(a)", "(ii)"), Part.BODY),
    ]  # fmt: skip


def test_who_signed_an_order_is_no_section_of_it():
    assert found(ORDER)[4:] == [
        ("JANE Q. DOE", ("Notes",), Part.NOTE), ("The White House, May 1, 2020.", ("Notes",), Part.NOTE),
    ]  # fmt: skip


RULE = """List of Subjects in 32 CFR Part 7

§ 7.1

Scope.

(a) All things in

§ 9.4

and elsewhere.

Subpart B—More

§ 7.2

Else.

(a) Text.

Appendix A to Part 7—Guidance

See the handbook.

Dated: May 1, 2020.

Footnotes

1. A footnote to the preamble.
"""


def test_a_published_rule_ends_where_it_is_signed_and_its_guidance_binds_nobody():
    assert found(RULE) == [
        ("(a) All things in", ("7.1",), Part.BODY), ("§ 9.4", ("7.1",), Part.BODY), ("and elsewhere.", ("7.1",), Part.BODY),
        ("(a) Text.", ("7.2",), Part.BODY), ("See the handbook.", ("part 7 Appendix A",), Part.NOTE),
    ]  # fmt: skip
