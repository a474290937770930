"""From who may read a page at its source to who finds it: a refresh takes over what was narrowed there, at once."""

from dataclasses import replace

import pytest

from bot import build, sourcing
from bot.settings import Settings
from knowledge.model import Kind, SourceSpec
from knowledge.refresh import refresh
from knowledge.sources import confluence
from tests.servers.sources.confluence import LEGAL, Confluence

STAFF = frozenset({"public", "staff"})
LAWYER = STAFF | {"group:legal"}


@pytest.fixture
def wiki(monkeypatch):
    monkeypatch.setenv("CAVEAT_SECRET_WIKI", "me@acme.example:good")
    with Confluence() as service:
        service.add(
            "101", "Quinces", "<h1>Quinces</h1><p>Every buyer of quinces must keep recordquince for two days.</p>"
        )
        service.add(
            "102", "Medlars", "<h1>Medlars</h1><p>Every buyer of medlars must keep recordmedlar for two days.</p>"
        )
        yield service


@pytest.fixture
def library(home, wiki):
    """The starter library with the wiki as a source, opened by its connector."""
    opened = build.library(Settings(CAVEAT_HOME=home))
    opened.catalog.add(SourceSpec("wiki", "confluence", f"{wiki.base}/wiki/spaces/POL staff=everyone", Kind.POLICY))

    def open_source(spec):
        return (
            confluence.connect(spec, wiki.http) if spec.type == "confluence" else sourcing.open_source(spec, wiki.http)
        )

    shelf = replace(opened.refresher.library, open_source=open_source)
    return replace(opened, refresher=replace(opened.refresher, library=shelf))


def finds(library, word, labels):
    searcher = library.searcher
    hits = searcher.at(labels).find(f"Who must keep {word}?", 5).hits
    return any(word in hit.passage.text for hit in hits)


def test_a_page_is_found_by_whoever_may_read_it_and_no_longer_once_that_is_narrowed(library, wiki):
    refresh(library.refresher)
    assert finds(library, "recordquince", STAFF)
    wiki.pages["101"]["groups"] = [LEGAL]
    report = refresh(library.refresher)
    assert report.failed == ()
    assert not finds(library, "recordquince", STAFF)
    assert finds(library, "recordquince", LAWYER)


def test_a_page_whose_readers_cannot_be_told_any_more_leaves_at_once(library, wiki):
    refresh(library.refresher)
    wiki.pages["101"]["hides"] = True
    report = refresh(library.refresher)
    assert [skipped.ref for skipped in report.skipped] == ["101"]
    assert not finds(library, "recordquince", LAWYER)
    assert finds(library, "recordmedlar", STAFF)


def test_a_trashed_page_leaves_at_once_although_a_source_across_a_network_is_given_two_tries(library, wiki):
    refresh(library.refresher)
    wiki.pages["101"]["status"] = "trashed"
    assert refresh(library.refresher).removed == 1
    assert not finds(library, "recordquince", STAFF)


def test_a_refused_token_leaves_everything_as_it_was(library, wiki):
    refresh(library.refresher)
    wiki.tokens = set()
    (failure,) = refresh(library.refresher).failed
    assert "renew it in CAVEAT_SECRET_WIKI" in failure.error
    assert finds(library, "recordquince", STAFF)


def test_only_what_changed_is_fetched_again(library, wiki):
    refresh(library.refresher)
    wiki.calls.clear()
    wiki.pages["102"]["version"] = 2
    refresh(library.refresher)
    assert wiki.asked("/api/v2/pages/") == wiki.asked("/api/v2/pages/102") == 1
