"""The modal of evidence: quotes marked in their passages, pages that Slack takes, and never markup from a source."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.audit import Fate, Since
from bot.exhibits import Exhibit
from bot.pages import Sheet
from bot.slack.exhibits_view import evidence
from knowledge.model import Passage
from knowledge.store.chain import Kept
from tests.rules.properties import PROPERTY
from tests.rules.test_answer_blocks import NASTY, _walk
from tests.servers.slack.blocks import view_problems

TEXT = "A vendor is assessed first. Customer data stays in the EU. Exceptions last six months."
QUOTE = "Customer data stays in the EU."
texts = st.sampled_from(NASTY) | st.text(max_size=200)


def exhibit(n=1, text=TEXT, quote=QUOTE, word="POL-01 §1", since=None):
    """A source whose quote stands in its text, between two neighbours."""
    whole = text if quote in text else f"{text} {quote} {text}"
    at = whole.index(quote)
    passages = [Passage(f"p{k}", "d1", word, word, whole, 0, len(whole)) for k in range(3)]
    source = {
        "n": n, "citation": word, "title": word, "role": "policy", "label": "1 Mar 2026, in force", "owner": word,
        "url": "https://example.org/policy", "applies_from": "2026-03-01", "ends_on": None,
    }  # fmt: skip
    marks = ((at, at + len(quote)),) if quote else ()
    return Exhibit(source, Sheet((passages[0],), passages[1], (passages[2],), marks), since)


def kept(question="May we?"):
    body = {"question": question, "as_of": "2026-11-28"}
    return Kept(1, "a1", datetime(2026, 11, 28, tzinfo=UTC), 3, "slack:U1", body, "", "")


def bold(view):
    return [
        one["text"] for one in _walk(view["blocks"]) if isinstance(one, dict) and one.get("style") == {"bold": True}
    ]


def test_the_quote_alone_is_marked_in_its_passage_and_the_source_says_what_it_is():
    view = evidence(kept(), (exhibit(),), 0, {"answer": "a1"}, "https://caveat.example/receipts/a1")
    assert bold(view) == ["May we?", "Company policy [1] ", QUOTE]
    said = str(view)
    assert "Edition 3, as of 28 Nov 2026. Quotes are in bold." in said
    assert "1 Mar 2026, in force · applies from 1 Mar 2026 · owner: POL-01 §1" in said
    assert said.count("Exceptions last six months.") == 3
    assert "page" not in said


def test_a_source_that_changed_says_so_and_one_that_is_not_what_was_quoted_is_not_shown():
    moved = Since(1, "POL-01 §1", Fate.CHANGED, 4, "reads differently since edition 4")
    whole = str(evidence(kept(), (exhibit(since=moved), Exhibit(exhibit().source, None, None)), 0, {}, ""))
    assert "Changed since the answer: it reads differently since edition 4." in whole
    assert "is not what was quoted" in whole


@PROPERTY
@given(st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=12), st.integers(-1, 20))
def test_whatever_stands_in_sources_every_page_is_a_modal_that_slack_takes_and_holds_no_markup(words, page):
    exhibits = tuple(exhibit(n, *one) for n, one in enumerate(words, 1))
    view = evidence(kept(words[0][0]), exhibits, page, {"answer": "a1"}, "")
    assert view_problems(view, "modal") == []
    parts = [one for one in _walk(view["blocks"]) if isinstance(one, dict) and "type" in one]
    assert {one["type"] for one in parts} <= {
        "rich_text", "rich_text_section", "rich_text_quote", "text", "link", "actions", "button", "plain_text",
    }  # fmt: skip
    assert {one["url"] for one in parts if one["type"] == "link"} <= {"https://example.org/policy"}


def test_the_pages_together_show_every_source_once():
    exhibits = tuple(exhibit(n, "x" * 900, "y" * 900) for n in range(1, 21))
    views = [evidence(kept(), exhibits, page, {}, "") for page in range(20)]
    count = int(str(views[0]).split("page 1 of ")[1].split(".", 1)[0])
    shown = [text for view in views[:count] for text in bold(view) if text.startswith("Company policy")]
    assert shown == [f"Company policy [{n}] " for n in range(1, 21)]
    assert views[count] == views[count - 1]
    assert ["evidence_page_back" in str(view) for view in views[:count]] == [False, *[True] * (count - 1)]
    assert ["evidence_page_on" in str(view) for view in views[:count]] == [*[True] * (count - 1), False]
