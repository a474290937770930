"""The Confluence connector, against a local Confluence Cloud."""

import pytest

from knowledge.errors import PassedOver, SourceRefused, SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.parse import read
from knowledge.sources import confluence
from tests.servers.sources.confluence import LEGAL, Confluence

SECRET = "me@acme.example:good"


@pytest.fixture
def wiki(monkeypatch):
    monkeypatch.setenv("CAVEAT_SECRET_POLICY_WIKI", SECRET)
    with Confluence() as service:
        service.add("101", "Supplier policy", "<h1>Suppliers</h1><p>Every supplier is screened before onboarding.</p>")
        yield service


def opened(wiki, *, staff="staff=everyone", visibility="staff"):
    at = f"{wiki.base}/wiki/spaces/POL {staff}".strip()
    spec = SourceSpec("policy-wiki", "confluence", at, visibility=visibility)
    return confluence.connect(spec, wiki.http)


def marks(source):
    return {ref.name: ref.mark for ref in source.list("").refs}


def visibility(source, name="101"):
    ref = next(ref for ref in source.list("").refs if ref.name == name)
    return source.fetch(ref).facts["visibility"]


def hidden(source, name="101"):
    ref = next(ref for ref in source.list("").refs if ref.name == name)
    with pytest.raises(PassedOver) as passed:
        source.fetch(ref)
    return str(passed.value)


def test_a_page_comes_with_its_words_and_the_facts_of_its_space(wiki):
    source = opened(wiki)
    raw = source.fetch(source.list("").refs[0])
    (parsed,) = read(raw.content, raw.name)
    assert "Every supplier is screened before onboarding." in parsed.text
    assert raw.facts == {
        "title": "Supplier policy",
        "url": "https://acme.atlassian.net/wiki/spaces/POL/pages/101",
        "version": "1",
        "as_of": "2026-03-01",
        "owner": "Ada Owner",
        "visibility": "staff",
    }


def test_a_space_is_listed_over_all_its_search_pages(wiki):
    for number in range(102, 107):
        wiki.add(str(number), f"Page {number}", "<p>Words.</p>")
    source = opened(wiki)
    assert sorted(marks(source)) == ["101", "102", "103", "104", "105", "106"]
    assert wiki.asked("content/search") == 3
    assert source.ids() == frozenset(marks(source))


def test_a_second_listing_marks_only_the_page_that_changed(wiki):
    wiki.add("102", "Other", "<p>Words.</p>")
    before = marks(opened(wiki))
    wiki.pages["102"]["version"] = 2
    after = marks(opened(wiki))
    assert after["101"] == before["101"]
    assert after["102"] != before["102"]


def test_a_restriction_changes_the_mark_although_the_version_stays(wiki):
    before = marks(opened(wiki))
    wiki.pages["101"]["groups"] = [LEGAL]
    source = opened(wiki)
    assert marks(source)["101"] != before["101"]
    assert visibility(source) == "group:legal"


def test_a_change_of_the_space_s_own_permissions_changes_every_mark(wiki):
    wiki.add("102", "Other", "<p>Words.</p>")
    before = marks(opened(wiki))
    wiki.grants = [("group", LEGAL)]
    after = marks(opened(wiki))
    assert not set(before.values()) & set(after.values())
    assert visibility(opened(wiki)) == "group:legal"


def test_a_page_below_a_restricted_page_is_restricted_too(wiki):
    wiki.add("102", "Child", "<p>Words.</p>", above=["101"])
    wiki.pages["101"]["groups"] = [LEGAL]
    assert visibility(opened(wiki), "102") == "group:legal"


def test_a_page_restricted_twice_is_shown_only_to_who_passes_both(wiki):
    wiki.pages["101"]["users"] = ["bob@acme.example", "eve@acme.example"]
    wiki.add("102", "Child", "<p>Words.</p>", above=["101"], users=["bob@acme.example", "ann@acme.example"])
    assert visibility(opened(wiki), "102") == "user:bob@acme.example"
    wiki.pages["102"]["users"] = ["ann@acme.example"]
    assert "nobody" in hidden(opened(wiki), "102")


def test_a_folder_above_is_asked_for_its_restrictions(wiki):
    wiki.folders["900"] = {"groups": [LEGAL]}
    wiki.pages["101"]["above"] = ["900"]
    assert visibility(opened(wiki)) == "group:legal"


def test_a_page_below_something_that_shows_no_restrictions_is_hidden(wiki):
    wiki.pages["101"]["above"] = ["900"]
    assert "cannot be told" in hidden(opened(wiki))


def test_a_page_that_shows_no_restrictions_is_hidden(wiki):
    wiki.pages["101"]["hides"] = True
    assert "cannot be told" in hidden(opened(wiki))


def test_a_page_restricted_to_people_without_a_visible_address_is_hidden(wiki):
    wiki.pages["101"]["users"] = [""]
    assert "nobody" in hidden(opened(wiki))


def test_what_a_hidden_page_says_is_not_even_fetched(wiki):
    wiki.pages["101"]["users"] = [""]
    hidden(opened(wiki))
    assert not wiki.asked("/api/v2/pages/")


def test_a_restricted_group_that_the_space_does_not_surely_let_in_is_not_let_in(wiki):
    wiki.pages["101"]["groups"] = [LEGAL]
    assert "nobody" in hidden(opened(wiki, staff=""))


def test_a_person_named_by_the_space_is_known_by_address(wiki):
    wiki.users = {"5b1": "Bob@acme.example"}
    wiki.grants = [("user", "5b1"), ("user", "5b2"), ("role", "1")]
    assert visibility(opened(wiki)) == "user:bob@acme.example"


def test_the_administrator_s_visibility_is_an_upper_bound(wiki):
    assert visibility(opened(wiki, visibility="group:legal")) == "group:legal"
    wiki.pages["101"]["users"] = ["bob@acme.example"]
    assert "nobody" in hidden(opened(wiki, visibility="group:legal"))


def test_more_readers_than_a_visibility_holds_hide_the_page(wiki):
    wiki.pages["101"]["users"] = [f"p{number}@acme.example" for number in range(201)]
    assert "more than 200" in hidden(opened(wiki))


def test_trashed_and_archived_pages_are_gone_at_once(wiki):
    wiki.add("102", "Old", "<p>Words.</p>", status="archived")
    wiki.add("103", "Bad", "<p>Words.</p>", status="trashed")
    listed = opened(wiki).list("")
    assert listed.whole
    assert listed.gone == {"102", "103"}
    assert [ref.name for ref in listed.refs] == ["101"]


def test_a_page_without_words_is_passed_over(wiki):
    wiki.add("101", "Index", "<p> <br/></p>")
    assert "no text" in hidden(opened(wiki))


def test_being_asked_to_wait_is_waited_for(wiki):
    wiki.refuse("content/search", 429, headers={"Retry-After": "0"})
    assert list(marks(opened(wiki))) == ["101"]


def test_a_refused_token_is_told_in_words_without_the_token(wiki):
    wiki.tokens = set()
    with pytest.raises(SourceUnreachable) as refused:
        opened(wiki).list("")
    assert "renew it in CAVEAT_SECRET_POLICY_WIKI" in str(refused.value)
    assert "good" not in str(refused.value)


@pytest.mark.parametrize("status", [403, 404])
def test_permissions_of_the_space_that_may_not_be_read_keep_everything_as_it_was(wiki, status):
    wiki.refuse("/permissions", status)
    with pytest.raises(SourceUnreachable):
        opened(wiki).list("")


def test_a_space_that_shows_no_permissions_at_all_is_not_taken_for_one_that_nobody_reads(wiki):
    wiki.grants = []
    with pytest.raises(SourceUnreachable):
        opened(wiki).list("")


def test_a_space_that_is_not_there_is_told(wiki):
    spec = SourceSpec("policy-wiki", "confluence", f"{wiki.base}/wiki/spaces/NONE")
    with pytest.raises(SourceUnreachable, match="no space NONE"):
        confluence.connect(spec, wiki.http).list("")


def test_without_a_secret_the_variable_is_named(wiki, monkeypatch):
    monkeypatch.delenv("CAVEAT_SECRET_POLICY_WIKI")
    with pytest.raises(SourceRefused, match="CAVEAT_SECRET_POLICY_WIKI"):
        opened(wiki)


@pytest.mark.parametrize(
    "at",
    [
        "",
        "acme",
        "https://acme.atlassian.net/wiki",
        "http://acme.atlassian.net/wiki/spaces/POL",
        "https://acme.atlassian.net/wiki/spaces/POL staff=a staff=b",
    ],
)
def test_a_place_that_cannot_work_is_refused(wiki, at):
    with pytest.raises(SourceRefused):
        confluence.connect(SourceSpec("policy-wiki", "confluence", at), wiki.http)
