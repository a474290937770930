"""A source on the web that fails in every documented way: the last good edition stays in service, and is said to."""

from dataclasses import replace

import pytest
from starlette.responses import Response

from bot import build, sourcing
from bot.doctor import examine
from bot.settings import Settings
from bot.status import status
from knowledge.errors import RefreshRefused
from knowledge.model import Kind, SourceSpec
from knowledge.refresh import refresh
from tests.servers.sources.replay import Replay, drip, redirect

STAFF = frozenset({"public", "staff"})


@pytest.fixture
def web():
    with Replay() as replay:
        replay.http.seconds = 1.0
        replay.http.sleep = lambda _seconds: None
        yield replay


@pytest.fixture
def library(home, web):
    """The starter library with twelve pages listed by a sitemap, read once."""
    for n in range(12):
        web.put(f"/{n}", f"<h1>Note {n}</h1><p>Every buyer of quinces must keep record{n} of them.</p>")
    urls = "".join(f"<url><loc>{web.base}/{n}</loc></url>" for n in range(12))
    web.put("/map.xml", f"<urlset>{urls}</urlset>", "application/xml")
    opened = build.library(Settings(CAVEAT_HOME=home))
    opened.catalog.add(SourceSpec("wiki", "site", f"{web.base}/map.xml", Kind.POLICY))
    harvested = replace(opened.refresher.library, open_source=lambda spec: sourcing.open_source(spec, web.http))
    opened = replace(opened, refresher=replace(opened.refresher, library=harvested))
    assert refresh(opened.refresher).added == 12
    return opened


def found(library) -> bool:
    hits = library.searcher.at(STAFF).find("buyer of quinces keep record7", 3).hits
    return any("record7" in hit.passage.text for hit in hits)


def problem(library) -> str:
    checks = {one["check"]: one for one in examine(Settings(CAVEAT_HOME="/nowhere"), library)}
    row = next(one for one in status(Settings(CAVEAT_HOME="/nowhere"), library)["sources"] if one["name"] == "wiki")
    assert checks["source wiki"]["state"] == "bad"
    assert row["documents"] == 12
    return row["error"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda _: Response(status_code=500), "status 500"), (drip, "slowly"), (redirect("http://10.0.0.1/"), "private address"),
        (lambda _: Response("<html>Sorry</html>"), "not a sitemap|cannot be read"), (lambda _: Response("<urlset/>"), "no documents any more"),
        (lambda _: Response(status_code=403), "cannot be read"),
    ],
    ids=["500", "drip", "private", "sorry", "empty", "403"],
)  # fmt: skip
def test_what_a_source_served_last_stays_in_service_when_it_fails(library, web, answer, words):
    import re

    web.put("/map.xml", answer)
    report = refresh(library.refresher)
    assert (report.edition, report.unchanged) == (report.previous, 71)
    assert re.search(words, problem(library))
    assert found(library)


def test_a_source_that_shrinks_to_a_tenth_is_refused_and_said(library, web):
    web.put("/map.xml", f"<urlset><url><loc>{web.base}/1</loc></url></urlset>", "application/xml")
    assert refresh(library.refresher).unchanged == 71  # once may be an accident
    with pytest.raises(RefreshRefused, match="shrank from 12 to 1"):
        refresh(library.refresher)
    assert "shrank from 12 to 1" in problem(library)
    assert found(library)


def test_pages_that_fail_one_by_one_keep_their_last_state_and_the_others_move_on(library, web):
    web.put("/7", lambda _: Response(status_code=404))
    web.put("/8", "<h1>Note 8</h1><p>Every buyer of medlars must keep record8 of them.</p>")
    report = refresh(library.refresher)
    assert (report.changed, len(report.failed)) == (1, 1)
    assert "not there any more" in report.failed[0].error
    assert "1 of 12 documents failed" in problem(library)
    assert found(library)


def test_one_page_that_never_answers_keeps_its_last_state_and_the_others_move_on(library, web):
    web.put("/7", lambda _: Response(status_code=500))
    web.put("/8", "<h1>Note 8</h1><p>Every buyer of medlars must keep record8 of them.</p>")
    report = refresh(library.refresher)
    assert (report.changed, [failure.ref for failure in report.failed]) == (1, [f"{web.base}/7"])
    assert found(library)


def test_a_server_that_answers_no_more_is_left_after_a_few_tries(library, web):
    for n in range(12):
        web.put(f"/{n}", lambda _: Response(status_code=500))
    web.calls.clear()
    assert refresh(library.refresher).unchanged == 71
    assert "3 documents in a row" in problem(library)
    assert len(set(web.calls) - {"/map.xml"}) == 3
    assert found(library)


def test_what_a_feed_forgets_was_reported_all_the_same(library, web):
    entry = "<item><guid>{0}</guid><title>Probe {0}</title><description>An authority looks at vendor{0} in May.</description></item>"
    feed = "<rss version='2.0'><channel><title>N</title>{}</channel></rss>"
    address = web.put("/feed", feed.format(entry.format(1)), "application/xml")
    library.catalog.add(SourceSpec("press", "feed", address, Kind.NEWS, visibility="public"))
    assert refresh(library.refresher).added == 1
    web.put("/feed", feed.format(entry.format(2)), "application/xml")
    report = refresh(library.refresher)
    assert (report.added, report.removed, report.failed) == (1, 0, ())
    web.put("/feed", feed.format(""), "application/xml")
    assert refresh(library.refresher).removed == 0
