"""One running Slack as its methods and its people see it: the state, and the way to tell the app what happened."""

from dataclasses import dataclass, field
from typing import Any

from tests.servers.slack.content import Content
from tests.servers.slack.errors import Refused
from tests.servers.slack.events import change_event, envelope, mention_event, message_event
from tests.servers.slack.journal import Delivery
from tests.servers.slack.model import Channel, File, Install, Json, Message
from tests.servers.slack.outbox import Outbox
from tests.servers.slack.sockets import Sockets
from tests.servers.slack.views import Triggers
from tests.servers.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Reply:
    """A response URL: to whom it answers, about which message, how often it was used and until when it works."""

    user: str
    channel: str
    message: Message | None
    expires: float
    uses: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class World:
    """Everything a method or a person may touch."""

    workspace: Workspace
    outbox: Outbox
    sockets: Sockets
    triggers: Triggers
    channel_messages: bool = False
    stream_appends: int | None = None
    base_url: str = ""
    app: tuple[str, str] = ("a-client-id", "a-client-secret")
    codes: dict[str, Install] = field(default_factory=dict)
    scopes: str = ""
    limits: bool = False
    used: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    statuses: dict[tuple[str, str], Json] = field(default_factory=dict)
    sessions: dict[tuple[str, str], Json] = field(default_factory=dict)
    prompts: dict[tuple[str, str], Json] = field(default_factory=dict)
    replies: dict[str, Reply] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    handed: dict[str, Any] = field(default_factory=dict)

    def place(self, who: Install, target: str) -> Channel:
        """Find where the bot may write: a channel it is in, or the conversation with a user."""
        if target in self.workspace.users:
            return self.workspace.dm(who, target)
        channel = self.workspace.joined(who, target)
        if channel.is_archived:
            raise Refused("is_archived")
        return channel

    def speak(self, who: Install, channel: Channel, said: Content, thread_ts: str) -> Message:
        """Let the bot write a message, which clears the status of its thread and comes back as an event."""
        root = self.workspace.root(channel.id, thread_ts) if thread_ts else None
        message = self.draft(who, channel, said, root)
        self.statuses.pop((channel.id, root or ""), None)
        return self.announce(self.workspace.keep(message))

    def whisper(self, who: Install, channel: Channel, said: Content, user: str, thread_ts: str) -> Message:
        """Let the bot write a message that one person sees and nobody is told of."""
        message = self.draft(who, channel, said, thread_ts or None)
        message.visible_to = user
        return self.workspace.keep(message)

    def draft(self, who: Install, channel: Channel, said: Content, thread_ts: str | None) -> Message:
        """Make a message of the bot."""
        message = Message(channel.id, self.workspace.ts(), who.bot_user, who.team_id, said.text, thread_ts)
        message.bot_id, message.app_id, message.metadata = who.bot_id, who.app_id, said.metadata
        message.blocks, message.attachments = said.blocks or [], said.attachments or []
        return message

    def announce(self, message: Message) -> Message:
        """Tell the app of a message, and once more if it mentions the bot."""
        channel = self.workspace.channels[message.channel]
        who = self.audience(channel)
        if who is None:
            return message
        parent = self.workspace.thread(channel.id, message.thread_ts or message.ts)[0].user
        if channel.is_im or self.channel_messages:
            self.tell(who, message_event(message, channel, parent), channel)
        if f"<@{who.bot_user}>" in message.text and not (channel.is_im or message.bot_id):
            self.tell(who, mention_event(message, channel, parent), channel)
        return message

    def revised(self, before: Json, message: Message, subtype: str) -> None:
        """Tell the app that a message was changed or deleted."""
        channel = self.workspace.channels[message.channel]
        who = self.audience(channel)
        if who is not None and (channel.is_im or self.channel_messages):
            self.tell(who, change_event(subtype, before, message, channel, self.workspace.ts()), channel)

    def tell(self, who: Install, event: Json, channel: Channel | None) -> Delivery:
        """Send an event to the app."""
        wrapped = envelope(who, event, self.workspace.id("Ev"), self.workspace.clock(), channel)
        return self.outbox.post(Delivery("event", wrapped))

    def audience(self, channel: Channel) -> Install | None:
        """Name the install whose bot is in a conversation, at home first."""
        installs = {token.install.team_id: token.install for token in self.workspace.tokens.values()}
        ordered = sorted(installs.values(), key=lambda who: who.team_id != channel.team_id)
        return next((who for who in ordered if who.bot_user in channel.members), None)
