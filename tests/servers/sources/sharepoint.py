"""A local Microsoft Graph: the token endpoint, a site's libraries, delta, permissions by batch, and file contents."""

import json
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from tests.servers.sources.saas import Service, missing, page, table

SITE = "/sites/acme.sharepoint.com:/sites/Policies:"


class Graph(Service):
    """Two libraries, `b!one` and `b!two`; every change is appended to a log that delta tokens point into."""

    def __init__(self) -> None:
        super().__init__()
        self.size = 2
        self.items: dict[str, dict] = {}
        self.contents: dict[str, bytes] = {}
        self.permissions: dict[str, list] = {}
        self.log: list[str] = []
        self.expired = False
        self.elsewhere = ""
        self.downloads = ""
        self.shown_at_download: list[str | None] = []
        self.signed_in: list[dict] = []

    def opens(self, request: Request) -> bool:
        return request.url.path.startswith(("/acme.example/oauth2", "/download/")) or super().opens(request)

    def put(self, name: str, title: str, text: bytes = b"Text.", *, permissions: list | None = None, **more) -> None:
        """Create or change a file; the name is library and id."""
        drive, _, identity = name.partition("/")
        version = int(self.items.get(name, {}).get("version", 0)) + 1
        self.items[name] = {
            "id": identity, "name": title, "file": {"mimeType": "text/plain"}, "size": len(text), "version": version,
            "eTag": f'"{{{identity}}},{version}"', "webUrl": f"https://acme.sharepoint.com/sites/Policies/{title}",
            "lastModifiedDateTime": "2026-02-01T08:00:00Z", "parentReference": {"driveId": drive, "id": "root"}, **more,
        }  # fmt: skip
        self.contents[name] = text
        if permissions is not None:
            self.permissions[name] = permissions
        self.log.append(name)

    def folder(self, name: str, title: str, parent: str = "root") -> None:
        identity = name.partition("/")[2]
        above = {"id": parent}
        self.items[name] = {"id": identity, "name": title, "folder": {"childCount": 1}, "parentReference": above}
        self.log.append(name)

    def delete(self, name: str) -> None:
        """Delete a file; what delta says of it afterwards has no name, as in SharePoint."""
        self.items[name] = {"id": name.partition("/")[2], "deleted": {"state": "deleted"}}
        self.log.append(name)

    def answer(self, request: Request, body: bytes) -> Response:
        path = unquote(request.url.path)
        if path.endswith("/oauth2/v2.0/token"):
            return self._token(body)
        if path.startswith("/download/"):
            self.shown_at_download.append(request.headers.get("authorization"))
            return Response(self.contents[path.removeprefix("/download/")])
        path = path.removeprefix("/v1.0")
        if path == "/$batch":
            rows = [self._one(row) for row in table(body)["requests"]]
            return JSONResponse({"responses": list(reversed(rows))})
        if path == f"{SITE}/drives":
            shared = "https://acme.sharepoint.com/sites/Policies"
            rows = [
                {"id": "b!one", "name": "Documents", "webUrl": f"{shared}/Shared%20Documents"},
                {"id": "b!two", "name": "Archive", "webUrl": f"{shared}/Archive"},
            ]
            return JSONResponse({"value": rows})
        if path.endswith("/delta"):
            return self._delta(request, path.split("/")[2])
        return self._item(path)

    def _token(self, body: bytes) -> Response:
        form = dict(pair.split("=", 1) for pair in body.decode().split("&"))
        self.signed_in.append(form)
        if form.get("client_secret") != "hush":
            return JSONResponse({"error": "invalid_client", "error_description": "secret hash of hush"}, 401)
        return JSONResponse({"token_type": "Bearer", "expires_in": 3599, "access_token": "good"})

    def _one(self, row: dict) -> dict:
        reply = self._item(unquote(row["url"]))
        return {"id": row["id"], "status": reply.status_code, "headers": {}, "body": json.loads(reply.body)}

    def _item(self, path: str) -> Response:
        _, _, drive, kind, *rest = path.split("/")
        if kind == "root:":
            found = next((one for one in self.items.values() if one.get("name") == rest[-1]), None)
            return JSONResponse(found) if found else missing()
        name = f"{drive}/{rest[0]}"
        if name not in self.items or "deleted" in self.items[name]:
            return missing()
        if rest[1:] == ["permissions"]:
            held = self.permissions.get(name)
            return JSONResponse({"value": held}) if held is not None else JSONResponse({"error": {}}, 403)
        if rest[1:] == ["content"]:
            return RedirectResponse(f"{self.downloads or self.base}/download/{name}", 302)
        return JSONResponse(self.items[name])

    def _delta(self, request: Request, drive: str) -> Response:
        """Page through the items of a library, or the log since a token; each page repeats the last item of the one before."""
        token = request.query_params.get("token", "")
        if token.startswith("since.") and self.expired:
            error = {"error": {"code": "resyncRequired", "message": "Resync required."}}
            return JSONResponse(error, 410, headers={"Location": f"{self.base}/v1.0/drives/{drive}/root/delta"})
        kind, _, rest = (token or "all.0.0").partition(".")
        since, start = (int(one) for one in f"{rest}.0".split(".")[:2])
        names = (
            [name for name in self.items if "deleted" not in self.items[name]] if kind == "all" else self.log[since:]
        )
        rows = [self.items[name] for name in names if name.startswith(f"{drive}/")]
        rows = [{"id": f"root-{drive}", "name": "root", "root": {}, "folder": {"childCount": 9}}, *rows]
        some, onward = page(rows, start, self.size)
        link = f"{self.elsewhere or self.base}/v1.0/drives/{drive}/root/delta?token="
        if onward:
            return JSONResponse({"value": some, "@odata.nextLink": f"{link}{kind}.{since}.{onward}"})
        return JSONResponse({"value": some, "@odata.deltaLink": f"{link}since.{len(self.log)}"})
