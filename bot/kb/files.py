"""Files that are handed over in a chat: which cannot be filed, told in words by name, size and content."""

import zipfile
from io import BytesIO
from pathlib import PurePosixPath

from knowledge.parse import ENDINGS
from knowledge.sources.folder import LARGEST

TOO_LARGE = f"it is larger than {LARGEST // 1_000_000} MB"
_PAGES = (b"<!doctype html", b"<html")
_WEB = frozenset({".html", ".htm", ".xhtml"})
_PACKED = frozenset({".docx", ".pptx", ".xlsx"})
_BINARY = (b"%PDF", b"PK\x03\x04", b"\x7fELF", b"MZ\x90", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\xd0\xcf\x11\xe0")


def unfit(name: str, size: int = 0) -> str:
    """Say why a file of this name and size cannot be filed, empty where it can be tried."""
    shown = name[:100] or "A file without a name"
    if PurePosixPath(name).suffix.lower() not in ENDINGS:
        return f"{shown} was not kept: this format is not read. Save it as one of {', '.join(sorted(ENDINGS))} and share that."
    if size > LARGEST:
        return f"{shown} was not kept: {TOO_LARGE}. Share it in parts, or add its place as a source."
    return ""


def a_page(name: str, content: bytes) -> bool:
    """Tell whether a web page came, to log in or to say what went wrong, instead of a file that is none."""
    return content[:200].lstrip().lower().startswith(_PAGES) and PurePosixPath(name).suffix.lower() not in _WEB


def disguised(name: str, content: bytes) -> str:
    """Say why content is not what its name says, empty where it may be; it is read as a whole only by a refresh."""
    ending = PurePosixPath(name).suffix.lower()
    if not content:
        said = "it is empty"
    elif ending == ".pdf":
        said = "" if b"%PDF" in content[:1024] else "its content is no PDF although its name says so"
    elif ending in _PACKED:
        said = "" if zipfile.is_zipfile(BytesIO(content)) else f"its content is no {ending} although its name says so"
    else:
        said = "its content is binary although its name says text" if content.startswith(_BINARY) else ""
    return f"{name[:100]} was not kept: {said}. Share the file itself again." if said else ""
