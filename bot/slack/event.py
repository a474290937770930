"""What durable work keeps of an event from Slack: whose workspace it came from, its thread, and where its answer stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import blocks
from bot.slack.post import Spot

DOOR = "slack"
Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """An event under its key, with the client of its workspace; `payload` is what was stored of it."""

    client: AsyncWebClient
    key: str
    payload: Payload

    def spot(self, held: Mapping[str, Any]) -> Spot:
        """Return where the answer stands, or is to stand, given by what its place is held."""
        channel = held.get("channel") or self.payload["channel"]
        return Spot(self.key, channel, self.payload["thread_ts"] or held.get("root", ""))

    @property
    def root(self) -> Spot:
        """Where a command's question stands, or is to stand, as the root of its thread."""
        return Spot(f"{self.key}:root", self.payload["channel"])

    @property
    def asked(self) -> Payload:
        """The message that says what was asked by a command."""
        return blocks.asked(self.payload["user"], self.payload["text"], check=bool(self.payload.get("check")))


def home(payload: Payload) -> tuple[str, str]:
    """Return the workspace and the enterprise that an event belongs to."""
    return payload["team"], payload.get("enterprise", "")


def thread(payload: Payload) -> str:
    """Return the name of a conversation: the thread in a channel, all that is said in a direct message; empty for a command."""
    if payload["kind"] == "im":
        return f"{DOOR}:{payload['channel']}"
    return f"{DOOR}:{payload['channel']}:{payload['thread_ts']}" if payload["thread_ts"] else ""


def begun(key: str) -> str:
    """Return the name of a thread that begins with the answer to an event, until the answer stands."""
    return f"{DOOR}:{key}"
