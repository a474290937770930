"""Reads PDF files page by page; a scanned page is said to need text recognition and is never read as empty."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from knowledge.errors import DocumentRefused
from knowledge.parse import policy
from knowledge.parse.clean import line, visible
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build

PAGES = 3_000
FEWEST = 20
"""Characters of a page below which it holds no text but a picture of some."""
REPEATED = 0.6
"""Share of pages on which a line must stand to be a running header (shared notes on sources, 8d)."""
_ENDS = re.compile(r"[.!?:;]['\"”’)]*$")
_NUMBERED = re.compile(r"^(?:\d{1,3}(?:\.\d{1,3}){0,4}\.?|\([a-z0-9]{1,4}\)|[•\-–])\s+\S")
_DIGITS = re.compile(r"\d+")


def read(raw: bytes) -> tuple[Parsed, ...]:
    """Parse a PDF; raise DocumentRefused for one that is broken, locked, or holds pictures of text only."""
    pages = _pages(raw)
    texts = ["\n".join(page) for page in pages]
    empty = [number for number, text in enumerate(texts, 1) if len(text.strip()) < FEWEST]
    if len(empty) == len(texts):
        raise DocumentRefused(
            "needs_ocr: the file holds pictures of text only; run text recognition on it and add it again"
        )
    running = _running(pages)
    flags = [f"running_header:{len(running)}"] if running else []
    if empty:
        flags.append(f"needs_ocr:pages {','.join(map(str, empty[:20]))}")
    blocks = [block for number, page in enumerate(pages, 1) for block in _page(page, number, running)]
    title = next((block.text for block in blocks if block.shape is Shape.HEADING), "")
    return (build(blocks, title=title, meta=policy.facts(texts[0]), flags=tuple(flags)),)


def _pages(raw: bytes) -> list[list[str]]:
    import pypdfium2  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy, and only PDF files need it

    if b"%PDF" not in raw[:1_024]:
        raise DocumentRefused("the content is not a PDF file although its name says so")
    try:
        document = pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise DocumentRefused(
            "the PDF file is locked with a password: save it without one"
            if locked
            else "the PDF file is broken, so nothing of it was read"
        ) from error
    try:
        if len(document) > PAGES:
            raise DocumentRefused(f"the PDF file has more than {PAGES} pages; split it")
        return [_lines(document, number) for number in range(len(document))]
    finally:
        document.close()


def _lines(document: object, number: int) -> list[str]:
    page = document[number]  # type: ignore[index]  # pypdfium2 ships no types
    text = page.get_textpage()
    try:
        # pdfium's sign for a hyphen at a line's end: whether the word has one without the break is not for us to say.
        said = text.get_text_range().replace("\ufffe\r\n", "-").replace("\ufffe", "-")
        return [line(part) for part in visible(said).split("\n")]
    finally:
        text.close()
        page.close()


def _running(pages: Sequence[Sequence[str]]) -> set[str]:
    """Return the lines that stand on most pages, whatever numbers are in them."""
    if len(pages) < 4:
        return set()
    counts = Counter(form for page in pages for form in {_form(said) for said in (*page[:3], *page[-3:]) if said})
    return {form for form, count in counts.items() if count > REPEATED * len(pages)}


def _form(said: str) -> str:
    return _DIGITS.sub("#", said)


def _page(lines: Sequence[str], number: int, running: set[str]) -> Iterator[Block]:
    """Join lines to paragraphs: one ends at an empty line, at a sentence's end before a capital, and before a number."""
    kept = [said for said in lines if _form(said) not in running]
    here = Pinpoint(page=number)
    for full, group in groupby(kept, key=bool):
        if not full:
            continue
        paragraph: list[str] = []
        for said in group:
            if paragraph and (_NUMBERED.match(said) or (_ENDS.search(paragraph[-1]) and said[:1].isupper())):
                yield _block(paragraph, here)
                paragraph = []
            paragraph.append(said)
        if paragraph:
            yield _block(paragraph, here)


def _block(paragraph: Sequence[str], here: Pinpoint) -> Block:
    text = " ".join(paragraph)
    if (
        len(text) <= 90
        and len(paragraph) == 1
        and not _ENDS.search(text)
        and re.match(r"(?:\d{1,3}(?:\.\d{1,3})*\.?\s+)?[A-Z]", text)
    ):
        return Block(Shape.HEADING, text, 1 + len(re.findall(r"\.\d", text.split(" ")[0])))
    return Block(Shape.PARAGRAPH, text, pinpoint=here)
