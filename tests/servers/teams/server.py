"""The local Teams as a test holds it: people who write, press and install, and what the bot wrote back."""

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
from aiohttp import web

from tests.servers.teams import keys
from tests.servers.teams.connector import Connector
from tests.servers.teams.model import HOME, Conversation, Json, Message, Person

T = TypeVar("T")
APP = "00000000-0000-4000-8000-00000000cafe"
DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"
BOT = {"id": f"28:{APP}", "name": "Caveat"}


class Teams(Connector):
    """A tenant with two people, a team's channel and a group chat, served on 127.0.0.1 as long as the `async with` lasts.

    What people do is delivered to `endpoint`, signed; the answers' statuses stand in `deliveries`.
    """

    def __init__(self) -> None:
        super().__init__("a-local-client-secret")
        self.endpoint = ""
        self.host, self.url = "127.0.0.1:1", "http://127.0.0.1:1"
        self.deliveries: list[tuple[Json, int, Any, float]] = []
        self.ada, self.grace = self.add_person("Ada"), self.add_person("Grace")
        self.general = self.add("channel", self.ada, self.grace)
        self.group = self.add("groupChat", self.ada, self.grace)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=8 * 2**20)
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.host, self.url = f"{host}:{port}", f"http://{host}:{port}"
        # Shorter than the server keeps idle connections: of one that it is just closing nothing would be heard.
        fresh = aiohttp.TCPConnector(keepalive_timeout=1)
        self._session = aiohttp.ClientSession(connector=fresh, timeout=aiohttp.ClientTimeout(total=15))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await self._runner.cleanup()

    @property
    def environment(self) -> dict[str, str]:
        """The settings with which a server process belongs to this Teams."""
        return {
            "CLIENT_ID": APP, "CLIENT_SECRET": self.secret, "TENANT_ID": HOME, "CAVEAT_TEAMS_HOSTS": self.host,
            "CAVEAT_TEAMS_LOGIN_URL": self.url, "CAVEAT_TEAMS_FILE_HOSTS": self.host,
            "CAVEAT_TEAMS_KEYS_URL": f"{self.url}/v1/.well-known/openidconfiguration",
        }  # fmt: skip

    @property
    def service_url(self) -> str:
        """The address that activities name as their service."""
        return f"{self.url}/teams/"

    def add_person(self, name: str, **more: Any) -> Person:
        """Let somebody join the tenant."""
        number = len(self.people) + 1
        person = Person(name, f"29:{name.lower()}-{number}", f"33333333-cccc-4ccc-8ccc-{number:012}", **more)
        self.people[person.id] = person
        return person

    def add(self, kind: str, *people: Person, **more: Any) -> Conversation:
        """Open a group chat or a channel with these people and the bot."""
        id_ = f"19:{kind.lower()}-{len(self.conversations) + 1}@thread.tacv2"
        return self.conversations.setdefault(id_, Conversation(id_, kind, list(people), **more))

    def said(self, where: Conversation, root: str = "") -> list[Message]:
        """List what the bot wrote in a conversation, or in one thread of it, for all who are there."""
        kept = [one for one in where.messages if not one.deleted and not one.only]
        return [one for one in kept if not root or one.conversation == f"{where.id};messageid={root}"]

    def whispered(self, who: Person, where: Conversation) -> list[Message]:
        """List what the bot wrote in a conversation for one person alone."""
        return [one for one in where.messages if one.only == who.id]

    async def say(
        self, who: Person, where: Conversation, text: str, *, root: str = "", mention: bool | None = None, **more: Any
    ) -> Json:
        """Let somebody write; in a channel or a group he mentions the bot unless told otherwise. Returns the activity."""
        mention = where.kind != "personal" if mention is None else mention
        activity = self.activity(who, where, "message", root=root, textFormat="plain", text=text, **more)
        if mention:
            activity["text"] = f"<at>Caveat</at>&nbsp;{text}"
            activity["entities"] = [{"type": "mention", "mentioned": BOT, "text": "<at>Caveat</at>"}]
        await self.deliver(activity)
        return activity

    async def share(
        self, who: Person, name: str, content: bytes | str, *, text: str = "", status: int = 200, url: str = ""
    ) -> Json:
        """Let somebody share a file with the bot alone; a `str` leads on to that address. Returns the activity."""
        id_ = f"file{next(self._ids)}"
        self.files[id_] = (status, content)
        told = {"downloadUrl": url or f"{self.url}/files/{id_}", "uniqueId": id_, "fileType": name.rpartition(".")[2]}
        attached = [
            {"contentType": "text/html", "content": f"<p>{text}</p>"},
            {"contentType": DOWNLOAD, "name": name, "contentUrl": f"https://x.example/{name}", "content": told},
        ]
        return await self.say(who, self.personal(who), text, attachments=attached)

    async def press(
        self,
        who: Person,
        message: Message,
        title: str,
        /,
        *,
        submit: bool = False,
        verb: str = "",
        where: Conversation | None = None,
        **inputs: str,
    ) -> Any:
        """Let somebody press the button of a card, with what he filled in; returns the body of the answer to the invoke.

        `verb` tells buttons of one title apart; `where` is another place than the message's, as only a forged press has it.
        """
        where = where or self.conversations[message.conversation.partition(";")[0]]
        found = (one for card in message.cards for one in _actions(card) if one["title"].startswith(title))
        action = next(one for one in found if not verb or one.get("verb") == verb)
        root = message.conversation.partition(";messageid=")[2]
        if submit:
            activity = self.activity(who, where, "message", root=root, value=action["data"], replyToId=message.id)
        else:
            value = {
                "action": {"type": "Action.Execute", "verb": action["verb"], "data": action.get("data", {}) | inputs}
            }
            activity = self.activity(
                who, where, "invoke", root=root, name="adaptiveCard/action", replyToId=message.id, value=value
            )
        await self.deliver(activity)
        return self.deliveries[-1][2]

    async def judge(self, who: Person, message: Message, reaction: str, feedback: Any = None, **more: Any) -> Any:
        """Let somebody press a thumb, or with `feedback` send the form behind it; returns the body of the answer."""
        assert message.body["channelData"]["feedbackLoop"]["type"] == "custom"
        where = self.conversations[message.conversation.partition(";")[0]]
        root = message.conversation.partition(";messageid=")[2]
        action = {"reaction": reaction} if feedback is None else {"reaction": reaction, "feedback": feedback}
        about = {"replyToId": message.id, "value": {"actionName": "feedback", "actionValue": action}, **more}
        name = "message/fetchTask" if feedback is None else "message/submitAction"
        await self.deliver(self.activity(who, where, "invoke", root=root, name=name, **about))
        return self.deliveries[-1][2]

    async def install(self, who: Person, where: Conversation) -> Json:
        """Install the app: both events arrive, as in Teams."""
        added = self.activity(who, where, "conversationUpdate", membersAdded=[BOT])
        await self.deliver(added)
        installed = self.activity(who, where, "installationUpdate", action="add")
        await self.deliver(installed)
        return installed

    def activity(self, who: Person, where: Conversation, kind: str, *, root: str = "", **more: Any) -> Json:
        """Make an activity as Teams sends it."""
        id_ = str(1_700_000_000_000 + next(self._ids))
        thread = f"{where.id};messageid={root or id_}" if where.kind == "channel" else where.id
        data: Json = {"tenant": {"id": where.tenant}}
        if where.kind == "channel":
            data |= {"channel": {"id": where.id, **({"type": where.channel_type} if where.channel_type else {})}}
        group = {} if where.kind == "personal" else {"isGroup": True}
        return {
            "type": kind, "id": id_, "timestamp": "2026-11-28T09:00:00.000Z", "channelId": "msteams",
            "serviceUrl": self.service_url, "from": who.account, "recipient": BOT, "channelData": data, "locale": "en-GB",
            "conversation": {"id": thread, "conversationType": where.kind, "tenantId": where.tenant, **group}, **more,
        }  # fmt: skip

    async def deliver(self, activity: Json, *, authorization: str | None = None, **claims: Any) -> int:
        """Post an activity to the bot, signed unless told otherwise; returns the status of the answer."""
        token = f"Bearer {keys.sign(APP, self.service_url, **claims)}" if authorization is None else authorization
        headers = {"Authorization": token} if token else {}
        began = time.monotonic()
        async with self._session.post(self.endpoint, json=activity, headers=headers) as answer:
            text = await answer.text()
            body = await answer.json() if text and answer.content_type == "application/json" else text
            self.deliveries.append((activity, answer.status, body, time.monotonic() - began))
            self.changed.set()
            return answer.status

    def stop(self) -> None:
        """Press Stop on the stream that runs."""
        for stream in self.streams.all:
            stream.over = stream.over or "Content stream was canceled by user"

    async def wait(self, condition: Callable[[], T], timeout: float = 15.0) -> T:  # noqa: ASYNC109 - reads like wait_for
        """Return the condition's first true value; raises TimeoutError with the story so far."""
        try:
            async with asyncio.timeout(timeout):
                while not (value := condition()):
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError as error:
            told = [f"  {method} {path} -> {status}" for method, path, status, _ in self.calls]
            sent = [f"  {activity['type']} -> {status}" for activity, status, _, _ in self.deliveries]
            raise TimeoutError("\n".join([f"nothing made it true in {timeout} s:", *told, *sent])) from error
        return value


def _actions(part: Any) -> list[Json]:
    """List the actions of a card, at any depth."""
    if isinstance(part, dict):
        own = [part] if part.get("type") in {"Action.Execute", "Action.Submit"} and "title" in part else []
        return own + [one for value in part.values() for one in _actions(value)]
    return [one for value in part for one in _actions(value)] if isinstance(part, list) else []
