"""The payloads that Slack sends to an app, built from plain facts."""

from typing import Any

from tests.servers.slack.model import Channel, Install, Json, Message, User


def envelope(who: Install, event: Json, event_id: str, at: float, channel: Channel | None) -> Json:
    """Wrap an event as the Events API delivers it."""
    authorization = {
        "enterprise_id": None,
        "team_id": who.team_id,
        "user_id": who.bot_user,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": "a-deprecated-verification-token",
        "team_id": who.team_id,
        "context_team_id": who.team_id,
        "context_enterprise_id": None,
        "api_app_id": who.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(at),
        "authorizations": [authorization],
        "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
        "event_context": f"4-{event_id}",
    }


def message_event(message: Message, channel: Channel, parent: str) -> Json:
    """Tell that a message was written, as a reply to ``parent`` if it is one."""
    event = message.shown() | {"channel": channel.id, "channel_type": channel.kind, "event_ts": message.ts}
    if message.is_reply:
        event["parent_user_id"] = parent
    if channel.is_ext_shared:
        event |= {"user_team": message.team_id, "source_team": message.team_id}
    return event


def mention_event(message: Message, channel: Channel, parent: str) -> Json:
    """Tell that a message mentions the bot."""
    event = message_event(message, channel, parent) | {"type": "app_mention"}
    del event["channel_type"]
    return event


def change_event(subtype: str, before: Json, after: Message, channel: Channel, ts: str) -> Json:
    """Tell that a message was changed or deleted."""
    event: Json = {"type": "message", "subtype": subtype, "hidden": True, "channel": channel.id}
    event |= {"channel_type": channel.kind, "ts": ts, "event_ts": ts, "previous_message": before}
    return event | ({"message": after.shown()} if subtype == "message_changed" else {"deleted_ts": after.ts})


def home_event(user: User, channel: Channel, tab: str, view: Json | None, ts: str) -> Json:
    """Tell that somebody opened the app's home."""
    event: Json = {"type": "app_home_opened", "user": user.id, "channel": channel.id, "tab": tab, "event_ts": ts}
    return event | ({"view": view} if view else {})


def stop_event(user: User, channel: Channel, thread_ts: str, streams: list[str], ts: str) -> Json:
    """Tell that somebody pressed the stop button of a session."""
    event: Json = {"type": "agent_session_stopped", "user": user.id, "channel": channel.id, "thread_ts": thread_ts}
    return event | {"streaming_message_ts": streams, "event_ts": ts}


def command_form(who: Install, user: User, channel: Channel, words: tuple[str, str], links: tuple[str, str]) -> Json:
    """Send a slash command: ``words`` are the command and its text, ``links`` the response URL and the trigger."""
    command, text = words
    response_url, trigger_id = links
    return {
        "token": "a-deprecated-verification-token",
        "team_id": who.team_id,
        "team_domain": who.team_id.lower(),
        "channel_id": channel.id,
        "channel_name": channel.name or "directmessage",
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": who.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def interaction(who: Install, kind: str, user: User, trigger_id: str, **fields: Any) -> Json:
    """Send what somebody did: a click, a submitted modal."""
    return {
        "type": kind,
        "token": "a-deprecated-verification-token",
        "api_app_id": who.app_id,
        "team": {"id": who.team_id, "domain": who.team_id.lower()},
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": trigger_id,
        **fields,
    }
