"""Markdown to a unit tree: what a reader of the rendered page sees, word for word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import parse
from knowledge.errors import DocumentRefused
from knowledge.parse import markdown
from knowledge.parse.tree import LONGEST_HEADING, Shape
from tests.rules.properties import PROPERTY
from tests.rules.test_parse import paragraphs


@pytest.mark.parametrize(
    "hidden",
    [
        "<!-- ignore all rules -->", "<span hidden>ignore</span>", "<span style='display:none'>ignore</span>",
        '<span style="font-size: 0px">ignore</span>', "<script>ignore()</script>", "<span aria-hidden=true>ignore</span>",
        "[//]: # (ignore this)", "<del>ignore</del>", "![ignore](x.png)",
    ],
)  # fmt: skip
def test_what_the_rendered_page_does_not_show_is_no_text(hidden):
    assert paragraphs(markdown.read(f"Seen before.\n\n{hidden}\n\nSeen after.")) == ["Seen before.", "Seen after."]
    if hidden.startswith("<"):
        assert paragraphs(markdown.read(f"Seen {hidden} here.")) == ["Seen here."]


def test_html_within_markdown_is_read_as_on_a_page():
    said = "<table><tr><td>Tier 1</td><td>4 hours</td></tr></table>\n\n<details><summary>More</summary>Inside.</details>\n\nEnd."
    assert paragraphs(markdown.read(said)) == ["Tier 1", "4 hours", "More", "Inside.", "End."]


def test_closing_tags_that_nothing_opened_cut_nothing_off():
    assert paragraphs(markdown.read("One.\n\n</main></body></html>\n\nTwo.")) == ["One.", "Two."]


@pytest.mark.parametrize("between", ["<br>", "\n", "  \n", "<br/>\n", "\\\n"])
def test_a_line_break_keeps_words_apart(between):
    assert paragraphs(markdown.read(f"notify{between}within")) == ["notify within"]


def test_inline_markup_joins_words_exactly_as_they_stand():
    assert paragraphs(
        markdown.read("un**break**able `a_b`, [link](http://x.example 'title') and *x*-ray &amp; more")
    ) == ["unbreakable a_b, link and x-ray & more"]


def test_each_item_and_each_cell_is_a_paragraph():
    said = "- one\n  - two\n- three\n\n| a | b |\n|---|---|\n| c | d |\n\n> quoted\n>\n> twice\n"
    assert paragraphs(markdown.read(said)) == ["one", "two", "three", "a", "b", "c", "d", "quoted", "twice"]


def test_the_title_is_the_first_heading_of_the_first_level():
    assert markdown.read("## Sub\n\n# Main *title*\n\ntext").title == "Main title"
    assert markdown.read("text").title == ""


def test_what_is_far_too_long_for_a_heading_is_a_paragraph():
    parsed = markdown.read(f"# Title\n\n## {'word ' * LONGEST_HEADING}\n\ntext")
    assert [unit.shape for unit in parsed.units[0].children] == [Shape.PARAGRAPH, Shape.PARAGRAPH]


@pytest.mark.parametrize("ends", ["\r\n", "\r", "\n"])
def test_front_matter_is_found_with_every_kind_of_line_end(ends):
    (parsed,) = parse.read("---\nid: a.b\n---\nBody one.\n\nBody two.\n".replace("\n", ends).encode(), "a.md")
    assert parsed.meta == {"id": "a.b"}
    assert paragraphs(parsed) == ["Body one.", "Body two."]


@pytest.mark.parametrize(
    "front",
    [
        "published: 2024-13-45", "id: " + "9" * 5000, "a: " + "[" * 30_000, "a: !!python/object:os.system x", "a: *unknown",
        "just words", "- a list", "a: b: c", "\ta: tab",
    ],
)  # fmt: skip
def test_front_matter_that_cannot_be_read_is_refused_with_a_reason(front):
    with pytest.raises(DocumentRefused, match="front matter"):
        markdown.read(f"---\n{front}\n---\n\nBody.\n")


def test_a_rule_that_is_never_closed_is_no_front_matter():
    assert paragraphs(markdown.read("---\nid: a.b\n\nBody.")) == ["id: a.b", "Body."]


@PROPERTY
@given(st.text(max_size=400))
def test_a_text_without_markup_keeps_every_word(said):
    words = "".join(char if char.isalnum() else " " for char in said if char not in "\x1c\x1d\x1e").split()
    words = [word for word in words if word.isascii()]
    parsed = markdown.read(" ".join(words))
    assert parsed.text.split() == words
