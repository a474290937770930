"""The command line as scripts and people use it."""

import json

import pytest

from tests.flows.processes import caveat, caveat_json, cold

HOSTING = "Can we host EU customer data on Alibaba Cloud?"


def test_help_needs_no_heavy_import(tmp_path):
    listed = cold(tmp_path, "--help")
    assert listed.returncode == 0
    assert "ask" in listed.stdout
    import subprocess
    import sys

    heavy = "chromadb|openai|sqlalchemy|slack_bolt|dbos|numpy|rich|pydantic".split("|")
    probe = "import sys, bot.cli; print([name for name in sys.argv[1:] if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", probe, *heavy], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]"


def test_the_first_ask_on_an_empty_folder_publishes_and_answers(tmp_path):
    said = cold(tmp_path / "new", "ask", HOSTING)
    assert said.returncode == 0, said.stderr
    assert "18 Jan 2022" in said.stdout
    assert "allegation, not a finding" in said.stdout
    assert "POL-02 §3.1" in said.stdout
    assert "GDPR" in said.stdout
    assert caveat_json(tmp_path / "new", "status")["edition"] == 1


def test_json_is_one_document_and_nothing_else(home):
    said = caveat(home, "ask", HOSTING, "--json")
    body = json.loads(said.stdout)
    assert said.returncode == 0
    assert not body["refused"]
    assert body["timings_ms"]["total"] > 0


@pytest.mark.parametrize(
    ("question", "code"),
    [("Who won the 2018 World Cup?", 3), ("", 2), ("word " * 4_000, 2), ("🎉", 2), ("hello", 0), ("我可以买吗", 3)],
)
def test_exit_codes_tell_how_it_ended(home, question, code):
    assert caveat(home, "ask", question).returncode == code


def test_a_date_that_is_none_is_refused(home):
    said = caveat(home, "ask", HOSTING, "--as-of", "yesterday")
    assert said.returncode == 2
    assert "YYYY-MM-DD" in said.stderr


def test_asking_as_someone_unknown_shows_public_sources_only(home):
    body = caveat_json(home, "ask", HOSTING, "--as", "nobody")
    assert body["claims"]
    assert not any(source["kind"] == "policy" for source in body["sources"])


def test_groups_come_from_the_company_s_own_list(home):
    (home / "groups.toml").write_text('[groups]\nstaff = ["ann"]\n', "utf-8")
    assert any(source["kind"] == "policy" for source in caveat_json(home, "ask", HOSTING, "--as", "ann")["sources"])
    (home / "groups.toml").write_text("[groups\n", "utf-8")
    broken = caveat(home, "ask", HOSTING, "--as", "ann")
    assert broken.returncode == 1
    assert "groups.toml" in broken.stderr
    assert "Traceback" not in broken.stderr


def test_the_seed_article_is_quoted_with_its_figure(home, shared):
    assert (
        caveat(
            home, "sources", "add", "seed", "--type", "folder", "--at", str(shared / "seed"), "--kind", "news"
        ).returncode
        == 0
    )
    report = caveat_json(home, "refresh")
    assert (report["added"], report["failed"]) == (1, [])
    body = caveat_json(home, "ask", "What share of Alibaba's revenue is its US cloud business?")
    assert "less than $50 million of the company's $863.3 billion annual revenue" in body["claims"][0]["quote"]
    assert body["sources"][body["claims"][0]["source"] - 1]["document_id"].startswith("seed:")
    convicted = caveat_json(home, "ask", "Has Alibaba Cloud been convicted of espionage?")
    assert convicted["refused"]
    assert "do not show" in convicted["reason"]


def test_a_source_of_one_s_own_is_added_found_and_removed(home, tmp_path):
    place = tmp_path / "policies"
    place.mkdir()
    (place / "laptops.md").write_text(
        "# Laptop policy\n\n## 2 Disposal\n\n2.1 Every laptop must be shredded by Greenshred within 9 days.\n", "utf-8"
    )
    added = caveat(
        home, "sources", "add", "it", "--type", "folder", "--at", str(place), "--kind", "policy", "--owner", "IT"
    )
    assert added.returncode == 0, added.stderr
    assert caveat_json(home, "refresh", "it")["added"] == 1
    hits = caveat_json(home, "search", "laptop shredded Greenshred", "-k", "3")["hits"]
    assert hits[0]["citation"] == "Laptop policy §2.1"
    listed = {row["name"]: row for row in caveat_json(home, "sources", "list")["sources"]}
    assert listed["it"]["documents"] == 1
    assert caveat(home, "sources", "remove", "it").returncode == 0
    assert caveat_json(home, "refresh")["removed"] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("seed", "--type", "folder", "--at", "/no/such/place"), "no folder"),
        (("seed", "--type", "ftp", "--at", "x"), "no source of type"),
        (("seed", "--type", "folder", "--at", "/", "--kind", "poem"), "kind"),
        (("seed", "--type", "folder", "--at", "/", "--visibility", "everyone"), "visibility"),
        (("seed", "--type", "folder", "--at", "/", "--jurisdiction", "Europe"), "jurisdiction"),
        (("starter", "--type", "folder", "--at", "/"), "name"),
        (("a b", "--type", "folder", "--at", "/"), "name"),
    ],
)
def test_a_source_that_cannot_work_is_refused_with_its_reason(home, arguments, words):
    refused = caveat(home, "sources", "add", *arguments)
    assert refused.returncode == 2
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr


def test_refreshing_a_source_that_is_not_there_is_bad_input(home):
    refused = caveat(home, "refresh", "nothing")
    assert refused.returncode == 2
    assert "no source named nothing" in refused.stderr


def test_a_receipt_is_found_again_and_an_unknown_one_is_not(home):
    answer = caveat_json(home, "ask", HOSTING)
    assert caveat_json(home, "receipt", answer["answer_id"])["claims"] == answer["claims"]
    assert caveat(home, "receipt", answer["answer_id"]).returncode == 0
    assert caveat(home, "receipt", "0" * 16).returncode == 2


def test_status_and_doctor_say_what_is_in_service(home):
    status = caveat_json(home, "status")
    assert status["edition"] == 1
    assert status["starter_current"]
    checks = {check["check"]: check["state"] for check in caveat_json(home, "doctor")["checks"]}
    assert checks["edition"] == "ok"
    assert checks["vector store"] == "ok"
    assert checks["language model"] == "off"
    assert caveat(home, "doctor").returncode == 0


def test_a_setting_that_cannot_be_used_is_named(home):
    refused = caveat(home, "ask", HOSTING, PORT="eighty")
    assert refused.returncode == 1
    assert "PORT" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_rollback_puts_the_edition_before_into_service(home, tmp_path):
    (tmp_path / "one.txt").write_text(
        "The only sentence of this small document speaks about quinces and medlars.", "utf-8"
    )
    assert caveat(home, "rollback").returncode == 1
    caveat(home, "sources", "add", "one", "--type", "folder", "--at", str(tmp_path))
    assert caveat_json(home, "refresh")["edition"] == 2
    assert caveat_json(home, "rollback") == {"edition": 1, "previous": 2}
    assert caveat_json(home, "ask", HOSTING)["edition"] == 1


def test_hostile_text_cannot_steer_the_terminal(home, tmp_path):
    place = tmp_path / "hostile"
    place.mkdir()
    (place / "x.md").write_text(
        "# Zebra\x1b[31m policy\n\n1.1 Every zebra\x1b]0;owned\x07 must be [bold]striped[/bold] within 3 days.\n",
        "utf-8",
    )
    caveat(home, "sources", "add", "zoo", "--type", "folder", "--at", str(place), "--kind", "policy")
    caveat(home, "refresh")
    said = caveat(home, "search", "zebra striped").stdout
    assert "\x1b" not in said
    assert "[bold]striped[/bold]" in said


@pytest.mark.parametrize("arguments", [("ask", HOSTING), ("status",), ("refresh",), ("doctor",)])
def test_a_state_folder_that_cannot_be_used_ends_in_words_and_not_in_a_trace(tmp_path, arguments):
    (tmp_path / "caveat.db").write_text("this is no database, only a file with some words in it", "utf-8")
    broken = caveat(tmp_path, *arguments)
    assert broken.returncode == 1
    assert "something broke" in broken.stderr
    assert "Traceback" not in broken.stderr
    assert "not a database" not in broken.stderr
    assert "something broke" in json.loads(caveat(tmp_path, *arguments, "--json").stdout)["error"]
