"""Bytes to a unit tree: picks the parser by what the file is."""

import re
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
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_CHARSET = re.compile(rb"<meta[^>]{1,200}charset\s*=\s*[\"']?([\w-]{3,30})", re.IGNORECASE)


def read(raw: bytes, name: str) -> Parsed:
    """Parse a file by its ending; raise DocumentRefused for other formats, binary content or an empty text."""
    reader = READERS.get(PurePosixPath(name).suffix.lower())
    if reader is None:
        raise DocumentRefused(f"this format is not read: use one of {', '.join(sorted(READERS))}")
    if raw.startswith(_BINARY) or (b"\x00" in raw[:4096] and not raw.startswith(_WIDE)):
        raise DocumentRefused("the content is binary although the name says text")
    parsed = reader(visible(_decode(raw, reader)))
    if not parsed.text.strip():
        raise DocumentRefused("the file holds no readable text")
    return parsed


def _decode(raw: bytes, reader: object) -> str:
    """Return the text of UTF-8, of UTF-16 with its mark, of what a page declares, or else of Windows-1252."""
    declared = _CHARSET.search(raw[:2048]) if reader is html.read else None
    names = ["utf-16"] if raw.startswith(_WIDE) else ["utf-8-sig", declared[1].decode() if declared else "", "cp1252"]
    for name in filter(None, names):
        try:
            return raw.decode(name)
        except (UnicodeError, LookupError):
            continue
    raise DocumentRefused("its characters are in no encoding that is read: save it as UTF-8")
