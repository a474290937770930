"""Reads tables, Excel files and CSV: each row is cited by its sheet and number, its cells under their column's name."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from knowledge.errors import DocumentRefused
from knowledge.model import Part
from knowledge.parse.clean import line, visible
from knowledge.parse.package import checked
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build

ROWS = 20_000
"""Rows of one file: a table with more is a database, whose rows nobody cites."""
COLUMNS = 200
_MANY = f"the table has more than {ROWS} rows, which is more than is read from one file; split it or leave out what is not needed"

_Row = Sequence[object]


def read_excel(raw: bytes) -> tuple[Parsed, ...]:
    """Parse an Excel file: shown sheets only, formulas by the values that were last computed."""
    import openpyxl  # noqa: PLC0415 - heavy, and only Excel files need it

    stream = checked(raw, "Excel (.xlsx)", "xl/workbook.xml")
    try:
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        blocks: list[Block] = []
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                blocks += _sheet(sheet.title, sheet.iter_rows(values_only=True, max_col=COLUMNS), ROWS - len(blocks))
        book.close()
    except (KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise DocumentRefused("the Excel (.xlsx) file is broken, so nothing of it was read") from error
    return (build(blocks),)


def read_csv(raw: bytes) -> tuple[Parsed, ...]:
    """Parse comma-, semicolon- or tab-separated values."""
    if b"\x00" in raw[:4_096] and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DocumentRefused("the content is binary although the name says text")
    if raw.count(b"\n") > ROWS:
        raise DocumentRefused(_MANY)
    text = visible(_decoded(raw))
    head = text[:10_000].splitlines()[:5]
    marks = {mark: min((row.count(mark) for row in head), default=0) for mark in ",;\t|"}
    try:
        rows = list(
            csv.reader(
                io.StringIO(text), delimiter=max(marks, key=lambda mark: marks[mark]) if any(marks.values()) else ","
            )
        )
    except csv.Error as error:
        raise DocumentRefused(
            "the table is broken: a field is longer than any table's, or its quotes do not close"
        ) from error
    return (build(_sheet("", rows, ROWS)),)


def _sheet(name: str, rows: Iterable[_Row], most: int) -> Iterator[Block]:
    header: list[str] = []
    taken = 0
    if name:
        yield Block(Shape.HEADING, name, 1)
    for number, row in enumerate(rows, 1):
        cells = [_shown(cell) for cell in row]
        if not any(cells):
            continue
        if not header and _heads(cells):
            header = cells
            continue
        taken += 1
        if taken > most:
            raise DocumentRefused(_MANY)
        said = [
            f"{header[at]}: {cell}" if at < len(header) and header[at] else cell
            for at, cell in enumerate(cells)
            if cell
        ]
        where = f"{name} row {number}".strip()
        for text in said:
            yield Block(Shape.PARAGRAPH, text, pinpoint=Pinpoint((where,), Part.ROW))


def _heads(cells: Sequence[str]) -> bool:
    """Tell whether a row names columns: several short words, none of them a number."""
    said = [cell for cell in cells if cell]
    return len(said) >= 2 and all(len(cell) <= 80 and not cell.replace(".", "").isdigit() for cell in said)


def _shown(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if not (cell.hour or cell.minute or cell.second) else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return line(str(cell))


def _decoded(raw: bytes) -> str:
    names = ("utf-16",) if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252", "latin-1")
    for name in names:
        try:
            return raw.decode(name)
        except UnicodeError:
            continue
    raise DocumentRefused("its characters are in no encoding that is read: save it as UTF-8")
