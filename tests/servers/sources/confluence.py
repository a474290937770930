"""A local Confluence Cloud: spaces and their permissions in REST v2, search by CQL and restrictions in v1."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.sources.saas import Service, missing, page, table

SPACE = "POL"
SPACE_ID = "98306"
EVERYONE = "9c3b1c5a-0000-4000-8000-000000000001"
LEGAL = "9c3b1c5a-0000-4000-8000-000000000002"


class Confluence(Service):
    """One space that group `everyone` may read; `pages` hold what tests change."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = {"Basic bWVAYWNtZS5leGFtcGxlOmdvb2Q="}  # me@acme.example:good
        self.size = 2
        self.groups = {EVERYONE: "everyone", LEGAL: "legal"}
        self.users: dict[str, str] = {}
        self.grants = [("group", EVERYONE)]
        self.pages: dict[str, dict] = {}
        self.folders: dict[str, dict] = {}

    def add(self, name: str, title: str, body: str, **more) -> dict:
        one = {"title": title, "body": body, "version": 1, "users": [], "groups": [], "above": [], "status": "current"}
        self.pages[name] = {**one, **more}
        return self.pages[name]

    def answer(self, request: Request, body: bytes) -> Response:  # noqa: PLR0911 - a table of paths
        parts = request.url.path.removeprefix("/wiki/").split("/")
        query = request.query_params
        match parts:
            case ["api", "v2", "spaces"]:
                known = [{"id": SPACE_ID, "key": SPACE}] if query.get("keys") == SPACE else []
                return JSONResponse({"results": known, "_links": {}})
            case ["api", "v2", "spaces", _, "permissions"]:
                return self._v2(request, [self._grant(n, *grant) for n, grant in enumerate(self.grants)])
            case ["api", "v2", "spaces", _, "pages"]:
                rows = [{"id": name} for name, one in self.pages.items() if one["status"] == query["status"]]
                return self._v2(request, rows)
            case ["api", "v2", "pages", name]:
                return self._shown(name, query)
            case ["api", "v2", "users-bulk"]:
                ids = table(body)["accountIds"]
                rows = [{"accountId": one, "email": self.users[one]} for one in ids if one in self.users]
                return JSONResponse({"results": rows})
            case ["rest", "api", "group", "by-id"]:
                name = self.groups.get(query["id"])
                return JSONResponse({"type": "group", "id": query["id"], "name": name}) if name else missing()
            case ["rest", "api", "content", "search"]:
                return self._searched(request)
            case ["rest", "api", "content", name, "restriction", "byOperation", "read"]:
                one = self.folders.get(name) or self.pages.get(name)
                return JSONResponse(self._restrictions(one)["read"]) if one else missing()
        return missing()

    def _grant(self, number: int, kind: str, identity: str) -> dict:
        return {
            "id": str(number),
            "principal": {"type": kind, "id": identity},
            "operation": {"key": "read", "targetType": "space"},
        }

    def _v2(self, request: Request, rows: list) -> Response:
        query = request.query_params
        some, onward = page(rows, int(query.get("cursor", 0)), self.size)
        links = {"next": f"{request.url.path}?limit={query['limit']}&cursor={onward}"} if onward else {}
        if onward and "status" in query:
            links["next"] += f"&status={query['status']}"
        return JSONResponse({"results": some, "_links": links})

    def _searched(self, request: Request) -> Response:
        query = request.query_params
        assert f'space="{SPACE}"' in query["cql"]
        rows = [self._found(name, one) for name, one in self.pages.items() if one["status"] == "current"]
        start = int(query.get("cursor", 0))
        some, onward = page(rows, start, self.size)
        links = {"base": "https://acme.atlassian.net/wiki", "context": "/wiki"}
        if onward:
            links["next"] = f"/rest/api/content/search?next=true&cursor={onward}&limit=2"
        return JSONResponse({"results": some, "start": start, "limit": self.size, "size": len(some), "_links": links})

    def _found(self, name: str, one: dict) -> dict:
        found = {
            "id": name,
            "type": "page",
            "status": "current",
            "title": one["title"],
            "version": {"number": one["version"]},
            "history": {"ownedBy": {"displayName": "Ada Owner"}},
            "ancestors": [{"id": above, "type": "page"} for above in one["above"]],
        }
        return found if one.get("hides") else {**found, "restrictions": self._restrictions(one)}

    def _restrictions(self, one: dict) -> dict:
        users = [{"type": "known", "accountId": "5b1", "email": email} for email in one.get("users", [])]
        groups = [{"type": "group", "name": self.groups[group], "id": group} for group in one.get("groups", [])]
        read = {
            "user": {"results": users, "start": 0, "limit": 200, "size": len(users)},
            "group": {"results": groups, "start": 0, "limit": 200, "size": len(groups)},
        }
        return {"read": {"operation": "read", "restrictions": read}}

    def _shown(self, name: str, query) -> Response:
        one = self.pages.get(name)
        if one is None:
            return missing()
        assert query["body-format"] == "export_view"
        return JSONResponse(
            {
                "id": name,
                "status": "current",
                "title": one["title"],
                "version": {"number": one["version"], "createdAt": "2026-03-01T09:00:00.000Z"},
                "body": {"export_view": {"representation": "export_view", "value": one["body"]}},
                "_links": {"webui": f"/spaces/{SPACE}/pages/{name}", "base": "https://acme.atlassian.net/wiki"},
            }
        )
