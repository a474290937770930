"""What came from Slack as the payload of a job: who, where and what, from a command, an event, a button or a form."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from slack_bolt.async_app import AsyncBoltContext

from bot.slack.press import alone, placed, pressed, stranger

MOST_FILES = 20
"""Files of one message that are stored with it."""
_TOLD = ("id", "name", "size", "mode", "is_external")
Payload = dict[str, Any]


def checked_at(channel: str) -> Payload:
    """Return what makes a payload a check whose card its asker sees alone, and can share where it was asked for."""
    return {"check": True, "origin": "" if channel.startswith("D") else channel}


def private(team: str, user: str, text: str) -> Payload:
    """Return the payload of what is between somebody and the app: the person's id names their conversation."""
    return {"team": team, "channel": user, "user": user, "text": text, "kind": "im", "thread_ts": "", "to": "person"}


def value_of(action: Payload) -> str:
    """Return what a button says."""
    return str(action.get("value") or "")


def from_button(body: Payload, action: Payload) -> Payload:
    """Return what a button's value says, between whoever pressed it and the app."""
    return alone(body, value_of(action))


def from_command(body: Payload, text: str) -> Payload:
    """Return what a command asks where it was given."""
    return {
        **placed(str(body["channel_id"])), "user": body["user_id"], "text": text, "pressed": True,
        "response_url": body.get("response_url", ""),
    }  # fmt: skip


def from_choice(body: Payload, action: Payload) -> Payload:
    """Return the question on a button, as whoever pressed it asks it, in the thread of the message it stands in.

    Below a message that only the asker sees there is no thread: then the answer comes the way that one came.
    """
    payload = pressed(body, {}) | {"text": value_of(action), "chosen": True, "said_at": action.get("action_ts", "")}
    payload.pop("answer")
    return payload


def from_event(event: Payload, kind: str, context: AsyncBoltContext) -> Payload:
    """Return what a message asks, in its thread, with what Slack tells of its files."""
    said = {
        **home_of(context),
        **stranger(event, context.team_id or ""),
        "channel": event["channel"],
        "user": event["user"],
        "text": str(event.get("text") or ""),
        "kind": kind,
        "thread_ts": event.get("thread_ts") or event["ts"],
        "said_at": event["ts"],
        "from_team": event.get("user_team") or event.get("team") or "",
    }
    files = shared(event)
    return {**said, "files": files} if files else said


def shared(event: Mapping[str, Any]) -> list[Payload]:
    """Return what Slack tells of the files of a message."""
    files = [one for one in event.get("files") or () if isinstance(one, dict) and one.get("id")]
    return [{name: one.get(name) for name in _TOLD} for one in files[:MOST_FILES]]


def home_of(context: AsyncBoltContext) -> dict[str, str]:
    """Return the workspace and the enterprise that Bolt has authorised an event for."""
    return {"team": context.team_id or "", "enterprise": context.enterprise_id or ""}


def moment(body: Payload) -> datetime:
    """Return when an event happened: Slack tells the second that had begun."""
    return datetime.fromtimestamp(int(body["event_time"]) + 1, UTC)


def thread_of(event: Payload) -> str:
    """Return the name of the conversation that a reply in a channel belongs to."""
    return f"slack:{event['channel']}:{event['thread_ts']}"
