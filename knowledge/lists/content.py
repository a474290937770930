"""From a publisher's bytes to text, rows and days, or the reason in a person's words why they are not a whole list."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from knowledge.errors import ListRefused

Content = bytes | Mapping[str, bytes]
"""One file, or the files that make up one list by their names."""

_PAGE = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_END = "\x1a"
_LARGEST = 500_000_000
"""Bytes of an unpacked file; the largest of these lists has a tenth of that."""
_LATER = {point: bytes([point]).decode("cp1252", "ignore") or None for point in range(0x80, 0xA0)}
"""Control characters that stand where a publisher took Windows' apostrophes and quotation marks for Latin-1."""


def single(content: Content) -> bytes:
    """Return the only file of a list that has one."""
    if isinstance(content, bytes):
        return content
    if len(content) != 1:
        raise ListRefused(f"{len(content)} files came where this list has one")
    return next(iter(content.values()))


def member(content: Content, name: str) -> bytes:
    """Return the file of this name, in any case and folder; raise ListRefused when it did not come."""
    for path, raw in ({} if isinstance(content, bytes) else content).items():
        if path.rpartition("/")[2].lower() == name:
            return raw
    raise ListRefused(f"the file {name} is missing, and without it the list would be incomplete")


def unpacked(raw: bytes, ending: str) -> bytes:
    """Return the only file of a zip archive that ends so, and what is no archive as it is; raise ListRefused for others."""
    if not raw.startswith(b"PK\x03\x04"):
        return raw
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            found = [one for one in archive.infolist() if one.filename.lower().endswith(ending)]
            if len(found) != 1 or found[0].file_size > _LARGEST:
                raise ListRefused(
                    f"the archive holds {len(found)} files that end in {ending}, or one that is too large"
                )
            return archive.read(found[0])
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise ListRefused("the archive is broken or cut off, so nothing of it was taken") from error


def page(raw: bytes) -> bool:
    """Tell whether the bytes are a web page."""
    return _PAGE.match(raw[:2_000]) is not None


def decoded(raw: bytes) -> str:
    """Return the characters of a data file; raise ListRefused for what is no text, or a web page."""
    if not raw.strip():
        raise ListRefused("the file is empty")
    if page(raw):
        raise ListRefused("the publisher answered with a web page instead of the list")
    if raw.startswith(b"PK\x03\x04"):
        raise ListRefused("the file is a zip archive: hand over what is inside it")
    if b"\x00" in raw[:4_096]:
        raise ListRefused("the file is binary, so it is not this list")
    for name in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(name).translate(_LATER)
        except UnicodeError:
            continue
    raise ListRefused("its characters are in no encoding that this list is published in")


def rows(text: str, delimiter: str = ",") -> Iterator[list[str]]:
    """Yield the rows of separated values; raise ListRefused where quotes do not close or the last row has no end."""
    if text[-1:] not in ("\n", '"', _END):
        raise ListRefused("the file is cut off: its last row has no end")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from (row for row in reader if any(cell.strip() for cell in row))
    except csv.Error as error:
        raise ListRefused(
            f"the table is broken or cut off at line {reader.line_num}: a quoted field has no end"
        ) from error


def table(
    raw: bytes, needed: Sequence[str], *, delimiter: str = ",", skip: int = 0, ragged: int = 0
) -> list[dict[str, str]]:
    """Return rows by column name, the first `skip` lines left out; raise ListRefused unless all `needed` columns are there.

    `ragged` says how many empty columns a row may leave out at its end, in a file that ends with a whole line.
    """
    text = decoded(raw)
    every, fewest = rows(text, delimiter), ragged if text.endswith("\n") else 0
    for _ in range(skip):
        next(every, None)
    header = [cell.strip() for cell in next(every, [])]
    if missing := [name for name in needed if name not in header]:
        raise ListRefused(
            f"the header is not that of the current format: {_named(missing)} missing; the format may be older or new"
        )
    found = list(every)
    if not found:
        raise ListRefused("the file has its header but no rows")
    if short := next((number for number, row in enumerate(found, 1) if not 0 <= len(header) - len(row) <= fewest), 0):
        raise ListRefused(f"row {short} of {len(found)} has {len(found[short - 1])} columns where {len(header)} belong; the file is cut off or broken")  # fmt: skip
    return [dict(zip(header, (cell.strip() for cell in (*row, *[""] * fewest)), strict=False)) for row in found]


def day(text: str, *formats: str) -> date | None:
    """Return a date, by default YYYY-MM-DD with anything after it, None where the text is none."""
    for form in formats or ("%Y-%m-%d",):
        try:
            return datetime.strptime(text.strip()[: 10 if form == "%Y-%m-%d" else None], form).date()  # noqa: DTZ007 - days have no zone
        except ValueError:
            continue
    return None


def _named(missing: Sequence[str]) -> str:
    shown = ", ".join(missing[:4]) + (f" and {len(missing) - 4} more" if len(missing) > 4 else "")
    return f"{shown} {'is' if len(missing) == 1 else 'are'}"
