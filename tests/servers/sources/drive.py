"""A local Google Drive: the token endpoint, files by query, permissions, the change feed, downloads and exports."""

import re
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.sources.saas import Service, missing, page

FOLDER = "application/vnd.google-apps.folder"
SHARED = "0AShared-drive"
TOP = "1Top-folder"


class Drive(Service):
    """A shared drive, or with `shared = False` a folder in somebody's own drive, in which permissions are listed inline."""

    def __init__(self) -> None:
        super().__init__()
        self.size = 2
        self.shared = True
        self.files: dict[str, dict] = {}
        self.contents: dict[str, bytes] = {}
        self.permissions: dict[str, list | None] = {SHARED: []}
        self.changes: list[dict] = []
        self.oldest = 0
        self.exported: list[str] = []
        self.signed_in: list[dict] = []

    def opens(self, request: Request) -> bool:
        return request.url.path == "/token" or super().opens(request)

    def put(self, name: str, title: str, text: bytes = b"Text.", *, permissions: list | None = None, **more) -> None:
        """Create or change a file; without permissions it keeps those that it has."""
        version = int(self.files.get(name, {}).get("version", 0)) + 1
        self.files[name] = {
            "id": name, "name": title, "mimeType": "text/plain", "version": str(version), "size": str(len(text)),
            "modifiedTime": "2026-04-02T10:00:00.000Z", "trashed": False, "parents": [SHARED if self.shared else TOP],
            "webViewLink": f"https://drive.google.com/file/d/{name}/view", "capabilities": {"canDownload": True}, **more,
        }  # fmt: skip
        self.contents[name] = text
        if permissions is not None:
            self.permissions[name] = permissions
        self._changed(name)

    def remove(self, name: str) -> None:
        del self.files[name]
        self.changes.append({"changeType": "file", "fileId": name, "removed": True})

    def trash(self, name: str) -> None:
        self.files[name]["trashed"] = True
        self._changed(name)

    def _changed(self, name: str) -> None:
        trashed = self.files[name]["trashed"]
        self.changes.append({"changeType": "file", "fileId": name, "removed": False, "file": {"trashed": trashed}})

    def answer(self, request: Request, body: bytes) -> Response:  # noqa: PLR0911 - a table of paths
        query = request.query_params
        match request.url.path.strip("/").split("/"):
            case ["token"]:
                return self._token(body)
            case ["drive", "v3", "files"]:
                return self._listed(query)
            case ["drive", "v3", "changes", "startPageToken"]:
                return JSONResponse({"startPageToken": str(len(self.changes))})
            case ["drive", "v3", "changes"]:
                return self._fed(query)
            case ["drive", "v3", "files", name, "permissions"]:
                return self._permitted(name, query)
            case ["drive", "v3", "files", name, "export"]:
                self.exported.append(query["mimeType"])
                return Response(self.contents[name])
            case ["drive", "v3", "files", name]:
                return self._file(name, query)
        return missing()

    def _token(self, body: bytes) -> Response:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        self.signed_in.append(form)
        if form.get("client_secret") != "hush" and "assertion" not in form:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "good", "expires_in": 3599, "token_type": "Bearer"})

    def _file(self, name: str, query) -> Response:
        if name in {SHARED, TOP}:
            drive = {"driveId": SHARED} if self.shared else {}
            return JSONResponse({"id": name, "mimeType": FOLDER, "trashed": False, **drive})
        if name not in self.files:
            return missing()
        return Response(self.contents[name]) if query.get("alt") == "media" else JSONResponse(self._shown(name))

    def _shown(self, name: str) -> dict:
        held = self.permissions.get(name)
        shown = {key: value for key, value in self.files[name].items() if key != "parents"}
        if held is None:
            return shown
        inline = {} if self.shared else {"permissions": held}
        return {**shown, "permissionIds": [one["id"] for one in held], **inline}

    def _listed(self, query) -> Response:
        assert "trashed = false" in query["q"]
        parents = set(re.findall(r"'([^']+)' in parents", query["q"]))
        rows = [
            self._shown(name)
            for name, file in self.files.items()
            if not file["trashed"] and (not parents or parents & set(file["parents"]))
        ]
        some, onward = page(rows, int(query.get("pageToken", 0)), self.size)
        return JSONResponse(
            {"files": some, "incompleteSearch": False, **({"nextPageToken": str(onward)} if onward else {})}
        )

    def _permitted(self, name: str, query) -> Response:
        held = self.permissions.get(name)
        if held is None:
            return JSONResponse({"error": {"code": 403, "errors": [{"reason": "insufficientFilePermissions"}]}}, 403)
        some, onward = page(held, int(query.get("pageToken", 0)), self.size)
        return JSONResponse({"permissions": some, **({"nextPageToken": str(onward)} if onward else {})})

    def _fed(self, query) -> Response:
        since = int(query["pageToken"])
        if since < self.oldest:
            return JSONResponse({"error": {"code": 410, "message": "Sync token is no longer valid."}}, 410)
        some, onward = page(self.changes, since, self.size)
        rest = {"nextPageToken": str(onward)} if onward else {"newStartPageToken": str(len(self.changes))}
        return JSONResponse({"changes": some, **rest})
