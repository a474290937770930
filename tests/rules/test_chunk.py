"""Unit tree to passages: slices, sections never crossed, citations built."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.chunk import LONGEST, chunk
from knowledge.describe import describe
from knowledge.errors import DocumentRefused
from knowledge.model import Kind, SourceSpec
from knowledge.parse import html, markdown, text
from knowledge.sentences import sentences, spans

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


@settings(deadline=None, max_examples=200)
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


def test_legal_abbreviations_end_no_sentence():
    said = "Under Art. 28(2) GDPR, the U.S. firm must ask, e.g. in writing. See No. 4 to Part 744. It pays EUR 1.2 billion."
    assert sentences(said) == [
        "Under Art. 28(2) GDPR, the U.S. firm must ask, e.g. in writing.",
        "See No. 4 to Part 744.",
        "It pays EUR 1.2 billion.",
    ]


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=300))
def test_sentences_change_no_character(said):
    found = spans(said)
    assert all(a < b <= c for (a, b), (c, _) in pairwise(found))
    assert "".join(said[a:b] for a, b in found).replace(" ", "") != "" or not said.strip() or not found


def test_a_roman_numeral_may_end_a_sentence():
    said = "It freezes the funds of those listed in Annex I. Article 2(2) forbids more."
    assert sentences(said) == ["It freezes the funds of those listed in Annex I.", "Article 2(2) forbids more."]
