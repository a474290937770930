"""What people do in Slack: write, command, click, submit and open the app's home."""

from typing import Any

from tests.servers.slack import events, respond, views
from tests.servers.slack.controls import control, filled, used
from tests.servers.slack.errors import Refused
from tests.servers.slack.handed import Shared
from tests.servers.slack.journal import Delivery
from tests.servers.slack.model import Channel, Install, Json, Message, User, View
from tests.servers.slack.world import Reply, World


class People:
    """The people of a workspace; each method is one person doing one thing."""

    def __init__(self, world: World, install: Install) -> None:
        self.world = world
        self.install = install
        self.workspace = world.workspace

    async def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Message:
        """Write a message; the events it causes are on their way when this returns.

        The bot's own id as ``channel`` means the conversation with the bot.
        """
        person, place = self._in(user, channel)
        root = self.workspace.root(place.id, thread_ts) if thread_ts else None
        message = Message(place.id, self.workspace.ts(), person.id, person.team_id, text, root)
        return self.world.announce(self.workspace.keep(message))

    async def share(self, user: str, channel: str, name: str, content: bytes, text: str = "", **told: Any) -> Shared:
        """Share a file in a conversation; ``told`` replaces what Slack says of it."""
        person, place = self._in(user, channel)
        file_id = self.workspace.id("F")
        url = f"{self.world.base_url}/files/{file_id}/{name}"
        said = {"id": file_id, "name": name, "size": len(content), "mode": "hosted", "url_private_download": url}
        shared = self.world.handed[file_id] = Shared(said | told, content)
        message = Message(place.id, self.workspace.ts(), person.id, person.team_id, text, handed=[shared.told])
        self.world.announce(self.workspace.keep(message))
        return shared

    async def command(self, command: str, text: str, user: str, channel: str) -> Delivery:
        """Send a slash command and return when the app answered; what it said is shown to the user."""
        person, place = self._in(user, channel)
        reply = self._reply(person, place, None)
        links = (respond.offer(self.world, reply), self._trigger(person))
        form = events.command_form(self.install, person, place, (command, text), links)
        delivery = await self.world.outbox.hand(Delivery("command", form))
        if delivery.acked:
            delivery.refused = respond.acknowledged(self.world, self.install, reply, delivery.answer)
        return delivery

    async def click(self, user: str, target: Message | View, action_id: str, choice: Any = None) -> Delivery:
        """Use a control of a message, a modal or a home tab; raises LookupError when it is not there.

        ``choice`` is the value of an option, a list of them, or ``"positive"`` and ``"negative"`` for feedback.
        """
        person = self.workspace.user(user)
        blocks = target.blocks if isinstance(target, Message) else target.body["blocks"]
        block_id, element = control(blocks, action_id)
        ts = self.workspace.ts()
        actions = [used(block_id, element, choice, ts)]
        scene = self._message(person, target) if isinstance(target, Message) else self._view(target)
        payload = events.interaction(
            self.install, "block_actions", person, self._trigger(person), actions=actions, **scene
        )
        return await self.world.outbox.hand(Delivery("interaction", payload))

    async def submit(self, user: str, values: Json, view: View | None = None) -> Delivery:
        """Submit the topmost modal, or that one, filled in by block_id; the app's answer changes it as in Slack."""
        person = self.workspace.user(user)
        form = view or views.modal(self.workspace, user)
        if form is None or not form.open:
            raise LookupError(f"{user} has no open modal")
        shown = form.shown(filled(form.body["blocks"], values))
        payload = events.interaction(
            self.install, "view_submission", person, self._trigger(person), view=shown, response_urls=[]
        )
        delivery = await self.world.outbox.hand(Delivery("interaction", payload))
        if delivery.acked:
            delivery.refused = self._settle(form, delivery.answer or {})
        return delivery

    async def shortcut(self, user: str, message: Message, callback_id: str) -> Delivery:
        """Use a message shortcut of the app on somebody's message."""
        person, place = self._in(user, message.channel)
        scene = {
            "callback_id": callback_id, "message": message.shown(), "message_ts": message.ts,
            "channel": {"id": place.id, "name": place.name or "directmessage"}, "action_ts": self.workspace.ts(),
            "response_url": respond.offer(self.world, self._reply(person, place, message)),
        }  # fmt: skip
        payload = events.interaction(self.install, "message_action", person, self._trigger(person), **scene)
        return await self.world.outbox.hand(Delivery("interaction", payload))

    async def open_home(self, user: str, tab: str = "home") -> Delivery:
        """Open the app's home; the event is on its way when this returns."""
        person, place = self._in(user, self.install.bot_user)
        tabbed = views.home(self.workspace, user)
        event = events.home_event(person, place, tab, tabbed.shown() if tabbed else None, self.workspace.ts())
        return self.world.tell(self.install, event, place)

    async def stop(self, user: str, channel: str, thread_ts: str) -> Delivery:
        """Press the stop button of a session that is processing: Slack ends its streams and tells the app."""
        person, place = self._in(user, channel)
        if self.world.sessions.get((place.id, thread_ts), {}).get("status") != "processing":
            raise LookupError(f"no session is processing in {thread_ts}")
        running = [one for one in self.workspace.thread(place.id, thread_ts) if one.is_streaming]
        for message in running:
            message.stream.running = False
        event = events.stop_event(person, place, thread_ts, [one.ts for one in running], self.workspace.ts())
        return self.world.tell(self.install, event, place)

    def _in(self, user: str, channel: str) -> tuple[User, Channel]:
        person = self.workspace.user(user)
        if channel == self.install.bot_user:
            return person, self.workspace.dm(self.install, user)
        place = self.workspace.channels.get(channel)
        if place is None:
            raise Refused("channel_not_found")
        if user not in place.members:
            raise Refused("not_in_channel")
        return person, place

    def _trigger(self, person: User) -> str:
        return self.world.triggers.issue(self.workspace.id(f"{self.install.team_id}."), person.id)

    def _reply(self, person: User, place: Channel, message: Message | None) -> Reply:
        return Reply(person.id, place.id, message, self.workspace.clock() + respond.LIFETIME)

    def _message(self, person: User, message: Message) -> Json:
        place = self.workspace.channels[message.channel]
        container: Json = {"type": "message", "message_ts": message.ts, "channel_id": place.id}
        container |= {"is_ephemeral": message.visible_to is not None}
        container |= {"thread_ts": message.thread_ts} if message.thread_ts else {}
        return {
            "container": container,
            "channel": {"id": place.id, "name": place.name or "directmessage"},
            "message": message.shown(),
            "state": {"values": {}},
            "response_url": respond.offer(self.world, self._reply(person, place, message)),
        }

    def _view(self, view: View) -> Json:
        return {"container": {"type": "view", "view_id": view.id}, "view": view.shown()}

    def _settle(self, form: View, answer: Json) -> str | None:
        """Do to a modal what the app answered, and name the error when Slack cannot."""
        action = answer.get("response_action")
        known = {block.get("block_id") for block in form.body["blocks"]}
        try:
            if action == "errors":
                return None if set(answer["errors"]) <= known else "unknown_block_id"
            if action == "update":
                views.change(self.workspace, form, answer["view"])
            elif action == "push":
                views.pushed(self.workspace, self.install, form.user, answer["view"])
            else:
                self._shut(form, everything=action == "clear")
        except Refused as refused:
            return refused.error
        return None

    def _shut(self, form: View, *, everything: bool) -> None:
        for view in self.workspace.views.values():
            if view is form or (everything and view.user == form.user and view.body["type"] == "modal"):
                view.open = False
