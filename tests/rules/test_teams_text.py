"""What stands in a Teams message is literal, is within its limits, and is read by the SDK's own models."""

import json
import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.teams import answers
from bot.teams.activity import taken
from bot.teams.commands import ASK, CHECK, STOP, USAGE, WATCH, WATCHES, understood
from bot.teams.markdown import bold, link, literal
from bot.teams.message import LARGEST, MOST_CITATIONS, size
from bot.words import plain
from tests.flows.asking import ask
from tests.servers.teams import Teams
from tests.servers.teams.content import checked, elements

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
NASTY = "<at>Ada</at> [x](http://evil.example) **b** _i_ `c` ![p](http://evil.example/p.png) # h > q ~~s~~ | a | &amp; \\ <b>"


def read(text):
    """The text as a reader of Markdown shows it, and the kinds of marks that it found."""
    tokens = [inner for token in READER.parse(text) for inner in [token, *(token.children or [])]]
    return "".join(one.content for one in tokens if one.type == "text"), {one.type for one in tokens}


@given(st.text() | st.text(st.sampled_from("<>&[]()*_`~|#>-+=1.) \\!ab\n"), max_size=30))
def test_any_text_is_shown_as_it_stands(text):
    folded = " ".join(plain(text).split())
    shown, kinds = read(literal(text))
    assert shown == folded
    assert kinds <= {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}
    assert read(f"> “{literal(text)}”")[0] == f"“{folded}”"


def test_a_link_is_ours_or_none():
    assert read(link(NASTY, "https://eur-lex.europa.eu/x?y=1"))[1] >= {"link_open"}
    for url in ("javascript:alert(1)", "https://x.example/) [y](http://evil.example", "http://a b", ""):
        assert "link_open" not in read(link("text", url))[1]
    assert bold("") == ""


async def test_the_worst_answer_is_literal_within_limits_and_read_by_the_sdk(desk):
    from microsoft_teams.api import MessageActivityInput

    answer = await ask(desk, "Can we host EU customer data on Alibaba Cloud?")
    claims = [
        replace(
            claim,
            text=f"{NASTY} {n}",
            quote=NASTY,
            passage=replace(claim.passage, id=f"p{n}", citation=f"{NASTY} {n}"),
            document=replace(claim.document, url="javascript:alert(1)"),
        )
        for n in range(40)
        for claim in answer.claims[:1]
    ]
    sources = tuple(
        replace(answer.sources[0], n=n, passage=claim.passage, document=claim.document)
        for n, claim in enumerate(claims, 1)
    )
    made = answers.render(replace(answer, claims=tuple(claims), sources=sources, next_steps=(), summary=f"{NASTY} [1]"))
    checked(made)
    assert size(made) <= LARGEST
    assert "shortened to fit" in made["text"]
    assert len(made["entities"][0]["citation"]) == MOST_CITATIONS
    assert not {"link_open", "image", "html_inline", "html_block", "code_inline", "s_open"} & read(made["text"])[1]
    assert "url" not in json.dumps(made["entities"])
    parsed = MessageActivityInput.model_validate(made)
    assert parsed.text == made["text"]


def test_citations_are_numbered_as_in_the_text_and_the_other_numbers_are_text():
    found = re.findall(r"(?<!\\)\[(\d+)\]", answers._numbered("a [1] b [2] c [99]", [], strong=False))
    assert found == []


@pytest.mark.parametrize(
    ("words", "do", "text"),
    [
        ("vendor-check Alibaba Cloud", CHECK, "Alibaba Cloud"), ("/vendor-check Alibaba Cloud", CHECK, "Alibaba Cloud"),
        ("Vendor-Check x", CHECK, "x"), ("vendor-ask Can we?", ASK, "Can we?"), ("vendor-watch list", WATCHES, ""),
        ("vendor-watch stop Acme Ltd", STOP, "Acme Ltd"), ("vendor-watch add Acme", WATCH, "Acme"), ("/vendor-watch Acme", WATCH, "Acme"),
        ("check Acme", ASK, "check Acme"), ("", ASK, ""),
    ],
)  # fmt: skip
def test_commands_are_read_with_and_without_their_slash(words, do, text):
    said = understood(words)
    assert (said.do, said.text) == (do, text)


@pytest.mark.parametrize("words", ["vendor-check", "vendor-watch", "vendor-watch stop", "/vendor-watch add  "])
def test_a_command_without_its_name_says_how_it_is_used(words):
    assert understood(words).do == USAGE


def activity(kind="channel", **more):
    teams = Teams()
    where = teams.general if kind == "channel" else teams.personal(teams.ada)
    return teams.activity(teams.ada, where, more.pop("type", "message"), **more)


def test_a_mention_is_taken_out_and_other_names_stay():
    bot = activity()["recipient"]
    about = [
        {"type": "mention", "mentioned": bot, "text": "<at>Caveat</at>"},
        {"type": "mention", "mentioned": {"id": "29:x"}, "text": "<at>Grace</at>"},
    ]
    text = "<at>Caveat</at>&nbsp;can <at>Grace</at> buy A &amp; B?"
    found = taken(activity(text=text, entities=about))
    assert found.payload["text"] == "can Grace buy A & B?"
    assert taken(activity(text=text, entities=about[1:])).payload is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
            "type text value verb data action id from conversation recipient channelData entities name replyToId".split()
        ), inner, max_size=5),
        max_leaves=20,
    )
)  # fmt: skip
def test_whatever_a_genuine_activity_holds_it_comes_to_work_or_to_nothing(odd):
    for kind in ("message", "invoke", "installationUpdate"):
        for name in ("text", "value", "from", "conversation", "entities", "recipient", "channelData"):
            whole = {**activity("personal", type=kind, name="adaptiveCard/action", action="add"), name: odd}
            assert taken(whole).payload is None or taken(whole).key


def test_the_same_id_in_two_conversations_is_two_activities():
    one, other = activity("personal", text="a"), activity(text="a")
    assert taken(one).key != taken({**one, "conversation": {**one["conversation"], "id": "another"}}).key
    assert taken(one).key == taken(one).key
    assert other["id"]


def test_cards_hold_runs_only_where_no_markup_is_read():
    from bot.card import Card
    from bot.teams import cards

    card = Card("c1", NASTY, "", date(2026, 11, 28), "R4", background=(NASTY,), limits=(NASTY,), choices=(NASTY,))
    made = cards.render(card)
    checked(made)
    kinds = {one["type"] for one in elements(made["attachments"][0]["content"])}
    assert kinds <= {"AdaptiveCard", "RichTextBlock", "TextRun", "Container", "ActionSet", "Action.Execute"}
    assert "entities" not in made


@pytest.mark.parametrize(
    "filled",
    [
        {}, {"party": "x", "verdict": "ruled out", "why": "no"}, {"party": "", "verdict": "ruled out", "why": "a reason"},
        {"party": "x", "verdict": "deleted", "why": "a reason"}, {"party": ["x"], "verdict": "ruled out", "why": "a reason"},
        {"party": "x", "verdict": ["ruled out"], "why": "a reason"}, {"party": "x" * 301, "verdict": "ruled out", "why": "a reason"},
    ],
)  # fmt: skip
def test_a_decision_without_its_parts_is_told_so_and_is_no_work(filled):
    action = {"type": "Action.Execute", "verb": "rule", "data": {"text": "Acme", **filled}}
    found = taken(activity("personal", type="invoke", name="adaptiveCard/action", value={"action": action}))
    assert found.payload is None
    assert "Nothing was decided" in found.body["value"]
    submitted = activity(
        "personal", value={"verb": "rule", "text": "Acme", "party": "x", "verdict": "ruled out", "why": "abc"}
    )
    assert taken(submitted).payload is None
