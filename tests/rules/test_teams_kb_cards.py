"""What administrators send from Teams and see there: nothing forged is taken, everything fits, and a form asks what is needed."""

import json

import pytest

from bot.kb import files, replies
from bot.kb.fields import filled, source_fields, upload_fields, wrong_upload
from bot.kb.reply import SHORTENED, Reply
from bot.kb.wants import ADD, COMMAND, FILE, START
from bot.teams.activity import shared, taken
from bot.teams.kbpress import MOST_FILES
from bot.teams.kbviews import shown
from bot.teams.message import LARGEST, size
from tests.rules.test_slack_kbwords import outcome
from tests.servers.teams import Teams
from tests.servers.teams.content import checked, elements
from tests.servers.teams.content import shown as seen
from tests.servers.teams.server import DOWNLOAD

TYPES = ("feed", "folder", "list")


def test_the_end_of_a_refresh_fits_a_card_and_what_sources_say_stays_text():
    hostile = "<at>Ada</at> [x](http://evil.example) " + "x" * 3_000
    hit = {"question": hostile, "asked_at": "2026-01-02", "changed": [hostile], "vanished": [], "uses": 1}
    impact = [{**hit, "answer_id": f"{at:032x}"} for at in range(60)]
    failed = [{"source": "mine", "ref": f"{at}.md", "error": hostile} for at in range(60)]
    made = shown(replies.ended(outcome(failed=failed, impact=impact), "wish"))
    checked(made)
    assert size(made) <= LARGEST
    card = made["attachments"][0]["content"]
    assert SHORTENED in seen(card)
    assert {one["type"] for one in elements(card)} <= {
        "AdaptiveCard", "RichTextBlock", "TextRun", "ActionSet", "Action.Execute"
    }  # fmt: skip
    small = shown(replies.ended(outcome(impact=impact[:2]), "wish"))
    pressed = [one for one in elements(small["attachments"][0]["content"]) if one["type"] == "Action.Execute"]
    assert [json.loads(one["data"]["text"]) for one in pressed] == [["wish", f"{at:032x}"] for at in range(2)]


def test_forms_ask_for_every_field_and_what_is_filled_in_is_read_back():
    for reply, fields in (
        (Reply("New", form=ADD), source_fields(TYPES)),
        (Reply("File", form=FILE, about=("a-b.md", "0" * 32)), upload_fields("a-b.md")),
    ):
        made = shown(reply, TYPES)
        checked(made)
        inputs = {one["id"]: one for one in elements(made["attachments"][0]["content"]) if "id" in one}
        assert list(inputs) == [one.name for one in fields]
        assert {name for name, one in inputs.items() if one["isRequired"]} == {
            one.name for one in fields if not one.optional
        }
    said = {"title": "  A rule ", "visibility": "staff", "kind": "policy", "more": "x", "owner": 7}
    assert filled(upload_fields(""), said) == (
        {"title": "A rule", "visibility": "staff", "owner": "7", "kind": "policy"}, {}
    )  # fmt: skip
    assert set(filled(upload_fields(""), {"title": "x" * 201})[1]) == {"title", "visibility", "kind"}
    assert set(wrong_upload({"visibility": "group:legal", "kind": "rumour"})) == {"kind"}
    assert set(wrong_upload({"visibility": "all", "kind": "law"})) == {"visibility"}


def press(teams, verb, data, **more):
    own = teams.personal(teams.ada)
    value = {"action": {"type": "Action.Execute", "verb": verb, "data": data}}
    return taken(teams.activity(teams.ada, own, "invoke", name="adaptiveCard/action", value=value, **more))


def test_what_a_press_brings_back_is_taken_only_in_our_form_and_length():
    teams = Teams()
    good = press(teams, START, {"verb": START, "text": '["mine"]'}, replyToId="m1")
    assert (good.payload["do"], good.payload["value"], good.payload["replace"]) == (START, '["mine"]', "m1")
    for verb, data in ((START, {"text": "x" * 2_001}), (START, {"text": 7}), (START, {}), (START, None), (FILE, [])):
        refused = press(teams, verb, data)
        assert (refused.payload, "does nothing here any more" in refused.body["value"]) == (None, True)
    odd = press(teams, ["kb_start"], {"text": "[]"})
    assert (odd.payload, "does nothing here any more" in odd.body["value"]) == (None, True)
    many = press(teams, ADD, {"text": "add", **{f"f{at}": "x" * 5_000 for at in range(30)}})
    assert len(many.payload["fields"]) == 12
    assert {len(value) for value in many.payload["fields"].values()} == {2_001}
    own = teams.personal(teams.ada)
    older = taken(teams.activity(teams.ada, own, "message", value={"verb": START, "text": "[]"}))
    assert (older.payload["do"], older.body) == (START, None)
    typed = taken(teams.activity(teams.ada, own, "message", text="/vendor-kb pairs add A = B (c)"))
    assert [typed.payload[name] for name in ("do", "word", "text", "usage")] == [COMMAND, "pairs add", "A = B (c)", ""]


def test_files_are_taken_in_a_chat_of_two_alone_and_each_is_work_of_its_own():
    teams = Teams()
    one = {"contentType": DOWNLOAD, "name": "a.md", "content": {"downloadUrl": "https://x.sharepoint.com/a"}}
    odd = [{"contentType": "text/html", "content": "<p>"}, "x", {"contentType": DOWNLOAD}, None]
    activity = teams.activity(teams.ada, teams.personal(teams.ada), "message", text="", attachments=[one, *odd])
    first, second = shared(activity)
    assert first.payload["file"] == {"name": "a.md", "url": "https://x.sharepoint.com/a"}
    assert (second.payload["file"], first.key != second.key) == ({"name": "", "url": ""}, True)
    assert len(shared({**activity, "attachments": [one] * 30})) == MOST_FILES
    assert shared({**activity, "attachments": "x"}) == []
    assert shared(teams.activity(teams.ada, teams.general, "message", text="", attachments=[one])) == []
    assert shared({**activity, "from": None}) == []


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.md", b"# A", ""), ("a.pdf", b"\n%PDF-1.7", ""), ("a.txt", "ä".encode("utf-16"), ""), ("a.csv", b"a;b", ""),
        ("a.md", b"", "it is empty"), ("a.pdf", b"PK\x03\x04", "no PDF"), ("a.docx", b"PK\x03\x04", "no .docx"),
        ("a.html", b"%PDF-1.7", "binary"), ("a.txt", b"MZ\x90", "binary"),
    ],
)  # fmt: skip
def test_content_is_what_its_name_says(name, content, why):
    said = files.disguised(name, content)
    assert (why in said and "was not kept" in said) if why else said == ""
