"""The views methods, the trigger ids that open a modal, and what the user's answer does to it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.servers.slack.args import Args
from tests.servers.slack.blocks import as_lines, view_problems
from tests.servers.slack.errors import Refused, invalid_arguments
from tests.servers.slack.model import Install, Json, View
from tests.servers.slack.workspace import Workspace


@dataclass(slots=True)
class Trigger:
    """A leave to open one modal, for a few seconds."""

    user: str
    expires: float
    used: bool = False


class Triggers:
    """The trigger ids that were handed out."""

    def __init__(self, lifetime: float, clock: Callable[[], float]) -> None:
        self._lifetime = lifetime
        self._clock = clock
        self._issued: dict[str, Trigger] = {}

    def issue(self, trigger_id: str, user: str) -> str:
        """Hand out a trigger."""
        self._issued[trigger_id] = Trigger(user, self._clock() + self._lifetime)
        return trigger_id

    def use(self, trigger_id: str) -> str:
        """Take a trigger back and name the user who pulled it."""
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if self._clock() > trigger.expires:
            raise Refused("expired_trigger_id")
        trigger.used = True
        return trigger.user


def _sound(body: Json | None, kind: str) -> Json:
    found = view_problems(body, kind)
    if body is None or found:
        raise Refused("invalid_arguments", **as_lines(found))
    return body


def _keep(workspace: Workspace, who: Install, user: str, body: Json) -> View:
    view = View(workspace.id("V"), user, who.team_id, who.app_id, who.bot_id, body, workspace.id("hash"))
    workspace.views[view.id] = view
    return view


def change(workspace: Workspace, view: View, body: Json) -> View:
    """Put other contents into a view."""
    view.body, view.hash = _sound(body, view.body["type"]), workspace.id("hash")
    return view


def pushed(workspace: Workspace, who: Install, user: str, body: Json) -> View:
    """Open a modal over another."""
    return _keep(workspace, who, user, _sound(body, "modal"))


def home(workspace: Workspace, user: str) -> View | None:
    """Find the home tab of a user."""
    tabs = (view for view in workspace.views.values() if view.user == user and view.body["type"] == "home")
    return next(tabs, None)


def modal(workspace: Workspace, user: str) -> View | None:
    """Find the topmost open modal of a user."""
    views = [view for view in workspace.views.values() if view.user == user and view.body["type"] == "modal"]
    return next((view for view in reversed(views) if view.open), None)


def open_modal(workspace: Workspace, triggers: Triggers, who: Install, args: Args) -> Json:
    """Answer views.open."""
    body = _sound(args.get("view"), "modal")
    view = _keep(workspace, who, triggers.use(args.need("trigger_id")), body)
    return {"ok": True, "view": view.shown()}


def publish(workspace: Workspace, who: Install, args: Args) -> Json:
    """Answer views.publish."""
    user = workspace.user(args.need("user_id")).id
    body = _sound(args.get("view"), "home")
    view = home(workspace, user)
    _same(view, args)
    kept = change(workspace, view, body) if view else _keep(workspace, who, user, body)
    return {"ok": True, "view": kept.shown()}


def update(workspace: Workspace, args: Args) -> Json:
    """Answer views.update."""
    if "view_id" not in args and "external_id" not in args:
        raise invalid_arguments("missing required field: view_id")
    view = _found(workspace, args)
    _same(view, args)
    return {"ok": True, "view": change(workspace, view, args.get("view")).shown()}


def _found(workspace: Workspace, args: Args) -> View:
    if "view_id" in args:
        view = workspace.views.get(args.text("view_id"))
    else:
        named = (one for one in workspace.views.values() if one.body.get("external_id") == args.text("external_id"))
        view = next(named, None)
    if view is None or not view.open:
        raise Refused("not_found")
    return view


def _same(view: View | None, args: Args) -> None:
    if view is not None and args.text("hash") not in {"", view.hash}:
        raise Refused("hash_conflict")
