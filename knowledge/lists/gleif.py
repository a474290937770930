"""GLEIF's golden copies: which legal entities there are (LEI-CDF 3.1) and which belong to which (RR-CDF 2.1), as CSV.

The columns are those of the concatenated CSV files that GLEIF publishes; level 2 tells accounting consolidation, for those
who have an LEI and report a parent. Both files are read as a stream: unpacked they have some gigabytes.
"""

import csv
import io
import re
import sys
import zipfile
import zlib
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from knowledge.errors import ListRefused
from knowledge.owner import Entity, ties

_DATED = re.compile(r"(20\d\d)(\d\d)(\d\d)")
_NAMES = re.compile(r"Entity\.(?:Transliterated)?OtherEntityNames\.(?:Transliterated)?OtherEntityName\.\d+")
_LEI = re.compile(r"[A-Z0-9]{18}[0-9]{2}")
_TIE = ("Relationship.StartNode.NodeID", "Relationship.EndNode.NodeID", "Relationship.RelationshipType", "Relationship.RelationshipStatus")  # fmt: skip
_ENTITY = ("LEI", "Entity.LegalName", "Entity.LegalAddress.Country", "Entity.EntityStatus")


@dataclass(frozen=True, slots=True)
class Copy:
    """The two files of a golden copy, and the day that it is of."""

    entities: Path
    ties: Path
    of: date


def golden(folder: Path) -> Copy:
    """Return the newest golden copy in a folder; raise ListRefused where one of its two files is missing."""
    try:
        files = sorted(place for place in folder.iterdir() if place.name.lower().endswith((".csv", ".csv.zip")))
    except OSError as error:
        raise ListRefused("its folder is not there or cannot be read") from error
    found = {kind: [one for one in files if kind in one.name.lower()] for kind in ("lei2", "-rr-")}
    if not all(found.values()):
        raise ListRefused(
            "the folder lacks a golden copy: it needs the files whose names hold lei2 and -rr-, as CSV or zipped CSV"
        )
    entities, relationships = found["lei2"][-1], found["-rr-"][-1]
    return Copy(entities, relationships, min(map(_day, (entities, relationships))))


def consolidated(file: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the active relationships of a group as (child, kind, parent) by LEI."""
    kinds = ties()
    with _table(file, _TIE) as rows:
        for child, parent, kind, state in rows:
            if state == "ACTIVE" and kind in kinds and _LEI.fullmatch(child) and _LEI.fullmatch(parent):
                yield child, kind, parent


def entities(file: Path, wanted: Container[str]) -> Iterator[tuple[Entity, tuple[str, ...]]]:
    """Yield the active entities among those wanted, by LEI, each with its other names."""
    with _table(file, _ENTITY, _NAMES) as rows:
        for lei, name, country, state, *others in rows:
            if state == "ACTIVE" and lei in wanted and name:
                yield Entity(lei, name, country[:2].upper()), tuple(dict.fromkeys(filter(None, others)))


@contextmanager
def _table(file: Path, needed: tuple[str, ...], more: re.Pattern[str] | None = None) -> Iterator[Iterator[list[str]]]:
    """Open a file as rows of the needed columns, then those whose names match; raise ListRefused for what is no such file."""
    try:
        with _opened(file) as text:
            yield _rows(text, needed, more)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise ListRefused(f"{file.name} is broken or cut off, so nothing of it was taken") from error
    except (OSError, UnicodeError, csv.Error) as error:
        raise ListRefused(f"{file.name} cannot be read as the CSV that GLEIF publishes, or is cut off") from error


@contextmanager
def _opened(file: Path) -> Iterator[io.TextIOBase]:
    if file.suffix.lower() != ".zip":
        with file.open(encoding="utf-8-sig", newline="") as text:
            yield text
        return
    with zipfile.ZipFile(file) as archive:
        inside = [one for one in archive.namelist() if one.lower().endswith(".csv")]
        if len(inside) != 1:
            raise ListRefused(f"{file.name} holds {len(inside)} CSV files where it has one")
        with archive.open(inside[0]) as raw:
            yield io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")


def _rows(text: io.TextIOBase, needed: tuple[str, ...], more: re.Pattern[str] | None) -> Iterator[list[str]]:
    csv.field_size_limit(min(sys.maxsize, 10_000_000))
    reader = csv.reader(text, strict=True)
    header = next(reader, [])
    if missing := [name for name in needed if name not in header]:
        raise ListRefused(f"the header lacks {', '.join(missing)}: the format may be older or new")
    chosen = [header.index(name) for name in needed]
    if more is not None:
        chosen += [at for at, name in enumerate(header) if more.fullmatch(name)]
    for row in reader:
        if len(row) != len(header):
            raise ListRefused(
                f"row {reader.line_num} has {len(row)} columns where {len(header)} belong; the file is cut off or broken"
            )
        yield [row[at].strip() for at in chosen]


def _day(file: Path) -> date:
    """Return the day that a file's name begins with, else the day it was written."""
    found = _DATED.search(file.name)
    try:
        return date(*map(int, found.groups())) if found else datetime.fromtimestamp(file.stat().st_mtime, UTC).date()
    except ValueError:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC).date()
