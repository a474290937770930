"""eCFR XML: every letter of a section under its path, notes apart, and the title of the excerpt it came in."""

from lxml import etree

from knowledge.model import Part
from knowledge.parse.ecfr import read, slanted
from tests.rules.test_parse import leaves


def parts(inner, root="<DIV5 N='7' TYPE='PART'>{}</DIV5>"):
    (parsed,) = read(etree.fromstring(root.replace("{}", inner)))
    return parsed, [
        (parsed.text[leaf.start : leaf.end], leaf.pinpoint.path, leaf.pinpoint.part) for leaf in leaves(parsed.units)
    ]


def section(inner):
    return [(text, path[1:], part) for text, path, part in parts(f"<DIV8 N='7.2' TYPE='SECTION'>{inner}</DIV8>")[1]]


def test_an_excerpt_without_its_title_takes_it_from_what_it_says_of_its_place():
    said = "{&quot;path&quot;:&quot;/on/_DATE_/title-15/part-7&quot;,&quot;citation&quot;:&quot;15 CFR Part 7&quot;}"
    parsed, _ = parts("<DIV8 N='7.2'><P>A.</P></DIV8>", f"<DIV5 N='7' hierarchy_metadata='{said}'>" + "{}</DIV5>")
    assert parsed.prefix == "15 CFR"
    assert parsed.meta["id"] == "us:cfr:15:7"


def test_a_section_alone_is_read():
    assert parts("<P>(a) Text.</P>", "<DIV8 N='7.2' TYPE='SECTION'>{}</DIV8>")[1] == [
        ("(a) Text.", ("7.2", "(a)"), Part.BODY)
    ]


def test_an_appendix_is_cited_in_its_part_once_and_guidance_binds_nobody():
    appendix = "<DIV9 N='Appendix A to Subpart B of Part 7' TYPE='APPENDIX'><HEAD>{}</HEAD><P>Text.</P></DIV9>"
    assert parts(appendix.format("Forms"))[1] == [("Text.", ("part 7 Appendix A to Subpart B",), Part.BODY)]
    assert parts(appendix.format("Guidance"))[1][0][2] is Part.NOTE


def test_words_of_a_part_outside_its_sections_are_kept():
    assert parts("<DIV6 N='A'><HEAD>Subpart A</HEAD><P>Loose words.</P></DIV6>")[1] == [
        ("Loose words.", ("part 7",), Part.BODY)
    ]


def test_flush_text_hangs_on_what_the_only_open_list_hangs_on():
    assert section("<P>If:</P><P>(a) One,</P><P>(b) Two,</P><FP>it is banned.</FP>")[-1][1] == ()
    assert section("<P>(a) If:</P><P>(1) One,</P><P>(i) Two,</P><FP>it is banned.</FP>")[-1][1] == ()
    assert section("<P><I>Act</I> means:</P><P>(1) One,</P><FP>but not two.</FP>")[-1][1] == ('"Act"',)


def test_a_table_keeps_its_title_its_empty_cells_and_its_notes():
    table = "<DIV><P>Table 1</P><TABLE><TR><TH>A</TH><TH>B</TH><TH>C</TH></TR><TR><TD>1</TD><TD/><TD>3</TD></TR></TABLE><P>Source: X.</P></DIV>"
    assert [text for text, _, _ in section(table)] == ["Table 1", "A | B | C", "1 | | 3", "Source: X."]


def test_a_note_of_several_lines_does_not_glue_them():
    note = "<NOTE><HED>Note:</HED><P>One.</P><P>Two.</P></NOTE><APPRO>(Approved under 1)</APPRO>"
    assert section(note) == [("Note: One. Two.", (), Part.NOTE), ("(Approved under 1)", (), Part.NOTE)]


def test_where_a_clause_is_prescribed_binds_nobody_and_opens_nothing():
    found = section("<P>As prescribed at 4.2, insert the following clause:</P><EXTRACT><P>(a) Do it.</P></EXTRACT>")
    assert [(path, part) for _, path, part in found] == [((), Part.PREAMBLE), (("(a)",), Part.BODY)]


def words(inner):
    return slanted(etree.fromstring(f"<P>{inner}</P>"))


def test_a_power_is_a_power_and_a_reference_to_a_footnote_is_left_out():
    assert words("10<SU>26</SU> operations") == "10^26 operations"
    assert words("5 km<E T='51'>2</E>") == "5 km^2"
    assert words("the rule<SU>4</SU><FTREF/> says") == "the rule says"
    assert words("in 2018<SU>1</SU>") == "in 2018"


def test_italics_do_not_glue_words():
    assert words("see<I> Federal Register </I>of May") == "see *Federal Register* of May"


def test_a_line_break_of_the_file_puts_no_blank_before_punctuation():
    assert (
        " ".join(words("(\n <E T='03'>i.e.,</E>\n one)\n <E T='03'>Use</E>\n —(1)").split())
        == "(*i.e.,* one) *Use*—(1)"
    )
