"""The eCFR as a source: parts of the Code of Federal Regulations as of its newest date, or as of one that is named.

The place is written as it is cited, several parted by commas: `15 CFR 791, 48 CFR 52 @2024-01-01`. A mirror's address may
stand before it.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from knowledge.errors import DocumentRefused, SourceRefused, SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.ports import UNKNOWN, Known, Listed, Raw, Ref
from knowledge.sources.http import Http
from knowledge.sources.naming import addressed, whole

BASE = "https://www.ecfr.gov"
_PLACE = re.compile(r"(\d{1,2}) CFR (?:Part )?(\d{1,4})(?: ?@(\d{4}-\d{2}-\d{2}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Part:
    title: str
    part: str
    day: str = ""


class Code:
    """Reads parts; a part's mark is the day of its last amendment, so that an unchanged one is not fetched."""

    patience = 2

    def __init__(self, http: Http, base: str, parts: tuple[_Part, ...]) -> None:
        self._http = http
        self._base = base.rstrip("/")
        self._parts = {f"{one.title} CFR {one.part}": one for one in parts}

    def list(self, since: str) -> Listed:  # noqa: ARG002 - the amendments of a part are asked for as a whole
        """Return the parts with the day of their last amendment; a part that was removed is gone at once."""
        titles = {str(row["number"]): row for row in self._titles()}
        refs, gone = [], set[str]()
        for name, one in self._parts.items():
            row = titles.get(one.title)
            if row is None:
                raise SourceUnreachable(f"the eCFR lists no title {one.title}")
            versions = self._versions(one)
            if versions and all(row.get("removed") for row in versions.values()):
                gone.add(name)
            last = max((str(row.get("amendment_date") or row.get("date")) for row in versions.values()), default="")
            refs.append(Ref(name, one.day or f"{last}|{len(versions)}"))
        return Listed(tuple(refs), gone=frozenset(gone))

    def fetch(self, ref: Ref, known: Known = UNKNOWN) -> Raw:  # noqa: ARG002 - the mark has told already
        """Return a part in full; a day after the newest one is answered as of the newest."""
        one = self._parts[ref.name]
        newest = next((str(row["up_to_date_as_of"]) for row in self._titles() if str(row["number"]) == one.title), "")
        day = min(one.day or newest, newest)
        address = f"{self._base}/api/versioner/v1/full/{day}/title-{one.title}.xml"
        reply = whole(
            self._http.get(address, params={"part": one.part}, accept="application/xml"), f"{ref.name} as of {day}"
        )
        if b"<DIV" not in reply.content[:4_000]:
            raise DocumentRefused("the eCFR answered with a page in place of the law; the next refresh tries again")
        facts = {
            "id": f"us:cfr:{one.title}:{one.part}" + (f"/{day}" if one.day else ""), "as_of": day, "version": day, "status": "in_force",
            "url": f"https://www.ecfr.gov/on/{day}/title-{one.title}/part-{one.part}",
        }  # fmt: skip
        return Raw(reply.content, "part.xml", facts, reply.known)

    def ids(self) -> frozenset[str]:
        """Return the parts that are configured."""
        return frozenset(self._parts)

    def _titles(self) -> tuple[dict[str, Any], ...]:
        value = self._json("/api/versioner/v1/titles.json", {})
        if str(value.get("meta", {}).get("import_in_progress")).lower() == "true":
            raise SourceUnreachable("the eCFR is taking in amendments at this moment; the next refresh tries again")
        return tuple(value.get("titles", ()))

    def _versions(self, one: _Part) -> dict[str, dict[str, Any]]:
        """Return the newest version of each section of a part, page by page."""
        found: dict[str, dict[str, Any]] = {}
        page, pages = 1, 1
        while page <= pages:
            value = self._json(
                f"/api/versioner/v1/versions/title-{one.title}.json", {"part": one.part, "page": str(page)}
            )
            for row in value.get("content_versions", ()):
                name = str(row.get("identifier"))
                if str(row.get("date")) >= str(found.get(name, {}).get("date", "")):
                    found[name] = row
            pages = int(value.get("meta", {}).get("total_pages") or 1)  # its numbers are strings
            page += 1
        return found

    def _json(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        reply = self._http.get(f"{self._base}{path}", params=params, accept="application/json")
        if reply is None or reply.status != 200:
            raise SourceUnreachable("the eCFR cannot be asked now")
        value = reply.json()
        if not isinstance(value, dict):
            raise SourceUnreachable("the eCFR answered in a form that is not known")
        return value


def connect(spec: SourceSpec, http: Http) -> Code:
    """Open `ecfr`; raise SourceRefused for a place that names no part."""
    head, _, rest = spec.at.strip().partition(" ")
    base, wanted = (addressed(head), rest) if "://" in head else (BASE, spec.at)
    parts = []
    for said in wanted.split(","):
        found = _PLACE.fullmatch(said.strip())
        if not found:
            raise SourceRefused(
                "the place of an eCFR source is written as it is cited: 15 CFR 791, 48 CFR 52 @2024-01-01"
            )
        if found[3]:
            try:
                date.fromisoformat(found[3])
            except ValueError as error:
                raise SourceRefused(f"{found[3]} is not a date") from error
        parts.append(_Part(found[1], found[2], found[3] or ""))
    return Code(http, base, tuple(parts))
