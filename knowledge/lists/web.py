"""Finds the tables of a publisher's web page, each with the heading above it, or says why the page is not whole."""

from dataclasses import dataclass

from lxml import etree, html

from knowledge.errors import ListRefused
from knowledge.lists.content import decoded, page
from knowledge.parse.clean import line

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "caption", "button"))


@dataclass(frozen=True, slots=True)
class Table:
    """One table: what stands above it, its column names as they are written, its rows by place, and those of another shape."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    odd: int = 0

    def place(self, *words: str) -> int:
        """Return the place of the first column whose name holds one of the words, -1 where none does."""
        names = [name.lower() for name in self.columns]
        return next((at for word in words for at, name in enumerate(names) if word in name), -1)


def tables(raw: bytes) -> tuple[Table, ...]:
    """Return the tables of a page in their order; raise ListRefused for what is no page or is cut off."""
    if not page(raw):
        decoded(raw)
        raise ListRefused("the file is no web page, and this list is published as one")
    if raw.lower().rfind(b"</html") < raw.lower().rfind(b"<table"):
        raise ListRefused("the web page is cut off, so nothing of it was taken")
    try:
        root = html.document_fromstring(raw, parser=html.HTMLParser(encoding="utf-8", no_network=True))
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise ListRefused("the web page is broken, so nothing of it was taken") from error
    heading, found = "", []
    for element in root.iter("table", *_HEADINGS):
        if element.tag == "table":
            found.append(_table(element, heading))
        elif said := line(element.text_content()):
            heading = said
    return tuple(found)


def _table(element: html.HtmlElement, above: str) -> Table:
    rows = [tuple(line(cell.text_content()) for cell in row.iter("td", "th")) for row in element.iter("tr")]
    caption = next((line(one.text_content()) for one in element.iter("caption")), "")
    header, *rest = [row for row in rows if any(row)] or [()]
    whole = tuple(row for row in rest if len(row) == len(header))
    return Table(caption or above, header, whole, len(rest) - len(whole))
