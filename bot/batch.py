"""A list of vendors to a report: read from a table, checked one by one, resumed where it broke off, written as a table."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.card import Card
from bot.dossier import summary
from bot.errors import BatchRefused
from knowledge.lists.countries import code

MOST = 10_000
"""Vendors in one file."""
LARGEST = 20_000_000
"""Bytes of one file."""
COLUMNS = (
    "vendor", "country", "level", "summary", "reasons", "matches", "listings", "next steps", "not known", "check",
)  # fmt: skip
NAMED = re.compile(r"\s*(?:vendor|supplier|company|name|vendor name|supplier name|company name)\s*", re.IGNORECASE)
COUNTRY = re.compile(r"\s*(?:country|country code|cc|seat)\s*", re.IGNORECASE)
"""Headings of the columns that are read."""
_FORMULA = re.compile(r"^\s*[=+\-@\t\r|%]")
"""How a cell begins that a spreadsheet may run."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """A row of the file: its number from 1, the name, and a country code, empty where none was told or understood."""

    n: int
    name: str
    country: str = ""


def read_vendors(file: Path) -> list[Vendor]:
    """Read a CSV or Excel file: a column of names, with a heading or alone, and a column `country` if there is one."""
    rows = [row for row in _rows(file) if any(cell.strip() for cell in row)]
    if not rows:
        raise BatchRefused(f"{file.name} holds no rows: nothing was checked")
    named = next((at for at, cell in enumerate(rows[0]) if NAMED.fullmatch(cell)), None)
    seat = next((at for at, cell in enumerate(rows[0]) if COUNTRY.fullmatch(cell)), None)
    if named is None and len(rows[0]) > 1:
        raise BatchRefused(f"no column of {file.name} is headed vendor, supplier, company or name: nothing was checked")
    body = rows if named is None else rows[1:]
    if len(body) > MOST:
        raise BatchRefused(f"{file.name} holds {len(body):,} rows, and at most {MOST:,} are checked at once")
    found = [(_cell(row, named or 0), _cell(row, seat)) for row in body]
    return [Vendor(n, name, code_of(country)) for n, (name, country) in enumerate(found, 1) if name]


def code_of(country: str) -> str:
    """Return the code of a country that a person wrote as a name or, in any case of letters, as a code."""
    return code(country.upper()) or code(country)


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at].strip() if at is not None and at < len(row) else ""


def _rows(file: Path) -> list[list[str]]:
    try:
        if file.stat().st_size > LARGEST:
            raise BatchRefused(f"{file.name} is larger than {LARGEST // 1_000_000} MB: nothing was checked")
        if file.suffix.lower() == ".xlsx":
            return _sheet(file)
        text = file.read_text("utf-8-sig")
        dialect = csv.Sniffer().sniff(text[:4096], ",;\t") if re.search(r"[,;\t]", text[:4096]) else csv.excel
        return list(csv.reader(io.StringIO(text, newline=""), dialect))
    except (OSError, UnicodeError, csv.Error) as error:
        raise BatchRefused(f"{file.name} cannot be read as a table in UTF-8: nothing was checked") from error


def _sheet(file: Path) -> list[list[str]]:
    from zipfile import BadZipFile  # noqa: PLC0415 - beside the import that it belongs to

    from openpyxl import load_workbook  # noqa: PLC0415 - only where a file is one

    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError) as error:
        raise BatchRefused(f"{file.name} is no Excel workbook: nothing was checked") from error
    sheet = book.worksheets[0]
    rows = [
        ["" if cell is None else str(cell) for cell in row]
        for row in sheet.iter_rows(values_only=True, max_row=MOST + 2)
    ]
    book.close()
    return rows


def row_of(vendor: Vendor, card: Card) -> dict[str, Any]:
    """Return what the report says of one vendor; a name that cannot be searched says why."""
    body = {
        "vendor": vendor.name, "country": vendor.country, "level": card.risk.level.value, "summary": summary(card),
        "reasons": list(card.risk.reasons), "matches": [f"{one.name} ({one.grade.value})" for one in card.resolved],
        "listings": list(dict.fromkeys(row.lead for row in card.rows if row.shown)),
        "next steps": [step.text for step in card.next_steps], "not known": list(card.limits), "check": card.id,
    }  # fmt: skip
    return body | {"summary": card.refused, "level": "", "check": ""} if card.refused else body


class Kept:
    """What is done already, one line a vendor in a file beside the report, so that a run that broke off goes on."""

    def __init__(self, out: Path) -> None:
        self.file = out.with_name(f"{out.name}.part")

    def done(self, vendors: Iterable[Vendor]) -> dict[int, dict[str, Any]]:
        """Return the rows of these vendors that an earlier run made; a line that was cut off is made again."""
        wanted = {vendor.n: (vendor.name, vendor.country) for vendor in vendors}
        found: dict[int, dict[str, Any]] = {}
        for line in self.file.read_text("utf-8").splitlines() if self.file.exists() else ():
            try:
                kept = json.loads(line)
                if wanted.get(kept["n"]) == (kept["row"]["vendor"], kept["row"]["country"]):
                    found[kept["n"]] = kept["row"]
            except (ValueError, KeyError, TypeError):
                continue
        return found

    def add(self, vendor: Vendor, row: Mapping[str, Any]) -> None:
        """Keep one row; what is kept is on the disk when this returns."""
        with self.file.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"n": vendor.n, "row": row}, ensure_ascii=False) + "\n")


def write_report(out: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the report as its name's ending says: .csv, .xlsx or .json; no cell of a table is a formula."""
    if out.suffix == ".json":
        out.write_text(json.dumps(list(rows), ensure_ascii=False, indent=2) + "\n", "utf-8")
    elif out.suffix == ".xlsx":
        _write_sheet(out, rows)
    else:
        out.write_bytes(as_csv(rows).encode())


def as_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the report as a table in CSV, with the mark by which spreadsheets know that it is UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(_cells(rows))
    return f"\ufeff{out.getvalue()}"


def _cells(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[str]]:
    for row in rows:
        yield [neutral("\n".join(row[key]) if isinstance(row[key], list) else str(row[key])) for key in COLUMNS]


def neutral(cell: str) -> str:
    """Return a cell that no spreadsheet runs: with an apostrophe before what could begin a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _write_sheet(out: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    from openpyxl import Workbook  # noqa: PLC0415 - only where a workbook is wanted
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Vendors")
    sheet.append(COLUMNS)
    for cells in _cells(rows):
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell)[:32_000] for cell in cells])
    book.save(out)
