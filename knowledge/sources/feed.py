"""News feeds as a source: RSS, Atom and JSON Feed; each entry is a document with its title, link, date and excerpt."""

import html
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from knowledge.errors import DocumentRefused, SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.ports import UNKNOWN, Known, Listed, Raw, Ref
from knowledge.sources.http import Http
from knowledge.sources.naming import addressed

LARGEST = 5_000_000
"""Bytes of a feed."""
EXCERPT = 4_000
"""Characters kept of an entry: titles, dates and short excerpts are ours to keep, whole articles are not."""


class Feed:
    """Reads a feed once for each refresh; an entry's identity is its guid or link, its mark its date and words."""

    patience = 1

    def __init__(self, http: Http, address: str) -> None:
        self._http = http
        self._address = address
        self._entries: dict[str, dict[str, Any]] = {}

    def list(self, since: str) -> Listed:  # noqa: ARG002 - a feed shows what it shows
        """Return the entries that the feed shows now."""
        reply = self._http.get(self._address, limit=LARGEST)
        if reply is None or reply.status != 200 or not reply.content.strip():
            raise SourceUnreachable("the feed cannot be read")
        self._entries = {entry["id"]: entry for entry in entries(reply.content)}
        refs = tuple(Ref(name, _mark(entry)) for name, entry in self._entries.items())
        return Listed(refs, whole=False)

    def fetch(self, ref: Ref, known: Known = UNKNOWN) -> Raw:  # noqa: ARG002 - the listing has brought it
        """Return an entry as a small page."""
        entry = self._entries.get(ref.name)
        if entry is None:
            raise DocumentRefused("the feed does not show this entry any more")
        title = html.escape(entry["title"])
        page = (
            f"<html><head><title>{title}</title></head><body><main><h1>{title}</h1>{entry['text']}</main></body></html>"
        )
        facts = {
            "title": entry["title"][:500],
            "url": entry["link"],
            "published": entry["day"],
            "kind": "news",
            "status": "reported",
        }
        return Raw(page.encode(), "entry.html", {name: value for name, value in facts.items() if value})

    def ids(self) -> None:
        """Nothing leaves: a feed forgets its old entries, and what it reported was reported."""


def entries(content: bytes) -> Iterator[dict[str, Any]]:
    """Yield a feed's entries; raise SourceUnreachable for what is no feed, or one that declares entities."""
    if content.lstrip()[:1] == b"{":
        yield from _json(content)
        return
    # The parser expands entities, a thousandfold where a feed is hostile (shared notes on sources, rule 10).
    if b"<!ENTITY" in content or b"<!DOCTYPE" in content[:2_000].replace(b"<!DOCTYPE html", b""):
        raise SourceUnreachable("the feed declares entities, which no honest feed needs; it was not read")
    import feedparser  # type: ignore[import-untyped]  # noqa: PLC0415 - only refreshes of feeds need it

    parsed = feedparser.parse(content)
    if not parsed.entries and not parsed.get("version"):
        raise SourceUnreachable("the address answers with something that is not a feed")
    for one in parsed.entries:
        moment = one.get("published_parsed") or one.get("updated_parsed")
        day = date(*moment[:3]).isoformat() if moment else ""
        text = next((part.get("value", "") for part in one.get("content", ())), "") or one.get("summary", "")
        yield _entry(one.get("id") or one.get("link"), one.get("title"), one.get("link"), day, text)


def _json(content: bytes) -> Iterator[dict[str, Any]]:
    try:
        feed = json.loads(content)
    except ValueError as error:
        raise SourceUnreachable("the feed is broken, so nothing of it was read") from error
    if "jsonfeed.org" not in str(feed.get("version", "")):
        raise SourceUnreachable("the address answers with JSON that is not a feed")
    for one in feed.get("items", ()):
        text = one.get("content_html") or html.escape(one.get("content_text") or one.get("summary") or "")
        yield _entry(one.get("id"), one.get("title"), one.get("url"), _day(one), text)


def _day(one: Mapping[str, Any]) -> str:
    said = str(one.get("date_published") or one.get("date_modified") or "")
    try:
        return datetime.fromisoformat(said).astimezone(UTC).date().isoformat()
    except ValueError:
        return ""


def _entry(id_: object, title: object, link: object, day: str, text: object) -> dict[str, Any]:
    """Return an entry; a link that is no address, such as a number that stands for one, is none."""
    link = link if str(link).startswith(("http://", "https://")) else ""
    return {
        "id": str(id_ or link or title)[:1_000], "title": html.unescape(str(title or "Untitled")).strip(), "link": str(link or ""),
        "day": day, "text": str(text or "")[:EXCERPT],
    }  # fmt: skip


def _mark(entry: Mapping[str, Any]) -> str:
    import hashlib  # noqa: PLC0415 - small and seldom

    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()[:32]


def connect(spec: SourceSpec, http: Http) -> Feed:
    """Open `feed`: the address of an RSS, Atom or JSON feed."""
    return Feed(http, addressed(spec.at))
