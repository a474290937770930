"""The Web API: which methods there are, who may call them, and how a call is answered and written down."""

import asyncio
import base64
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain

from aiohttp import web

from tests.servers.slack import assistant, chat, conversations, files, handed, streams, views
from tests.servers.slack.args import Args, decoded, merged
from tests.servers.slack.blocks import problems, view_problems
from tests.servers.slack.content import message_problems
from tests.servers.slack.errors import Limited, Refused, invalid_arguments
from tests.servers.slack.faults import Fault, Faults
from tests.servers.slack.journal import Call, Journal
from tests.servers.slack.model import Install, Json
from tests.servers.slack.world import World

Method = Callable[[World, Install, Args], Json]


def auth_test(world: World, who: Install, args: Args) -> Json:
    """Answer auth.test."""
    team, bot = world.workspace.teams[who.team_id], world.workspace.users[who.bot_user]
    names = {"url": team.url, "team": team.name, "user": bot.name}
    ids = {"team_id": team.id, "user_id": bot.id, "bot_id": who.bot_id, "is_enterprise_install": False}
    return {"ok": True, **names, **ids}


def connect(world: World, who: Install, args: Args) -> Json:
    """Answer apps.connections.open; from now on an app without a request URL is reached over its sockets."""
    world.outbox.route = world.outbox.route or world.sockets
    address = world.base_url.replace("http", "ws", 1)
    return {"ok": True, "url": f"{address}/link/?ticket={world.sockets.ticket(who)}&app_id={who.app_id}"}


def access(world: World, header: str | None, args: Args) -> Json:
    """Answer oauth.v2.access: a code of somebody's consent becomes the token of a workspace, once."""
    if header != "Basic " + base64.b64encode(":".join(world.app).encode()).decode():
        raise Refused("invalid_client_id")
    who = world.codes.pop(args.text("code"), None)
    if who is None:
        raise Refused("invalid_code")
    team = world.workspace.teams[who.team_id]
    held = {"access_token": who.token, "token_type": "bot", "scope": world.scopes, "bot_user_id": who.bot_user}
    place = {"team": {"id": team.id, "name": team.name}, "enterprise": None, "is_enterprise_install": False}
    return {"ok": True, "app_id": who.app_id, "authed_user": {"id": "U0ADA"}, **held, **place}


def validate(args: Args) -> Json:
    """Answer blocks.validate, which asks nobody for a token."""
    given = [name for name in ("blocks", "message", "view") if name in args]
    if len(given) != 1:
        raise invalid_arguments("must provide exactly one of blocks, message or view")
    value = args.get(given[0])
    kind = value.get("type") if isinstance(value, dict) else None
    readings = {
        "blocks": lambda: problems(value),
        "message": lambda: list(message_problems(value)),
        "view": lambda: view_problems(value, kind if kind in {"modal", "home"} else "modal"),
    }
    found = readings[given[0]]()
    errors = [{"pointer": one.pointer, "code": one.code, "message": one.message, "constraint": {}} for one in found]
    return {"ok": False, "error": "invalid_blocks", "errors": errors} if found else {"ok": True}


BOT: dict[str, Method] = {
    "agents.sessions.setStatus": assistant.set_session,
    "assistant.threads.setStatus": assistant.set_status,
    "assistant.threads.setSuggestedPrompts": assistant.set_prompts,
    "auth.test": auth_test,
    "chat.appendStream": streams.append,
    "chat.delete": chat.delete,
    "chat.postEphemeral": chat.whisper,
    "chat.postMessage": chat.post,
    "chat.startStream": streams.start,
    "chat.stopStream": streams.stop,
    "chat.update": chat.update,
    "conversations.history": conversations.history,
    "conversations.info": conversations.info,
    "conversations.members": conversations.members,
    "conversations.open": conversations.open_dm,
    "conversations.replies": conversations.replies,
    "files.completeUploadExternal": files.complete,
    "files.getUploadURLExternal": files.upload_url,
    "files.info": handed.info,
    "reactions.add": conversations.react,
    "reactions.remove": conversations.unreact,
    "users.info": conversations.user_info,
    "users.list": conversations.user_list,
    "users.lookupByEmail": conversations.user_by_email,
    "views.open": lambda world, who, args: views.open_modal(world.workspace, world.triggers, who, args),
    "views.publish": lambda world, who, args: views.publish(world.workspace, who, args),
    "views.update": lambda world, _who, args: views.update(world.workspace, args),
}
APP: dict[str, Method] = {"apps.connections.open": connect}
OPEN: dict[str, Callable[[Args], Json]] = {"blocks.validate": validate}
METHODS = frozenset(chain(BOT, APP, OPEN, ["oauth.v2.access"]))


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over HTTP; a body that is nothing is an error page."""

    status: int
    body: Json | None
    headers: dict[str, str] = field(default_factory=dict)


class Api:
    """Answers the calls of an app."""

    def __init__(self, world: World, journal: Journal) -> None:
        self.faults = Faults()
        self._world = world
        self._journal = journal

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        method = request.match_info["method"]
        try:
            values = await merged(request)
        except Refused as refused:
            answer = Answer(200, {"ok": False, "error": refused.error})
            self._record(method, {}, None, answer)
            return web.json_response(answer.body)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or values.pop("token", None)
        fault = self.faults.take(method)
        if fault is not None and fault.slow:
            await asyncio.sleep(fault.slow)
        answer = self._answer(method, token, values) if fault is None or fault.answered else _faulty(fault)
        self._record(method, values, token, answer)
        if fault is not None and fault.lost and request.transport is not None:
            request.transport.close()
        if answer.body is None:
            return web.Response(status=answer.status, text="<html>upstream</html>", content_type="text/html")
        return web.json_response(answer.body, status=answer.status, headers=answer.headers)

    def _answer(self, method: str, token: str | None, values: Json) -> Answer:
        try:
            granted = {"x-oauth-scopes": self._world.scopes} if self._world.scopes else {}
            return Answer(200, self._perform(method, token, Args(decoded(values))), granted)
        except Limited as limited:
            return Answer(429, {"ok": False, "error": limited.error}, {"Retry-After": str(limited.seconds)})
        except Refused as refused:
            return Answer(200, {"ok": False, "error": refused.error, **refused.fields})

    def _perform(self, method: str, token: str | None, args: Args) -> Json:
        if method not in METHODS:
            raise Refused("unknown_method", req_method=method)
        if method == "oauth.v2.access":
            return access(self._world, token, args)
        if method in OPEN:
            return OPEN[method](args)
        if not token:
            raise Refused("not_authed")
        held = self._world.workspace.tokens.get(token)
        if held is None:
            raise Refused("invalid_auth")
        table = BOT if held.kind == "bot" else APP
        if method not in table:
            raise Refused("not_allowed_token_type")
        return table[method](self._world, held.install, args)

    def _record(self, method: str, values: Json, token: str | None, answer: Answer) -> None:
        with suppress(Refused):  # what does not parse is recorded as it came
            values = decoded(values)
        at = self._world.workspace.clock()
        self._journal.calls.append(Call(method, values, token, answer.status, answer.body or {}, at))
        self._journal.changed()


def _faulty(fault: Fault) -> Answer:
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    if fault.error is None:
        return Answer(fault.status, None, headers)
    return Answer(fault.status, {"ok": False, "error": fault.error}, headers)
