"""What Office files are made of, checked before any library opens one: a zip that unpacks to sane XML without entities."""

import io
import zipfile

from knowledge.errors import DocumentRefused

UNPACKED = 200_000_000
"""Bytes that a file may unpack to."""
PARTS = 10_000
RATIO = 200
"""How much larger a part may be than its packed form, above a megabyte: honest XML packs up to about fifty times."""
_OLD = b"\xd0\xcf\x11\xe0"


def checked(raw: bytes, kind: str, main: str) -> io.BytesIO:
    """Return the file for its library; raise DocumentRefused when it is no such package, or a hostile one.

    `kind` names the format to the reader of the error, `main` is the part that every file of it has.
    """
    if raw.startswith(_OLD):
        raise DocumentRefused(
            f"the file is protected by a password, or of an old format: save it as {kind} without one"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            parts = package.infolist()
            if main not in {part.filename for part in parts}:
                raise DocumentRefused(f"the content is not a {kind} file although its name says so")
            _bounded(parts)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _plain(package, part)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise DocumentRefused(f"the {kind} file is broken or encrypted, so nothing of it was read") from error
    return io.BytesIO(raw)


def _bounded(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED:
        raise DocumentRefused("the file would unpack to more than is read from one; it may be hostile")
    if any(part.file_size > 1_000_000 and part.file_size > RATIO * max(1, part.compress_size) for part in parts):
        raise DocumentRefused("a part of the file is packed more tightly than honest ones are; it may be hostile")


def _plain(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a part that declares entities; what it says of its size is held against what it gives."""
    with package.open(part) as stream:
        head = stream.read(4_096)
        size = len(head)
        if b"<!ENTITY" in head or b"<!DOCTYPE" in head:
            raise DocumentRefused(
                "a part of the file declares entities, which no office program writes; it was not opened"
            )
        while piece := stream.read(1_000_000):
            size += len(piece)
            if size > part.file_size or b"<!ENTITY" in piece:
                raise DocumentRefused("a part of the file is not what it says of itself; it was not opened")
