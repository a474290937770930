"""A local Slack for tests: a real HTTP and WebSocket server that behaves like the real one."""

from tests.servers.slack.blocks import problems, view_problems
from tests.servers.slack.errors import Refused
from tests.servers.slack.journal import Attempt, Call, Delivery
from tests.servers.slack.model import Channel, Message, Stream, Team, User, View
from tests.servers.slack.schema import Problem
from tests.servers.slack.server import Slack

__all__ = [
    "Attempt",
    "Call",
    "Channel",
    "Delivery",
    "Message",
    "Problem",
    "Refused",
    "Slack",
    "Stream",
    "Team",
    "User",
    "View",
    "problems",
    "view_problems",
]
