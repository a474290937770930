"""Answers as blocks: within Slack's limits, and never markup."""

import json
import re
import unicodedata
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from bot.model import Answer, Claim, Outcome, Source, Step
from bot.slack.blocks import apology, asked, escape, render
from knowledge.model import Document, Kind, Passage, Standing
from tests.rules.properties import PROPERTY
from tests.servers.model import LINKS
from tests.servers.slack.blocks import problems

NASTY = (
    *LINKS, "<http://x|y>", "*bold* _it_ `code` ~no~", ":wave:", "&amp; & <b>", "\x00\x07\x1b[31m", "\u202egnp.exe\u2066", "a\u200bb",
    '"' * 3000, "\\" * 3000, "'" * 3000, "x" * 3000, "阿" * 3000, "🙂" * 1500, "\n" * 50, "", " ", "\ud800", "e\u0301", "\t",
)  # fmt: skip
texts = st.sampled_from(NASTY) | st.text(max_size=200) | st.tuples(st.sampled_from(NASTY), st.text()).map("".join)
dates = st.none() | st.dates()


def _answer(words, claims=3, sources=3, url="https://eur-lex.europa.eu/x"):
    """Return an answer whose every field is taken from the words, in turn."""
    turn = (words[at % len(words)] for at in range(10**6))
    cited = []
    for n in range(1, sources + 1):
        text = next(turn)
        document = Document(
            f"d{n}", next(turn), next(turn), next(turn), list(Kind)[n % len(Kind)], next(turn)[:2], "public",
            url=url if n % 2 else "", published=date(2022, 1, 18), standing=[None, *Standing][n % 4],
        )  # fmt: skip
        cited.append(Source(n, Passage(f"p{n}", f"d{n}", next(turn), next(turn), text, 0, len(text)), document))
    made = [
        Claim(next(turn), next(turn), cited[n % sources].passage, cited[n % sources].document, 0, 1)
        for n in range(claims if sources else 0)
    ]
    return Answer(
        "a1", next(turn), Outcome.ANSWERED, 3, date(2026, 11, 25), "R0", next(turn), claims=tuple(made), sources=tuple(cited),
        unknowns=(next(turn), next(turn)), next_steps=tuple(Step(next(turn), n) for n in range(1, min(3, sources) + 1)),
    )  # fmt: skip


def _walk(value):
    yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _walk(one)


def _elements(message):
    return [one for one in _walk(message["blocks"]) if isinstance(one, dict) and "type" in one]


def _size(message):
    return len(json.dumps(message["blocks"], ensure_ascii=False, separators=(",", ":")))


@PROPERTY
@given(st.lists(texts, min_size=1, max_size=8), st.integers(0, 70), st.integers(0, 20))
def test_any_answer_is_a_sound_message_that_fits(words, claims, sources):
    message = render(_answer(words, claims, sources))
    assert problems(message["blocks"]) == []
    assert _size(message) < 13_000
    assert len(message["text"]) < 4_000


@PROPERTY
@given(st.lists(texts, min_size=1, max_size=8))
def test_no_text_becomes_markup_a_mention_or_a_link(words):
    message = render(_answer(words))
    elements = _elements(message)
    assert {one["type"] for one in elements} <= {
        "rich_text", "rich_text_section", "rich_text_quote", "rich_text_list", "text", "link", "context", "plain_text",
        "actions", "button", "context_actions", "feedback_buttons",
    }  # fmt: skip
    assert {one["url"] for one in elements if one["type"] == "link"} <= {"https://eur-lex.europa.eu/x"}
    assert not re.search(r"[<>]", message["text"])


@PROPERTY
@given(st.lists(texts, min_size=1, max_size=8))
def test_no_invisible_or_control_character_is_shown(words):
    message = render(_answer(words))
    shown = [one["text"] for one in _elements(message) if isinstance(one.get("text"), str)]
    assert all(char in "\n\t" or unicodedata.category(char)[0] != "C" for text in shown for char in text)
    assert all(char in "\n\t" or unicodedata.category(char)[0] != "C" for char in message["text"])


@pytest.mark.parametrize("length", [100, 3000, 20_000])
@pytest.mark.parametrize("letter", ['"', "\\", "x", "&", "<", "阿"])
def test_a_long_text_fits(length, letter):
    message = render(_answer([letter * length], claims=8, sources=20))
    assert problems(message["blocks"]) == []
    assert _size(message) < 13_000
    assert not re.search(r"&(?!(?:amp|lt|gt);)", message["text"])


def test_what_was_left_out_is_said():
    words = render(_answer(["x" * 3000], claims=8, sources=20))["blocks"][-1]["elements"][0]["text"]
    assert "shortened to fit" in words


def test_every_claim_shows_its_source_and_its_quote():
    answer = _answer(["word"], claims=3)
    shown = json.dumps(render(answer)["blocks"])
    assert [f"[{n}]" in shown for n in (1, 2, 3)] == [True] * 3
    assert len([one for one in _elements(render(answer)) if one["type"] == "rich_text_quote"]) == 3


def test_a_claim_that_is_its_quote_is_shown_once():
    answer = replace(_answer(["word"], claims=1, sources=1), summary="What it comes to.")
    same = render(answer)
    other = render(replace(answer, claims=(replace(answer.claims[0], text="Another word."),)))
    assert len(_elements(other)) == len(_elements(same)) + 2


def test_a_summary_that_is_the_first_claim_is_not_shown_twice():
    answer = replace(_answer(["word"], claims=1, sources=1), summary="word [1]")
    assert len(render(answer)["blocks"]) == len(render(replace(answer, summary="Other words."))["blocks"]) - 1
    assert render(answer)["text"] == "word [1]"


def test_a_refusal_shows_the_nearest_sources():
    answer = replace(_answer(["word"]), claims=())
    assert "Nearest sources" in json.dumps(render(answer)["blocks"])


def test_a_notice_is_one_block_and_a_footer():
    answer = Answer("a1", "hi", Outcome.GREETING, 3, date(2026, 11, 25), "", "Hello.")
    assert render(answer) == snapshot(
        {
            "text": "Hello.",
            "blocks": [
                {
                    "type": "rich_text",
                    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "Hello."}]}],
                },
                {
                    "type": "context",
                    "elements": [
                        {"type": "plain_text", "text": "Edition 3; as of 25 Nov 2026; answer a1", "emoji": False}
                    ],
                },
            ],
        }
    )


@PROPERTY
@given(texts)
def test_the_root_of_a_command_is_a_sound_message(text):
    message = asked("U0ADA", text)
    assert problems(message["blocks"]) == []
    assert not re.search(r"[<>]", message["text"])
    assert len(message["text"]) < 4_000


def test_an_apology_is_a_sound_message_that_names_its_key():
    message = apology("<@U1>", "broken")
    assert problems(message["blocks"]) == []
    assert "&lt;@U1&gt;" in message["text"]


@PROPERTY
@given(st.text())
def test_escaped_text_says_the_same_when_it_is_read_back(text):
    escaped = escape(text)
    assert not re.search(r"[<>]", escaped)
    assert escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text
