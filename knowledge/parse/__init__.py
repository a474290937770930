"""Bytes to unit trees: picks the parser by what the file is, and says in words why one cannot be read."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from knowledge.errors import DocumentRefused, PassedOver
from knowledge.parse import (
    codified,
    documents,
    eurlex,
    gesetz,
    html,
    markdown,
    markup,
    pdf,
    policy,
    sheet,
    slides,
    text,
    word,
)
from knowledge.parse.clean import visible
from knowledge.parse.sound import sound
from knowledge.parse.tree import Parsed

EXTRACTOR = "caveat-parse/4"
"""Kept with every version, and raised whenever a parser reads differently: documents are then read again."""


def _markdown(written: str) -> Parsed | tuple[Parsed, ...]:
    """Read Markdown: a rendition of law by its own numbering, any other by its headings."""
    if codified.knows(written):
        return codified.read(written)
    if gesetz.knows(written):
        return gesetz.read(written)
    return markdown.read(policy.without_placeholders(written))


def _plain(written: str) -> Parsed | tuple[Parsed, ...]:
    """Read plain text: a published rule by its sections, any other by its lines."""
    return codified.read(written) if codified.knows(written) else text.read(written)


def _page(page: str) -> Parsed:
    """Read a web page: an EU act by its ELI ids, any other by its main part."""
    return eurlex.read(page) if eurlex.knows(page) else html.read(page)


TEXTS: dict[str, Callable[[str], Parsed | tuple[Parsed, ...]]] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".tmpl": _markdown,
    ".txt": _plain,
    ".text": _plain,
    ".html": _page,
    ".htm": _page,
    ".xhtml": _page,
}
"""Parsers of text by ending; they get it decoded and without invisible characters."""
FILES: dict[str, Callable[[bytes], tuple[Parsed, ...]]] = {
    ".xml": markup.read,
    ".json": documents.read,
    ".jsonl": documents.read_lines,
    ".pdf": pdf.read,
    ".docx": word.read,
    ".pptx": slides.read,
    ".xlsx": sheet.read_excel,
    ".csv": sheet.read_csv,
    ".tsv": sheet.read_csv,
}
"""Parsers of whole files by ending: several documents may come out of one."""
ENDINGS = frozenset(TEXTS) | frozenset(FILES)

_OTHERS = frozenset(
    ".doc .docb .odt .rtf .pages .xls .xlsb .ods .numbers .ppt .odp .key .epub .msg .eml .mht .djvu .ps".split()
)
"""Endings of documents that people write and that are not read: leaving one out is a failure, and is told as one."""
_BINARY = (b"%PDF", b"PK\x03\x04", b"\x7fELF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\xd0\xcf\x11\xe0")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_CHARSET = re.compile(rb"<meta[^>]{1,200}charset\s*=\s*[\"']?([\w-]{3,30})", re.IGNORECASE)


def read(raw: bytes, name: str) -> tuple[Parsed, ...]:
    """Parse a file by its ending and content into the documents that it holds.

    Raises DocumentRefused for other formats, for content that is not what its name says, and for an empty text;
    PassedOver for a file that is no document.
    """
    ending = PurePosixPath(name).suffix.lower()
    if ending in FILES:
        found = FILES[ending](raw)
    elif ending in TEXTS:
        if raw.startswith(_BINARY) or (b"\x00" in raw[:4096] and not raw.startswith(_WIDE)):
            raise DocumentRefused("the content is binary although the name says text")
        written = TEXTS[ending](visible(_decode(raw, declared=ending in {".html", ".htm", ".xhtml"})))
        found = written if isinstance(written, tuple) else (written,)
    else:
        raise unread(name)
    if not any(parsed.text.strip() for parsed in found):
        raise DocumentRefused("the file holds no readable text")
    return tuple(map(sound, found))


def unread(name: str) -> DocumentRefused | PassedOver:
    """Return what to raise for a file of an ending that is not read: a document of another format is a failure."""
    ending = PurePosixPath(name).suffix.lower()
    if ending in _OTHERS:
        return DocumentRefused(f"this format is not read: save it as one of {', '.join(sorted(ENDINGS))}")
    return PassedOver(f"files ending in {ending or 'nothing'} hold no documents that are read")


def _decode(raw: bytes, *, declared: bool) -> str:
    """Return the text of UTF-8, of UTF-16 with its mark, of what a page declares, or else of Windows-1252."""
    charset = _CHARSET.search(raw[:2048]) if declared else None
    names = ["utf-16"] if raw.startswith(_WIDE) else ["utf-8-sig", charset[1].decode() if charset else "", "cp1252"]
    for name in filter(None, names):
        try:
            return raw.decode(name)
        except (UnicodeError, LookupError):
            continue
    raise DocumentRefused("its characters are in no encoding that is read: save it as UTF-8")
