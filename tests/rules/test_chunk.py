"""Unit tree to passages: slices, sections never crossed, citations built."""

from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import parse
from knowledge.chunk import LONGEST, chunk
from knowledge.describe import describe
from knowledge.errors import DocumentRefused
from knowledge.model import Kind, SourceSpec
from knowledge.parse import html, markdown, text
from knowledge.parse.tree import Block, Pinpoint, Shape, build
from tests.rules.properties import PROPERTY

SPEC = SourceSpec("src", "folder", "", Kind.POLICY)


def passages(source, read=markdown.read, ref="doc.md"):
    parsed = read(source)
    return parsed, chunk(describe(parsed, ref, SPEC), parsed)


def test_a_clause_is_cited_by_its_number():
    _, found = passages(
        "---\nshort: POL-1\n---\n# Policy\n\n## 3 Approval\n\n3.1 The owner must ask.\n\nMore of it.\n\n3.2 The buyer waits.\n"
    )
    assert [(p.citation, p.text) for p in found] == [
        ("POL-1 §3.1", "3.1 The owner must ask.\n\nMore of it."),
        ("POL-1 §3.2", "3.2 The buyer waits."),
    ]


def test_a_heading_s_pinpoint_is_the_citation():
    _, found = passages("## GDPR Art. 28(2) | Sub-processors\n\nA processor asks first.\n")
    assert (found[0].citation, found[0].heading) == ("GDPR Art. 28(2)", "Sub-processors")


def test_numbered_headings_and_articles_are_cited_as_such():
    _, found = passages(
        "---\nshort: Act\n---\n# The Act\n\n## Article 5 Duties\n\nOne.\n\n## 6.1 Exit\n\nTwo.\n\n## Annex III\n\nThree.\n"
    )
    assert [p.citation for p in found] == ["Act Art. 5", "Act §6.1", "Act Annex III"]


def test_paragraphs_without_numbers_are_counted():
    _, found = passages(
        "Title here\n\n" + "\n\n".join(f"Sentence {n} is long enough to fill its line. " * 8 for n in range(4)),
        text.read,
        "n.txt",
    )
    assert [p.citation for p in found] == ["Title here ¶1–2", "Title here ¶3–4"]


def test_no_passage_crosses_a_section():
    _, found = passages("# T\n\n## A\n\nin a\n\n## B\n\nin b\n")
    assert [p.text for p in found] == ["in a", "in b"]


def test_a_long_paragraph_is_cut_at_sentences():
    _, found = passages("# T\n\n## X Art. 1 | Long\n\n" + "This sentence has exactly eight plain words here. " * 80)
    assert len(found) > 2
    assert all(len(p.text) <= LONGEST and p.text.endswith(".") for p in found)


def test_ids_are_unique_and_stay_when_other_parts_change():
    _, before = passages("# T\n\n## A Art. 1 | X\n\nSame words.\n\n## A Art. 1 | X\n\nSame words.\n")
    _, after = passages(
        "# T\n\n## New | N\n\nNew words.\n\n## A Art. 1 | X\n\nSame words.\n\n## A Art. 1 | X\n\nSame words.\n"
    )
    assert len({p.id for p in before}) == 2
    assert {p.id for p in before} < {p.id for p in after}


@PROPERTY
@given(
    st.lists(
        st.one_of(
            st.text(min_size=1, max_size=300), st.sampled_from(["# H", "## 2 Two", "2.1 Clause text.", "## A 1 | P"])
        ),
        max_size=12,
    ),
    st.sampled_from([markdown.read, text.read, html.read]),
)
def test_every_passage_is_a_slice_of_its_document_in_order(blocks, read):
    try:
        parsed, found = passages("\n\n".join(blocks), read)
    except DocumentRefused:
        return
    assert all(parsed.text[p.start : p.end] == p.text for p in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert len({p.id for p in found}) == len(found)
    assert all(p.citation for p in found)


def test_an_amount_at_the_start_of_a_paragraph_is_no_clause_number():
    _, found = passages(
        "---\nshort: POL-1\n---\n## 3 Uptime\n\n3.1 The vendor reports.\n\n99.9 % is due.\n\n1.5 million rows.\n"
    )
    assert [p.citation for p in found] == ["POL-1 §3.1"]


def test_a_clause_number_that_cannot_stand_there_is_not_believed():
    """A wrong citation is worse than a coarse one."""
    _, found = passages("---\nshort: P\n---\n## 3 A\n\n3.2 Second.\n\n3.1 Earlier.\n\n4.1 Elsewhere.\n\n3.10 Tenth.\n")
    assert [p.citation for p in found] == ["P §3.2", "P §3.10"]


@pytest.mark.parametrize(
    "heading", ["5 things to know", "15 CFR 791 in brief", "X Corp obligations", "I have a question", "30 days"]
)
def test_a_heading_that_only_looks_numbered_is_no_citation(heading):
    _, found = passages(f"---\nshort: N\n---\n# T\n\n## {heading}\n\nText.\n")
    assert [p.citation for p in found] == ["N ¶1"]


@pytest.mark.parametrize(
    ("heading", "citation"),
    [
        ("3 Approval", "N §3"), ("3. Approval", "N §3"), ("12.4) Exit", "N §12.4"), ("IV. Exit", "N §IV"), ("II – Exit", "N §II"),
        ("Article 5", "N Art. 5"), ("Article 5a Duties", "N Art. 5a"), ("Section 889", "N §889"), ("§ 7 Pflichten", "N §7"),
        ("Chapter IV", "N ch. IV"), ("Annex A: Terms", "N Annex A"), ("Schedule 2", "N Schedule 2"),
    ],
)  # fmt: skip
def test_a_numbered_heading_is_cited_by_its_number(heading, citation):
    _, found = passages(f"---\nshort: N\n---\n# T\n\n## {heading}\n\nText.\n")
    assert [p.citation for p in found] == [citation]


@pytest.mark.parametrize(
    ("said", "cited"),
    [
        ("## 3 Approval\n\n### Exceptions\n\nText.", "N §3"),
        ("## 3 Approval\n\n### 3.2 Exceptions\n\nText.", "N §3.2"),
        ("## Article 5\n\n### 1 Scope\n\nText.", "N Art. 5"),
        ("## Chapter IV\n\n### 7 Scope\n\nText.", "N §7"),
        ("## Chapter IV\n\n### Article 28\n\nText.", "N Art. 28"),
        ("## GDPR Art. 9 | Data\n\n### Detail\n\nText.", "GDPR Art. 9"),
    ],
)
def test_a_heading_below_a_numbered_one_is_cited_by_what_is_sure(said, cited):
    _, found = passages(f"---\nshort: N\n---\n# T\n\n{said}\n")
    assert [p.citation for p in found] == [cited]


@pytest.mark.parametrize("name", ["a.txt", "a.html"])
def test_a_bar_in_the_title_of_a_page_or_a_plain_text_is_no_pinpoint(name):
    said = {
        "a.txt": b"Big fine | The News\n\nIt was paid.",
        "a.html": b"<h2>Big fine | The News</h2><p>It was paid.</p>",
    }
    (parsed,) = parse.read(said[name], name)
    (passage,) = chunk(describe(parsed, name, SPEC), parsed)
    assert passage.citation.endswith(" ¶1")


def test_the_numbering_of_an_annex_is_cited_with_it():
    _, found = passages(
        "---\nshort: P\n---\n# T\n\n## 1 Scope\n\n1.1 One.\n\n## Annex B\n\n### 1 Terms\n\n1.1 Two.\n\nThree.\n"
    )
    assert [p.citation for p in found] == ["P §1.1", "P Annex B §1.1"]


def test_sections_of_the_first_level_are_sections_and_a_single_one_is_the_title():
    _, several = passages("---\nshort: P\n---\n# 1 Scope\n\nOne.\n\n# 2 Access\n\nTwo.\n")
    _, single = passages("---\nshort: P\n---\n# 1 Scope\n\nOne.\n")
    assert [(p.citation, p.heading) for p in several] == [("P §1", "1 Scope"), ("P §2", "2 Access")]
    assert [(p.citation, p.heading) for p in single] == [("P ¶1", "")]


def test_a_sentence_that_is_too_long_is_cut_between_words():
    parsed, found = passages("# T\n\n## A 1 | Long\n\n" + "word " * 1_000)
    assert all(len(p.text) <= LONGEST and p.text.startswith("word") and p.text.endswith("word") for p in found)
    assert " ".join(p.text for p in found) == parsed.text.split("\n\n")[-1]


def test_a_word_without_end_is_cut_all_the_same():
    _, found = passages("x" * 4_000 + ".", text.read)
    assert [len(p.text) for p in found] == [LONGEST, LONGEST, 4_001 - 2 * LONGEST]


def test_every_paragraph_stands_in_a_passage():
    parsed, found = passages(
        "# T\n\nIntro.\n\n## A\n\none\n\n- two\n\n## 2 B\n\n2.1 Three.\n\nfour\n\n## C | P\n\nfive\n"
    )
    leaves = set(parsed.text.split("\n\n"))
    assert leaves - {part for p in found for part in p.text.split("\n\n")} == {"T", "A", "2 B", "C | P"}


def test_ids_depend_on_document_citation_heading_and_text():
    _, one = passages("## A 1 | X\n\nSame.\n")
    _, other = passages("## A 1 | X\n\nSame.\n", ref="other.md")
    _, heading = passages("## A 1 | Y\n\nSame.\n")
    assert len({p.id for p in (*one, *other, *heading)}) == 3


_PARTS = st.one_of(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=200),
    st.sampled_from(
        [
            "# One",
            "## 2 Two",
            "2.1 Clause.",
            "2.2 Clause.",
            "99.9 % of it.",
            "## A 1 | Pin",
            "### Annex C",
            "- x",
            "| a |",
        ]
    ),
    st.integers(200, 900).map(lambda words: "Every vendor must ask. " * (words // 4)),
    st.sampled_from(["<h2>Article 3</h2>", "<p>para<br>break</p>", "<ul><li>a</li></ul>", "<p hidden>no</p>", "<div>"]),
)


@PROPERTY
@given(st.lists(_PARTS, max_size=10), st.sampled_from(["a.md", "a.txt", "a.html"]))
def test_every_passage_is_a_slice_of_one_section_in_order_and_short_enough(parts, name):
    try:
        (parsed,) = parse.read("\n\n".join(parts).encode(), name)
    except DocumentRefused:
        return
    found = chunk(describe(parsed, name, SPEC), parsed)
    leaves = list(sections(parsed.units))
    assert all(parsed.text[p.start : p.end] == p.text for p in found)
    assert all(p.text.strip() == p.text and len(p.text) <= LONGEST for p in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert len({p.id for p in found}) == len(found)
    assert all(p.citation for p in found)
    assert all(any(low <= p.start and p.end <= high for low, high in leaves) for p in found)
    # A run of dots or dashes, that stands for what was left out, is no passage; every letter and digit is in one.
    written = (at for at in marks(parsed) if parsed.text[at].isalnum())
    assert all(any(p.start <= at < p.end for p in found) for at in written)


def sections(units):
    """Return the runs of neighbouring paragraphs below one heading, as (start, end)."""
    for heads, run in groupby(units, key=lambda unit: unit.shape is Shape.HEADING):
        if heads:
            for unit in run:
                yield from sections(unit.children)
        else:
            leaves = list(run)
            yield leaves[0].start, leaves[-1].end


def marks(parsed):
    """Return where each paragraph begins."""
    return [start for start, _ in paragraph_spans(parsed.units)]


def paragraph_spans(units):
    for unit in units:
        if unit.shape is Shape.HEADING:
            yield from paragraph_spans(unit.children)
        else:
            yield unit.start, unit.end


def test_a_paragraph_s_own_mark_does_not_make_its_sentences_one():
    said = "(b)(2) Section 1 forbids one thing to anybody. Nothing in this shall be construed to—"
    many = "(c) " + "This sentence has exactly eight plain words here. " * 80
    blocks = [(said, ("1.1", "(b)", "(2)")), ("(i) One.", ("1.1", "(b)", "(2)", "(i)")), (many, ("1.1", "(c)"))]
    parsed = build([Block(Shape.PARAGRAPH, words, pinpoint=Pinpoint(path)) for words, path in blocks])
    _, point, *cut = chunk(describe(parsed, "law", SPEC), parsed)
    assert point.context == "Nothing in this shall be construed to—"
    assert all(one.text.endswith(".") for one in cut)
