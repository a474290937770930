"""What a fetched document is called: a name whose ending says its format, from what the server says or its address."""

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from knowledge.errors import DocumentRefused, SourceRefused
from knowledge.sources.http import Reply

_ENDINGS = {
    "text/html": ".html", "application/xhtml+xml": ".xhtml", "text/plain": ".txt", "text/markdown": ".md",
    "application/pdf": ".pdf", "application/json": ".json", "application/xml": ".xml", "text/xml": ".xml", "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
}  # fmt: skip


def named(reply: Reply) -> str:
    """Return a file name for an answer; the type that the server states goes before the address."""
    stem = PurePosixPath(unquote(urlsplit(reply.url).path))
    kind = reply.headers.get("content-type", "").split(";")[0].strip().lower()
    ending = _ENDINGS.get(kind) or stem.suffix.lower() or ".html"
    return f"{stem.stem or 'index'}{ending}"


def whole(reply: Reply | None, what: str) -> Reply:
    """Return an answer that holds a document; raise DocumentRefused for one that says there is none, or is empty."""
    if reply is None:
        raise DocumentRefused(f"{what} was said to be unchanged, although nothing is kept of it")
    if reply.status in {404, 410}:
        raise DocumentRefused(f"{what} is not there any more (status {reply.status})")
    if reply.status in {401, 403}:
        raise DocumentRefused(f"{what} may not be read (status {reply.status}): check the source's access")
    if reply.status != 200:
        raise DocumentRefused(f"{what} is not ready (status {reply.status}); the next refresh tries again")
    if not reply.content.strip():
        raise DocumentRefused(f"{what} came back empty; the next refresh tries again")
    return reply


def addressed(at: str) -> str:
    """Return an address of the web as it was typed; raise SourceRefused when it is none."""
    parts = urlsplit(at.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SourceRefused("the place is not an address of the web: it must begin with https://")
    if parts.username or parts.password:
        raise SourceRefused("the address holds a name or password, which would be kept and listed; leave them out")
    return at.strip()
