"""The state of a Slack: its teams, people, conversations, messages and views, and the ids it mints."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Literal

from tests.servers.slack.errors import Refused
from tests.servers.slack.model import Channel, Install, Message, Team, User, View


@dataclass(frozen=True, slots=True)
class Token:
    """What a token opens: the Web API for a bot, or a Socket Mode connection for an app."""

    kind: Literal["bot", "app"]
    install: Install


class Workspace:
    """Who and what there is; every look-up that finds nothing raises Slack's own error."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.teams: dict[str, Team] = {}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.tokens: dict[str, Token] = {}
        self.messages: dict[str, list[Message]] = {}
        self.views: dict[str, View] = {}
        self._numbers = count(1)

    def ts(self) -> str:
        """Mint a message timestamp, later than every one before it."""
        return f"{int(self.clock())}.{next(self._numbers):06d}"

    def id(self, prefix: str) -> str:
        """Mint an id of a kind."""
        return f"{prefix}{next(self._numbers):08d}"

    def add_team(self, name: str) -> Team:
        """Found a team."""
        team = Team(f"T0{_code(name)}", name, f"https://{name.lower()}.slack.com/")
        self.teams[team.id] = team
        return team

    def install(self, team: Team, name: str, bot_token: str, app_token: str) -> Install:
        """Put the app into a team: its bot becomes a user there and its tokens open the Web API."""
        bot = self.add_user(User(f"U0{_code(name)}", name, team.id, name.title(), is_bot=True))
        install = Install(team.id, f"A0{_code(name)}", bot.id, f"B0{_code(name)}", bot_token)
        self.tokens[bot_token] = Token("bot", install)
        self.tokens[app_token] = Token("app", install)
        return install

    def add_user(self, user: User) -> User:
        """Let somebody join; an id is never given twice."""
        if user.id in self.users:
            raise ValueError(f"there is a user {user.id} already")
        self.users[user.id] = user
        return user

    def add_channel(self, channel: Channel) -> Channel:
        """Open a conversation; an id is never given twice."""
        if channel.id in self.channels:
            raise ValueError(f"there is a channel {channel.id} already")
        self.channels[channel.id] = channel
        return channel

    def user(self, user_id: str) -> User:
        """Find a user."""
        if user_id not in self.users:
            raise Refused("user_not_found")
        return self.users[user_id]

    def dm(self, who: Install, user_id: str) -> Channel:
        """Find or open the conversation between the bot and a user."""
        pair = {who.bot_user, self.user(user_id).id}
        open_ = (channel for channel in self.channels.values() if channel.is_im and channel.members == pair)
        found = next(open_, None)
        return found or self.add_channel(Channel(f"D{user_id[1:]}", "", who.team_id, pair, is_im=True))

    def visible(self, who: Install, channel_id: str) -> Channel:
        """Find a conversation that the app may know of."""
        channel = self.channels.get(channel_id)
        if channel is None or who.team_id not in {channel.team_id, *channel.connected_teams}:
            raise Refused("channel_not_found")
        if (channel.is_private or channel.is_im) and who.bot_user not in channel.members:
            raise Refused("channel_not_found")
        return channel

    def joined(self, who: Install, channel_id: str) -> Channel:
        """Find a conversation that the bot is in."""
        channel = self.visible(who, channel_id)
        if who.bot_user not in channel.members:
            raise Refused("not_in_channel")
        return channel

    def keep(self, message: Message) -> Message:
        """Put a message into its conversation."""
        self.messages.setdefault(message.channel, []).append(message)
        return message

    def standing(self, channel_id: str) -> list[Message]:
        """List the messages of a conversation that everybody there can see, oldest first."""
        kept = self.messages.get(channel_id, [])
        return [message for message in kept if not message.deleted and message.visible_to is None]

    def message(self, channel_id: str, ts: str) -> Message:
        """Find a message."""
        found = (message for message in self.standing(channel_id) if message.ts == ts)
        message = next(found, None)
        if message is None:
            raise Refused("message_not_found")
        return message

    def thread(self, channel_id: str, ts: str) -> list[Message]:
        """List a message and its replies, oldest first."""
        found = [message for message in self.standing(channel_id) if ts in {message.ts, message.thread_ts}]
        if not found:
            raise Refused("thread_not_found")
        return found

    def root(self, channel_id: str, ts: str) -> str:
        """Find the message that a reply to ``ts`` hangs on; a reply cannot have replies of its own."""
        first = self.thread(channel_id, ts)[0]
        if first.is_reply:
            raise Refused("cannot_reply_to_message")
        return ts


def _code(name: str) -> str:
    return "".join(letter for letter in name.upper() if letter.isalnum())
