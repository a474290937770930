"""Document libraries of SharePoint and OneDrive, read through Microsoft Graph, with who may read each file.

Graph tells what changed, but not reliably when the permissions of a folder or a library change. So a library is listed
whole, with the permissions of every file, while it is small, when a folder changed, and otherwise once a day; so is a
single folder, always, because Graph does not tell in which folder a changed file is.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from knowledge.errors import DocumentRefused, PassedOver, SourceRefused, SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.parse import ENDINGS
from knowledge.ports import UNKNOWN, Known, Listed, Raw, Ref
from knowledge.sources.account import Account, Issued, content, same_place, secure
from knowledge.sources.audience import NOBODY, Audience, Readers, imprint, place
from knowledge.sources.credentials import Secret, secret
from knowledge.sources.folder import LARGEST
from knowledge.sources.graph import Graph, Item, Told
from knowledge.sources.http import Http
from knowledge.sources.sharing import graph_readers

GRAPH = "https://graph.microsoft.com"
LOGIN = "https://login.microsoftonline.com"
SMALL = 500
"""Files up to which the permissions of all are read each time."""
TRUSTED_FOR = timedelta(days=1)
"""How long a larger library is taken at its word about what changed."""
_SITE = re.compile(r"/(?:sites|teams|personal)/[^/]+")
_HOSTS = (".sharepoint.com", ".sharepoint.us", ".sharepoint.cn", ".sharepoint-mil.us")


@dataclass(frozen=True, slots=True)
class _Scope:
    """A library, or a folder in one: SharePoint tells what changed for whole libraries only."""

    drive: str
    folder: str = ""

    def name(self, item: Mapping[str, Any]) -> str:
        return f"{self.drive}/{item['id']}"

    def holds(self, item: Mapping[str, Any], items: Mapping[str, Item]) -> bool:
        """Tell whether an item is below the folder, by its parents among all `items` of the library."""
        seen: set[str] = set()
        while self.folder and self.folder not in seen:
            parent = str((item.get("parentReference") or {}).get("id") or "")
            if not parent or parent in seen:
                return False
            seen.add(parent)
            item = items.get(parent) or {}
        return True


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where the last listing ended: a link for each library, when all was last listed, and how many files that were."""

    links: dict[str, str]
    whole_at: datetime
    files: int

    @property
    def text(self) -> str:
        return json.dumps([self.links, self.whole_at.isoformat(), self.files])


class SharePoint:
    """Lists the readable files of a site's libraries, of one library or of one folder; `now` is the clock."""

    patience = 2

    def __init__(  # noqa: PLR0913 - the last two are for tests
        self,
        graph: Graph,
        at: str,
        audience: Audience,
        *,
        name: str,
        small: int = SMALL,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._graph = graph
        self._at = at
        self._audience = audience
        self._name = name
        self._small = small
        self._now = now
        self._scopes: tuple[_Scope, ...] = ()
        self._items: dict[str, Item] = {}
        self._readers: dict[str, Readers | None] = {}

    def list(self, since: str) -> Listed:
        """Return what changed since the cursor with its readers, or everything when that cannot be told or trusted.

        What Graph says was deleted is gone at once. A cursor that Graph does not take any more leads to a whole listing.
        """
        kept = _cursor(since, self._graph.base)
        links = {scope: kept.links.get(scope.drive) for scope in self._places()}
        changes = {scope: self._graph.delta(link) if link else None for scope, link in links.items()}
        told = {scope: one for scope, one in changes.items() if one}
        items = [(scope, item) for scope, one in told.items() for item in one.items.values()]
        gone = frozenset(scope.name(item) for scope, item in items if not _readable(item) and "folder" not in item)
        lately = self._now() - kept.whole_at < TRUSTED_FOR
        folders = any("folder" in item for _, item in items) or any(scope.folder for scope in links)
        if len(told) < len(links) or kept.files <= self._small or not lately or folders:
            return self._whole(gone)
        cursor = _Cursor({scope.drive: one.link for scope, one in told.items()}, kept.whole_at, kept.files)
        return Listed(self._marked(_files(told)), cursor.text, gone, whole=False)

    def ids(self) -> frozenset[str]:
        """Return the names of all readable files."""
        return frozenset(_files(self._enumerated()))

    def fetch(self, ref: Ref, known: Known = UNKNOWN) -> Raw:  # noqa: ARG002 - the mark has told already
        """Return a file; raise PassedOver for one that nobody may be shown, or that is too large."""
        if ref.name not in self._readers:
            self._look(ref.name)
        item = self._items[ref.name]
        visibility = self._audience.visibility(self._readers[ref.name])
        if int(item.get("size") or 0) > LARGEST:
            raise PassedOver(f"the file is larger than {LARGEST // 1_000_000} MB")
        reply = self._graph.get(f"{_path(ref.name)}/content")
        if reply.status != 200:
            raise DocumentRefused("the file cannot be downloaded now: it was moved, or is locked or checked out")
        name = PurePosixPath(str(item["name"]))
        facts = {
            "title": name.stem[:500],
            "url": str(item.get("webUrl") or ""),
            "as_of": str(item.get("lastModifiedDateTime") or "")[:10],
            "visibility": visibility,
        }
        return Raw(reply.content, str(name), {key: value for key, value in facts.items() if value})

    def _whole(self, gone: frozenset[str]) -> Listed:
        at = self._now()
        told = self._enumerated()
        refs = self._marked(_files(told))
        cursor = _Cursor({scope.drive: one.link for scope, one in told.items()}, at, len(refs))
        return Listed(refs, cursor.text, gone - {ref.name for ref in refs})

    def _enumerated(self) -> dict[_Scope, Told]:
        told = {
            scope: self._graph.delta(f"{self._graph.base}/drives/{scope.drive}/root/delta") for scope in self._places()
        }
        found = {scope: one for scope, one in told.items() if one}
        if len(found) < len(told):
            raise SourceUnreachable("the library cannot be listed now; the next refresh tries again")
        return found

    def _marked(self, found: dict[str, Item]) -> tuple[Ref, ...]:
        """Name files with marks of their state and their readers."""
        names = sorted(found)
        granted = self._graph.permissions([_path(name) for name in names])
        self._items |= found
        self._readers |= {name: self._allowed(rows) for name, rows in zip(names, granted, strict=True)}
        return tuple(Ref(name, _mark(found[name], self._readers[name])) for name in names)

    def _allowed(self, permissions: Iterable[Item] | None) -> Readers | None:
        if permissions is None:
            return None
        return NOBODY.union(*(graph_readers(one, self._audience, self._name) for one in permissions))

    def _look(self, name: str) -> None:
        """Read one file's state and readers that no listing of this run has shown."""
        reply = self._graph.get(_path(name))
        item = content(reply)
        if reply.status != 200 or item is None or not _readable(item):
            raise DocumentRefused("the file is not there any more, or the account may not read it now")
        self._marked({name: item})

    def _places(self) -> tuple[_Scope, ...]:
        """Find the libraries, or the one library or folder, that the address means; asked once."""
        if self._scopes:
            return self._scopes
        address = urlsplit(self._at)
        path = unquote(address.path).rstrip("/")
        found = _SITE.match(path)
        site = found[0] if found else ""
        suffix = f":{quote(site)}:" if site else ""
        drives = self._graph.values("the site's libraries", f"/sites/{address.hostname}{suffix}/drives")
        if path == site:
            self._scopes = tuple(_Scope(str(drive["id"])) for drive in drives)
        else:
            self._scopes = (self._within(drives, path),)
        if not self._scopes:
            raise SourceUnreachable("the site has no library that the account may see")
        return self._scopes

    def _within(self, drives: Iterable[Item], path: str) -> _Scope:
        for drive in drives:
            library = unquote(urlsplit(str(drive.get("webUrl") or "")).path).rstrip("/")
            if path.casefold() == library.casefold():
                return _Scope(str(drive["id"]))
            if path.casefold().startswith(f"{library.casefold()}/"):
                below = quote(path[len(library) :].strip("/"))
                folder = self._graph.ask("the folder", f"/drives/{drive['id']}/root:/{below}")
                return _Scope(str(drive["id"]), str(folder["id"]))
        raise SourceUnreachable("the site has no library at that address, or the account may not see it")


def _cursor(text: str, graph: str) -> _Cursor:
    """Read a cursor back, without links to a Graph that is not the one asked now; one that cannot be read is none."""
    try:
        links, whole_at, files = json.loads(text)
        ours = {str(drive): str(link) for drive, link in links.items() if same_place(str(link), graph)}
        return _Cursor(ours, datetime.fromisoformat(whole_at), int(files))
    except (ValueError, TypeError, AttributeError):
        return _Cursor({}, datetime.min.replace(tzinfo=UTC), 0)


def _files(told: Mapping[_Scope, Told]) -> dict[str, Item]:
    return {
        scope.name(item): item
        for scope, one in told.items()
        for item in one.items.values()
        if _readable(item) and scope.holds(item, one.items)
    }


def _readable(item: Mapping[str, Any]) -> bool:
    ending = PurePosixPath(str(item.get("name") or "")).suffix.lower()
    return "file" in item and "deleted" not in item and ending in ENDINGS


def _mark(item: Mapping[str, Any], readers: Readers | None) -> str:
    return f"{item['eTag']}.{imprint(readers)}" if item.get("eTag") else ""


def _path(name: str) -> str:
    drive, _, item = name.partition("/")
    return f"/drives/{drive}/items/{item}"


def connect(spec: SourceSpec, http: Http) -> SharePoint:
    """Open a site, a library or a folder by its address in the browser, without what follows a question mark."""
    at, staff = place(spec.at)
    host = urlsplit(at).hostname or ""
    if not host.endswith(_HOSTS):
        raise SourceRefused("give the address of a site, library or folder: https://COMPANY.sharepoint.com/sites/SITE")
    kept = secret(spec.name)
    fields = kept.fields("tenant", "client_id", "client_secret")
    graph = secure(fields.get("graph", GRAPH)).rstrip("/")
    account = Account(http, _sign_in(kept, fields, graph, http), kept.variable)
    return SharePoint(Graph(account, f"{graph}/v1.0"), at, Audience(spec.visibility, staff), name=spec.name)


def _sign_in(kept: Secret, fields: Mapping[str, str], graph: str, http: Http) -> Issued:
    """Sign in as an application, with the client credentials flow."""
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,100}", fields["tenant"]):
        raise SourceRefused(f"the tenant in {kept.variable} must be a domain or an id")
    form = {
        "grant_type": "client_credentials",
        "client_id": fields["client_id"],
        "client_secret": fields["client_secret"],
        "scope": f"{graph}/.default",
    }
    login = fields.get("login", LOGIN).rstrip("/")
    return Issued(http, f"{login}/{fields['tenant']}/oauth2/v2.0/token", lambda: form, kept.variable)
