"""A space of Confluence Cloud: its pages, and who may read each of them.

The space is listed whole each time: `lastmodified` does not move when a restriction changes, and one search shows
versions and restrictions of a hundred pages at once, so that only what changed is fetched.
"""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from knowledge.errors import DocumentRefused, PassedOver, SourceRefused, SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.ports import UNKNOWN, Known, Listed, Raw, Ref
from knowledge.sources.account import Account, content, secure
from knowledge.sources.audience import EVERYBODY, NOBODY, Audience, Readers, imprint, meet, place
from knowledge.sources.credentials import Secret, secret
from knowledge.sources.http import Http

PAGES = 500
"""Pages of one listing: a space that goes on longer than that is not listed at all."""
WITHDRAWN = ("trashed", "archived")
_EXPAND = "version,ancestors,history.ownedBy,restrictions.read.restrictions.user,restrictions.read.restrictions.group"
_PLACE = re.compile(
    r"(?P<wiki>https?://[^\s/]+(?:/[^\s?#]*)?/wiki)/spaces/(?P<key>[^\s/?#]+)(?:/(?:overview|pages)?)?\Z"
)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class _Page:
    """A page as the listing shows it; `readers` is None when they are unknown."""

    mark: str
    readers: Readers | None
    owner: str


class Confluence:
    """Lists the current pages of one space with their readers; fetches a page as its readers see it."""

    patience = 2

    def __init__(self, account: Account, wiki: str, key: str, audience: Audience) -> None:
        self._account = account
        self._wiki = wiki
        self._key = key
        self._audience = audience
        self._pages: dict[str, _Page] = {}
        self._limits: dict[str, Readers | None] = {}

    def list(self, since: str) -> Listed:  # noqa: ARG002 - restrictions change without a date, so it is listed whole
        """Return all pages; a mark holds the version and the readers. Trashed and archived pages are gone at once."""
        space = self._space()
        readers = self._space_readers(space)
        found = {str(page["id"]): page for page in self._search()}
        self._limits = {name: self._restricted(page.get("restrictions")) for name, page in found.items()}
        self._pages = {name: self._page(page, readers) for name, page in found.items()}
        refs = tuple(Ref(name, page.mark) for name, page in sorted(self._pages.items()))
        return Listed(refs, gone=frozenset(name for status in WITHDRAWN for name in self._withdrawn(space, status)))

    def ids(self) -> frozenset[str]:
        """Return the ids of all current pages."""
        return frozenset(str(page["id"]) for page in self._search())

    def fetch(self, ref: Ref, known: Known = UNKNOWN) -> Raw:  # noqa: ARG002 - the mark has told already
        """Return a page with its macros rendered; raise PassedOver when nobody may be shown it or it has no text."""
        if ref.name not in self._pages:
            self.list("")
        listed = self._pages.get(ref.name)
        if listed is None:
            raise DocumentRefused("the page is not in the space any more")
        visibility = self._audience.visibility(listed.readers)
        reply = self._account.get(f"{self._wiki}/api/v2/pages/{ref.name}", {"body-format": "export_view"})
        if reply.status in {403, 404}:
            raise DocumentRefused("the page is not there any more, or the account may not read it now")
        page = self._account.read("a page", reply)
        body = str(((page.get("body") or {}).get("export_view") or {}).get("value") or "")
        if not _TAG.sub("", body).strip():
            raise PassedOver("the page has no text of its own")
        title = str(page.get("title") or "")
        html = f'<html><head><meta charset="utf-8"><title>{escape(title)}</title></head><body>{body}</body></html>'
        return Raw(html.encode(), f"{ref.name}.html", {**self._facts(page, title, listed), "visibility": visibility})

    def _facts(self, page: Mapping[str, Any], title: str, listed: _Page) -> dict[str, object]:
        version = page.get("version") or {}
        links = page.get("_links") or {}
        web = str(links.get("webui") or "")
        known = {
            "title": title[:500],
            "url": f"{links.get('base') or self._wiki}{web}" if web else "",
            "version": str(version.get("number") or ""),
            "as_of": str(version.get("createdAt") or "")[:10],
            "owner": listed.owner[:200],
        }
        return {name: value for name, value in known.items() if value}

    def _space(self) -> str:
        found = self._account.ask("the space", f"{self._wiki}/api/v2/spaces", {"keys": self._key, "limit": "1"})
        results = found.get("results") or []
        if not results:
            raise SourceUnreachable(f"there is no space {self._key}, or the account may not see it")
        return str(results[0]["id"])

    def _space_readers(self, space: str) -> Readers:
        """Return who may read the space; whoever it names in a way that cannot be written is left out."""
        granted = [
            grant.get("principal") or {}
            for grant in self._all("the space's permissions", f"/api/v2/spaces/{space}/permissions", {"limit": "250"})
            if (grant.get("operation") or {}).get("key") == "read"
            and (grant.get("operation") or {}).get("targetType") == "space"
        ]
        groups = {str(one.get("id")) for one in granted if one.get("type") == "group"}
        users = sorted({str(one.get("id")) for one in granted if one.get("type") == "user"})
        readers = [*map(self._group, sorted(groups)), *self._people(users)]
        if not granted:
            raise SourceUnreachable("the space shows no permissions: the account must be allowed to read them")
        return NOBODY.union(*readers)

    def _group(self, identity: str) -> Readers:
        reply = self._account.get(f"{self._wiki}/rest/api/group/by-id", {"id": identity})
        name = (content(reply) or {}).get("name") if reply.status == 200 else None
        return self._audience.group(str(name or ""), identity)

    def _people(self, users: Sequence[str]) -> Iterator[Readers]:
        """Look up who accounts are; an account whose e-mail address is hidden is known to nobody."""
        for start in range(0, len(users), 250):
            some = {"accountIds": [*users[start : start + 250]]}
            reply = self._account.post(f"{self._wiki}/api/v2/users-bulk", some)
            found = (content(reply) or {}).get("results") if reply.status == 200 else None
            yield from (self._audience.user(str(one.get("email") or "")) for one in found or [])

    def _search(self) -> Iterator[dict[str, Any]]:
        quoted = self._key.replace("\\", "\\\\").replace('"', '\\"')
        asked = {"cql": f'type=page and space="{quoted}" order by created', "expand": _EXPAND, "limit": "100"}
        for page in self._all("the space's pages", "/rest/api/content/search", asked):
            if page.get("id") and page.get("status", "current") == "current":
                yield page

    def _withdrawn(self, space: str, status: str) -> Iterator[str]:
        asked = {"status": status, "limit": "250"}
        return (str(page["id"]) for page in self._all("the trash", f"/api/v2/spaces/{space}/pages", asked))

    def _all(self, what: str, path: str, params: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Follow pages by their cursor, always at our own address: a link that a service sends is not trusted."""
        for _ in range(PAGES):
            found = self._account.ask(what, f"{self._wiki}{path}", params)
            yield from found.get("results") or []
            onward = (found.get("_links") or {}).get("next")
            if not onward:
                return
            params = {**params, **dict(parse_qsl(urlsplit(str(onward)).query))}
        raise SourceUnreachable(f"{what} do not end after {PAGES} pages: name a smaller space")

    def _page(self, page: Mapping[str, Any], space: Readers) -> _Page:
        own = [str(page["id"]), *(str(one.get("id")) for one in page.get("ancestors") or [])]
        readers = _joined(space, [self._limit(name) for name in own])
        number = (page.get("version") or {}).get("number")
        owner = ((page.get("history") or {}).get("ownedBy") or {}).get("displayName") or ""
        return _Page(f"{number}.{imprint(readers)}" if number else "", readers, str(owner))

    def _limit(self, name: str) -> Readers | None:
        """Return whom a page or folder lets through, asking where the listing did not show it: a folder above, say."""
        if name not in self._limits:
            path = f"{self._wiki}/rest/api/content/{name}/restriction/byOperation/read"
            reply = self._account.get(path, {"expand": "restrictions.user,restrictions.group"})
            self._limits[name] = self._restricted({"read": content(reply)}) if reply.status == 200 else None
        return self._limits[name]

    def _restricted(self, restrictions: object) -> Readers | None:
        """Return whom a page's own restrictions let through: everybody where it has none, None where none are shown."""
        try:
            shown = restrictions["read"]["restrictions"]  # type: ignore[index]  # whatever it is, it is checked below
            users, groups = shown["user"]["results"], shown["group"]["results"]
            readers = [
                *(self._audience.user(str(user.get("email") or "")) for user in users),
                *(self._audience.group(str(one.get("name") or ""), str(one.get("id") or "")) for one in groups),
            ]
        except (KeyError, TypeError, AttributeError):
            return None
        return NOBODY.union(*readers) if readers else EVERYBODY


def _joined(space: Readers, limits: Iterable[Readers | None]) -> Readers | None:
    """Return who passes the space and each restriction on the way down; None when one of them is unknown."""
    readers = space
    for limit in limits:
        if limit is None:
            return None
        readers = meet(readers, limit)
    return readers


def connect(spec: SourceSpec, http: Http) -> Confluence:
    """Open a space by its address, https://SITE.atlassian.net/wiki/spaces/KEY, and `staff=GROUP` if one holds everybody."""
    at, staff = place(spec.at)
    found = _PLACE.match(at)
    if not found:
        raise SourceRefused("give the space's address: https://SITE.atlassian.net/wiki/spaces/KEY")
    kept = secret(spec.name)
    header = _header(kept)
    account = Account(http, lambda _renew: header, kept.variable)
    return Confluence(account, secure(found["wiki"]), unquote(found["key"]), Audience(spec.visibility, staff))


def _header(kept: Secret) -> str:
    """Return the Authorization header of `email:token`, or of a bearer token."""
    if "@" in kept.text.partition(":")[0]:
        return f"Basic {base64.b64encode(kept.text.encode()).decode()}"
    if not re.fullmatch(r"[\x21-\x7e]+", kept.text):
        raise SourceRefused(f"{kept.variable} must hold EMAIL:TOKEN, or a bearer token")
    return f"Bearer {kept.text}"
