"""The methods of the agent surface: a status while it works, the session of a thread, and prompts to begin with."""

from typing import Any

from tests.servers.slack.args import Args
from tests.servers.slack.errors import Refused, invalid_arguments
from tests.servers.slack.model import Install, Json
from tests.servers.slack.world import World

MOST_LOADING_MESSAGES = 10
MOST_PROMPTS = 4
TITLE_CHARACTERS = 200
SESSIONS = ("processing", "active", "suspended", "closed")


def set_status(world: World, who: Install, args: Args) -> Json:
    """Answer assistant.threads.setStatus; an empty status clears it."""
    channel = world.place(who, args.need("channel_id"))
    if "status" not in args:
        raise invalid_arguments("missing required field: status")
    waiting = args.get("loading_messages") or []
    if not isinstance(waiting, list) or len(waiting) > MOST_LOADING_MESSAGES:
        raise invalid_arguments(f"no more than {MOST_LOADING_MESSAGES} items allowed [json-pointer:/loading_messages]")
    thread = world.workspace.root(channel.id, args.need("thread_ts"))
    if args.text("status"):
        world.statuses[channel.id, thread] = {"status": args.text("status"), "loading_messages": waiting}
    else:
        world.statuses.pop((channel.id, thread), None)
    return {"ok": True}


def set_session(world: World, who: Install, args: Args) -> Json:
    """Answer agents.sessions.setStatus: a thread becomes a session, with a stop button while it is processing."""
    channel = world.place(who, args.need("channel_id"))
    thread = world.workspace.root(channel.id, args.need("thread_ts"))
    if args.need("status") not in SESSIONS:
        raise invalid_arguments("must be a valid enum value [json-pointer:/status]")
    if len(args.text("title")) > TITLE_CHARACTERS:
        raise invalid_arguments(f"must be less than {TITLE_CHARACTERS + 1} characters [json-pointer:/title]")
    session = world.sessions.setdefault((channel.id, thread), {"title": ""})
    session |= {"status": args.text("status"), "title": args.text("title") or session["title"]}
    return {"ok": True}


def set_prompts(world: World, who: Install, args: Args) -> Json:
    """Answer assistant.threads.setSuggestedPrompts."""
    channel = world.place(who, args.need("channel_id"))
    if not channel.is_im:
        raise Refused("channel_not_supported")
    prompts = args.get("prompts")
    if not isinstance(prompts, list) or not 0 < len(prompts) <= MOST_PROMPTS or not all(map(_is_prompt, prompts)):
        raise invalid_arguments(f"must provide 1 to {MOST_PROMPTS} prompts [json-pointer:/prompts]")
    thread = args.text("thread_ts")
    if thread:
        world.workspace.root(channel.id, thread)
    world.prompts[channel.id, thread] = {"title": args.text("title"), "prompts": prompts}
    return {"ok": True}


def _is_prompt(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"title", "message"}
        and all(map(isinstance, value.values(), (str, str)))
    )
