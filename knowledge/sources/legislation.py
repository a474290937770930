"""UK legislation as a source, from legislation.gov.uk, as it stands or as it stood on a day.

The place is a list of numbers: `uksi/2018/506, ukpga/2018/12, uksi/2018/506/2024-01-01`.
"""

import re
from datetime import date, timedelta

from knowledge.errors import DocumentRefused, SourceRefused, SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.parse.markup import tree
from knowledge.ports import UNKNOWN, Known, Listed, Raw, Ref
from knowledge.sources.http import Http
from knowledge.sources.naming import addressed, whole

BASE = "https://www.legislation.gov.uk"
PACE = 0.15
"""Seconds between requests: 3,000 in five minutes are allowed (shared notes on sources, 2b)."""
LOOKED_BACK = 14
"""Days of the publication log that a refresh reads at most; older cursors read all texts again."""
_NUMBER = re.compile(r"([a-z]{3,6}/\d{4}/\d{1,4})(?:/(\d{4}-\d{2}-\d{2}))?")


class Legislation:
    """Reads whole texts; the publication log tells which changed since the last refresh, and which were withdrawn."""

    patience = 2

    def __init__(self, http: Http, base: str, numbers: tuple[str, ...], today: date) -> None:
        self._http = http
        self._base = base.rstrip("/")
        self._numbers = numbers
        self._today = today

    def list(self, since: str) -> Listed:
        """Return all texts, or those that the log names since the cursor, a day."""
        cursor = self._today.isoformat()
        begin = date.fromisoformat(since) if since else None
        if begin is None or (self._today - begin).days > LOOKED_BACK:
            return Listed(tuple(Ref(number) for number in self._numbers), cursor)
        touched: set[str] = set()
        gone: set[str] = set()
        for offset in range((self._today - begin).days + 1):
            self._log(begin + timedelta(days=offset), touched, gone)
        refs = tuple(Ref(number) for number in self._numbers if _bare(number) in touched)
        return Listed(refs, cursor, frozenset(number for number in self._numbers if _bare(number) in gone), whole=False)

    def fetch(self, ref: Ref, known: Known = UNKNOWN) -> Raw | None:
        """Return a text in CLML; one that is dated is a document of its own."""
        number, _, day = ref.name.partition("@")
        address = f"{self._base}/{number}{f'/{day}' if day else ''}/data.xml"
        reply = self._http.get(address, known=known, accept="application/xml", pace=PACE)
        if reply is None and known != UNKNOWN:
            return None
        text = whole(reply, f"the text of {number}")
        if b"<Legislation" not in text.content[:4_000]:
            raise DocumentRefused("the answer is a page in place of the text; the next refresh tries again")
        facts = {"id": f"uk:{number}/{day}", "version": day, "as_of": day} if day else {}
        return Raw(text.content, "text.xml", facts, text.known)

    def ids(self) -> frozenset[str]:
        """Return the configured numbers."""
        return frozenset(self._numbers)

    def _log(self, day: date, touched: set[str], gone: set[str]) -> None:
        """Read the publication log of a day, page by page."""
        address = f"{self._base}/update/{day.isoformat()}/data.feed"
        while address:
            reply = self._http.get(address, accept="application/atom+xml", pace=PACE)
            if reply is None or reply.status == 404:
                return
            if reply.status != 200:
                raise SourceUnreachable("the publication log cannot be read")
            root = tree(reply.content)
            for entry in root.iter("{*}entry"):
                said = " ".join([*entry.itertext(), *(str(one.get("href")) for one in entry.iter("{*}link"))])
                for found in re.finditer(r"legislation\.gov\.uk/(?:id/)?([a-z]{3,6}/\d{4}/\d{1,4})", said):
                    (gone if "withdrawn" in said.lower() else touched).add(found[1])
            links = {str(one.get("rel")): str(one.get("href")) for one in root.iterchildren("{*}link")}
            address = links.get("next", "")


def _bare(number: str) -> str:
    return number.partition("@")[0]


def connect(spec: SourceSpec, http: Http) -> Legislation:
    """Open `legislation`; raise SourceRefused for what is no number of a UK text."""
    words = spec.at.replace(",", " ").split()
    base = addressed(words.pop(0)) if words and "://" in words[0] else BASE
    found = [_NUMBER.fullmatch(word) for word in words]
    if not words or not all(found):
        raise SourceRefused(
            "the place of a legislation source is a list such as uksi/2018/506, ukpga/2018/12/2024-01-01"
        )
    numbers = tuple(f"{one[1]}@{one[2]}" if one[2] else one[1] for one in found if one)
    return Legislation(http, base, numbers, date.today())  # noqa: DTZ011 - the log's days are London's
