"""EU acts by their ELI ids: every point under its own citation, not a token lost, dates by provision."""

import re
from datetime import date

import pytest
from lxml import html as lxml_html

from knowledge import parse
from knowledge.chunk import chunk
from knowledge.describe import describe
from knowledge.errors import DocumentRefused
from knowledge.model import Part, SourceSpec, Status
from knowledge.parse import acts
from knowledge.parse.clean import visible

SPEC = SourceSpec("law", "folder", "")
COUNTS = {"gdpr": (99, 173, 0), "dora": (64, 106, 0), "nis2": (46, 144, 3), "ai-act": (113, 180, 13)}
ROW = (
    '<table><tbody><tr><td><p class="oj-normal">{}</p></td><td><p class="oj-normal">{}</p>{}</td></tr></tbody></table>'
)
PAGE = f"""<html><body><p class="oj-hd-date">4.5.2016</p><div class="eli-container">
<div class="eli-main-title"><p class="oj-doc-ti">REGULATION (EU) 2099/7 OF THE COUNCIL</p></div>
<div class="eli-subdivision" id="rct_1">{ROW.format("(1)", "Buyers ask for it.", "")}</div>
<div id="cpt_I"><p class="oj-ti-section-1">CHAPTER I</p><div class="eli-title"><p>Duties</p></div>
<div class="eli-subdivision" id="art_1"><p class="oj-ti-art">Article 1</p><div class="eli-title"><p>Vendors</p></div>
<div id="001.001"><p class="oj-normal">1. A vendor<a href="#ntr1"> (1)</a> shall:</p>
{ROW.format("(a)", "ask first, and:", ROW.format("(i)", "wait;", ""))}<p class="oj-normal">It shall then answer.</p></div></div>
<div class="eli-subdivision" id="art_2"><p class="oj-ti-art">Article 2</p><div class="eli-title"><p>Definitions</p></div>
<p class="oj-normal">In this Regulation:</p>{ROW.format("(1)", "‘vendor’ means anyone who sells;", "")}</div>
<div class="eli-subdivision" id="art_3"><p class="oj-ti-art">Article 3</p><div class="eli-title"><p>Amendments</p></div>
<p class="oj-normal">Another act is amended:</p>{ROW.format("(1)", "this is added:", ROW.format("‘(b)", "a quoted point;", "") + ROW.format("(c)", "and its neighbour.’;", ""))}</div>
<div class="eli-subdivision" id="art_4"><p class="oj-ti-art">Article 4</p><div class="eli-title"><p>Entry into force</p></div>
<p class="oj-normal">This Regulation shall enter into force on the twentieth day following that of its publication. It shall apply from
2 August 2026. However: (a) Article 1 shall apply from 2 February 2025.</p></div></div>
<div class="eli-container" id="anx_I"><p class="oj-doc-ti">ANNEX I</p><p class="oj-doc-ti">Lists</p>{ROW.format("1.", "A list:", ROW.format("(a)", "one.", ""))}</div>
</div></body></html>"""


def passages(raw: bytes):
    (parsed,) = parse.read(raw, "act.html")
    document = describe(parsed, "act.html", SPEC)
    return document, chunk(document, parsed)


def act(shared, name):
    return (shared / "sources" / "eu" / "eurlex-html" / f"{name}.html").read_bytes()


def test_every_point_has_its_own_citation_and_the_words_that_it_hangs_on():
    _, found = passages(PAGE.encode())
    by_text = {one.text: one for one in found}
    point = by_text["(i) wait;"]
    assert point.citation == "Regulation (EU) 2099/7 Art. 1(1)(a)(i)"
    assert point.context == "A vendor shall: (a) ask first, and:"
    assert by_text["It shall then answer."].citation == "Regulation (EU) 2099/7 Art. 1(1)"
    assert by_text["(1) Buyers ask for it."].citation.endswith("Recital 1")
    assert not by_text["(1) Buyers ask for it."].binding
    assert by_text["(a) one."].citation.endswith("Annex I point 1(a)")
    assert by_text["(a) one."].binding
    term = by_text["(1) ‘vendor’ means anyone who sells;"]
    assert (term.part, term.term, term.citation[-9:]) == (Part.DEFINITION, "vendor", "Art. 2(1)")


def test_points_that_are_quoted_from_another_act_are_not_taken_for_this_one_s():
    _, found = passages(PAGE.encode())
    quoted = next(one for one in found if "and its neighbour" in one.text)
    assert quoted.citation == "Regulation (EU) 2099/7 Art. 3(1)"


def test_dates_come_from_the_last_article_and_stand_on_the_provision():
    document, found = passages(PAGE.encode())
    assert (document.published, document.in_force_from) == (date(2016, 5, 4), date(2016, 5, 24))
    assert document.applies_from == date(2026, 8, 2)
    assert {one.applies_from for one in found if " Art. 1" in one.citation} == {date(2025, 2, 2)}
    assert {one.applies_from for one in found if " Art. 2" in one.citation} == {None}


@pytest.mark.parametrize("name", COUNTS)
def test_a_real_act_has_all_its_articles_recitals_and_annexes_and_loses_no_word(shared, name):
    document, found = passages(act(shared, name))
    firsts = {one.citation.removeprefix(f"{document.short} ").split("(")[0] for one in found}
    assert sum(first.startswith("Art. ") for first in firsts) == COUNTS[name][0]
    assert sum(first.startswith("Recital ") for first in firsts) == COUNTS[name][1]
    assert len({" ".join(first.split()[:2]) for first in firsts if first.startswith("Annex ")}) == COUNTS[name][2]
    assert not any("count" in flag for flag in document.flags)
    (parsed,) = parse.read(act(shared, name), "act.html")
    page = lxml_html.fromstring(visible(act(shared, name).decode()).encode())
    for mark in page.xpath("//a[contains(@href, '#ntr')]"):
        mark.drop_tree()
    act_itself = page.xpath("//div[@class='eli-container' and not(ancestor::div[@class='eli-container'])]")
    printed = "".join(re.findall(r"\w", " ".join(part.text_content() for part in act_itself)))
    assert len(printed) > 200_000
    assert "".join(re.findall(r"\w", parsed.text)) == printed  # every letter and figure, in the order of the page


def test_the_dates_of_real_acts(shared):
    gdpr, _ = passages(act(shared, "gdpr"))
    assert (gdpr.published, gdpr.in_force_from, gdpr.applies_from) == (
        date(2016, 5, 4),
        date(2016, 5, 24),
        date(2018, 5, 25),
    )
    nis2, _ = passages(act(shared, "nis2"))
    assert (nis2.transposition_by, nis2.applies_from) == (date(2024, 10, 17), date(2024, 10, 18))
    dora, _ = passages(act(shared, "dora"))
    assert (dora.id, dora.applies_from) == ("eu:32022R2554", date(2025, 1, 17))
    ai, found = passages(act(shared, "ai-act"))
    assert ai.applies_from == date(2026, 8, 2)
    own = {one.citation: one.applies_from for one in found}
    assert own["AI Act Art. 5(1)"] == date(2025, 2, 2)
    assert own["AI Act Art. 78(1)"] == own["AI Act Art. 99(1)"] == own["AI Act Art. 28(1)"] == date(2025, 8, 2)
    assert own["AI Act Art. 101(1)"] is None
    assert own["AI Act Art. 6(1)"] == date(2027, 8, 2)
    assert own["AI Act Art. 6(2)"] is None


def one(body: str, title: str = "REGULATION (EU) 2099/7 OF THE COUNCIL", heading: str = "Scope"):
    """Read a page of one article, number 5."""
    page = f"""<html><body><div class="eli-container"><div class="eli-main-title"><p class="oj-doc-ti">{title}</p></div>
    <div class="eli-subdivision" id="art_5"><p class="oj-ti-art">Article 5</p><div class="eli-title"><p>{heading}</p></div>
    {body}</div></div></body></html>"""
    document, found = passages(page.encode())
    return {one.citation.removeprefix(f"{document.short} "): one.text for one in found}


def test_words_that_stand_outside_any_paragraph_are_read():
    found = one("<table><tr><td><p>(a)</p></td><td><span>words in a span</span></td></tr></table><div>bare words</div>")
    assert found["Art. 5(a)"] == "(a) words in a span"
    assert found["Art. 5"] == "bare words"


def test_what_a_page_hides_is_not_law():
    found = one(
        '<style>.x {display: none}</style><p style="display:none">one</p><p hidden>two</p><p class="x">three</p><p>Seen.</p>'
    )
    assert [text for citation, text in found.items() if citation.startswith("Art. 5")] == ["Seen."]


def test_a_power_is_not_read_as_one_number():
    assert one('<p>greater than 10<span class="oj-super">25</span>.</p>')["Art. 5"] == "greater than 10^25."


def test_no_blank_stays_where_a_footnote_s_mark_stood():
    assert one('<p>the Council <a href="#ntr1">(1)</a>, and</p>')["Art. 5"] == "the Council, and"


def test_numbers_put_into_another_act_are_never_those_of_this_one():
    quoted = "in Article 5, paragraph 3 is replaced by the following:"
    new = '<div id="005.003"><p>‘3. New.</p></div><div id="005.004"><p>4. More.’;</p></div>'
    found = one(f"<p>It is amended:</p>{ROW.format('(1)', quoted, new)}")
    assert found["Art. 5(1)"] == f"(1) {quoted} ‘3. New. 4. More.’;"
    assert set(found) == {"Title", "Art. 5", "Art. 5(1)"}


def test_a_consolidated_text_keeps_its_points_and_drops_the_arrows_of_its_editors():
    found = one(
        """<p class="modref"><a>▼M1</a></p><div class="norm"><span class="no-parag">1.  </span><div class="norm inline-element">It
        is ►M2 prohibited ◄ to:<div class="grid-container grid-list"><div class="list grid-list-column-1"><span>(a) </span>
        </div><div class="grid-list-column-2"><p class="norm">sell;</p></div></div></div></div>
        <div class="norm"><span class="no-parag">2.  </span><div class="norm inline-element">Plain words.</div></div>"""
    )
    assert found["Art. 5(1)(a)"] == "(a) sell;"
    assert found["Art. 5(1)"].split() == "1. It is prohibited to:".split()
    assert found["Art. 5(2)"].split() == "2. Plain words.".split()


def test_sections_of_an_annex_and_cells_over_several_rows_are_on_the_path(shared):
    _, ai = passages(act(shared, "ai-act"))
    by_citation = {one.citation: one for one in ai}
    assert (
        by_citation["AI Act Annex VIII Section A point 1"].text
        == by_citation["AI Act Annex VIII Section B point 1"].text
    )
    assert by_citation["AI Act Annex VII point 3.1(b)"].text.startswith("(b) the list of AI systems")
    assert by_citation["AI Act Annex X point 1(a)"].part is Part.ANNEX
    _, nis2 = passages(act(shared, "nis2"))
    digital = next(one for one in nis2 if one.citation == "NIS2 Annex I point 8")
    assert digital.heading.endswith("8. Digital infrastructure")
    assert "— Cloud computing service providers" in digital.text


def test_a_page_that_is_nested_too_deep_to_be_read_whole_is_refused():
    with pytest.raises(DocumentRefused, match="nested"):
        one("<div>" * 5000 + "words")


def test_an_act_is_named_by_its_own_title_only():
    assert (
        acts.act("REGULATION (EC) No 1223/2009 OF THE EUROPEAN PARLIAMENT").citation == "Regulation (EC) No 1223/2009"
    )
    assert acts.act("DIRECTIVE 95/46/EC OF THE EUROPEAN PARLIAMENT").celex == "31995L0046"
    assert acts.act("Corrigendum to Regulation (EU) 2016/679") is None
    assert acts.act("COUNCIL REGULATION (EEC) No 2913/92, see Regulation (EU) 2016/679").celex == "31992R2913"
    assert acts.by_celex("32014R0833").citation == "CELEX 32014R0833"


def test_the_text_of_the_official_journal_is_marked_where_it_is_known_to_be_amended(shared):
    assert passages(act(shared, "ai-act"))[0].status is Status.AMENDED_SINCE
    assert passages(act(shared, "gdpr"))[0].status is Status.UNKNOWN
