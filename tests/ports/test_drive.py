"""The Google Drive connector, against a local Drive."""

import json
import sys

import pytest

from knowledge.errors import DocumentRefused, PassedOver, SourceRefused, SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.ports import Ref
from knowledge.sources import drive
from tests.servers.sources.drive import FOLDER, SHARED, TOP, Drive

ANN = {"id": "11", "type": "user", "role": "reader", "emailAddress": "Ann@acme.example"}
LEGAL = {"id": "12", "type": "group", "role": "commenter", "emailAddress": "legal@acme.example"}
COMPANY = {"id": "13", "type": "domain", "role": "reader", "domain": "acme.example", "allowFileDiscovery": True}
LINK = {"id": "anyoneWithLink", "type": "anyone", "role": "reader", "allowFileDiscovery": False}


@pytest.fixture
def google(monkeypatch):
    with Drive() as service:
        secret = {"client_id": "app", "client_secret": "hush", "refresh_token": "once"}
        secret |= {"api": f"{service.base}/drive/v3", "token_uri": f"{service.base}/token"}
        monkeypatch.setenv("CAVEAT_SECRET_DRIVE", json.dumps(secret))
        service.put("one", "Screening.txt", b"Every supplier is screened.", permissions=[ANN])
        yield service


def opened(google, *, staff="staff=acme.example", visibility="staff"):
    folder = SHARED if google.shared else TOP
    at = f"https://drive.google.com/drive/folders/{folder} {staff}".strip()
    spec = SourceSpec("drive", "drive", at, visibility=visibility)
    return drive.connect(spec, google.http)


def marks(source, since=""):
    return {ref.name: ref.mark for ref in source.list(since).refs}


def visibility(google, *permissions, **options):
    google.permissions["one"] = list(permissions)
    source = opened(google, **options)
    source.list("")
    return source.fetch(Ref("one")).facts["visibility"]


def hidden(google, *permissions, **options):
    with pytest.raises(PassedOver) as passed:
        visibility(google, *permissions, **options)
    return str(passed.value)


def test_a_file_comes_with_its_bytes_and_facts(google):
    google.files["one"]["owners"] = [{"displayName": "Ada Owner"}]
    source = opened(google)
    raw = source.fetch(source.list("").refs[0])
    assert raw.content == b"Every supplier is screened."
    assert raw.name == "one.txt"
    assert raw.facts == {
        "title": "Screening",
        "url": "https://drive.google.com/file/d/one/view",
        "as_of": "2026-04-02",
        "owner": "Ada Owner",
        "visibility": "user:ann@acme.example",
    }


def test_a_shared_drive_is_listed_over_all_its_pages(google):
    for number in range(5):
        google.put(f"n{number}", f"{number}.txt", permissions=[ANN])
    assert sorted(marks(opened(google))) == ["n0", "n1", "n2", "n3", "n4", "one"]
    assert google.asked("/drive/v3/files?") == 3
    assert opened(google).ids() == {"n0", "n1", "n2", "n3", "n4", "one"}


def test_a_folder_is_listed_with_all_the_folders_below_it(google):
    google.shared = False
    google.put("one", "Screening.txt")
    google.put("sub", "Sub", mimeType=FOLDER)
    google.put("two", "Two.txt", permissions=[ANN], parents=["sub"])
    google.put("other", "Other.txt", permissions=[ANN], parents=["elsewhere"])
    source = opened(google)
    assert sorted(marks(source)) == ["one", "two"]
    source.fetch(Ref("two"))
    assert not google.asked("/files/two/permissions"), "they stand in the listing already"


def test_what_is_no_readable_file_is_not_listed(google):
    google.put("s", "Shortcut", mimeType="application/vnd.google-apps.shortcut", permissions=[ANN])
    google.put("f", "Form", mimeType="application/vnd.google-apps.form", permissions=[ANN])
    google.put("p", "photo.png", mimeType="image/png", permissions=[ANN])
    google.put("t", "trash.txt", trashed=True, permissions=[ANN])
    google.put("n", "No ending", mimeType="text/html", permissions=[ANN])
    assert sorted(marks(opened(google))) == ["n", "one"]


@pytest.mark.parametrize(
    ("kind", "ending", "exported"),
    [
        ("document", ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("spreadsheet", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("presentation", ".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ],
)
def test_google_s_own_formats_are_exported(google, monkeypatch, kind, ending, exported):
    monkeypatch.setattr(drive, "ENDINGS", drive.ENDINGS | {ending})
    google.put("one", "Screening v1.2", mimeType=f"application/vnd.google-apps.{kind}")
    source = opened(google)
    raw = source.fetch(source.list("").refs[0])
    assert raw.name == f"one{ending}"
    assert raw.facts["title"] == "Screening v1.2"
    assert google.exported == [exported]


def test_a_document_too_large_for_export_is_passed_over(google, monkeypatch):
    monkeypatch.setattr(drive, "ENDINGS", drive.ENDINGS | {".docx"})
    google.put("one", "Long", mimeType="application/vnd.google-apps.document")
    google.refuse("/export", 403, body={"error": {"errors": [{"reason": "exportSizeLimitExceeded"}]}})
    source = opened(google)
    with pytest.raises(PassedOver, match="10 MB"):
        source.fetch(source.list("").refs[0])


def test_a_second_listing_marks_only_what_changed_and_tells_what_was_removed(google):
    for name in ("two", "three", "four"):
        google.put(name, f"{name}.txt", permissions=[ANN])
    first = opened(google).list("")
    google.put("two", "two.txt", b"New.")
    google.remove("three")
    google.trash("four")
    second = opened(google).list(first.cursor)
    before, after = ({ref.name: ref.mark for ref in listed.refs} for listed in (first, second))
    assert second.gone == {"three", "four"}
    assert after["one"] == before["one"]
    assert after["two"] != before["two"]
    assert opened(google).list(second.cursor).gone == frozenset()


def test_what_was_removed_and_came_back_is_not_gone(google):
    first = opened(google).list("")
    google.trash("one")
    google.put("one", "Screening.txt")
    assert opened(google).list(first.cursor).gone == frozenset()


@pytest.mark.parametrize("status", [400, 404, 410])
def test_an_expired_page_token_starts_anew(google, status):
    first = opened(google).list("")
    google.put("two", "Two.txt", permissions=[ANN])
    google.refuse("/changes?", status)
    second = opened(google).list(first.cursor)
    assert (len(second.refs), second.gone, second.whole) == (2, frozenset(), True)
    assert second.cursor != first.cursor


def test_a_permission_change_without_a_content_change_changes_the_mark(google):
    before = marks(opened(google))
    google.permissions["one"] = [LEGAL]
    source = opened(google)
    assert marks(source) != before
    assert source.fetch(Ref("one")).facts["visibility"] == "group:legal@acme.example"


def test_a_change_among_the_members_of_a_shared_drive_changes_every_mark(google):
    before = marks(opened(google))
    google.permissions[SHARED] = [LEGAL]
    assert marks(opened(google)) != before


def test_a_listing_that_does_not_show_who_has_access_gives_no_mark(google):
    google.permissions["one"] = None
    assert marks(opened(google)) == {"one": ""}


def test_a_file_with_a_link_only_is_hidden(google):
    assert "nobody" in hidden(google, LINK)
    assert "nobody" in hidden(google, {**COMPANY, "allowFileDiscovery": False})
    assert visibility(google, LINK, ANN) == "user:ann@acme.example"


def test_everybody_s_file_is_everybody_s_only_when_the_administrator_says_so(google):
    public = {**LINK, "id": "anyone", "allowFileDiscovery": True}
    assert visibility(google, public) == "staff"
    assert visibility(google, public, visibility="public") == "public"


def test_the_company_s_domain_is_staff_and_another_one_is_a_group(google):
    assert visibility(google, COMPANY) == "staff"
    assert visibility(google, {**COMPANY, "domain": "partner.example"}) == "group:partner.example"
    assert visibility(google, COMPANY, staff="") == "group:acme.example"


def test_unreadable_permissions_hide_the_file_and_its_content_is_not_fetched(google):
    google.permissions["one"] = None
    source = opened(google)
    with pytest.raises(PassedOver, match="cannot be told"):
        source.fetch(source.list("").refs[0])
    assert not google.asked("alt=media")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"deleted": True},
        {"expirationTime": "2020-01-01T00:00:00Z"},
        {"view": "published"},
        {"role": "nothing"},
        {"emailAddress": ""},
        {"inheritedPermissionsDisabled": True, "permissionDetails": [{"inherited": True, "role": "reader"}]},
    ],
)
def test_a_permission_that_does_not_let_read_shows_nothing(google, spoilt):
    assert "nobody" in hidden(google, {**ANN, **spoilt})


def test_permissions_are_read_over_all_their_pages(google):
    people = [{**ANN, "id": str(number), "emailAddress": f"p{number}@acme.example"} for number in range(5)]
    assert visibility(google, *people) == ",".join(f"user:p{number}@acme.example" for number in range(5))


def test_a_file_that_may_not_be_downloaded_is_passed_over(google):
    google.put("one", "Screening.txt", capabilities={"canDownload": False})
    source = opened(google)
    with pytest.raises(PassedOver, match="downloaded"):
        source.fetch(source.list("").refs[0])


def test_a_file_that_no_listing_of_this_run_showed_is_looked_up(google):
    assert opened(google).fetch(Ref("one")).content == b"Every supplier is screened."
    with pytest.raises(DocumentRefused):
        opened(google).fetch(Ref("none"))


def test_being_asked_to_wait_is_waited_for(google):
    google.refuse("/drive/v3/files?", 429, headers={"Retry-After": "0"})
    assert list(marks(opened(google))) == ["one"]


def test_being_asked_to_slow_down_is_not_taken_for_unreadable_permissions(google):
    google.refuse("/permissions", 403, times=9, body={"error": {"errors": [{"reason": "userRateLimitExceeded"}]}})
    with pytest.raises(SourceUnreachable, match="wait"):
        opened(google).list("")


def test_a_token_that_ended_early_is_renewed(google):
    google.refuse("/drive/v3/files?", 401)
    assert list(marks(opened(google))) == ["one"]
    assert len(google.signed_in) == 2


def test_a_refused_token_is_told_in_words(google):
    google.tokens = set()
    with pytest.raises(SourceUnreachable, match="renew it in CAVEAT_SECRET_DRIVE"):
        opened(google).list("")


def test_a_refused_secret_is_told_in_words_and_not_shown(google, monkeypatch):
    secret = {"client_id": "app", "client_secret": "wrong-hush", "refresh_token": "once"}
    monkeypatch.setenv("CAVEAT_SECRET_DRIVE", json.dumps({**secret, "token_uri": f"{google.base}/token"}))
    with pytest.raises(SourceUnreachable) as refused:
        opened(google).list("")
    assert "CAVEAT_SECRET_DRIVE" in str(refused.value)
    assert "hush" not in str(refused.value)


def test_a_folder_that_the_account_does_not_see_is_told(google):
    google.refuse(f"/files/{SHARED}", 404)
    with pytest.raises(SourceUnreachable, match="may not see"):
        opened(google).list("")


def test_a_service_account_without_its_extra_is_refused_in_words(google, monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography", None)
    key = {"type": "service_account", "client_email": "bot@acme.example", "private_key": "hush"}
    monkeypatch.setenv("CAVEAT_SECRET_DRIVE", json.dumps(key))
    with pytest.raises(SourceRefused) as refused:
        opened(google)
    assert "caveat[drive]" in str(refused.value)
    assert "hush" not in str(refused.value)


def test_a_service_account_signs_in_with_its_key_in_the_subject_s_name(google, monkeypatch):
    pytest.importorskip("cryptography")
    jwt = pytest.importorskip("jwt")
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    private = rsa.generate_private_key(65537, 2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    key = {"type": "service_account", "client_email": "bot@acme.example", "private_key": pem, "private_key_id": "k1"}
    key |= {"subject": "reader@acme.example", "api": f"{google.base}/drive/v3", "token_uri": f"{google.base}/token"}
    monkeypatch.setenv("CAVEAT_SECRET_DRIVE", json.dumps(key))
    assert list(marks(opened(google))) == ["one"]
    said = jwt.decode(google.signed_in[0]["assertion"], private.public_key(), ["RS256"], audience=key["token_uri"])
    assert (said["iss"], said["sub"]) == ("bot@acme.example", "reader@acme.example")


def test_a_key_that_cannot_be_used_is_refused_in_words(google, monkeypatch):
    pytest.importorskip("cryptography")
    pytest.importorskip("jwt")
    key = {"type": "service_account", "client_email": "bot@acme.example", "private_key": "hush"}
    monkeypatch.setenv("CAVEAT_SECRET_DRIVE", json.dumps({**key, "token_uri": f"{google.base}/token"}))
    with pytest.raises(SourceRefused) as refused:
        opened(google)
    assert "CAVEAT_SECRET_DRIVE" in str(refused.value)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("at", ["", "https://docs.google.com/document/d/1", "https://evil.example/drive/folders/0A"])
def test_a_place_that_cannot_work_is_refused(google, at):
    with pytest.raises(SourceRefused):
        drive.connect(SourceSpec("drive", "drive", at), google.http)
