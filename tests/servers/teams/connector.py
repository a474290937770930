"""The HTTP side of the local service: tokens, keys, conversations, messages and rosters, as the connector's API has them."""

import asyncio
import time
from collections import deque
from itertools import count
from urllib.parse import unquote

from aiohttp import web

from tests.servers.teams import keys
from tests.servers.teams.content import checked
from tests.servers.teams.model import Conversation, Json, Message, Person, Refused
from tests.servers.teams.streams import Streams

PAGE = 2
"""Members on a page of a roster: few, so that every test turns pages."""


class Connector:
    """Keeps conversations and what the bot wrote in them; `calls` has every request with the status it got."""

    def __init__(self, secret: str, clock=time.monotonic) -> None:
        self.secret = secret
        self.conversations: dict[str, Conversation] = {}
        self.people: dict[str, Person] = {}
        self.streams = Streams(clock)
        self.calls: list[tuple[str, str, int, Json]] = []
        self.tokens: dict[str, float] = {}
        self.slow_keys = 0.0
        self.targeting = True
        """Whether messages for one person among several are taken: some clouds do not have them."""
        self.keys_fetched = 0
        self.files: dict[str, tuple[int, bytes | str]] = {}
        self.fetched: list[tuple[str, str]] = []
        self.changed = asyncio.Event()
        self._faults: deque[tuple[int, str]] = deque()
        self._ids = count(1)

    def routes(self) -> list[web.RouteDef]:
        """List the addresses of the service."""
        return [
            web.get("/v1/.well-known/openidconfiguration", self._metadata),
            web.get("/v1/.well-known/keys", self._keys),
            web.post("/{tenant}/oauth2/v2.0/token", self._token),
            web.get("/files/{id}", self._file),
            web.route("*", "/teams/v3/{rest:.*}", self._serve),
        ]

    def fail(self, *faults: int | str) -> None:
        """Let the next messages fail: by a status, or `lost` for an answer that never arrives though the message does."""
        self._faults.extend((one, "") if isinstance(one, int) else (0, one) for one in faults)

    async def _metadata(self, request: web.Request) -> web.Response:
        return web.json_response({"issuer": keys.ISSUER, "jwks_uri": f"{request.url.origin()}/v1/.well-known/keys"})

    async def _keys(self, _request: web.Request) -> web.Response:
        self.keys_fetched += 1
        await asyncio.sleep(self.slow_keys)
        return web.json_response(keys.jwks())

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        wanted = ("client_credentials", self.secret, "https://api.botframework.com/.default")
        if (form.get("grant_type"), form.get("client_secret"), form.get("scope")) != wanted:
            return web.json_response({"error": "invalid_client"}, status=401)
        token = f"local-token-{next(self._ids)}"
        self.tokens[token] = time.monotonic() + 3600
        return web.json_response({"token_type": "Bearer", "expires_in": 3600, "access_token": token})

    async def _file(self, request: web.Request) -> web.Response:
        """Give out a shared file as SharePoint does: to whoever has its address, or lead on to another one."""
        self.fetched.append((request.match_info["id"], request.headers.get("Authorization", "")))
        status, content = self.files[request.match_info["id"]]
        if isinstance(content, str):
            return web.Response(status=status, headers={"Location": content})
        return web.Response(status=status, body=content)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        # Split before decoding: ids hold colons and semicolons, and must not bring slashes of their own.
        parts = [unquote(part) for part in request.url.raw_path.removeprefix("/teams/v3/").split("/")]
        body = await request.json() if request.can_read_body else {}
        lost = False
        try:
            self._allowed(request)
            lost = self._fault(request.method, parts)
            status, answer = self._done(request.method, parts, body, request.query)
        except Refused as refused:
            status = refused.status
            answer = {"error": {"code": refused.code, "message": refused.words or refused.code}}
        self.calls.append((request.method, "/".join(parts), status, body))
        self.changed.set()
        if lost:
            assert request.transport is not None
            request.transport.close()
        headers = {"Retry-After": "1"} if status == 429 else {}
        return web.json_response(answer, status=status, headers=headers)

    def _allowed(self, request: web.Request) -> None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token, 0.0) < time.monotonic():
            raise Refused(401, "Unauthorized")

    def _fault(self, method: str, parts: list[str]) -> bool:
        if not self._faults or method == "GET" or "activities" not in parts:
            return False
        status, name = self._faults.popleft()
        if status:
            raise Refused(status, "TooManyRequests" if status == 429 else "ServiceError")
        return name == "lost"

    def _done(self, method: str, parts: list[str], body: Json, query) -> tuple[int, Json]:
        if parts == ["conversations"] and method == "POST":
            return 201, {"id": self._opened(body).id}
        where = self._where(parts[1])
        match method, parts[2:]:
            case "POST", ["activities", *_]:
                return self._written(where, parts[1], body, targeted=query.get("isTargetedActivity") == "true")
            case "PUT", ["activities", id_]:
                message = self._message(where, id_)
                if bool(message.only) != (query.get("isTargetedActivity") == "true"):
                    raise Refused(400, "BadArgument", "who sees a message cannot be changed")
                checked(body)
                message.body, message.edits = body, message.edits + 1
                return 200, {"id": id_}
            case "DELETE", ["activities", id_]:
                self._message(where, id_).deleted = True
                return 200, {}
            case "GET", ["pagedmembers"]:
                return 200, self._page(where, query)
            case "GET", ["members", id_]:
                for one in where.people:
                    if id_ in {one.id, one.object}:
                        return 200, one.member
                raise Refused(404, "MemberNotFoundInConversation")
        raise Refused(404, "NotFound")

    def _where(self, id_: str) -> Conversation:
        where = self.conversations.get(id_.partition(";")[0])
        if where is None:
            raise Refused(404, "ConversationNotFound")
        if not where.installed:
            raise Refused(403, "BotNotInConversationRoster")
        return where

    def _opened(self, body: Json) -> Conversation:
        """Open the conversation with one person; the same one every time."""
        (member,) = body["members"]
        person = self.people.get(member["id"])
        if person is None or body.get("tenantId") != person.tenant or body.get("isGroup"):
            raise Refused(403, "BotNotInConversationRoster")
        return self.personal(person)

    def personal(self, person: Person) -> Conversation:
        """Find or open somebody's own conversation with the app."""
        id_ = f"a:personal-{person.object}"
        return self.conversations.setdefault(id_, Conversation(id_, "personal", [person], person.tenant))

    def _written(self, where: Conversation, id_: str, body: Json, *, targeted: bool) -> tuple[int, Json]:
        only = self._aimed(where, body) if targeted else ""
        stream = self.streams.take(where, body)
        if stream is not None and not stream.over:
            return (201, {"id": stream.id}) if stream.sequence == 1 else (202, {})
        checked(body)
        if body.get("suggestedActions") and where.kind != "personal":
            raise Refused(400, "BadSyntax", "suggested actions are for a chat with one person")
        message = Message(stream.id if stream else f"m{next(self._ids)}", id_, body, only=only)
        if body["type"] == "message":
            where.messages.append(message)
        return (202, {}) if stream else (201, {"id": message.id})

    def _aimed(self, where: Conversation, body: Json) -> str:
        """Return whom a targeted message is for: one who reads along, and never in a chat of two."""
        who = str((body.get("recipient") or {}).get("id") or "")
        if where.kind == "personal" or not who:
            raise Refused(400, "BadArgument", "a targeted message names one person of several")
        if not self.targeting or who not in {one.id for one in where.people}:
            raise Refused(403, "Forbidden", "targeted messages are not available")
        return who

    def _message(self, where: Conversation, id_: str) -> Message:
        for message in where.messages:
            if message.id == id_ and not message.deleted:
                return message
        raise Refused(404, "ActivityNotFoundInConversation")

    def _page(self, where: Conversation, query) -> Json:
        at = int(query.get("continuationToken") or 0)
        more = {"continuationToken": str(at + PAGE)} if at + PAGE < len(where.people) else {}
        return {"members": [one.member for one in where.people[at : at + PAGE]], **more}
