"""What the listeners take and what the code asks of Slack, told once: the app's manifest and its scopes are made from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

EVENTS_PATH = "/slack/events"
INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command as people see it in Slack."""

    name: str
    description: str
    usage: str


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut; `kind` is global or message."""

    name: str
    callback_id: str
    description: str
    kind: str


COMMANDS: tuple[Command, ...] = (
    Command(
        "/vendor-ask", "Ask a procurement-risk question; every sentence of the answer has its source", "[question]"
    ),
    Command("/vendor-check", "Show a vendor's risk card: lists, law, policy and reports", "[vendor's name]"),
    Command("/vendor-watch", "Be told when something changes about a vendor", "[vendor's name] | list | stop [name]"),
    Command("/vendor-kb", "Keep the knowledge base (administrators)", "help | status | refresh | sources | add | gaps"),
)
SHORTCUTS: tuple[Shortcut, ...] = (
    Shortcut("Check vendors named here", "vendors_named", "Check up to five vendors that a message names", "message"),
)
EVENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "agent_session_stopped": ("assistant:write",),
        "app_mention": ("app_mentions:read",),
        "message.im": ("im:history",),
        "message.channels": ("channels:history",),
        "message.groups": ("groups:history",),
        "app_home_opened": (),
        "app_uninstalled": (),
        "tokens_revoked": (),
    }
)
"""Each event that is taken, with the scopes that Slack asks for it."""
METHODS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "agents.sessions.setStatus": ("chat:write",),
        "auth.test": (),
        "assistant.threads.setStatus": ("assistant:write",),
        "assistant.threads.setSuggestedPrompts": ("assistant:write",),
        "chat.appendStream": ("chat:write",),
        "chat.delete": ("chat:write",),
        "chat.postMessage": ("chat:write",),
        "chat.startStream": ("chat:write",),
        "chat.stopStream": ("chat:write",),
        "chat.update": ("chat:write",),
        "conversations.history": ("channels:history", "groups:history", "im:history", "mpim:history"),
        "conversations.info": ("channels:read", "groups:read", "mpim:read"),
        "conversations.members": ("channels:read", "groups:read", "mpim:read"),
        "conversations.open": ("im:write",),
        "conversations.replies": ("channels:history", "groups:history", "im:history", "mpim:history"),
        "files.completeUploadExternal": ("files:write",),
        "files.getUploadURLExternal": ("files:write",),
        "files.info": ("files:read",),
        "users.info": ("users:read", "users:read.email"),
        "users.list": ("users:read",),
        "users.lookupByEmail": ("users:read.email",),
        "views.open": (),
        "views.publish": (),
        "views.update": (),
    }
)
"""Each method of the Web API that the code calls, with the scopes it needs there: one for each kind of conversation."""
HOME_TAB = True
"""Whether the app has a home tab of its own."""
PROMPTS: tuple[tuple[str, str], ...] = (
    ("Hosting EU data abroad", "Can we host EU customer data on Alibaba Cloud?"),
    ("Time to report a breach", "How soon must a processor tell us about a personal data breach?"),
    ("A ban on telecom equipment", "May we buy Hikvision cameras for a US government contract?"),
    ("Exceptions to our policy", "How long does an exception last, and who approves it?"),
)
"""Real questions that the starter knowledge answers, each with its title."""
AGENT_VIEW: Mapping[str, Any] = MappingProxyType(
    {
        "agent_description": "Answers procurement-risk questions. Every sentence stands on a quote from law, your own policy, an"
        " official list or a dated report.",
        "suggested_prompts": [{"title": title, "message": message} for title, message in PROMPTS],
    }
)
"""The `agent_view` feature as Slack writes it: the app beside what somebody works on, with prompts, status and a stop button."""
_ABOUT = (
    "Caveat answers procurement-risk questions: may we host customer data there, who has to approve this contract, is this"
    " vendor on a list? Every sentence of an answer stands on a verbatim quote from a law, your own policy, an official list"
    " or a dated report, and one click opens it. What cannot be proved is not shown; what is not known is said. Answers show"
    " only what the asker and everyone who reads along may see."
)


def scopes() -> tuple[str, ...]:
    """Return the bot scopes that commands, events and methods need, sorted."""
    needed = {scope for table in (EVENTS, METHODS) for wanted in table.values() for scope in wanted}
    return tuple(sorted(needed | ({"commands"} if COMMANDS or SHORTCUTS else set())))


def manifest(url: str = "") -> dict[str, Any]:
    """Return the app's manifest for a public address without a slash at its end; with none it is for Socket Mode.

    Commands take what was typed as it was (`should_escape` false): escaped, a name such as alibaba.com would come as a link.
    Tokens do not rotate, and the app is installed workspace by workspace.
    """
    request = {"request_url": f"{url}{EVENTS_PATH}"} if url else {}
    oauth: dict[str, Any] = {"scopes": {"bot": list(scopes())}}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Caveat",
            "description": "Procurement-risk answers in which every sentence has its source",
            "long_description": _ABOUT,
            "background_color": "#1f3a4d",
        },
        "features": _features(url),
        "oauth_config": {"redirect_urls": [f"{url}{REDIRECT_PATH}"], **oauth} if url else oauth,
        "settings": {
            "event_subscriptions": {**request, "bot_events": sorted(EVENTS)},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }


def _features(url: str) -> dict[str, Any]:
    features: dict[str, Any] = {
        "app_home": {
            "home_tab_enabled": HOME_TAB,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "Caveat", "always_online": True},
        "slash_commands": [_command(one, url) for one in COMMANDS],
    }
    if SHORTCUTS:
        features["shortcuts"] = [
            {"name": one.name, "type": one.kind, "callback_id": one.callback_id, "description": one.description}
            for one in SHORTCUTS
        ]
    return features | {"agent_view": dict(AGENT_VIEW)}


def _command(one: Command, url: str) -> dict[str, Any]:
    where = {"url": f"{url}{EVENTS_PATH}"} if url else {}
    return {
        "command": one.name, "description": one.description, "usage_hint": one.usage, "should_escape": False, **where,
    }  # fmt: skip
