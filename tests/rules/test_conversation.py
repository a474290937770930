"""What is answered before any search."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import LONGEST, notice, question_text
from bot.model import Outcome
from tests.rules.properties import PROPERTY


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("<@U0BOT> can we host there?", "can we host there?"),
        ("<@U0BOT|caveat>  can\n\twe host\u00a0there?", "can we host there?"),
        ("can we\u200b host\u202e there?\x00", "can we host there?"),
        ("<@U1><@U2>", ""),
        ("  \n ", ""),
        ("a <@lower> b", "a <@lower> b"),
    ],
)
def test_a_question_is_read_without_mentions_and_invisible_characters(message, text):
    assert question_text(message) == text


@PROPERTY
@given(st.text())
def test_a_question_text_is_one_clean_line_and_stays_as_it_is(message):
    text = question_text(message)
    assert all(unicodedata.category(char)[0] != "C" for char in text)
    assert "  " not in text
    assert text == text.strip()


@pytest.mark.parametrize(
    "text", ["hi", "Hello!", "hey there", "Good morning team", "thanks a lot", "thank you", "OK.", "help", "What can you do?", "who are you"]
)  # fmt: skip
def test_a_greeting_is_answered_with_an_introduction(text):
    assert notice(text).outcome is Outcome.GREETING


@pytest.mark.parametrize(
    "text",
    ["Can we host EU customer data on Alibaba Cloud?", "help me with a data breach", "hi, may we use TikTok?", "DORA", "阿里云 Alibaba Cloud hosting",
     "Was bedeutet die DSGVO?", "test results of the audit", "GDPR 33", "Ｃａｎ ｗｅ ｈｏｓｔ ｔｈｅｒｅ"],
)  # fmt: skip
def test_a_question_is_left_to_the_search(text):
    assert notice(text) is None


def test_an_empty_message_is_told_so():
    assert notice("").outcome is Outcome.EMPTY


def test_the_longest_question_is_searched_and_a_longer_one_is_told_its_length():
    assert notice("ab " * (LONGEST // 3)) is None
    assert "4,001" in notice("a" * (LONGEST + 1)).words


@pytest.mark.parametrize("text", ["???", "42", "🙂🙂", "a", "-- 7 --"])
def test_a_message_without_words_is_told_so(text):
    assert notice(text).outcome is Outcome.UNREADABLE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我们可以使用阿里云吗", "英文"),
        ("個人データを移転できますか", "英語"),
        ("데이터를 이전할 수 있습니까", "영어"),
        ("Можно ли хранить данные", "английском"),
        ("هل يمكننا نقل البيانات", "بالإنجليزية"),
        ("האם מותר להעביר נתונים", "באנגלית"),
        ("μπορούμε να μεταφέρουμε", "αγγλικά"),
        ("क्या हम डेटा भेज सकते हैं", "अंग्रेज़ी"),
        ("เราโอนข้อมูลได้ไหม", "ภาษาอังกฤษ"),
        ("կարո՞ղ ենք տեղափոխել", "in English"),
    ],
)
def test_a_language_that_the_sources_are_not_in_is_answered_in_it_where_known(text, words):
    said = notice(text)
    assert said.outcome is Outcome.LANGUAGE
    assert words in said.words
    assert said.words == said.words.strip()


@PROPERTY
@given(st.text())
def test_any_message_gets_a_search_or_words(message):
    said = notice(question_text(message))
    assert said is None or said.words


def test_every_naughty_string_is_read(shared):
    place = shared / "attacks" / "strings" / "blns.json"
    if not place.exists():
        pytest.skip("the attack data is not here")
    for message in json.loads(place.read_text(encoding="utf-8")):
        said = notice(question_text(message))
        assert said is None or said.words
