"""The connectors against servers that replay what their sources answered, and the failures that these document."""

import hashlib
import io
import json
import subprocess
import zipfile

import pytest
from starlette.responses import Response

from bot import sourcing
from bot.settings import Settings
from knowledge import parse
from knowledge.describe import describe
from knowledge.errors import DocumentRefused, PassedOver, SourceRefused, SourceUnreachable
from knowledge.model import Kind, SourceSpec
from knowledge.ports import Ref
from knowledge.sources.upload import Uploads
from tests.servers.sources.replay import Replay

ACT = '<html><body><div class="eli-container"><div class="eli-main-title"><p>REGULATION (EU) 2099/7</p></div><div class="eli-subdivision" id="art_1"><p class="oj-ti-art">Article 1</p><p class="oj-normal">Buyers ask first.</p></div></div></body></html>'
PART = '<DIV5 N="791" NODE="15:2.1.1" TYPE="PART"><HEAD>PART 791</HEAD><DIV8 N="§ 791.1" TYPE="SECTION"><HEAD>§ 791.1 Purpose.</HEAD><P>(a) Buyers ask first.</P></DIV8></DIV5>'
CLML = '<Legislation xmlns="http://www.legislation.gov.uk/namespaces/legislation" IdURI="http://www.legislation.gov.uk/id/uksi/2018/506"><P1><Pnumber>1</Pnumber><P1para><Text>Buyers ask first.</Text></P1para></P1></Legislation>'


@pytest.fixture
def web():
    with Replay() as replay:
        replay.http.seconds = 1.5
        replay.http.sleep = lambda _seconds: None
        yield replay


def opened(web, type_, at):
    return sourcing.open_source(SourceSpec("s", type_, at), web.http)


def read(raw):
    return parse.read(raw.content, raw.name)


# Pages and feeds


def test_a_page_is_read_and_then_only_asked_whether_it_has_changed(web):
    source = opened(web, "page", web.put("/policy", "<h1>Policy</h1><p>Buyers ask first.</p>"))
    (ref,) = source.list("").refs
    raw = source.fetch(ref)
    assert "Buyers ask first." in read(raw)[0].text
    assert raw.facts["url"] == ref.name
    assert source.fetch(ref, raw.known) is None
    web.put("/policy", "<p>Buyers ask twice.</p>")
    assert "twice" in read(source.fetch(ref, raw.known))[0].text


def test_a_sitemap_lists_the_pages_of_its_own_host(web):
    web.put("/a", "<p>Page a.</p>")
    entries = f"<url><loc>{web.base}/a</loc><lastmod>2026-01-02</lastmod></url><url><loc>https://elsewhere.example/b</loc></url>"
    address = web.put(
        "/sitemap.xml",
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>',
        "application/xml",
    )
    assert opened(web, "site", address).list("").refs == (Ref(f"{web.base}/a", "2026-01-02"),)


@pytest.mark.parametrize(
    ("status", "words"), [(404, "not there"), (403, "may not be read"), (202, "not ready"), (204, "not ready")]
)
def test_a_page_that_is_not_there_or_not_ready_is_never_an_empty_document(web, status, words):
    source = opened(web, "page", web.put("/p", lambda _: Response(status_code=status)))
    with pytest.raises(DocumentRefused, match=words):
        source.fetch(Ref(f"{web.base}/p"))


def test_an_empty_page_is_refused(web):
    with pytest.raises(DocumentRefused, match="empty"):
        opened(web, "page", web.put("/p", "  ")).fetch(Ref(f"{web.base}/p"))


RSS = "<rss version='2.0'><channel><title>News</title><item><guid>g1</guid><title>Probe of Acme &amp; Co</title><link>https://news.example/1</link><pubDate>Tue, 18 Jan 2022 10:00:00 GMT</pubDate><description>&lt;p&gt;An authority looks at Acme.&lt;/p&gt;&lt;script&gt;bad()&lt;/script&gt;</description></item></channel></rss>"
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><title>N</title><entry><id>g1</id><title>Probe of Acme &amp; Co</title><link href='https://news.example/1'/><updated>2022-01-18T10:00:00Z</updated><summary>An authority looks at Acme.</summary></entry></feed>"
JSONFEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {
                "id": "g1",
                "title": "Probe of Acme & Co",
                "url": "https://news.example/1",
                "date_published": "2022-01-18T10:00:00Z",
                "content_text": "An authority looks at Acme.",
            }
        ],
    }
)


@pytest.mark.parametrize("feed", [RSS, ATOM, JSONFEED], ids=["rss", "atom", "json"])
def test_each_entry_of_a_feed_is_a_report_with_date_and_link(web, feed):
    source = opened(web, "feed", web.put("/feed", feed, "application/xml"))
    (ref,) = source.list("").refs
    raw = source.fetch(ref)
    (parsed,) = read(raw)
    document = describe(parsed, ref.name, SourceSpec("s", "feed", ""), raw.facts)
    assert (document.kind, document.title, document.url) == (Kind.NEWS, "Probe of Acme & Co", "https://news.example/1")
    assert document.published.isoformat() == "2022-01-18"
    assert "An authority looks at Acme." in parsed.text
    assert "bad()" not in parsed.text


def test_a_feed_with_entities_or_none_at_all_is_refused(web):
    bomb = '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss><channel><title>&b;</title></channel></rss>'
    with pytest.raises(SourceUnreachable, match="entities"):
        opened(web, "feed", web.put("/bomb", bomb)).list("")
    with pytest.raises(SourceUnreachable, match="not a feed"):
        opened(web, "feed", web.put("/page", "<html><body>Sorry</body></html>")).list("")
    web.refuse("/gone", 500, 99)
    with pytest.raises(SourceUnreachable):
        opened(web, "feed", web.put("/gone", RSS)).list("")


# Advisories and catalogues


def test_the_kev_catalogue_is_read_and_a_page_in_its_place_is_not(web, shared):
    content = (shared / "sources" / "cisa" / "known_exploited_vulnerabilities.json").read_bytes()
    source = opened(web, "kev", web.put("/kev.json", content, "application/json"))
    (ref,) = source.list("").refs
    raw = source.fetch(ref)
    assert read(raw)[0].meta["id"] == "cisa:kev"
    assert source.fetch(ref, raw.known) is None
    web.put("/kev.json", "<html>We will be back soon</html>")
    with pytest.raises(SourceUnreachable, match="not JSON"):
        source.fetch(ref)


def test_advisories_are_listed_by_feed_or_by_changes_and_held_against_their_checksums(web):
    advisory = json.dumps({"document": {"category": "csaf_security_advisory"}}).encode()
    web.put("/a.json", advisory, "application/json")
    web.put("/a.json.sha512", hashlib.sha512(advisory).hexdigest() + "  a.json", "text/plain")
    entry = {
        "id": "A",
        "updated": "2026-01-02T00:00:00Z",
        "link": [{"rel": "self", "href": f"{web.base}/a.json"}, {"rel": "hash", "href": f"{web.base}/a.json.sha512"}],
    }
    source = opened(web, "csaf", web.put("/feed.json", {"feed": {"entry": [entry]}}))
    (ref,) = source.list("").refs
    assert (ref.mark, source.fetch(ref).content) == ("2026-01-02T00:00:00Z", advisory)
    web.put("/a.json", b'{"document": {"category": "csaf_forged"}}', "application/json")
    with pytest.raises(DocumentRefused, match="checksum"):
        source.fetch(ref)
    changes = opened(web, "csaf", web.put("/csaf/changes.csv", '"2024/x.json","2024-05-06T00:00:00Z"\n'))
    assert changes.list("").refs == (Ref(f"{web.base}/csaf/2024/x.json", "2024-05-06T00:00:00Z"),)


# The eCFR


def ecfr(web, *, progress=False, newest="2026-11-20", versions=()):
    title = {"number": 15, "up_to_date_as_of": newest}
    web.put("/api/versioner/v1/titles.json", {"titles": [title], "meta": {"import_in_progress": progress}})

    def page(request):
        number = int(request.query_params.get("page", "1"))
        return {
            "content_versions": [versions[number - 1]] if versions else [],
            "meta": {"total_pages": str(max(1, len(versions)))},
        }

    web.put("/api/versioner/v1/versions/title-15.json", page)
    web.put(f"/api/versioner/v1/full/{newest}/title-15.xml", PART, "application/xml")


def test_a_part_is_read_as_of_the_newest_date_and_marked_by_its_last_amendment(web):
    rows = [
        {"identifier": f"791.{n}", "date": f"2026-0{n}-01", "amendment_date": f"2026-0{n}-01", "removed": False}
        for n in (1, 2, 3)
    ]
    ecfr(web, versions=rows)
    source = opened(web, "ecfr", f"{web.base} 15 CFR 791")
    (ref,) = source.list("").refs
    assert ref.mark == "2026-03-01|3"
    raw = source.fetch(ref)
    assert (raw.facts["id"], raw.facts["as_of"]) == ("us:cfr:15:791", "2026-11-20")
    assert read(raw)[0].units[0].children[0].pinpoint.path == ("791.1", "(a)")


def test_a_later_date_is_answered_as_of_the_newest_and_a_past_one_is_a_document_of_its_own(web):
    ecfr(web)
    assert (
        opened(web, "ecfr", f"{web.base} 15 CFR 791 @2027-01-01").fetch(Ref("15 CFR 791")).facts["as_of"]
        == "2026-11-20"
    )
    web.put("/api/versioner/v1/full/2024-01-01/title-15.xml", PART, "application/xml")
    assert (
        opened(web, "ecfr", f"{web.base} 15 CFR 791 @2024-01-01").fetch(Ref("15 CFR 791")).facts["id"]
        == "us:cfr:15:791/2024-01-01"
    )


def test_an_import_in_progress_is_waited_for_and_a_removed_part_is_gone(web):
    ecfr(web, progress=True)
    with pytest.raises(SourceUnreachable, match="taking in amendments"):
        opened(web, "ecfr", f"{web.base} 15 CFR 791").list("")
    ecfr(web, versions=[{"identifier": "791.1", "date": "2026-01-01", "removed": True}])
    assert opened(web, "ecfr", f"{web.base} 15 CFR 791").list("").gone == {"15 CFR 791"}


def test_the_recorded_titles_of_the_ecfr_are_understood(web, shared):
    recorded = json.loads((shared / "sources" / "api-samples" / "ecfr" / "titles-response.json").read_text())
    web.put("/api/versioner/v1/titles.json", recorded)
    place = f"{web.base} {recorded['titles'][0]['number']} CFR 1"
    if recorded["meta"]["import_in_progress"]:  # as it was when it was recorded
        with pytest.raises(SourceUnreachable, match="taking in amendments"):
            opened(web, "ecfr", place).list("")
    web.put("/api/versioner/v1/titles.json", {**recorded, "meta": {**recorded["meta"], "import_in_progress": False}})
    web.put(
        f"/api/versioner/v1/versions/title-{recorded['titles'][0]['number']}.json", {"content_versions": [], "meta": {}}
    )
    assert len(opened(web, "ecfr", place).list("").refs) == 1


# The Federal Register


def register(web, rows, window=2_000):
    def found(request):
        begin, end = (request.query_params[f"conditions[publication_date][{side}]"] for side in ("gte", "lte"))
        hits = [row for row in rows if begin <= row["publication_date"] <= end]
        if not hits:
            return Response(status_code=404)
        at = int(request.query_params.get("page", "1"))
        if at * 2 > window:
            return Response(status_code=400)
        next_page = (
            f"{request.url.replace_query_params(**{**request.query_params, 'page': str(at + 1)})}"
            if at * 2 < len(hits)
            else None
        )
        return {"count": len(hits), "results": hits[2 * at - 2 : 2 * at], "next_page_url": next_page}

    web.put("/api/v1/documents.json", found)


def notice(number, day, **more):
    return {
        "document_number": number,
        "publication_date": day,
        "title": f"Notice {number}",
        "abstract": "Buyers ask first.",
        "type": "Proposed Rule",
        **more,
    }


def test_documents_are_found_page_by_page_and_from_the_cursor_on(web):
    register(web, [notice(f"2026-{n}", f"2026-0{n}-01") for n in range(1, 6)])
    source = opened(web, "federal-register", f"{web.base} agency=industry-and-security-bureau since=2026-01-01")
    listed = source.list("")
    assert (len(listed.refs), listed.cursor, listed.whole) == (5, "2026-05-01", False)
    later = source.list("2026-04-15")
    assert ([ref.name for ref in later.refs], later.whole) == (["2026-5@2026-05-01"], False)
    assert source.ids() is None
    assert opened(web, "federal-register", f"{web.base} term=x since=2026-06-01").list("").refs == ()


def test_a_window_that_is_too_large_is_halved_by_date(web, monkeypatch):
    monkeypatch.setattr("knowledge.sources.register.WINDOW", 2)
    register(web, [notice(f"2026-{n}", f"2026-0{n}-01") for n in range(1, 8)], window=2)
    assert len(opened(web, "federal-register", f"{web.base} term=x since=2026-01-01").list("").refs) == 7


def test_a_document_is_its_full_text_or_else_its_abstract(web):
    web.put(
        "/full.xml",
        "<PRORULE><PREAMB><SUBJECT>Rule</SUBJECT></PREAMB><P>Buyers ask first.</P></PRORULE>",
        "application/xml",
    )
    register(
        web,
        [
            notice("2026-1", "2026-01-01", full_text_xml_url=f"{web.base}/full.xml", effective_on="2026-09-01"),
            notice("2026-2", "2026-01-02"),
        ],
    )
    source = opened(web, "federal-register", f"{web.base} term=x since=2026-01-01")
    full, abstract = (source.fetch(ref) for ref in source.list("").refs)
    assert (full.name, abstract.name) == ("document.xml", "document.json")
    assert full.facts["in_force_from"] == "2026-09-01"
    assert full.facts["status"] == "proposed"
    assert "Buyers ask first." in read(abstract)[0].text


# CELLAR


def test_an_act_is_read_with_what_its_notice_says(web, shared):
    recorded = (shared / "sources" / "eu" / "cellar-notices" / "celex_32018R0196_object_work.xml").read_bytes()

    def act(request):
        return (
            Response(recorded, media_type="application/xml") if "notice" in request.headers["accept"] else Response(ACT)
        )

    web.put("/resource/celex/32018R0196", act)
    raw = opened(web, "cellar", f"{web.base} 32018R0196").fetch(Ref("32018R0196"))
    assert raw.facts["id"] == "eu:32018R0196"
    assert "in_force_from" in raw.facts
    assert "ends_on" not in raw.facts or raw.facts["ends_on"] != "9999-12-31"
    assert web.seen[0]["accept-language"] == "eng"
    assert read(raw)[0].units


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Response(status_code=202), "not ready"), (Response(b""), "empty"), (Response(status_code=404), "not there"),
        (Response("<html><script>challenge()</script></html>"), "in place of the act"),
    ],
)  # fmt: skip
def test_a_rendition_that_is_not_made_yet_is_never_an_empty_act(web, answer, words):
    web.put("/resource/celex/32016R0679", lambda _: answer)
    with pytest.raises(DocumentRefused, match=words):
        opened(web, "cellar", f"{web.base} 32016R0679").fetch(Ref("32016R0679"))


def test_a_consolidated_act_says_as_of_when(web):
    web.put(
        "/resource/celex/02014R0833-20250101",
        lambda request: Response(ACT if "html" in request.headers["accept"] else b"", 200),
    )
    assert (
        opened(web, "cellar", f"{web.base} 02014R0833-20250101").fetch(Ref("02014R0833-20250101")).facts["as_of"]
        == "2025-01-01"
    )


# legislation.gov.uk


def test_a_text_is_read_as_it_stands_or_as_it_stood(web):
    web.put("/uksi/2018/506/data.xml", CLML, "application/xml")
    web.put("/uksi/2018/506/2024-01-01/data.xml", CLML, "application/xml")
    source = opened(web, "legislation", f"{web.base} uksi/2018/506, uksi/2018/506/2024-01-01")
    now, then = (source.fetch(ref) for ref in source.list("").refs)
    assert read(now)[0].meta["id"] == "uk:uksi/2018/506"
    assert then.facts["id"] == "uk:uksi/2018/506/2024-01-01"


def test_the_publication_log_tells_what_changed_and_what_was_withdrawn(web):
    source = opened(web, "legislation", f"{web.base} uksi/2018/506, ukpga/2018/12, uksi/2020/1")
    today = source.list("").cursor

    def log(request):
        number = request.query_params.get("page", "1")
        entry = {
            "1": "<entry><title>x</title><link href='http://www.legislation.gov.uk/uksi/2018/506'/></entry>",
            "2": "<entry><title>withdrawn</title><id>http://www.legislation.gov.uk/id/uksi/2020/1</id></entry>",
        }[number]
        next_ = f"<link rel='next' href='{web.base}{request.url.path}?page=2'/>" if number == "1" else ""
        return Response(f"<feed xmlns='http://www.w3.org/2005/Atom'>{next_}{entry}</feed>")

    web.put(f"/update/{today}/data.feed", log)
    listed = source.list(today)
    assert ([ref.name for ref in listed.refs], listed.gone, listed.whole) == (["uksi/2018/506"], {"uksi/2020/1"}, False)


def test_a_page_in_place_of_a_text_is_refused(web):
    web.put("/uksi/2018/506/data.xml", "<html>Please wait</html>")
    with pytest.raises(DocumentRefused, match="in place of the text"):
        opened(web, "legislation", f"{web.base} uksi/2018/506").fetch(Ref("uksi/2018/506"))


# Packs, checkouts, uploads


def archive(**files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "/"), content)
    return made.getvalue()


def test_a_pack_is_read_member_by_member_and_nothing_of_it_is_unpacked_to_the_disk(web, tmp_path):
    (tmp_path / "p.zip").write_bytes(
        archive(**{"a.md": "# A\n\nBuyers ask.", "..__..__evil.md": "x", "b.exe": "x", "README.md": "x"})
    )
    source = opened(web, "pack", str(tmp_path / "p.zip"))
    assert sorted(ref.name for ref in source.list("").refs) == ["../../evil.md", "a.md", "b.exe"]
    assert b"Buyers ask." in source.fetch(Ref("a.md")).content
    with pytest.raises(PassedOver):
        source.fetch(Ref("b.exe"))
    assert not (tmp_path.parent / "evil.md").exists()


def test_a_pack_that_is_broken_or_would_unpack_to_too_much_is_refused(web, tmp_path):
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(SourceUnreachable, match="broken"):
        opened(web, "pack", str(tmp_path / "broken.zip")).list("")
    (tmp_path / "bomb.zip").write_bytes(archive(**{f"{n}.txt": b"0" * 60_000_000 for n in range(4)}))
    with pytest.raises(SourceUnreachable, match="more than is read"):
        opened(web, "pack", str(tmp_path / "bomb.zip")).list("")
    address = web.put("/pack.zip", archive(**{"a.md": "Buyers ask."}), "application/zip")
    assert [ref.name for ref in opened(web, "pack", address).list("").refs] == ["a.md"]


def test_a_checkout_is_read_as_it_was_committed(web, tmp_path):
    def git(*arguments):
        command = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments]
        subprocess.run(command, check=True, capture_output=True)

    git("init", "-q")
    (tmp_path / "a.md").write_text("Committed words.")
    (tmp_path / "link.md").symlink_to("/etc/passwd")
    git("add", "-A")
    git("commit", "-qm", "one")
    (tmp_path / "a.md").write_text("Words of tomorrow.")
    (tmp_path / "b.md").write_text("Untracked.")
    source = opened(web, "git", str(tmp_path))
    (ref,) = source.list("").refs
    assert (ref.name, source.fetch(ref).content) == ("a.md", b"Committed words.")
    git("commit", "-qam", "two")
    assert source.list("").refs[0].mark != ref.mark
    with pytest.raises(SourceUnreachable, match="no git checkout"):
        opened(web, "git", str(tmp_path.parent)).list("")


def test_an_upload_is_read_by_whom_it_was_handed_over_for_and_hidden_when_that_is_lost(web, tmp_path):
    uploads = Uploads(tmp_path / "up")
    name = uploads.keep("../Vendor answers.md", b"Buyers ask.", {"visibility": "user:ann@example.com"})
    source = opened(web, "upload", str(tmp_path / "up"))
    assert [ref.name for ref in source.list("").refs] == [name]
    assert source.fetch(Ref(name)).facts["visibility"] == "user:ann@example.com"
    with pytest.raises(DocumentRefused, match="who may read"):
        uploads.keep("x.md", b"x", {})
    (tmp_path / "up" / f"{name}.facts").unlink()
    with pytest.raises(DocumentRefused, match="hidden"):
        source.fetch(Ref(name))


@pytest.mark.parametrize(
    ("type_", "at"),
    [
        ("page", "example.com"), ("page", "https://a.example https://b.example"), ("feed", "nothing"), ("ecfr", "title fifteen"),
        ("ecfr", "15 CFR 791 @2024-13-01"), ("federal-register", "since=2024-01-01"), ("federal-register", "colour=blue"),
        ("cellar", "GDPR"), ("legislation", "the Act"), ("pack", "a.rar"), ("git", "/nowhere/at/all"), ("gopher", "x"),
    ],
)  # fmt: skip
def test_a_place_that_cannot_work_is_refused_when_it_is_typed(type_, at):
    with pytest.raises(SourceRefused):
        sourcing.open_source(SourceSpec("s", type_, at), sourcing.web(Settings(CAVEAT_HOME="/nowhere")))
