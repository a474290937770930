"""Web pages as a source: one page, several, or all that a sitemap lists."""

from urllib.parse import urlsplit

from lxml import etree

from knowledge.errors import SourceRefused, SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.parse.markup import tree
from knowledge.ports import UNKNOWN, Known, Listed, Raw, Ref
from knowledge.sources.http import Http
from knowledge.sources.naming import addressed, named, whole

MOST = 2_000
"""Pages of one source: a sitemap with more is refused rather than crawled."""


class Pages:
    """Reads the pages at given addresses; a sitemap's pages are those on its own host."""

    patience = 2

    def __init__(self, http: Http, addresses: tuple[str, ...]) -> None:
        self._http = http
        self._addresses = addresses

    def list(self, since: str) -> Listed:  # noqa: ARG002 - pages do not say when they change
        """Return all addresses; those that a sitemap dates carry the date as their mark."""
        refs: dict[str, Ref] = {}
        for address in self._addresses:
            found = self._sitemap(address) if address.endswith(".xml") else (Ref(address),)
            refs.update((ref.name, ref) for ref in found)
        if len(refs) > MOST:
            raise SourceUnreachable(f"the sitemap lists more than {MOST} pages; name the ones that matter")
        return Listed(tuple(refs.values()))

    def fetch(self, ref: Ref, known: Known = UNKNOWN) -> Raw | None:
        """Return a page, None when its server says that it has not changed."""
        reply = self._http.get(ref.name, known=known)
        if reply is None and known != UNKNOWN:
            return None
        page = whole(reply, "the page")
        return Raw(page.content, named(page), {"url": ref.name}, page.known)

    def ids(self) -> frozenset[str]:
        """Return all addresses."""
        return frozenset(ref.name for ref in self.list("").refs)

    def _sitemap(self, address: str) -> tuple[Ref, ...]:
        reply = self._http.get(address)
        if reply is None or reply.status != 200:
            raise SourceUnreachable("the sitemap cannot be read")
        root = tree(reply.content)
        host = urlsplit(address).hostname
        found = []
        for entry in root.iter("{*}url"):
            place = (entry.findtext("{*}loc") or "").strip()
            if urlsplit(place).hostname == host:
                found.append(Ref(place, (entry.findtext("{*}lastmod") or "").strip()))
        if not found and etree.QName(root).localname != "urlset":
            raise SourceUnreachable("the address answers with something that is not a sitemap")
        return tuple(found)


def connect(spec: SourceSpec, http: Http) -> Pages:
    """Open `page` (one address) or `site` (addresses parted by blanks or commas, or a sitemap)."""
    addresses = tuple(addressed(part) for part in spec.at.replace(",", " ").split())
    if not addresses or (spec.type == "page" and len(addresses) != 1):
        raise SourceRefused("the place of a page is one address; use the type site for several")
    return Pages(http, addresses)
