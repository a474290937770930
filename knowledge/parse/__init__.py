"""Bytes to a unit tree: picks the parser by what the file is."""

from pathlib import PurePosixPath

from knowledge.errors import DocumentRefused
from knowledge.parse import html, markdown, text
from knowledge.parse.clean import visible
from knowledge.parse.tree import Parsed

READERS = {
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".txt": text.read,
    ".text": text.read,
    ".html": html.read,
    ".htm": html.read,
    ".xhtml": html.read,
}
_BINARY = (b"%PDF", b"PK\x03\x04", b"\x7fELF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\xd0\xcf\x11\xe0")


def read(raw: bytes, name: str) -> Parsed:
    """Parse a file by its ending; raise DocumentRefused for other formats, binary content or an empty text."""
    reader = READERS.get(PurePosixPath(name).suffix.lower())
    if reader is None:
        raise DocumentRefused(f"this format is not read: use one of {', '.join(sorted(READERS))}")
    if raw.startswith(_BINARY) or b"\x00" in raw[:4096].removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")[:1]:
        raise DocumentRefused("the content is binary although the name says text")
    parsed = reader(visible(_decode(raw)))
    if not parsed.text.strip():
        raise DocumentRefused("the file holds no readable text")
    return parsed


def _decode(raw: bytes) -> str:
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
