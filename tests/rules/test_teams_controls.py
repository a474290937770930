"""What stands below an answer in Teams, its evidence and its forms: literal, within limits, and read strictly when it comes back."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audit import Fate, Since
from bot.exhibits import Exhibit
from bot.teams import answers
from bot.teams.activity import taken
from bot.teams.controls import Below, under_card
from bot.teams.exhibits_view import evidence
from bot.teams.forms import decided
from bot.teams.message import LARGEST, carded, size
from bot.teams.thumbs import FETCH, SUBMIT
from tests.flows.asking import ask
from tests.rules.properties import PROPERTY
from tests.rules.test_answer_blocks import NASTY
from tests.rules.test_exhibits_view import QUOTE, exhibit, kept
from tests.rules.test_teams_text import activity
from tests.servers.teams.content import checked, dialog, elements, shown

UNTIL = date(2027, 11, 28)
EVERYTHING = Below(UNTIL, beyond=True, share="Share to the channel", private=True)
FILLED = {"choice": "approved", "conditions": "", "until": "2027-11-28", "reason": "A reason"}
texts = st.sampled_from(NASTY) | st.text(max_size=200)


def card_of(message):
    (attached,) = message["attachments"]
    return attached["content"]


def test_a_quote_is_marked_in_its_passage_and_what_changed_or_is_another_text_says_so():
    moved = Since(1, "POL-01 §1", Fate.CHANGED, 4, "reads differently since edition 4")
    message = evidence(kept(), (exhibit(since=moved), Exhibit(exhibit().source, None, None)), 0, "https://c.example/r")
    checked(message)
    bold = [one["text"] for one in elements(card_of(message)) if one.get("weight") == "Bolder"]
    changed = "Changed since the answer: it reads differently since edition 4."
    assert bold == ["May we?", "Company policy [1] ", changed, QUOTE, "Company policy [1] "]
    said = shown(card_of(message))
    assert "Edition 3, as of 28 Nov 2026. Quotes are in bold." in said
    assert "1 Mar 2026, in force · applies from 1 Mar 2026 · owner: POL-01 §1" in said
    assert "is not what was quoted" in said


@PROPERTY
@given(st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=12), st.integers(-1, 20))
def test_whatever_stands_in_sources_every_page_is_a_card_within_limits_that_knows_no_markup(words, page):
    message = evidence(kept(words[0][0]), tuple(exhibit(n, *one) for n, one in enumerate(words, 1)), page, "")
    checked(message)
    assert size(message) <= LARGEST
    parts = [*elements(card_of(message))]
    assert {one["type"] for one in parts} <= {"AdaptiveCard", "RichTextBlock", "TextRun", "Container", "Action.OpenUrl", "Action.Execute"}  # fmt: skip
    assert {one["url"] for one in parts if one["type"] == "Action.OpenUrl"} <= {"https://example.org/policy"}


def test_the_pages_together_show_every_source_once():
    exhibits = tuple(exhibit(n, "x" * 900, "y" * 900) for n in range(1, 21))
    said = [shown(card_of(evidence(kept(), exhibits, page, ""))) for page in range(20)]
    count = int(said[0].split("page 1 of ")[1].split(".", 1)[0])
    assert count > 2
    for n in range(1, 21):
        assert sum(f"Company policy [{n}] " in one for one in said[:count]) == 1
    assert said[count] == said[count - 1]
    assert ["Page before" in one for one in said[:count]] == [False, *[True] * (count - 1)]
    assert ["Next page" in one for one in said[:count]] == [*[True] * (count - 1), False]


async def test_with_every_button_an_answer_and_a_card_are_what_teams_takes(desk):
    from bot.card import Card

    answer = await ask(desk, "Can we host EU customer data on Alibaba Cloud?")
    assert answer.vendor
    made = answers.render(replace(answer, choices=("One?", "Two?")), given=EVERYTHING)
    checked(made)
    assert made["channelData"] == {"feedbackLoop": {"type": "custom"}}
    verbs = [one["verb"] for one in elements(card_of(made)) if one.get("verb")]
    assert verbs == ["own", "own", "evidence", "memo", "owner", "own", "share", "decide_vendor"]
    guest = answers.render(answer, given=Below())
    assert "decide_vendor" not in str(guest)
    greeting = answers.render(replace(await ask(desk, "hello"), choices=()), given=EVERYTHING)
    assert "channelData" not in greeting
    assert "attachments" not in greeting
    card = Card("c1", NASTY[0], "", UNTIL, "R4", sources=answer.sources)
    row, actions = under_card(card, EVERYTHING)
    checked(carded(row, actions, notice="x"))
    assert len(row[0]["actions"]) == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"choice": "sold"}, {"choice": ["approved"]}, {"reason": " "}, {"reason": "x" * 1_001}, {"until": "soon"}, {"until": ""},
        {"choice": "approved with conditions"}, {"choice": "approved with conditions", "conditions": "x" * 1_001},
        {"conditions": {"a": 1}},
    ],
)  # fmt: skip
def test_a_decision_that_lacks_something_is_told_so_and_is_no_work(wrong):
    said = {"why" if name == "reason" else name: value for name, value in FILLED.items()}
    assert decided(FILLED) == (said, "")
    data = {"text": "a" * 16, **FILLED, **wrong}
    action = {"type": "Action.Execute", "verb": "decide_vendor", "data": data}
    found = taken(activity(type="invoke", name="adaptiveCard/action", value={"action": action}))
    assert found.payload is None
    assert "Nothing was decided" in found.body["value"]
    assert taken(activity("personal", value={"verb": "decide_vendor", **data, **FILLED})).payload is None


def thumb(name, value, **more):
    return taken(activity(type="invoke", name=name, value=value, **more))


def test_a_thumb_that_points_down_gets_the_form_and_is_kept_already():
    found = thumb(FETCH, {"data": {"actionName": "feedback", "actionValue": {"reaction": "dislike"}}}, replyToId="m1")
    assert (found.payload["value"], found.payload["message"], found.payload["do"]) == ("down", "m1", "think")
    form = dialog(found.body)
    (send,) = form["actions"]
    filled = {**send["data"], "reasons": "outdated,drop table", "words": "old"}
    sent = thumb(SUBMIT, {"actionName": "feedback", "actionValue": {"feedback": filled}})
    assert [sent.payload[name] for name in ("value", "message", "reasons", "words")] == ["down", "m1", ["outdated"], "old"]  # fmt: skip
    assert sent.body == {}


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["feedback", "like", "dislike", '{"words": [1]}', "[[["]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["actionName", "actionValue", "reaction", "feedback", "data", "reasons", "words"]
    ), inner, max_size=5),
    max_leaves=20,
))  # fmt: skip
def test_whatever_a_thumb_brings_it_comes_to_an_opinion_or_to_nothing(odd):
    for value in (odd, {"actionName": "feedback", "actionValue": odd}, {"actionName": "feedback", "actionValue": {"reaction": "like", "feedback": odd}}):  # fmt: skip
        found = thumb(SUBMIT, value)
        assert found.payload is None or (found.payload["value"] in {"up", "down"} and len(found.payload["words"]) <= 1_000)  # fmt: skip


def test_what_was_said_to_the_bot_alone_is_private_only_where_others_read_along():
    def said(kind):
        own = activity(kind, text="hello")
        return taken({**own, "recipient": {**own["recipient"], "isTargeted": True}, "entities": [
            {"type": "mention", "mentioned": own["recipient"], "text": "<at>Caveat</at>"}
        ]})  # fmt: skip

    assert said("channel").payload["private"] is True
    assert said("personal").payload["private"] is False
