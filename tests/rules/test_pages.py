"""What stands on a page comes out as text, whatever it is."""

import base64
import hashlib
import re
from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from bot import pages
from bot.audit import Fate, Since
from knowledge.model import Passage
from knowledge.store.chain import Kept

EVIL = "<script>alert(1)</script>\"'><img src=//evil.example/x onerror=alert(2)>{{ 7*7 }}\u202e\u200b"
SOURCE = {
    "n": 1, "document_id": "d", "passage_id": "p", "citation": EVIL, "heading": EVIL, "context": EVIL, "title": EVIL,
    "kind": "news", "role": "news", "jurisdiction": EVIL, "authority": EVIL, "published": "2022-01-18", "in_force_from": None,
    "applies_from": None, "ends_on": None, "as_of": None, "status": "reported", "standing": "allegation", "wording": "summary",
    "owner": EVIL, "label": EVIL, "url": "https://news.example/a", "evidence_url": None,
}  # fmt: skip
BODY = {
    "answer_id": "a1", "question": EVIL, "edition": 1, "as_of": "2026-01-01", "rung": "R1", "refused": False, "reason": None,
    "level": "high", "level_reasons": [EVIL], "summary": EVIL,
    "claims": [{"text": EVIL, "role": "news", "quote": f"quoted {EVIL}", "passage_id": "p", "source": 1}],
    "quoted": [{"start": 0, "end": 3, "opening": EVIL}],
    "unknowns": [EVIL], "next_steps": [{"text": EVIL, "source": 1}], "conflicts": [EVIL], "sources": [SOURCE], "dropped": {EVIL: 2},
    "timings_ms": {"total": 12.3}, "made_at": "2026-01-01T10:00:00+00:00", "before": [EVIL], "asker": "ann",
    "place": {"name": EVIL, "shared": False}, "readable": ["public"], "model": EVIL, "caveat": "0.1.0",
    "passages": {"p": {"sha256": "f" * 64, "start": 0, "end": 9}},
}  # fmt: skip
MOVED = Since(1, EVIL, Fate.CHANGED, 3, EVIL, (EVIL,))


def test_the_front_page_says_what_is_kept_and_who_is_asked():
    alone, hosted = pages.front(model=False, vectors=False, days=0), pages.front(model=True, vectors=True, days=90)
    assert "No language model is used" in alone
    assert "sent to no one" in alone
    assert "No time is set" in alone
    assert "A language model is used" in hosted
    assert "removed after 90 days" in hosted
    assert "sent to no one" not in hosted
    assert "sent to no one" not in pages.front(model=False, vectors=True, days=0)
    ids = {one.attributes["id"] for one in LexborHTMLParser(hosted).css("section[id]")}
    assert ids == {"privacy", "terms"}


def kept(body):
    return Kept(1, "a1", datetime(2026, 1, 1, tzinfo=UTC), 1, "ann", body, "0" * 64, "1" * 64)


def shown(url="https://news.example/a"):
    source = {**SOURCE, "url": url}
    body = {**BODY, "sources": [source]}
    passage = Passage("p", "d", EVIL, EVIL, f"before {EVIL} after", 0, 10, context=EVIL)
    sheet = pages.Sheet((passage,), passage, (passage,), ((7, 7 + len(EVIL)),))
    yield pages.memo(kept(body), [MOVED], {1: "https://caveat.example/evidence/a1/1?e=1&s=x#quote"})
    yield pages.evidence(kept(body), source, sheet, MOVED, "https://caveat.example/receipts/a1")
    yield pages.evidence(kept(body), source, None, MOVED, "")


def test_hostile_text_becomes_neither_an_element_nor_an_instruction():
    for page in shown():
        tree = LexborHTMLParser(page)
        tags = {node.tag for node in tree.css("*")}
        assert tags.isdisjoint({"script", "img", "iframe", "object", "form", "link", "base", "svg"})
        assert not [node for node in tree.css("*") if any(name.startswith("on") for name in node.attributes)]
        assert "<script>alert(1)</script>" in tree.body.text()
        assert "{{ 7*7 }}" in tree.body.text()
        assert "\u202e" not in page
        assert "\u200b" not in page


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://a b", "slack://x", "https://[", EVIL, None],
)
def test_only_addresses_of_the_web_become_links(url):
    for page in shown(url):
        for link in LexborHTMLParser(page).css("a"):
            assert link.attributes["href"].startswith("https://caveat.example/")


def test_the_policy_allows_exactly_the_page_s_own_style():
    for page in (*shown(), pages.missing(), pages.unavailable()):
        (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in pages.POLICY
        assert " style=" not in page
        assert "url(" not in style
        assert "@import" not in style


def test_a_receipt_of_an_older_version_is_shown_with_what_it_has():
    page = pages.memo(kept({"question": "May we?", "sources": [{"passage_id": "p1", "citation": "POL §1"}]}), [], {})
    text = LexborHTMLParser(page).body.text()
    assert "May we?" in text
    assert "POL §1" in text


def test_a_record_that_was_changed_says_so_on_its_page():
    assert "must not be relied on" in pages.memo(kept(BODY), [], {})


def test_quotes_that_overlap_are_marked_once():
    assert pages.apart([(5, 9), (0, 3), (8, 12), (12, 14)]) == ((0, 3), (5, 14))
