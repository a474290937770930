"""The Federal Register as a source: documents of agencies or about parts of the CFR, since a day.

The place is a list of conditions: `agency=industry-and-security-bureau cfr=15/744 since=2024-01-01 type=RULE term="entity list"`.
"""

import shlex
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from knowledge.errors import DocumentRefused, SourceRefused, SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.parse.register import facts
from knowledge.ports import UNKNOWN, Known, Listed, Raw, Ref
from knowledge.sources.http import Http
from knowledge.sources.naming import addressed, whole

BASE = "https://www.federalregister.gov"
WINDOW = 2_000
"""Results that one query may have: beyond it the interface answers 400 (shared notes on sources, 2b)."""
_PAGE = "100"
_FIELDS = (
    "document_number", "type", "title", "abstract", "action", "dates", "agencies", "citation", "publication_date", "effective_on",
    "html_url", "full_text_xml_url", "correction_of",
)  # fmt: skip
_NAMES = {"agency": "conditions[agencies][]", "term": "conditions[term]", "type": "conditions[type][]"}


class Register:
    """Reads what a query finds; the window of results is halved by date until it fits."""

    patience = 1

    def __init__(self, http: Http, base: str, conditions: dict[str, str], since: date) -> None:
        self._http = http
        self._base = base.rstrip("/")
        self._conditions = conditions
        self._since = since
        self._rows: dict[str, dict[str, Any]] = {}

    def list(self, since: str) -> Listed:
        """Return the documents published since the cursor, a day; documents are never changed, only corrected by others."""
        begin = date.fromisoformat(since) if since else self._since
        today = datetime.now(UTC).date()
        self._rows = {_name(row): row for row in self._between(begin, today)}
        last = max((str(row["publication_date"]) for row in self._rows.values()), default=begin.isoformat())
        return Listed(tuple(Ref(name, "published") for name in self._rows), cursor=last, whole=False)

    def fetch(self, ref: Ref, known: Known = UNKNOWN) -> Raw:  # noqa: ARG002 - a published document never changes
        """Return a document's full text, or its abstract where there is none."""
        row = self._rows.get(ref.name) or self._one(ref.name)
        address = row.get("full_text_xml_url")
        reply = self._http.get(str(address), accept="application/xml") if address else None
        if reply is not None and reply.status == 200 and reply.content.lstrip()[:1] == b"<":
            return Raw(reply.content, "document.xml", facts(row), reply.known)
        import json  # noqa: PLC0415 - only abstracts need it

        return Raw(json.dumps(row).encode(), "document.json", facts(row))

    def ids(self) -> None:
        """Nothing leaves: what was published stays published, and is only corrected by other documents."""

    def _between(self, begin: date, end: date) -> Iterator[dict[str, Any]]:
        days = {
            "conditions[publication_date][gte]": begin.isoformat(), "conditions[publication_date][lte]": end.isoformat(),
            "per_page": _PAGE, "order": "oldest", "fields[]": ",".join(_FIELDS),
        }  # fmt: skip
        first = self._page(f"{self._base}/api/v1/documents.json", {**self._conditions, **days})
        if first is None:
            return
        if int(first.get("count", 0)) > WINDOW and begin < end:
            middle = begin + (end - begin) // 2
            yield from self._between(begin, middle)
            yield from self._between(middle + timedelta(days=1), end)
            return
        page: dict[str, Any] | None = first
        while page is not None:
            yield from page.get("results", ())
            page = self._page(str(page["next_page_url"]), {}) if page.get("next_page_url") else None

    def _page(self, address: str, params: dict[str, str]) -> dict[str, Any] | None:
        reply = self._http.get(address, params=params, accept="application/json")
        if reply is None or reply.status == 404:  # the interface says 404 where nothing matches
            return None
        if reply.status != 200:
            raise SourceUnreachable(f"the Federal Register refused the query (status {reply.status})")
        value = reply.json()
        if not isinstance(value, dict):
            raise SourceUnreachable("the Federal Register answered in a form that is not known")
        return value

    def _one(self, name: str) -> dict[str, Any]:
        reply = whole(self._http.get(f"{self._base}/api/v1/documents/{name.partition('@')[0]}.json"), "the document")
        value = reply.json()
        if not isinstance(value, dict):
            raise DocumentRefused("the Federal Register answered in a form that is not known")
        return value


def _name(row: dict[str, Any]) -> str:
    """Return a document's name; numbers were given twice before 2016, so the day is part of it."""
    return f"{row['document_number']}@{row['publication_date']}"


def connect(spec: SourceSpec, http: Http) -> Register:
    """Open `federal-register`; raise SourceRefused for conditions that are not known."""
    base, conditions = BASE, dict[str, str]()
    since = datetime.now(UTC).date() - timedelta(days=365)
    try:
        words = shlex.split(spec.at)
        for word in words:
            name, equals, value = word.partition("=")
            if "://" in word and not conditions:
                base = addressed(word)
            elif name == "since" and equals:
                since = date.fromisoformat(value)
            elif name == "cfr" and "/" in value:
                title, _, part = value.partition("/")
                conditions |= {"conditions[cfr][title]": title, "conditions[cfr][part]": part}
            else:
                conditions[_NAMES[name]] = value
    except (KeyError, ValueError) as error:
        raise SourceRefused(
            "the place of a Federal Register source is a list of agency=, cfr=TITLE/PART, type=, term= and since=YYYY-MM-DD"
        ) from error
    if not conditions:
        raise SourceRefused("name at least one of agency=, cfr= and term=: the whole Federal Register is not read")
    return Register(http, base, conditions, since)
