"""Federal Register documents: what explains binds nobody, what is left out of a section makes no citation."""

import pytest
from lxml import etree

from knowledge.model import Part
from knowledge.parse.register import facts, read
from tests.rules.test_parse import leaves


def found(inner, root="RULE"):
    (parsed,) = read(etree.fromstring(f"<{root}>{inner}</{root}>"))
    return [(parsed.text[one.start : one.end], one.pinpoint.path, one.pinpoint.part) for one in leaves(parsed.units)]


def section(inner, number="§ 7.1"):
    return found(f"<REGTEXT TITLE='9' PART='7'><SECTION><SECTNO>{number}</SECTNO>{inner}</SECTION></REGTEXT>")


def test_a_section_from_which_lines_are_left_out_is_cited_as_a_whole():
    rows = section("<P>(a) One.</P><P>(1) Two.</P><STARS/><P>(i) Three.</P>")
    assert {path for _, path, _ in rows} == {("§ 7.1",)}
    assert [path for _, path, _ in section("<P>(a) One.</P><P>(1) Two.</P>")] == [("§ 7.1", "(a)"), ("§ 7.1", "(a)", "(1)")]  # fmt: skip


def test_a_section_keeps_its_tables_and_its_footnotes_are_notes():
    rows = section("<P>(a) One:</P><GPOTABLE><ROW><ENT>A</ENT><ENT>B</ENT></ROW></GPOTABLE><FTNT><P><SU>1</SU> See B.</P></FTNT>")  # fmt: skip
    assert [(text, part) for text, _, part in rows][1:] == [("A | B", Part.BODY), ("1 See B.", Part.NOTE)]


def test_several_sections_in_one_heading_are_not_run_into_one_number():
    assert section("<P>Text.</P>", "§§ 7.1–7.3")[0][1] == ("§ 7.1–7.3",)


def test_a_proposed_section_says_so():
    rows = found("<SECTION><SECTNO>§ 7.1</SECTNO><P>(a) One.</P></SECTION>", "PRORULE")
    assert rows[0][1] == ("proposed § 7.1", "(a)")


def test_tables_and_words_beside_elements_of_the_preamble_are_kept():
    rows = found("<SUPLINF><GPOTABLE><ROW><ENT>A</ENT><ENT/><ENT>C</ENT></ROW></GPOTABLE><ODD>Own <E T='03'>words</E> here.</ODD></SUPLINF>")  # fmt: skip
    assert [(text, part) for text, _, part in rows] == [("A | | C", Part.PREAMBLE), ("Own words here.", Part.PREAMBLE)]


@pytest.mark.parametrize(
    ("type_", "effective", "status"),
    [("Rule", "2024-03-01", "in_force"), ("Rule", "2024-05-01", None), ("Rule", None, None), ("Proposed Rule", None, "proposed"), ("Notice", None, None)],
)  # fmt: skip
def test_a_rule_is_in_force_only_where_it_was_when_published(type_, effective, status):
    row = {"document_number": "2024-1", "publication_date": "2024-03-01", "title": "T", "type": type_, "effective_on": effective}  # fmt: skip
    assert facts(row).get("status") == status
    assert facts(row).get("in_force_from") == effective
