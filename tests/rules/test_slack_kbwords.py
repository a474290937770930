"""How `/vendor-kb` is read, what its messages say, and that whatever sources say in them fits and stays text."""

import json

import pytest

from bot.kb import replies
from bot.kb.words import typed_command
from bot.slack.files import unfit
from bot.slack.kbviews import shown as seen
from tests.servers.slack.blocks import problems


@pytest.mark.parametrize(
    ("text", "word", "rest"),
    [
        ("", "help", ""),
        ("  STATUS ", "status", ""),
        ("refresh", "refresh", ""),
        ("refresh a  b", "refresh", "a b"),
        ("remove us.ofac-sdn", "remove", "us.ofac-sdn"),
        ("pairs", "pairs list", ""),
        ("pairs add A = B (c)", "pairs add", "A = B (c)"),
        ("pairs remove A", "pairs remove", "A"),
    ],
)
def test_a_command_is_its_word_and_what_follows(text, word, rest):
    typed = typed_command(text, "/vendor-kb")
    assert (typed.word, typed.rest, typed.usage) == (word, rest, "")


@pytest.mark.parametrize(
    "text",
    ["remove", "remove a b", "status now", "pairs add", "pairs drop A", "refresh --errand=x", "frobnicate", "help me"],
)
def test_what_is_typed_otherwise_is_answered_with_how_to_write_it_and_that_nothing_was_done(text):
    assert (
        "Nothing was" in typed_command(text, "/vendor-kb").usage
        or "nothing was done" in typed_command(text, "/vendor-kb").usage
    )


def outcome(**changed):
    still = {
        "edition": 4,
        "previous": 3,
        "added": 1,
        "changed": 2,
        "removed": 0,
        "unchanged": 9,
        "failed": [],
        "lists": [],
    }
    return {**still, "watched": [], "impact": [], "sources": [], **changed}


def test_the_end_of_a_refresh_tells_failures_lists_watches_and_every_answer_with_a_button_within_slack_s_limits():
    hostile = "<!channel> *bold* " + "x" * 3_000
    failed = [{"source": "mine", "ref": f"{at}.md", "error": hostile} for at in range(60)]
    change = {"id": "us.ofac-sdn", "came": "taken", "added": 3, "removed": 1, "changed": 2, "failure": ""}
    refused = {**change, "id": "un.consolidated", "came": "refused", "failure": "it is cut off, and the old one stays"}
    hit = {
        "question": hostile,
        "asked_at": "2026-01-02T03:04",
        "changed": ["POL-1 §1"],
        "vanished": ["POL-2"],
        "uses": 1,
    }
    impact = [{**hit, "answer_id": f"{at:032x}"} for at in range(60)]
    watched = [{"vendor": "Zephyr", "news": ["It is listed now."]}]
    small = seen(replies.ended(outcome(lists=[change, refused], watched=watched, impact=impact[:2]), "wish"))
    shown = json.dumps(small["blocks"], ensure_ascii=False)
    for words in (
        "edition 4 is in service", "1 added, 2 changed", "List us.ofac-sdn: taken, 3 added", "it is cut off, and the old one",
        "Watched: Zephyr: It is listed now.", "changed: POL-1 §1; no longer there: POL-2", '"kb_tell_1"',
    ):  # fmt: skip
        assert words in shown
    whole = seen(replies.ended(outcome(failed=failed, impact=impact, lists=[change] * 30), "wish"))
    assert problems(whole["blocks"]) == []
    assert len(json.dumps(whole["blocks"], ensure_ascii=False)) < 13_000
    assert "<!channel>" not in whole["text"]
    assert "mrkdwn" not in json.dumps(whole["blocks"])


def test_a_refresh_that_published_nothing_says_why_what_stays_and_what_to_do():
    refused = seen(replies.ended({"error": "source mine shrank from 20 to 2 documents"}, "wish"))
    assert "shrank from 20 to 2 documents. The edition before it stays in service. Mend that" in refused["text"]
    late = seen(replies.ended({"error": "another refresh is running", "running": True}, "wish"))
    assert "Ask again when it is done" in late["text"]
    assert "edition 3 stays in service" in seen(replies.ended(outcome(edition=3), "wish"))["text"]


def test_progress_is_shown_as_a_step_with_its_share():
    said = seen(replies.under_way(["mine"], {"step": "embed", "done": 5, "total": 10, "note": ""}))["text"]
    assert "Refreshing mine" in said
    assert f"Embedding 5 of 10 {'█' * 10}{'░' * 10}" in " ".join(said.split())
    assert "Starting" in seen(replies.under_way([], {}))["text"]


def test_an_update_names_what_may_be_read_and_only_counts_the_rest():
    said = seen(replies.update(["POL-1 §1"], [], 2, 4, ""))
    assert "POL-1 §1" in str(said["blocks"])
    assert "2 more that cannot be read here any more" in str(said["blocks"])


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ({"name": "a.md", "size": 10, "mode": "hosted"}, ""),
        ({"name": "a.exe", "size": 10}, "this format is not read"),
        ({"name": "noending", "size": 10}, "this format is not read"),
        ({"name": "a.pdf", "size": 20_000_001}, "larger than 20 MB"),
        ({"name": "a.pdf", "size": 1, "mode": "external"}, "does not lie in Slack"),
    ],
)
def test_a_file_is_refused_in_words_before_it_is_fetched(file, why):
    said = unfit(file)
    assert (why in said) if why else said == ""
