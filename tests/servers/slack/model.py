"""The people, places, messages and views of a Slack workspace, and how the Web API shows each of them."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Team:
    """A workspace by its id, name and web address."""

    id: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Install:
    """An app in a team: who its bot is and which bot token it holds."""

    team_id: str
    app_id: str
    bot_user: str
    bot_id: str
    token: str


@dataclass(slots=True)
class User:
    """A person or a bot; a test may change the flags at any time."""

    id: str
    name: str
    team_id: str
    real_name: str = ""
    email: str = ""
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False

    def shown(self, team_id: str) -> Json:
        """Show the user as ``users.info`` shows them to an app of that team."""
        profile = {"real_name": self.real_name, "display_name": self.name, "email": self.email, "team": self.team_id}
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_stranger": self.team_id != team_id,
            "tz": "Etc/UTC",
            "tz_offset": 0,
            "profile": profile,
        }


@dataclass(slots=True)
class Channel:
    """A conversation; a test may change its flags and members at any time."""

    id: str
    name: str
    team_id: str
    members: set[str] = field(default_factory=set)
    is_private: bool = False
    is_im: bool = False
    is_mpim: bool = False
    is_ext_shared: bool = False
    is_archived: bool = False
    connected_teams: set[str] = field(default_factory=set)

    @property
    def kind(self) -> str:
        """Name the conversation as the ``channel_type`` of an event does."""
        named = {"im": self.is_im, "mpim": self.is_mpim, "group": self.is_private}
        return next((name for name, held in named.items() if held), "channel")

    def shown(self, who: Install) -> Json:
        """Show the channel as ``conversations.info`` shows it to that app."""
        shared: Json = {
            "id": self.id,
            "context_team_id": self.team_id,
            "is_im": self.is_im,
            "is_mpim": self.is_mpim,
            "is_archived": self.is_archived,
            "is_ext_shared": self.is_ext_shared,
            "is_shared": self.is_ext_shared,
            "is_org_shared": False,
        }
        if self.is_im:
            return {**shared, "user": next(iter(self.members - {who.bot_user}), who.bot_user)}
        return {
            **shared,
            "name": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private and not self.is_mpim,
            "is_private": self.is_private,
            "is_member": who.bot_user in self.members,
            "is_general": False,
            "shared_team_ids": sorted({self.team_id, *self.connected_teams}),
            "connected_team_ids": sorted(self.connected_teams),
        }


@dataclass(slots=True)
class Stream:
    """The streaming half of a message: what was appended, in which mode, and whether it still runs."""

    recipient_user: str = ""
    recipient_team: str = ""
    display: str = "timeline"
    running: bool = True
    mode: str = ""
    appends: int = 0
    chunks: list[Json] = field(default_factory=list)
    begun: float = 0.0

    @property
    def text(self) -> str:
        """Join the text that was streamed so far."""
        return "".join(chunk["text"] for chunk in self.chunks if chunk["type"] == "markdown_text")

    @property
    def tasks(self) -> dict[str, Json]:
        """Show each task by its id as its last update left it."""
        return {chunk["id"]: chunk for chunk in self.chunks if chunk["type"] == "task_update"}

    @property
    def shown(self) -> list[Json]:
        """Show the tasks as blocks of the message: one plan, or a card for each."""
        cards = [
            {"type": "task_card", "task_id": id_, "title": one["title"], "status": one["status"]}
            | {name: one[name] for name in ("sources",) if name in one}
            for id_, one in self.tasks.items()
        ]
        titles = [chunk["title"] for chunk in self.chunks if chunk["type"] == "plan_update"]
        return (
            [{"type": "plan", "title": (titles or ["Plan"])[-1], "tasks": cards}] if self.display == "plan" else cards
        )


@dataclass(slots=True)
class File:
    """An uploaded file; ``body`` is nothing until its bytes came, and it can be shared once."""

    id: str
    name: str
    length: int
    title: str = ""
    body: bytes | None = None
    shared: bool = False

    def shown(self) -> Json:
        """Show the file as messages do."""
        return {"id": self.id, "name": self.name, "title": self.title, "size": self.length}


@dataclass(slots=True)
class Message:
    """A message of a conversation; ``blocks`` are kept exactly as they were sent."""

    channel: str
    ts: str
    user: str
    team_id: str
    text: str = ""
    thread_ts: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    edited: str | None = None
    deleted: bool = False
    visible_to: str | None = None
    stream: Stream | None = None
    files: list[File] = field(default_factory=list)
    handed: list[Json] = field(default_factory=list)

    @property
    def is_reply(self) -> bool:
        """Tell whether the message stands in somebody's thread."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def is_streaming(self) -> bool:
        """Tell whether text is still being appended."""
        return self.stream is not None and self.stream.running

    @property
    def _steps(self) -> list[Json]:
        """Show the steps of its stream, which an update takes away."""
        return self.stream.shown if self.stream and self.stream.tasks and not self.edited else []

    def shown(self, *, metadata: bool = False) -> Json:
        """Show the message as history, threads and events do."""
        said: Json = {"type": "message", "user": self.user, "team": self.team_id, "ts": self.ts, "text": self.text}
        optional: Json = {
            "thread_ts": self.thread_ts,
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "blocks": with_ids([*self._steps, *self.blocks]),
            "attachments": self.attachments,
            "metadata": self.metadata if metadata else None,
            "files": [*self.handed, *(file.shown() for file in self.files)],
            "subtype": "file_share" if self.handed else None,
            "reactions": [
                {"name": name, "users": users, "count": len(users)} for name, users in self.reactions.items()
            ],
            "edited": {"user": self.user, "ts": self.edited} if self.edited else None,
            "streaming_state": self.stream and ("in_progress" if self.stream.running else "completed"),
        }
        return said | {key: value for key, value in optional.items() if value}


@dataclass(slots=True)
class View:
    """A modal or a home tab as one user sees it."""

    id: str
    user: str
    team_id: str
    app_id: str
    bot_id: str
    body: Json
    hash: str
    open: bool = True

    def shown(self, values: Json | None = None) -> Json:
        """Show the view as the views methods and interactions do, with what the user typed into it."""
        blank: Json = {"callback_id": "", "private_metadata": "", "external_id": "", "submit": None, "close": None}
        blank |= {"title": {"type": "plain_text", "text": "View Title", "emoji": True}}
        blank |= {"clear_on_close": False, "notify_on_close": False, "previous_view_id": None}
        given = self.body | {"blocks": with_ids(self.body["blocks"])}
        owner = {"team_id": self.team_id, "app_id": self.app_id, "bot_id": self.bot_id}
        place = {"id": self.id, "root_view_id": self.id, "hash": self.hash, "app_installed_team_id": self.team_id}
        return {**blank, **given, **owner, **place, "state": {"values": values or {}}}


def with_ids(blocks: list[Json]) -> list[Json]:
    """Give each block without an id the one that Slack would mint for it."""
    return [{**block, "block_id": block.get("block_id") or f"blk{index}"} for index, block in enumerate(blocks)]
