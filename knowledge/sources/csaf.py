"""CSAF advisories of a provider as a source: by its ROLIE feed, or by its list of changes."""

import csv
import hashlib
import io
from urllib.parse import urljoin

from knowledge.errors import DocumentRefused, SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.ports import UNKNOWN, Known, Listed, Raw, Ref
from knowledge.sources.http import Http
from knowledge.sources.naming import addressed, whole


class Advisories:
    """Reads what a feed or a `changes.csv` lists; an advisory's mark is the moment of its last release."""

    patience = 2

    def __init__(self, http: Http, address: str) -> None:
        self._http = http
        self._address = address
        self._hashes: dict[str, str] = {}

    def list(self, since: str) -> Listed:  # noqa: ARG002 - both lists are whole, and their marks save the fetches
        """Return all advisories that are listed."""
        reply = self._http.get(self._address)
        if reply is None or reply.status != 200 or not reply.content.strip():
            raise SourceUnreachable("the provider's list of advisories cannot be read")
        if self._address.endswith(".csv"):
            return Listed(self._changes(reply.text))
        return Listed(self._feed(reply.json()))

    def fetch(self, ref: Ref, known: Known = UNKNOWN) -> Raw | None:
        """Return an advisory; raise DocumentRefused when its checksum is not the one that the provider publishes."""
        reply = self._http.get(ref.name, known=known, accept="application/json")
        if reply is None and known != UNKNOWN:
            return None
        file = whole(reply, "the advisory")
        if address := self._hashes.get(ref.name):
            said = self._http.get(address)
            if (
                said is not None
                and said.status == 200
                and said.text.split()[:1] != [hashlib.sha512(file.content).hexdigest()]
            ):
                raise DocumentRefused("the advisory does not match its published checksum, so it was not taken")
        return Raw(file.content, "advisory.json", {}, file.known)

    def ids(self) -> frozenset[str]:
        """Return the addresses of all advisories."""
        return frozenset(ref.name for ref in self.list("").refs)

    def _changes(self, text: str) -> tuple[Ref, ...]:
        rows = [row for row in csv.reader(io.StringIO(text)) if len(row) >= 2]
        return tuple(Ref(urljoin(self._address, row[0]), row[1]) for row in rows)

    def _feed(self, value: object) -> tuple[Ref, ...]:
        feed = value.get("feed") if isinstance(value, dict) else None
        if not isinstance(feed, dict) or "entry" not in feed:
            raise SourceUnreachable("the address answers with JSON that is not a feed of advisories")
        found = []
        for entry in feed["entry"]:
            links = {link.get("rel"): link.get("href") for link in entry.get("link", ())}
            address = links.get("self") or entry.get("content", {}).get("src")
            if address:
                found.append(Ref(urljoin(self._address, address), str(entry.get("updated", ""))))
                if "hash" in links:
                    self._hashes[found[-1].name] = urljoin(self._address, str(links["hash"]))
        return tuple(found)


def connect(spec: SourceSpec, http: Http) -> Advisories:
    """Open `csaf`: the address of a ROLIE feed (JSON) or of a provider's `changes.csv`."""
    return Advisories(http, addressed(spec.at))
