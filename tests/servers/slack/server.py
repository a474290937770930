"""A local Slack: one HTTP and WebSocket server on a loopback port, with the people who use it."""

import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from tests.servers.slack import files, handed, respond, views
from tests.servers.slack.api import Api
from tests.servers.slack.deliver import Courier, Seal
from tests.servers.slack.faults import Fault
from tests.servers.slack.journal import Attempt, Call, Delivery, Journal
from tests.servers.slack.model import Channel, Install, Json, Message, Team, User, View
from tests.servers.slack.outbox import Outbox
from tests.servers.slack.people import People
from tests.servers.slack.sockets import Sockets
from tests.servers.slack.views import Triggers
from tests.servers.slack.workspace import Workspace
from tests.servers.slack.world import World

T = TypeVar("T")


class Slack(People):
    """A workspace with two people, a channel and an app, served on 127.0.0.1 for as long as the ``async with`` lasts.

    Events go to ``events_url`` once it is set, else over Socket Mode once the app connected, else nowhere; every one
    is written down in ``deliveries``. A retry waits as many seconds as ``retry_delays`` says.
    """

    def __init__(
        self,
        *,
        events_url: str | None = None,
        signing_secret: str = "a-local-signing-secret",
        bot_token: str = "xoxb-local",
        app_token: str = "xapp-local",
        ack_timeout: float = 3.0,
        retry_delays: tuple[float, ...] = (0.0, 0.0, 0.0),
        channel_messages: bool = False,
        trigger_seconds: float = 3.0,
        stream_appends: int | None = None,
        limits: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.signing_secret, self.bot_token, self.app_token = signing_secret, bot_token, app_token
        self._ack_timeout, self._first_url = ack_timeout, events_url
        self._couriers: list[Courier] = []
        self._journal = Journal()
        workspace = Workspace(clock)
        install = workspace.install(workspace.add_team("Acme"), "caveat", bot_token, app_token)
        outbox, sockets = Outbox(self._journal, retry_delays), Sockets(workspace, self._journal, ack_timeout)
        triggers = Triggers(trigger_seconds, clock)
        super().__init__(
            World(workspace, outbox, sockets, triggers, channel_messages, stream_appends, limits=limits), install
        )
        self._api = Api(self.world, self._journal)
        people = [self.add_user("ada").id, self.add_user("grace").id]
        self.add_channel("general", *people)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=8 * 2**20)
        app.router.add_route("*", "/api/{method}", self._api.serve)
        app.router.add_post("/response/{key}", self._respond)
        app.router.add_post("/upload/{file}", self._receive)
        app.router.add_get("/files/{file}/{name}", self._file)
        app.router.add_get("/link/", self.world.sockets.serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.world.base_url = f"http://{host}:{port}"
        self.events_url = self._first_url
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.world.outbox.close()
        await self.world.sockets.close()
        for courier in self._couriers:
            await courier.close()
        await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        """Give the base URL for ``AsyncWebClient`` and ``SLACK_API_URL``."""
        return f"{self.world.base_url}/api/"

    @property
    def events_url(self) -> str | None:
        """Name the request URL of the app."""
        route = self.world.outbox.route
        return route.url if isinstance(route, Courier) else None

    @events_url.setter
    def events_url(self, url: str | None) -> None:
        if url is None:
            self.world.outbox.route = None
            return
        courier = Courier(url, Seal(self.signing_secret), self._ack_timeout, self.workspace.clock)
        self._couriers.append(courier)
        self.world.outbox.route = courier

    @property
    def bot(self) -> str:
        """Give the user id of the bot; ``<@{slack.bot}>`` mentions it."""
        return self.install.bot_user

    @property
    def connected(self) -> int:
        """Count the open Socket Mode connections."""
        return self.world.sockets.connected

    @property
    def deliveries(self) -> list[Delivery]:
        """List everything that was sent to the app, in order."""
        return self._journal.deliveries

    def add_team(self, name: str) -> Team:
        """Found another team, whose people are strangers here."""
        return self.workspace.add_team(name)

    def consent(self, install: Install) -> str:
        """Let an administrator of a team agree to the installation; the code that comes back is good once."""
        code = self.workspace.id("code-")
        self.world.codes[code] = install
        return code

    def end(self, install: Install, event: str = "app_uninstalled") -> Delivery:
        """End an installation: its token opens nothing any more, and the app is told."""
        self.workspace.tokens.pop(install.token, None)
        body = {"tokens": {"oauth": [], "bot": [install.bot_user]}} if event == "tokens_revoked" else {}
        return self.world.tell(install, {"type": event, **body}, None)

    def add_user(self, name: str, team: Team | None = None, **flags: Any) -> User:
        """Let somebody join; the id is U0 and the name in capitals, the flags are those of ``User``."""
        flags = {"real_name": name.title(), "email": f"{name}@example.test"} | flags
        return self.workspace.add_user(
            User(f"U0{name.upper()}", name, team.id if team else self.install.team_id, **flags)
        )

    def add_channel(self, name: str, *members: str, bot: bool = True, **flags: Any) -> Channel:
        """Open a channel with these people and the bot; the id is C0 and the name in capitals."""
        inside = {*members, *([self.bot] if bot else [])}
        code = "".join(letter for letter in name.upper() if letter.isalnum())
        return self.workspace.add_channel(Channel(f"C0{code}", name, self.install.team_id, inside, **flags))

    def dm(self, user: str) -> Channel:
        """Find or open the conversation between a user and the bot."""
        return self.workspace.dm(self.install, user)

    def calls(self, method: str | None = None) -> list[Call]:
        """List the calls of the Web API, or of one method, in order."""
        return [call for call in self._journal.calls if method in {None, call.method}]

    def sent(self, name: str) -> list[Delivery]:
        """List the deliveries of one name: an event type, a slash command or an interaction type."""
        return [delivery for delivery in self.deliveries if delivery.name == name]

    def messages(self, channel: str) -> list[Message]:
        """List what stands in a conversation for all to see, oldest first."""
        return self.workspace.standing(channel)

    def thread(self, channel: str, ts: str) -> list[Message]:
        """List a message and its replies, oldest first."""
        return self.workspace.thread(channel, ts)

    def whispers(self, user: str, channel: str | None = None) -> list[Message]:
        """List the ephemeral messages that a user sees."""
        kept = [message for messages in self.workspace.messages.values() for message in messages]
        mine = [message for message in kept if message.visible_to == user and not message.deleted]
        return [message for message in mine if channel in {None, message.channel}]

    def home(self, user: str) -> View | None:
        """Show the home tab that the app published for a user."""
        return views.home(self.workspace, user)

    def modal(self, user: str) -> View | None:
        """Show the topmost open modal of a user."""
        return views.modal(self.workspace, user)

    def status(self, channel: str, thread_ts: str) -> str:
        """Show the status of a thread, empty when there is none."""
        return str(self.world.statuses.get((channel, thread_ts), {}).get("status", ""))

    def session(self, channel: str, thread_ts: str) -> Json:
        """Show the session of a thread, with its status and its title; empty when it is none."""
        return self.world.sessions.get((channel, thread_ts), {})

    def prompts(self, channel: str, thread_ts: str = "") -> Json:
        """Show the prompts that the app suggests, with their title."""
        return self.world.prompts.get((channel, thread_ts), {})

    def expire(self, message: Message) -> None:
        """Close a running stream from Slack's side, as happens after some five minutes."""
        if message.stream is not None:
            message.stream.running = False

    def fail(
        self,
        method: str,
        *,
        status: int | None = None,
        error: str | None = None,
        retry_after: int | None = None,
        times: int = 1,
        lost: bool = False,
        slow: float = 0.0,
    ) -> None:
        """Let the next calls of a method fail; 429 is ``ratelimited`` and carries Retry-After unless told otherwise.

        With ``lost`` the call takes effect and its answer never arrives, with ``slow`` it arrives so many seconds late. A status of 5xx without an error name is
        answered with a page of HTML.
        """
        fault = Fault(status or 200, error, retry_after, lost, slow)
        if status == 429 or error == "ratelimited":
            fault = replace(
                fault, status=429, error=error or "ratelimited", retry_after=1 if retry_after is None else retry_after
            )
        self._api.faults.order(method, fault, times)

    async def wait(self, condition: Callable[[], T], timeout: float = 5.0) -> T:  # noqa: ASYNC109 - reads like wait_for
        """Return the condition's first true value; raises TimeoutError with the story so far."""
        return await self._journal.wait(condition, timeout)

    async def idle(self) -> None:
        """Return when no event is on its way any more."""
        await self.world.outbox.idle()

    async def redeliver(self, delivery: Delivery) -> Attempt:
        """Send a past payload once more, under the same event id."""
        return await self.world.outbox.again(delivery)

    async def forge(
        self, payload: Json, kind: str = "event", *, secret: str | None = None, age: int = 0, signed: bool = True
    ) -> Attempt:
        """Send a payload under a false seal: another secret, an old timestamp, or no signature at all."""
        seal = Seal(self.signing_secret if secret is None else secret, age, signed)
        return await self._couriers[-1].post(kind, payload, 0, seal, {})

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app to replace its oldest Socket Mode connection."""
        await self.world.sockets.disconnect(reason)

    async def _file(self, request: web.Request) -> web.Response:
        return await handed.serve(self.world, request)

    async def _respond(self, request: web.Request) -> web.Response:
        answered = await respond.serve(self.world, self.install, request)
        self._journal.changed()
        return answered

    async def _receive(self, request: web.Request) -> web.Response:
        answered = await files.receive(self.world, request)
        self._journal.changed()
        return answered
