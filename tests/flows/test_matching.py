"""`caveat eval screening`: pairs of names and ordinary companies, through the search of a check, on whatever sets a folder has."""

import json

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.matching import alarms, shares
from knowledge.names.find import Names
from knowledge.names.index import Row
from knowledge.party import NameKind, PartyName

OWN = """\
{"a": "Zelkova Works GmbH", "b": "Zelkova Works", "match": true, "kind": "legal form"}
{"a": "Zelkova Werks", "b": "Zelkova Works Limited", "match": true, "kind": "spelling"}
{"a": "Nordwind Logistik", "b": "Zelkova Works", "match": false}
{"a": "Tamarack Fund VIII", "b": "Tamarack Fund IX", "match": false, "kind": "number"}
"""


@pytest.fixture
def measure(home, monkeypatch):
    monkeypatch.setenv("CAVEAT_HOME", str(home))

    def run(at, *more):
        return CliRunner().invoke(app, ["eval", "screening", "--at", str(at), *more])

    return run


def test_pairs_companies_and_what_is_missing_are_told(measure, tmp_path):
    (tmp_path / "name_pairs.jsonl").write_text(OWN)
    (tmp_path / "cleanco_companies.csv").write_text("Nordwind Logistik;Germany\r\nZTE Corporation;China\r\n")
    done = measure(tmp_path, "--json")
    assert done.exit_code == 0, done.output
    body = json.loads(done.stdout)
    own = body["pairs"]["own pairs"]
    assert [own[key] for key in ("pairs", "same", "precision", "recall", "f1", "false")] == [4, 2, 0.6667, 1.0, 0.8, 1]
    assert (own["graded"]["f1"], own["sure_though_two"]) == (0.8, 0)  # another fund of a series is merely possible
    assert own["kinds"]["number"] == {"right": 0, "of": 1}
    assert own["p95_ms"] >= own["p50_ms"] > 0
    assert [body["ordinary"][key] for key in ("names", "listed", "alarms")] == [2, 1, 0]
    assert (body["threshold"], body["missing"]["checks"]) == (0.5, "nomenklatura_entity_bench_checks.yml")
    shown = measure(tmp_path).stdout
    assert "own pairs" in shown
    assert "not in this folder: nomenklatura_name_bench_cases.csv" in shown.replace("\n", " ")


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("", "", "there is no set in"),
        ("name_pairs.jsonl", OWN + "{}\n", "line 5 of name_pairs.jsonl"),
        ("nomenklatura_name_bench_cases.csv", "a,b\n1,2\n", "the columns name1, name2"),
        ("nomenklatura_entity_bench_checks.yml", "checks: [1]", "no checks with a query"),
    ],
)
def test_a_folder_without_sets_or_with_a_spoiled_one_is_bad_input(measure, tmp_path, file, content, words):
    if file:
        (tmp_path / file).write_text(content)
    done = measure(tmp_path, "--json")
    assert (done.exit_code, words in json.loads(done.stdout)["error"]) == (2, True)
    assert measure(tmp_path / "nowhere").exit_code == 2


def test_shares_are_those_of_their_definitions_and_a_listed_company_is_no_false_alarm():
    assert shares([True, True, False], [True, False, True]) == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "false": 1}
    names = Names([Row("one", (PartyName("Zelkova Works Limited", NameKind.PRIMARY),))])
    said = alarms(names, ["Zelkova Works", "Zelkova Werks Limited", "Nordwind"])
    assert [said[key] for key in ("names", "listed", "alarms", "false_alarms")] == [3, 1, 1, 0.5]


def test_the_published_sets_hold_their_bars(measure, shared):
    body = json.loads(measure(shared / "screening", "--json").stdout)
    assert body["pairs"]["name_bench"]["pairs"] == 266
    assert body["pairs"]["name_bench"]["f1"] >= 0.9
    assert body["pairs"]["checks"]["f1"] >= 0.89
    assert body["ordinary"]["false_alarms"] <= 0.01
    assert body["ordinary"]["p95_ms"] < 50
