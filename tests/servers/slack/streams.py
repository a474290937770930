"""The chat methods that stream a message: started in a thread, appended to in one mode, stopped once.

That a stream keeps the mode of its first content, what an update or a delete of a running stream answers and the
names of the errors were measured by others against the real Slack; Slack's reference does not say them.
"""

from collections.abc import Iterator
from typing import Any

from tests.servers.slack.args import Args
from tests.servers.slack.blocks import problems
from tests.servers.slack.content import Content, checked, metadata
from tests.servers.slack.elements import SOURCE
from tests.servers.slack.errors import Limited, Refused, invalid_arguments
from tests.servers.slack.model import Channel, Install, Json, Message, Stream
from tests.servers.slack.schema import Rule, among, flag, many, shape, text, variant
from tests.servers.slack.world import World

TEXT_CHARACTERS = 12_000
LIFETIME = 300.0
"""Seconds after which Slack ends a stream by itself."""
MOST_TASKS = 50
RATES = {"chat.startStream": 20, "chat.stopStream": 20, "chat.appendStream": 100}
"""Calls a minute that Slack takes of a workspace, where the limits are on."""
_MODES = ("timeline", "plan")
_STATUS = among("pending", "in_progress", "complete", "error")
_TASK: dict[str, Rule] = {"id": text(255), "title": text(256), "status": _STATUS}
_CHUNKS = many(
    variant(
        {
            "markdown_text": shape({"text": text(TEXT_CHARACTERS)}),
            "task_update": shape(
                _TASK,
                {
                    "details": text(TEXT_CHARACTERS),
                    "output": text(TEXT_CHARACTERS),
                    "sources": many(SOURCE, 0, 100),
                    "hide_title": flag,
                    "icon": text(255),
                },
            ),
            "plan_update": shape({"title": text(256)}),
            "blocks": shape({"blocks": lambda blocks, at: iter(problems(blocks, "message", at))}),
        }
    ),
    0,
    1000,
)


def start(world: World, who: Install, args: Args) -> Json:
    """Answer chat.startStream."""
    channel = world.place(who, args.need("channel"))
    if not args.text("thread_ts"):
        raise Refused("invalid_thread_ts")
    _rated(world, who, "chat.startStream")
    stream = Stream(*_recipient(channel, args), args.text("task_display_mode") or "timeline")
    stream.begun = world.workspace.clock()
    if stream.display not in _MODES:
        raise invalid_arguments("must be a valid enum value [json-pointer:/task_display_mode]")
    _append(stream, args)
    root = world.workspace.root(channel.id, args.text("thread_ts"))
    message = world.draft(who, channel, Content(stream.text), root)
    message.stream = stream
    world.statuses.pop((channel.id, root), None)
    world.announce(world.workspace.keep(message))
    return {"ok": True, "channel": channel.id, "ts": message.ts}


def append(world: World, who: Install, args: Args) -> Json:
    """Answer chat.appendStream."""
    message, stream = _running(world, who, args)
    _rated(world, who, "chat.appendStream")
    if "markdown_text" not in args and "chunks" not in args:
        raise Refused("markdown_text_or_chunks_required")
    if world.stream_appends is not None and stream.appends >= world.stream_appends:
        stream.running = False
        raise Refused("message_not_in_streaming_state")
    _append(stream, args)
    stream.appends += 1
    message.text = stream.text
    return {"ok": True, "channel": message.channel, "ts": message.ts}


def stop(world: World, who: Install, args: Args) -> Json:
    """Answer chat.stopStream."""
    message, stream = _running(world, who, args)
    _rated(world, who, "chat.stopStream")
    checked(args.get("blocks"))
    checked([*stream.shown, *(args.get("blocks") or [])] if stream.tasks else None)
    said = metadata(args)
    before = message.shown()
    _append(stream, args)
    stream.running = False
    message.blocks, message.metadata = args.get("blocks") or [], said
    message.text = stream.text or " ".join(_spoken(message.blocks))
    world.revised(before, message, "message_changed")
    return {"ok": True, "channel": message.channel, "ts": message.ts, "message": message.shown(metadata=True)}


def lapse(world: World, message: Message) -> None:
    """End a stream whose time is over."""
    if message.stream and world.workspace.clock() - message.stream.begun > LIFETIME:
        message.stream.running = False


def _spoken(value: Any) -> Iterator[str]:
    """Read aloud what blocks say, as Slack does where a message has no text of its own."""
    if isinstance(value, list):
        for one in value:
            yield from _spoken(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from [one] if name == "text" and isinstance(one, str) else _spoken(one)


def _recipient(channel: Channel, args: Args) -> tuple[str, str]:
    if not channel.is_im and not args.text("recipient_user_id"):
        raise Refused("missing_recipient_user_id")
    if not channel.is_im and not args.text("recipient_team_id"):
        raise Refused("missing_recipient_team_id")
    return args.text("recipient_user_id"), args.text("recipient_team_id")


def _running(world: World, who: Install, args: Args) -> tuple[Message, Stream]:
    channel = world.workspace.visible(who, args.need("channel"))
    message = world.workspace.message(channel.id, args.need("ts"))
    if message.bot_id != who.bot_id:
        raise Refused("message_not_owned_by_app")
    lapse(world, message)
    if message.stream is None or not message.stream.running:
        raise Refused("message_not_in_streaming_state")
    return message, message.stream


def _append(stream: Stream, args: Args) -> None:
    """Take the content of one call, in the mode the stream began with."""
    words, chunks = args.text("markdown_text"), args.get("chunks")
    if words and chunks:
        raise Refused("cannot_provide_both_markdown_text_and_chunks")
    if len(words) > TEXT_CHARACTERS:
        raise Refused("msg_too_long")
    faults = list(_CHUNKS(chunks or [], "/chunks"))
    if faults:
        raise invalid_arguments(*map(str, faults))
    ids = {one["id"] for one in chunks or [] if one["type"] == "task_update"} | set(stream.tasks)
    if len(ids) > MOST_TASKS:
        raise invalid_arguments(f"no more than {MOST_TASKS} tasks allowed [json-pointer:/chunks]")
    mode = "text" if words else "chunks" if chunks else stream.mode
    if stream.mode and mode != stream.mode:
        raise Refused("streaming_mode_mismatch")
    stream.mode = mode
    stream.chunks.extend([{"type": "markdown_text", "text": words}] if words else chunks or [])


def _rated(world: World, who: Install, method: str) -> None:
    """Refuse what is more than Slack takes in a minute, where the limits are on."""
    if not world.limits:
        return
    now, used = world.workspace.clock(), world.used.setdefault((who.team_id, method), [])
    used[:] = [at for at in used if now - at < 60]
    if len(used) >= RATES[method]:
        raise Limited(max(1, round(used[0] + 60 - now)))
    used.append(now)
