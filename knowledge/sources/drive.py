"""A shared drive or a folder of Google Drive, with who may read each file.

The listing shows for each file who has access, so the drive is listed whole each time and only what changed is fetched;
the feed of changes says what was removed, which then leaves at once.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from knowledge.errors import DocumentRefused, PassedOver, SourceRefused, SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.parse import ENDINGS
from knowledge.ports import UNKNOWN, Known, Listed, Raw, Ref
from knowledge.sources.account import Account, content, secure
from knowledge.sources.audience import NOBODY, Audience, Readers, imprint, place
from knowledge.sources.credentials import secret
from knowledge.sources.folder import LARGEST
from knowledge.sources.google import sign_in
from knowledge.sources.http import Http, Reply
from knowledge.sources.sharing import google_readers

API = "https://www.googleapis.com/drive/v3"
PAGES = 2_000
FOLDERS_AT_ONCE = 25
"""Folders whose files are asked for in one query."""
_FOLDER = "application/vnd.google-apps.folder"
_OFFICE = "application/vnd.openxmlformats-officedocument."
EXPORTS = {
    "application/vnd.google-apps.document": (".docx", f"{_OFFICE}wordprocessingml.document"),
    "application/vnd.google-apps.spreadsheet": (".xlsx", f"{_OFFICE}spreadsheetml.sheet"),
    "application/vnd.google-apps.presentation": (".pptx", f"{_OFFICE}presentationml.presentation"),
}
"""What Google's own formats are exported to."""
PLAIN = {"application/pdf": ".pdf", "text/html": ".html", "text/plain": ".txt", "text/markdown": ".md"}
"""Endings of files whose name has none."""
_BUSY = re.compile(r"rateLimitExceeded|userRateLimitExceeded|dailyLimitExceeded|sharingRateLimitExceeded")
_FIELDS = (
    "id,name,mimeType,version,modifiedTime,size,webViewLink,trashed,permissionIds,permissions,"
    "owners(displayName),capabilities(canDownload)"
)
_ALL_DRIVES: Mapping[str, str] = {"supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}
_PLACE = re.compile(r"https://drive\.google\.com/drive/(?:u/\d+/)?folders/(?P<id>[\w-]{10,200})/?(?:\?.*)?\Z")
File = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Root:
    """The folder that the address names, and the shared drive that it is in or is."""

    id: str
    drive: str

    @property
    def corpus(self) -> dict[str, str]:
        """What a query must say to search the right place."""
        return {**_ALL_DRIVES, **({"corpora": "drive", "driveId": self.drive} if self.drive else {})}


class Drive:
    """Lists the readable files of one shared drive or below one folder; shortcuts are not followed."""

    patience = 2

    def __init__(self, account: Account, folder: str, audience: Audience, *, api: str = API) -> None:
        self._account = account
        self._folder = folder
        self._audience = audience
        self._api = api
        self._root: _Root | None = None
        self._files: dict[str, File] = {}

    def list(self, since: str) -> Listed:
        """Return all files; a mark holds the state and who has access. `since` is a page token of the change feed."""
        root = self._located()
        start = self._start(root)
        gone = self._removed(root, since)
        members = self._members(root)
        self._files = {str(file["id"]): file for file in self._walk(root) if _ending(file)}
        refs = tuple(Ref(name, _mark(file, members)) for name, file in sorted(self._files.items()))
        return Listed(refs, start, gone)

    def ids(self) -> frozenset[str]:
        """Return the ids of all readable files."""
        return frozenset(str(file["id"]) for file in self._walk(self._located()) if _ending(file))

    def fetch(self, ref: Ref, known: Known = UNKNOWN) -> Raw:  # noqa: ARG002 - the mark has told already
        """Return a file, Google's own formats as Office files; raise PassedOver for one that nobody may be shown."""
        file = self._files.get(ref.name) or self._look(ref.name)
        visibility = self._audience.visibility(self._readers(file))
        if (file.get("capabilities") or {}).get("canDownload") is False:
            raise PassedOver("its owner does not let it be downloaded")
        if int(file.get("size") or 0) > LARGEST:
            raise PassedOver(f"the file is larger than {LARGEST // 1_000_000} MB")
        name, ending = str(file.get("name") or ""), _ending(file)
        owners = file.get("owners") or [{}]
        facts = {
            "title": name.removesuffix(PurePosixPath(name).suffix if _own(name) else "")[:500],
            "url": str(file.get("webViewLink") or ""),
            "as_of": str(file.get("modifiedTime") or "")[:10],
            "owner": str(owners[0].get("displayName") or "")[:200],
        }
        kept = {key: value for key, value in facts.items() if value}
        return Raw(self._content(file), f"{ref.name}{ending}", {**kept, "visibility": visibility})

    def _content(self, file: File) -> bytes:
        url = f"{self._api}/files/{file['id']}"
        export = EXPORTS.get(str(file.get("mimeType")))
        if export:
            reply = self._get(f"{url}/export", {"mimeType": export[1]})
            if reply.status == 403 and "exportSizeLimitExceeded" in reply.text:
                raise PassedOver(
                    "the file is larger than the 10 MB that Google exports: split it, or keep it as a file"
                )
        else:
            reply = self._get(url, {"alt": "media", "supportsAllDrives": "true"})
        if reply.status != 200:
            raise DocumentRefused("the file cannot be downloaded now: it was moved or deleted, or its access changed")
        return reply.content

    # Google

    def _get(self, url: str, params: Mapping[str, str]) -> Reply:
        """Ask Google; being told to slow down is not taken for being told that a file is not for us."""
        reply = self._account.get(url, params)
        if reply.status == 429 or (reply.status == 403 and _BUSY.search(reply.text)):
            raise SourceUnreachable("Google asks to wait before more is read; the next refresh tries again")
        return reply

    def _ask(self, what: str, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        return self._account.read(what, self._get(f"{self._api}{path}", params))

    def _located(self) -> _Root:
        if self._root is None:
            asked = {"fields": "id,mimeType,driveId,trashed", "supportsAllDrives": "true"}
            found = self._ask("the folder", f"/files/{self._folder}", asked)
            if found.get("mimeType") != _FOLDER or found.get("trashed"):
                raise SourceUnreachable("what the address names is no folder, or is in the trash")
            self._root = _Root(str(found["id"]), str(found.get("driveId") or ""))
        return self._root

    def _walk(self, root: _Root) -> Iterator[File]:
        """Go through all files: of a whole shared drive at once, below a folder by its folders."""
        if root.id == root.drive:
            yield from self._query(root, f"trashed = false and mimeType != '{_FOLDER}'")
            return
        level, seen = [root.id], {root.id}
        while level:
            below: list[str] = []
            for start in range(0, len(level), FOLDERS_AT_ONCE):
                parents = " or ".join(f"'{folder}' in parents" for folder in level[start : start + FOLDERS_AT_ONCE])
                for file in self._query(root, f"trashed = false and ({parents})"):
                    if file.get("mimeType") == _FOLDER:
                        below.append(str(file["id"]))
                    else:
                        yield file
            level = [folder for folder in dict.fromkeys(below) if folder not in seen]
            seen.update(level)

    def _query(self, root: _Root, query: str) -> Iterator[File]:
        fields = f"nextPageToken,incompleteSearch,files({_FIELDS})"
        asked = {**root.corpus, "q": query, "pageSize": "1000", "fields": fields}
        for page in self._pages("the files", "/files", asked):
            if page.get("incompleteSearch"):
                raise SourceUnreachable("Google could not search all of it this time; the next refresh tries again")
            yield from (file for file in page.get("files") or [] if not file.get("trashed"))

    def _pages(self, what: str, path: str, asked: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        token = ""
        for _ in range(PAGES):
            page = self._ask(what, path, {**asked, **({"pageToken": token} if token else {})})
            yield page
            token = str(page.get("nextPageToken") or "")
            if not token:
                return
        raise SourceUnreachable(f"{what} do not end after {PAGES} pages: name a smaller folder")

    def _start(self, root: _Root) -> str:
        """Return where the change feed is now; asked before the listing, so that nothing falls between the two."""
        asked = {"supportsAllDrives": "true", **({"driveId": root.drive} if root.drive else {})}
        return str(self._ask("the changes", "/changes/startPageToken", asked).get("startPageToken") or "")

    def _removed(self, root: _Root, since: str) -> frozenset[str]:
        """Return what was removed or trashed since; nothing when the feed does not go back so far any more."""
        removed: dict[str, bool] = {}
        fields = "nextPageToken,newStartPageToken,changes(changeType,fileId,removed,file(trashed))"
        drive = {"driveId": root.drive} if root.drive else {}
        asked = {**_ALL_DRIVES, **drive, "includeRemoved": "true", "pageSize": "1000", "fields": fields}
        for _ in range(PAGES):
            if not since:
                break
            reply = self._get(f"{self._api}/changes", {**asked, "pageToken": since})
            if reply.status in {400, 404, 410}:
                return frozenset()
            page = self._account.read("the changes", reply)
            for change in page.get("changes") or []:
                trashed = (change.get("file") or {}).get("trashed")
                removed[str(change.get("fileId") or "")] = bool(change.get("removed") or trashed)
            since = str(page.get("nextPageToken") or "")
        return frozenset(name for name, is_so in removed.items() if name and is_so)

    def _look(self, name: str) -> File:
        reply = self._get(f"{self._api}/files/{name}", {"fields": _FIELDS, "supportsAllDrives": "true"})
        file = content(reply)
        if reply.status != 200 or file is None or file.get("trashed") or not _ending(file):
            raise DocumentRefused("the file is not there any more, or the account may not read it now")
        return file

    # Who may read

    def _members(self, root: _Root) -> str:
        """Return a hash of who the members of a shared drive are, so that a change among them changes every mark."""
        readers = self._listed_readers(root.drive) if root.drive else NOBODY
        return imprint(readers)

    def _readers(self, file: File) -> Readers | None:
        """Return who may read a file; a listing shows permissions of files outside shared drives only."""
        shown = file.get("permissions")
        return self._granted(shown) if shown else self._listed_readers(str(file["id"]))

    def _listed_readers(self, name: str) -> Readers | None:
        """Ask for the permissions of a file or shared drive; None when the account may not see them."""
        granted: list[Any] = []
        token = ""
        for _ in range(PAGES):
            asked = {"fields": "nextPageToken,permissions", "pageSize": "100", "supportsAllDrives": "true"}
            reply = self._get(
                f"{self._api}/files/{name}/permissions", {**asked, **({"pageToken": token} if token else {})}
            )
            page = content(reply)
            if reply.status != 200 or page is None or not isinstance(page.get("permissions"), list):
                return None
            granted += page["permissions"]
            token = str(page.get("nextPageToken") or "")
            if not token:
                return self._granted(granted)
        return None

    def _granted(self, permissions: object) -> Readers:
        rows = permissions if isinstance(permissions, list) else []
        return NOBODY.union(*(google_readers(row, self._audience) for row in rows if isinstance(row, dict)))


def _mark(file: Mapping[str, Any], members: str) -> str:
    """Return what changes with a file's state or with who has access; nothing where neither is shown."""
    shown = file.get("permissionIds") or [str(one) for one in file.get("permissions") or []]
    if not file.get("version") or not shown:
        return ""
    return f"{file['version']}.{imprint(frozenset(map(str, shown)))}.{members}"


def _own(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in ENDINGS


def _ending(file: Mapping[str, Any]) -> str:
    """Return the ending under which a file is read, nothing for one that is not."""
    name, kind = str(file.get("name") or ""), str(file.get("mimeType") or "")
    if kind in EXPORTS:
        return EXPORTS[kind][0]
    if kind.startswith("application/vnd.google-apps."):
        return ""
    ending = PurePosixPath(name).suffix.lower() if _own(name) else PLAIN.get(kind, "")
    return ending if ending in ENDINGS else ""


def connect(spec: SourceSpec, http: Http) -> Drive:
    """Open a shared drive or folder by its address in the browser, and `staff=DOMAIN` if that is the company's."""
    at, staff = place(spec.at)
    found = _PLACE.match(at)
    if not found:
        raise SourceRefused("give the address of a folder or shared drive: https://drive.google.com/drive/folders/ID")
    kept = secret(spec.name)
    account = Account(http, sign_in(kept, http), kept.variable)
    api = secure(kept.fields().get("api", API)).rstrip("/")
    return Drive(account, found["id"], Audience(spec.visibility, staff), api=api)
