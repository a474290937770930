"""A file of vendors to a report: read, checked, taken up where it broke off, and no cell that a spreadsheet runs."""

import csv
import json

import pytest
from openpyxl import Workbook, load_workbook

from bot.batch import Vendor, neutral, read_vendors
from bot.errors import BatchRefused
from tests.flows.processes import caveat, caveat_json

FORMULA = '=HYPERLINK("http://evil.example";"x") Ltd'
FILE = f'Vendor;Country\nAlibaba Cloud;CN\n阿里云;\n"{FORMULA.replace(chr(34), chr(34) * 2)}";DE\nx;\n\nSAP SE;de\n'


def test_a_file_is_checked_into_a_table_whose_cells_are_no_formulas(home, tmp_path):
    file, out = tmp_path / "vendors.csv", tmp_path / "report.csv"
    file.write_text(FILE, "utf-8")
    said = caveat(home, "check", "--file", str(file), "--out", str(out))
    assert said.returncode == 0, said.stderr
    rows = {row["vendor"]: row for row in csv.DictReader(out.read_text("utf-8-sig").splitlines(keepends=True))}
    assert len(rows) == 5
    assert rows["Alibaba Cloud"]["level"] == "high"
    assert "Alibaba Group Holding Limited (affiliate)" in rows["阿里云"]["matches"]
    assert f"'{FORMULA}" in rows
    assert (rows["x"]["level"], "at least two letters" in rows["x"]["summary"]) == ("", True)
    assert (rows["SAP SE"]["country"], rows["SAP SE"]["level"]) == ("DE", "unknown")
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows.values() for cell in row.values())
    assert not out.with_name("report.csv.part").exists()
    receipt = caveat_json(home, "receipt", rows["Alibaba Cloud"]["check"])
    assert receipt["kind"] == "check"


def test_a_run_that_broke_off_is_taken_up_and_a_line_that_was_cut_is_made_again(home, tmp_path):
    file, out = tmp_path / "vendors.csv", tmp_path / "report.xlsx"
    file.write_text("name\nZTE\nSAP SE\nDahua\n", "utf-8")
    first = dict.fromkeys(("vendor", "country", "level", "summary", "check"), "") | {
        "vendor": "ZTE", "summary": "kept from before", "reasons": [], "matches": [], "listings": [], "next steps": [], "not known": [],
    }  # fmt: skip
    part = out.with_name("report.xlsx.part")
    part.write_text(json.dumps({"n": 1, "row": first}) + '\n{"n": 2, "row": {"vend', "utf-8")
    report = caveat_json(home, "check", "--file", str(file), "--out", str(out))
    assert (report["checked"], report["taken_up"]) == (3, 1)
    rows = list(load_workbook(out).active.iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["vendor", "ZTE", "SAP SE", "Dahua"]
    assert rows[1][3] == "kept from before"
    assert not part.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no rows"),
        (b"\xff\xfe\x00bad", "cannot be read as a table"),
        (b"a,b\n1,2\n", "headed vendor"),
    ],
)
def test_what_is_no_table_of_vendors_is_refused_in_words(tmp_path, content, words):
    file = tmp_path / "vendors.csv"
    file.write_bytes(content)
    with pytest.raises(BatchRefused, match=words):
        read_vendors(file)


def test_a_column_alone_and_a_workbook_are_read(tmp_path):
    (tmp_path / "alone.csv").write_text("ZTE\nSAP SE\n", "utf-8")
    assert read_vendors(tmp_path / "alone.csv") == [Vendor(1, "ZTE"), Vendor(2, "SAP SE")]
    book = Workbook()
    for row in (
        ("id", "Supplier", "Country"),
        (7, "ZTE", "cn"),
        (8, None, None),
        (9, "SAP SE", "Germany"),
        (10, "Nokia", "?"),
    ):
        book.active.append(row)
    book.save(tmp_path / "book.xlsx")
    read = [(one.name, one.country) for one in read_vendors(tmp_path / "book.xlsx")]
    assert read == [("ZTE", "CN"), ("SAP SE", "DE"), ("Nokia", "")]
    (tmp_path / "not.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    with pytest.raises(BatchRefused, match="no Excel workbook"):
        read_vendors(tmp_path / "not.xlsx")


@pytest.mark.parametrize("cell", ["=1+1", " =1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "|x", "%0"])
def test_every_beginning_of_a_formula_is_made_text(cell):
    assert neutral(cell).startswith("'")
    assert neutral("SAP SE") == "SAP SE"


def test_one_name_or_a_file_and_nothing_between(home, tmp_path):
    for arguments in (("check",), ("check", "ZTE", "--file", "x.csv", "--out", "y.csv"), ("check", "--file", "x.csv")):
        said = caveat(home, *arguments)
        assert (said.returncode, "--out" in said.stderr) == (2, True)
    said = caveat(home, "check", "--file", str(tmp_path / "none.csv"), "--out", "y.docx")
    assert said.returncode == 2
