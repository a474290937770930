"""Plain text to a unit tree: paragraphs, headings that are only guessed, and no word lost but the site's own."""

import pytest

from knowledge import parse
from knowledge.parse import text
from knowledge.parse.tree import Shape
from tests.rules.test_parse import paragraphs


def headings(parsed):
    return [unit.heading for unit in parsed.units if unit.shape is Shape.HEADING] + [
        child.heading for unit in parsed.units for child in unit.children if child.shape is Shape.HEADING
    ]


def test_lines_of_one_paragraph_are_joined_and_blank_lines_part_them():
    said = "The vendor must\nnotify the buyer\nat once.\n\nThe buyer answers."
    assert paragraphs(text.read(said)) == ["The vendor must notify the buyer at once.", "The buyer answers."]


def test_lines_that_are_whole_sentences_are_paragraphs_of_their_own():
    assert paragraphs(text.read("First sentence here.\nSecond sentence here.")) == [
        "First sentence here.",
        "Second sentence here.",
    ]


def test_a_short_line_without_a_full_stop_heads_what_follows():
    parsed = text.read("Vendor policy\n\nExit plans\n\nEvery vendor has an exit plan.")
    assert (parsed.title, headings(parsed)) == ("Vendor policy", ["Vendor policy", "Exit plans"])


def test_the_points_of_a_list_are_text_and_no_headings():
    parsed = text.read("Vendor policy\n\n• encryption at rest\n• two-factor login\n- logs kept 90 days\n\nThat is all.")
    assert paragraphs(parsed) == [
        "• encryption at rest", "• two-factor login", "- logs kept 90 days", "That is all.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line", ["Skip to main content", "Share on LinkedIn", "Sign in", "• Author:", "Subscribe to our newsletter", "Menu"]
)
def test_the_site_around_a_text_is_left_out(line):
    assert text.read(f"A title\n\n{line}\n\nThe text itself.").text == "A title\n\nThe text itself."


@pytest.mark.parametrize(
    "line",
    [
        "Cookie banners must be reviewed.",
        "Log in only with two factors.",
        "Subscribe to no newsletter with a company address.",
        "Sign up for vendor portals only after the security team has approved the vendor in writing",
    ],
)
def test_a_sentence_that_begins_like_navigation_is_text(line):
    assert line in text.read(f"A title\n\n{line}\n\nThe text itself.").text


def test_every_kind_of_line_end_keeps_words_apart():
    for ends in ("\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028"):
        assert parse.read(f"one two{ends}three four.".encode(), "a.txt")[0].text.split() == [
            "one",
            "two",
            "three",
            "four.",
        ]


@pytest.mark.parametrize(
    "unseen",
    ["\u200b", "\u202e", "\u2066", "\u00ad", "\ufe0f", "\U000e0041", "\U000e0101", "\u034f", "\u3164", "\ufeff"],
)
def test_characters_that_nobody_sees_are_taken_out(unseen):
    assert parse.read(f"Pay{unseen} now.".encode(), "a.txt")[0].text == "Pay now."


def test_spaces_of_every_width_are_one_blank():
    assert parse.read("EUR\u00a010\u202f000 \t due.".encode(), "a.txt")[0].text == "EUR 10 000 due."


@pytest.mark.parametrize(
    "raw", [b"\x00\x01\x02", b"text\x00text", "text".encode("utf-16-le"), b"\xff\xfeabc", b"\x81\x8d\x8f"]
)
def test_bytes_that_are_no_text_are_refused_and_not_guessed_at(raw):
    with pytest.raises(parse.DocumentRefused, match=r"binary|encoding"):
        parse.read(raw, "a.txt")
