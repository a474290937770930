"""A receipt after its answer: verified, printed, linked to, and opened only by those it was made for."""

import json
import re
import sqlite3
from dataclasses import replace
from urllib.parse import urlsplit

import aiohttp
import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import func, update
from typer.testing import CliRunner

from bot import build, pages
from bot.audit import Fate
from bot.cli import app
from bot.model import Asker, Place
from bot.receipt import as_json
from bot.settings import Settings
from bot.slack import blocks
from knowledge.model import Kind, SourceSpec
from knowledge.refresh import refresh
from knowledge.store import schema
from tests.flows.asking import ANN, ask
from tests.flows.browser import DESK, PHONE, browser
from tests.flows.processes import caveat_json, running
from tests.servers.slack.blocks import problems

HOSTING = "Can we host EU customer data on Alibaba Cloud?"
LAPTOPS = "How soon must every laptop be shredded by Greenshred?"
RULE = "2.1 Every laptop must be shredded by Greenshred within 9 days of its last use."
BASE = "https://caveat.example"


class Desk:
    """A knowledge base with one policy that a test rewrites, and the answer that cites it."""

    def __init__(self, home, place):
        self.place = place
        self.settings = Settings(CAVEAT_HOME=home, CAVEAT_PUBLIC_URL=BASE)
        self.library = build.library(self.settings)
        self.exhibits = build.exhibits(self.settings, self.library)
        self.spec = SourceSpec("it", "folder", str(place), Kind.POLICY, visibility="staff")
        self.library.catalog.add(self.spec)

    def write(self, rule=RULE, head="", name="laptops.md"):
        text = f"{head}# Laptop policy\n\n## 2 Disposal\n\n{rule}\n\n2.2 The keeper must sign for each laptop.\n"
        (self.place / name).write_text(text, "utf-8")

    def refresh(self):
        return refresh(self.library.refresher).edition

    async def ask(self, question=LAPTOPS, asker=ANN, place=None):
        desk = build.desk(self.settings, self.library)
        return await ask(desk, question, asker=asker, place=place or Place("terminal"))

    def verdict(self, answer):
        return self.exhibits.verify(self.library.receipts.sealed(answer.id))

    def open(self, url):
        """Return the page that a link opens."""
        parts = urlsplit(url)
        room, answer_id, *n = parts.path.strip("/").split("/")
        seal = re.fullmatch(r"e=(\d+)&s=(\S+)", parts.query).groups()
        return (self.exhibits.receipt if room == "receipts" else self.exhibits.evidence)(answer_id, *n, *seal)


@pytest.fixture
def kept(home, tmp_path):
    place = tmp_path / "policies"
    place.mkdir()
    made = Desk(home, place)
    made.write()
    made.refresh()
    yield made
    made.library.engine.dispose()


def text(page):
    return LexborHTMLParser(page).body.text()


async def test_a_receipt_tells_what_became_of_its_sources(kept):
    answer = await kept.ask()
    assert RULE in [claim.quote for claim in answer.claims]
    (n,) = [source.n for source in answer.sources if source.passage.citation == "Laptop policy §2.1"]
    link = answer.sources[n - 1].evidence_url
    before = kept.verdict(answer)
    assert before.untouched
    assert before.since == ()
    assert "Changed since" not in text(kept.open(link))

    kept.write(RULE.replace("9 days", "30 days"))
    edition = kept.refresh()
    after = kept.verdict(answer)
    assert after.untouched
    assert [(one.n, one.fate, one.edition) for one in after.since] == [(n, Fate.CHANGED, edition)]
    page = LexborHTMLParser(kept.open(link))
    assert page.css_first("mark").text() == RULE
    assert f"reads differently since edition {edition}" in page.css_first(".changed").text()
    assert "30 days" in page.css_first(".changed").text()
    assert "1 of" in text(kept.open(answer.receipt_url))

    kept.write()
    kept.refresh()
    assert kept.verdict(answer).since == ()

    kept.write(head="---\nstatus: repealed\n---\n")
    kept.refresh()
    assert [(one.fate, one.words) for one in kept.verdict(answer).since] == [(Fate.ENDED, "is repealed now")]

    kept.library.catalog.remove("it")
    edition = kept.refresh()
    gone = kept.verdict(answer)
    assert gone.untouched
    assert [(one.fate, one.edition) for one in gone.since] == [(Fate.VANISHED, edition)]
    assert LexborHTMLParser(kept.open(link)).css_first("mark").text() == RULE


async def test_a_passage_that_was_changed_in_the_ledger_is_told_and_not_shown(kept):
    answer = await kept.ask()
    with kept.library.engine.begin() as connection:
        forged = func.replace(schema.versions.c.text, "9 days", "8 days")
        connection.execute(update(schema.versions).where(schema.versions.c.source == "it").values(text=forged))
    verdict = kept.verdict(answer)
    assert not verdict.untouched
    assert verdict.kept.untouched
    assert verdict.altered == ("Laptop policy §2.1",)
    link = next(s.evidence_url for s in answer.sources if s.passage.citation == "Laptop policy §2.1")
    page = kept.open(link)
    assert "not the one that was quoted" in text(page)
    assert "8 days" not in page


async def test_a_document_that_was_narrowed_is_not_opened_by_older_links(kept):
    answer = await kept.ask()
    link = next(s.evidence_url for s in answer.sources if s.passage.citation == "Laptop policy §2.1")
    assert kept.open(link)
    assert kept.open(answer.receipt_url)
    kept.write(head="---\nvisibility: group:it\n---\n")
    kept.refresh()
    assert kept.open(link) is None
    assert kept.open(answer.receipt_url) is None
    sealed = kept.library.receipts.sealed(answer.id)
    assert not kept.exhibits.allows(sealed, ANN, admin=True)
    assert kept.exhibits.allows(sealed, replace(ANN, groups=frozenset({"it"})), admin=False)


@pytest.fixture
def linked(library):
    """The starter library with a public address."""
    settings = Settings(CAVEAT_HOME="/nowhere", CAVEAT_PUBLIC_URL=BASE)
    return build.desk(settings, library), build.exhibits(settings, library)


async def test_a_private_question_is_read_by_its_asker_and_administrators_only(linked, library):
    desk, exhibits = linked
    private = await ask(desk, HOSTING)
    shared = await ask(desk, HOSTING, place=Place("channel", frozenset({"public", "staff"})))
    bob = Asker("bob", staff=True)
    private, shared = (library.receipts.sealed(one.id) for one in (private, shared))
    assert [exhibits.allows(private, bob, admin=admin) for admin in (False, True)] == [False, True]
    assert exhibits.allows(private, ANN, admin=False)
    assert exhibits.allows(shared, bob, admin=False)
    assert not exhibits.allows(shared, Asker("guest"), admin=False)


async def test_numbers_link_to_the_evidence_in_slack_and_json(linked, library):
    answer = await ask(linked[0], HOSTING)
    message = blocks.render(answer)
    assert problems(message["blocks"]) == []
    for source in as_json(answer)["sources"]:
        assert source["evidence_url"].startswith(f"{BASE}/evidence/{answer.id}/{source['n']}?e=")
        assert str({"type": "link", "url": source["evidence_url"]})[:-1] in str(message["blocks"])
    assert all(source["evidence_url"] is None for source in library.receipts.find(answer.id)["sources"])


def test_the_command_tells_by_words_and_exit_codes(home, tmp_path):
    def run(*arguments, **environment):
        return CliRunner().invoke(app, arguments, env={"CAVEAT_HOME": str(home), **environment})

    asked = json.loads(run("ask", HOSTING, "--json").stdout)
    id_ = asked["answer_id"]
    (home / "groups.toml").write_text('[groups]\nstaff = ["ann"]\n', "utf-8")
    assert run("receipt", "nothing").exit_code == 2
    assert run("receipt").exit_code == 2
    assert run("receipt", id_, "--as", "ann").exit_code == 4
    assert run("receipt", "--verify", "--as", "ann").exit_code == 4
    shown = run("receipt", id_, "--as", "ann", CAVEAT_ADMINS="eve, ann")
    assert shown.exit_code == 0
    assert "asked by operator at terminal" in shown.stdout
    told = run("receipt", id_, "--verify")
    assert told.exit_code == 0
    assert "nothing was touched" in told.stdout
    assert run("receipt", id_, "--html", str(tmp_path / "memo.html")).exit_code == 0
    page = (tmp_path / "memo.html").read_text("utf-8")
    assert not re.search(r"<(?:script|link|img|iframe)|\ssrc=|url\(|@import", page)
    words = re.sub(r"\s+", " ", text(page))
    for claim in asked["claims"]:
        assert re.sub(r"\s+", " ", claim["quote"]) in words
    with sqlite3.connect(home / "caveat.db") as ledger:
        ledger.execute("UPDATE receipts SET asker = 'eve'")
    ledger.close()
    for arguments in ((id_, "--verify"), ("--verify",)):
        forged = run("receipt", *arguments)
        assert forged.exit_code == 1
        assert "not the one that was sealed" in forged.stdout.replace("NOT", "not")
    assert json.loads(run("receipt", id_, "--verify", "--json").stdout)["verification"]["record_untouched"] is False


async def fetch(http, url, method="GET"):
    from yarl import URL

    async with http.request(method, URL(url, encoded=True)) as response:
        return response.status, await response.text(), response.headers.copy()


async def test_everything_a_link_does_not_open_reads_the_same(home):
    """Unknown, forged, expired and malformed links give one page; nobody learns which receipts there are."""
    address = "https://caveat.example"
    asked = caveat_json(home, "ask", HOSTING, CAVEAT_PUBLIC_URL=address)
    receipt, link = asked["receipt_url"], asked["sources"][0]["evidence_url"].removesuffix("#quote")
    path, seal = link.split("?")
    id_ = asked["answer_id"]
    settings = Settings(CAVEAT_HOME=home, CAVEAT_PUBLIC_URL=address)
    library = build.library(settings)
    links = build.links(settings, library)
    library.engine.dispose()
    past = replace(links, days=-1)
    labels = ("public", "staff")
    closed = [
        path, receipt.split("?")[0], f"{link}x", link.replace("/1?", "/2?"), f"{link}&{seal}", f"{path}?e=99999999999&s=",
        f"{path}?e=%00&s=%ff", f"{path}?e=9&s=%F0%9F", receipt.replace("/receipts/", "/evidence/"),
        links.evidence(id_, 99, labels, links.expiry()), links.evidence(id_, 0, labels, links.expiry()),
        links.evidence("0" * 16, 1, labels, links.expiry()), links.receipt("0" * 16, labels, links.expiry()),
        links.receipt(id_, ("public",), links.expiry()), past.receipt(id_, labels, past.expiry()),
        f"{address}/receipts/{'a' * 5000}?{seal}", f"{address}/receipts/%00%FF?{seal}", f"{address}/evidence/{id_}/{'9' * 400}?{seal}",
        f"{address}/evidence/{id_}/%D9%A1?{seal}", f"{address}/evidence/{id_}/1/1?{seal}", f"{address}/evidence/?{seal}",
        f"{address}/receipts/..%2f..%2fetc?{seal}", f"{address}/evidence/{id_}/-1?{seal}", f"{address}/receipts/{id_}%0a?{seal}",
    ]  # fmt: skip
    async with (
        running(home, "web", CAVEAT_PUBLIC_URL=address) as server,
        aiohttp.ClientSession(server.url) as http,
    ):
        here = [one.replace(address, server.url) for one in (*closed, receipt, link)]
        answers = [await fetch(http, one) for one in here]
        assert {(status, page) for status, page, _ in answers[:-2]} == {(404, pages.missing())}
        assert [status for status, _, _ in answers[-2:]] == [200, 200]
        for _, _, headers in answers:
            policy = headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; style-src 'sha256-")
            assert "frame-ancestors 'none'" in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "no-store"
            assert "noindex" in headers["x-robots-tag"]
        assert (await fetch(http, here[-1], "HEAD"))[:2] == (200, "")
        assert (await fetch(http, here[-1], "POST"))[0] == 405
        with sqlite3.connect(home / "caveat.db") as ledger:
            ledger.execute("ALTER TABLE receipts RENAME TO gone")
        ledger.close()
        assert (await fetch(http, here[-1]))[:2] == (503, pages.unavailable())


LOOK = """
const mark = document.querySelector('mark'), box = mark && mark.getBoundingClientRect();
return {
  width: document.documentElement.scrollWidth, inside: box && box.top >= 0 && box.bottom <= innerHeight,
  quote: mark && mark.textContent, anchored: !!document.querySelector('#quote'),
  paper: getComputedStyle(document.documentElement).backgroundColor,
};
"""


async def test_a_browser_shows_the_quote_at_once_and_asks_nobody_else(home, tmp_path):
    async with running(home, "web") as server, browser(tmp_path / "profile") as opened:
        settings = Settings(CAVEAT_HOME=home, CAVEAT_PUBLIC_URL=server.url)
        library = build.library(settings)
        answer = await ask(build.desk(settings, library), HOSTING)
        library.engine.dispose()
        await opened.open("about:blank")
        await opened.hosts()
        for size, dark in ((PHONE, False), (PHONE, True), (DESK, False)):
            await opened.become(size, dark=dark)
            for claim, source in zip(answer.claims, answer.sources, strict=False):
                await opened.open(source.evidence_url)
                seen = await opened.run(LOOK)
                assert claim.quote == seen["quote"]
                assert seen["inside"], (size, source.n, seen)
                assert seen["width"] <= size[0]
            await opened.open(answer.receipt_url)
            seen = await opened.run(LOOK)
            assert seen["width"] <= size[0]
            shade = [int(part) for part in re.findall(r"\d+", seen["paper"])]
            assert (max(shade) < 60) is dark
            await opened.picture(tmp_path / f"receipt-{size[0]}-{dark}.png")
            await opened.run("document.querySelector('a.n').click()")
            assert (await opened.run(LOOK))["anchored"]
        assert await opened.hosts() == {urlsplit(server.url).netloc}
        assert await opened.complaints() == []
