"""The app's manifest says what the listeners take and what the code calls: no more, no less, and within Slack's limits."""

import ast
import inspect
import re
from pathlib import Path

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from typer.testing import CliRunner

from bot import slack
from bot.cli import app as caveat
from bot.slack.listeners import Around, register
from bot.slack.manifest import COMMANDS, EVENTS, METHODS, SHORTCUTS, manifest, scopes
from tests.flows.processes import caveat_json

ADDRESS = "https://caveat.example"
_SUBTYPES = {"message.im": "message", "message.channels": "message", "message.groups": "message"}


class Noting(AsyncApp):
    """A Bolt app that writes down what is registered on it, and registers it."""

    def __init__(self):
        super().__init__(token="xoxb-none", signing_secret="none", client=AsyncWebClient("xoxb-none"))
        self.taken = {"event": set(), "command": set(), "shortcut": set()}

    def event(self, event, *more, **kinds):
        return self._noted("event", event, super().event(event, *more, **kinds))

    def command(self, command, *more, **kinds):
        return self._noted("command", command, super().command(command, *more, **kinds))

    def shortcut(self, constraints, *more, **kinds):
        return self._noted("shortcut", constraints, super().shortcut(constraints, *more, **kinds))

    def _noted(self, kind, what, attached):
        name = what.get("type") or what.get("callback_id") if isinstance(what, dict) else what
        if not isinstance(name, re.Pattern):
            self.taken[kind].add(name)
        return attached


@pytest.fixture(scope="module")
def taken():
    """What the listeners register; the catch-all takes what nobody subscribed to, and stands in no manifest."""
    app = Noting()
    register(app, jobs=None, clients=None, around=Around(may_rule=None, takes_part=None, until=None, kb=None))
    return app.taken


def test_every_command_event_and_shortcut_of_the_manifest_has_its_listener_and_the_other_way_round(taken):
    made = manifest(ADDRESS)
    assert {one["command"] for one in made["features"]["slash_commands"]} == taken["command"]
    events = {_SUBTYPES.get(name, name) for name in made["settings"]["event_subscriptions"]["bot_events"]}
    assert events == taken["event"]
    assert {one["callback_id"] for one in made["features"].get("shortcuts", [])} == taken["shortcut"]


def test_every_method_that_the_code_calls_has_its_scopes_and_none_is_asked_for_in_vain():
    named = {
        name: name.replace("_", ".") for name, _ in inspect.getmembers(AsyncWebClient, inspect.iscoroutinefunction)
    }
    called = set()
    for path in Path(slack.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in named:
                called.add(named[node.attr])
    assert (called - {"api.call"} - set(_BY_OTHER_MEANS)) | _UNNAMED == set(METHODS)
    assert set(scopes()) == {"commands"} | {one for table in (EVENTS, METHODS) for row in table.values() for one in row}


_BY_OTHER_MEANS = {
    "apps.connections.open": "asked with the app's own token, which has a scope of its own",
    "files.upload.v2": "the client's own name for the two methods of an upload",
}
_UNNAMED = {
    "files.getUploadURLExternal", "files.completeUploadExternal",  # inside files_upload_v2
    "assistant.threads.setSuggestedPrompts",  # called by its name, since the client's method wants a thread
}  # fmt: skip


def test_the_manifest_keeps_to_slack_s_limits():
    made = manifest(ADDRESS)
    shown = made["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    assert len(made["features"]["bot_user"]["display_name"]) <= 80
    agent = made["features"]["agent_view"]
    assert 0 < len(agent["agent_description"]) <= 300
    assert 0 < len(agent["suggested_prompts"]) <= 4
    assert all(set(one) == {"title", "message"} for one in agent["suggested_prompts"])
    assert len(COMMANDS) <= 50
    assert len(SHORTCUTS) <= 10
    assert len(EVENTS) <= 100
    for one in COMMANDS:
        assert re.fullmatch(r"/[a-z0-9-]{1,31}", one.name)
        assert 0 < len(one.description) <= 2000
        assert len(one.usage) <= 1000
    for one in SHORTCUTS:
        assert (len(one.name) <= 24, len(one.callback_id) <= 255, len(one.description) <= 150) == (True, True, True)
        assert one.kind in {"global", "message"}


def test_over_http_everything_goes_to_one_address_and_in_socket_mode_there_is_none(tmp_path):
    over = caveat_json(tmp_path, "slack", "manifest", CAVEAT_PUBLIC_URL=ADDRESS)
    events = f"{ADDRESS}/slack/events"
    assert over["settings"]["event_subscriptions"]["request_url"] == events
    assert over["settings"]["interactivity"] == {"is_enabled": True, "request_url": events}
    assert {one["url"] for one in over["features"]["slash_commands"]} == {events}
    assert over["oauth_config"]["redirect_urls"] == [f"{ADDRESS}/slack/oauth_redirect"]
    switches = ("socket_mode_enabled", "org_deploy_enabled", "token_rotation_enabled")
    assert [over["settings"][name] for name in switches] == [False, False, False]
    runner = CliRunner()
    printed = runner.invoke(caveat, ["slack", "manifest", "--socket"]).stdout
    assert "https://" not in printed
    assert "socket_mode_enabled: true" in printed
    for wrong in ([], ["--url", "http://caveat.example"], ["--url", ADDRESS, "--socket"]):
        assert runner.invoke(caveat, ["slack", "manifest", *wrong]).exit_code == 2
