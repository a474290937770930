"""The SharePoint connector, against a local Microsoft Graph."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from knowledge.errors import DocumentRefused, PassedOver, SourceRefused, SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.ports import Ref
from knowledge.sources import sharepoint
from knowledge.sources.audience import Audience
from tests.servers.sources.sharepoint import Graph

SITE = "https://acme.sharepoint.com/sites/Policies"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
GROUP = "7f0a3c1e-0000-4000-8000-00000000abcd"
ANN = {"roles": ["read"], "grantedToV2": {"user": {"id": "1", "email": "Ann@acme.example"}}}
MAIL_GROUP = {"roles": ["write"], "grantedToV2": {"group": {"id": GROUP, "email": "Legal@acme.example"}}}


@pytest.fixture
def graph(monkeypatch):
    with Graph() as service:
        secret = {
            "tenant": "acme.example",
            "client_id": "app",
            "client_secret": "hush",
            "graph": service.base,
            "login": service.base,
        }
        monkeypatch.setenv("CAVEAT_SECRET_POLICIES", json.dumps(secret))
        service.put("b!one/A", "screening.txt", b"Every supplier is screened.", permissions=[ANN])
        yield service


def opened(graph, at=SITE, visibility="staff"):
    return sharepoint.connect(SourceSpec("policies", "sharepoint", at, visibility=visibility), graph.http)


def large(graph, now=NOON):
    """A connector that takes the library for a large one, whose permissions are not all read each time."""
    asked = opened(graph)._graph
    return sharepoint.SharePoint(asked, SITE, Audience("staff"), name="policies", small=0, now=lambda: now)


def visibility(graph, *permissions, cap="staff"):
    graph.permissions["b!one/A"] = list(permissions)
    source = opened(graph, visibility=cap)
    source.list("")
    return source.fetch(Ref("b!one/A")).facts["visibility"]


def hidden(graph, *permissions):
    with pytest.raises(PassedOver) as passed:
        visibility(graph, *permissions)
    return str(passed.value)


def test_a_file_comes_with_its_bytes_and_facts(graph):
    source = opened(graph)
    raw = source.fetch(source.list("").refs[0])
    assert raw.content == b"Every supplier is screened."
    assert raw.name == "screening.txt"
    assert raw.facts == {
        "title": "screening",
        "url": f"{SITE}/screening.txt",
        "as_of": "2026-02-01",
        "visibility": "user:ann@acme.example",
    }


def test_the_token_is_asked_for_once_and_with_the_application_s_own_rights(graph):
    source = opened(graph)
    source.fetch(source.list("").refs[0])
    assert len(graph.signed_in) == 1
    assert graph.signed_in[0]["grant_type"] == "client_credentials"
    assert graph.signed_in[0]["scope"].endswith("%2F.default")


def test_all_libraries_are_listed_over_all_their_pages(graph):
    for number in range(5):
        graph.put(f"b!one/B{number}", f"{number}.txt", permissions=[ANN])
    graph.put("b!two/C", "c.txt", permissions=[ANN])
    listed = opened(graph).list("")
    assert [ref.name for ref in listed.refs] == ["b!one/A", *(f"b!one/B{n}" for n in range(5)), "b!two/C"]
    assert listed.whole
    assert graph.asked("/drives/b!one/root/delta") == 4
    assert opened(graph).ids() == {ref.name for ref in listed.refs}


def test_one_library_or_one_folder_can_be_named(graph):
    graph.put("b!two/C", "c.txt", permissions=[ANN])
    graph.folder("b!two/F", "Signed off")
    graph.folder("b!two/G", "2026", parent="F")
    graph.put("b!two/D", "d.txt", permissions=[ANN], parentReference={"id": "G"})
    assert [ref.name for ref in opened(graph, f"{SITE}/Archive").list("").refs] == ["b!two/C", "b!two/D"]
    folder = opened(graph, f"{SITE}/Archive/Signed%20off")
    listed = folder.list("")
    assert [ref.name for ref in listed.refs] == ["b!two/D"]
    assert folder.ids() == {"b!two/D"}
    assert folder.list(listed.cursor).whole
    with pytest.raises(SourceUnreachable, match="no library"):
        opened(graph, f"{SITE}/Elsewhere").list("")


def test_files_whose_format_is_not_read_are_not_listed(graph):
    graph.put("b!one/P", "photo.png", permissions=[ANN])
    assert [ref.name for ref in opened(graph).list("").refs] == ["b!one/A"]


def test_a_delta_names_what_changed_and_what_was_deleted(graph):
    graph.put("b!one/B", "b.txt", permissions=[ANN])
    graph.put("b!one/C", "c.txt", permissions=[ANN])
    first = large(graph).list("")
    graph.put("b!one/B", "b.txt", b"New.")
    graph.delete("b!one/C")
    source = large(graph, NOON + timedelta(hours=1))
    second = source.list(first.cursor)
    assert not second.whole
    assert [ref.name for ref in second.refs] == ["b!one/B"]
    assert second.refs[0].mark != {ref.name: ref.mark for ref in first.refs}["b!one/B"]
    assert second.gone == {"b!one/C"}
    assert source.ids() == {"b!one/A", "b!one/B"}
    assert large(graph, NOON + timedelta(hours=2)).list(second.cursor).refs == ()


def test_an_item_on_several_delta_pages_counts_as_it_was_last(graph):
    first = large(graph).list("")
    for number in range(5):
        graph.put("b!one/B", f"{number}.txt", permissions=[ANN])
    graph.put("b!one/D", "d.txt", permissions=[ANN])
    graph.delete("b!one/D")
    source = large(graph)
    second = source.list(first.cursor)
    assert [ref.name for ref in second.refs] == ["b!one/B"]
    assert second.gone == {"b!one/D"}
    assert source.fetch(second.refs[0]).name == "4.txt"


def test_a_file_that_lost_its_readable_ending_is_gone(graph):
    first = large(graph).list("")
    graph.put("b!one/A", "screening.zip")
    assert large(graph).list(first.cursor).gone == {"b!one/A"}


def test_an_expired_delta_leads_to_a_whole_listing(graph):
    first = large(graph).list("")
    graph.expired = True
    again = large(graph).list(first.cursor)
    assert again.whole
    assert again.refs == first.refs


def test_a_permission_change_without_a_content_change_changes_the_mark(graph):
    first = opened(graph).list("")
    graph.permissions["b!one/A"] = [MAIL_GROUP]
    source = opened(graph)
    second = source.list(first.cursor)
    assert second.refs[0].mark != first.refs[0].mark
    assert source.fetch(second.refs[0]).facts["visibility"] == "group:legal@acme.example"


def test_a_large_library_has_all_its_permissions_read_again_after_a_day(graph):
    first = large(graph).list("")
    graph.permissions["b!one/A"] = []
    soon = large(graph, NOON + timedelta(hours=23)).list(first.cursor)
    assert (soon.whole, soon.refs) == (False, ())
    later = large(graph, NOON + timedelta(hours=24)).list(soon.cursor)
    assert later.whole
    assert later.refs[0].mark != first.refs[0].mark


def test_a_changed_folder_has_all_permissions_read_again(graph):
    graph.folder("b!one/F", "Folder")
    first = large(graph).list("")
    graph.permissions["b!one/A"] = []
    graph.folder("b!one/F", "Folder")
    second = large(graph).list(first.cursor)
    assert second.whole
    assert second.refs[0].mark != first.refs[0].mark


def test_permissions_of_many_files_are_asked_for_in_batches(graph):
    for number in range(24):
        graph.put(f"b!one/B{number}", f"{number}.txt", permissions=[ANN])
    opened(graph).list("")
    assert graph.asked("/$batch") == 2
    assert graph.asked("/permissions") == 0


@pytest.mark.parametrize("scope", ["anonymous", "organization"])
def test_a_file_shared_by_a_link_only_is_hidden(graph, scope):
    link = {"roles": ["read"], "link": {"scope": scope, "type": "view", "webUrl": "https://acme.sharepoint.com/x"}}
    assert "nobody" in hidden(graph, link)
    assert visibility(graph, link, ANN) == "user:ann@acme.example"


def test_a_link_for_named_people_shows_the_file_to_them(graph):
    link = {"roles": ["read"], "link": {"scope": "users"}, "grantedToIdentitiesV2": [ANN["grantedToV2"]]}
    assert visibility(graph, link) == "user:ann@acme.example"


def test_unreadable_permissions_hide_the_file_and_its_content_is_not_fetched(graph):
    graph.permissions.pop("b!one/A")
    source = opened(graph)
    (ref,) = source.list("").refs
    with pytest.raises(PassedOver, match="cannot be told"):
        source.fetch(ref)
    assert not graph.asked("/content")


def test_a_permission_that_ended_or_does_not_let_read_shows_nothing(graph):
    assert "nobody" in hidden(graph, {**ANN, "expirationDateTime": "2020-01-01T00:00:00Z"}, {**ANN, "roles": ["other"]})
    assert visibility(graph, {**ANN, "expirationDateTime": "0001-01-01T00:00:00Z"}) == "user:ann@acme.example"


@pytest.mark.parametrize(
    ("grantee", "label"),
    [
        ({"group": {"id": GROUP, "displayName": "Legal"}}, f"group:{GROUP}"),
        ({"group": {"id": GROUP, "email": "Legal@acme.example"}}, "group:legal@acme.example"),
        (
            {
                "group": {"id": GROUP, "email": "legal@acme.example"},
                "siteUser": {"loginName": f"c:0o.c|federateddirectoryclaimprovider|{GROUP}_o"},
            },
            f"group:{GROUP}_o",
        ),
        ({"siteUser": {"loginName": f"c:0t.c|tenant|{GROUP}"}}, f"group:{GROUP}"),
        ({"siteUser": {"loginName": "i:0#.f|membership|bob@acme.example"}}, "user:bob@acme.example"),
        ({"siteGroup": {"id": "5", "displayName": "Policies Visitors"}}, "group:policies.Policies+Visitors"),
        ({"siteUser": {"loginName": "c:0-.f|rolemanager|spo-grid-all-users/4f"}}, "staff"),
        ({"siteUser": {"loginName": "c:0(.s|true"}}, "staff"),
    ],
)
def test_whom_a_permission_names_becomes_a_label(graph, grantee, label):
    assert visibility(graph, {"roles": ["read"], "grantedToV2": grantee}) == label


def test_the_administrator_s_visibility_is_an_upper_bound(graph):
    everybody = {"roles": ["read"], "grantedToV2": {"siteUser": {"loginName": "c:0(.s|true"}}}
    assert visibility(graph, everybody, cap="group:legal") == "group:legal"


def test_a_file_that_no_listing_of_this_run_showed_is_looked_up(graph):
    assert opened(graph).fetch(Ref("b!one/A")).facts["visibility"] == "user:ann@acme.example"
    with pytest.raises(DocumentRefused):
        opened(graph).fetch(Ref("b!one/none"))


def test_a_file_that_is_too_large_is_passed_over_without_a_download(graph):
    graph.items["b!one/A"]["size"] = 10**9
    source = opened(graph)
    with pytest.raises(PassedOver, match="larger than"):
        source.fetch(source.list("").refs[0])
    assert not graph.asked("/content")


def test_being_asked_to_wait_is_waited_for(graph):
    graph.refuse("/delta", 429, headers={"Retry-After": "0"})
    assert len(opened(graph).list("").refs) == 1


def test_a_token_that_ended_early_is_renewed(graph):
    graph.refuse("/delta", 401)
    assert len(opened(graph).list("").refs) == 1
    assert len(graph.signed_in) == 2


def test_a_refused_token_is_told_in_words(graph):
    graph.tokens = set()
    with pytest.raises(SourceUnreachable, match="renew it in CAVEAT_SECRET_POLICIES"):
        opened(graph).list("")


def test_a_refused_secret_is_told_in_words_and_not_shown(graph, monkeypatch):
    secret = {"tenant": "acme.example", "client_id": "app", "client_secret": "wrong-hush"}
    secret |= {"graph": graph.base, "login": graph.base}
    monkeypatch.setenv("CAVEAT_SECRET_POLICIES", json.dumps(secret))
    with pytest.raises(SourceUnreachable) as refused:
        opened(graph).list("")
    assert "CAVEAT_SECRET_POLICIES" in str(refused.value)
    assert "hush" not in str(refused.value)


def test_a_site_that_the_application_may_not_read_is_told(graph):
    graph.refuse("/drives", 403)
    with pytest.raises(SourceUnreachable, match="may not read"):
        opened(graph).list("")


def test_a_link_that_leads_elsewhere_is_not_followed_with_the_token(graph):
    graph.elsewhere = "https://evil.example"
    for number in range(3):
        graph.put(f"b!one/B{number}", f"{number}.txt", permissions=[ANN])
    with pytest.raises(SourceUnreachable, match="leads elsewhere"):
        opened(graph).list("")


def test_the_token_does_not_go_along_to_where_a_download_is_redirected(graph):
    graph.downloads = graph.base.replace("127.0.0.1", "localhost")
    source = opened(graph)
    assert source.fetch(source.list("").refs[0]).content == b"Every supplier is screened."
    assert graph.shown_at_download == [None]


def test_a_cursor_of_another_cloud_leads_to_a_whole_listing(graph):
    first = large(graph).list("")
    assert large(graph).list(first.cursor.replace(graph.base, "https://graph.example")).whole


def test_a_cursor_that_cannot_be_read_leads_to_a_whole_listing(graph):
    assert opened(graph).list("nonsense").whole


@pytest.mark.parametrize("at", ["", "https://example.com/sites/Policies", "acme"])
def test_a_place_that_cannot_work_is_refused(graph, at):
    with pytest.raises(SourceRefused):
        opened(graph, at)


@pytest.mark.parametrize("held", ["", "token", "[]", '{"tenant": "acme.example"}'])
def test_a_secret_that_cannot_work_is_refused_naming_the_variable(graph, monkeypatch, held):
    monkeypatch.setenv("CAVEAT_SECRET_POLICIES", held)
    with pytest.raises(SourceRefused, match="CAVEAT_SECRET_POLICIES"):
        opened(graph)
