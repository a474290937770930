"""The chat methods that write, change and remove a message."""

from tests.servers.slack.args import Args
from tests.servers.slack.content import Content, content
from tests.servers.slack.errors import Refused
from tests.servers.slack.model import Install, Json, Message
from tests.servers.slack.streams import lapse
from tests.servers.slack.world import World

UPDATED_TEXT = 4000


def post(world: World, who: Install, args: Args) -> Json:
    """Answer chat.postMessage."""
    channel = world.place(who, args.need("channel"))
    message = world.speak(who, channel, content(args), args.text("thread_ts"))
    return {"ok": True, "channel": channel.id, "ts": message.ts, "message": message.shown(metadata=True)}


def whisper(world: World, who: Install, args: Args) -> Json:
    """Answer chat.postEphemeral."""
    channel = world.place(who, args.need("channel"))
    user = world.workspace.user(args.need("user"))
    if user.id not in channel.members:
        raise Refused("user_not_in_channel")
    message = world.whisper(who, channel, content(args), user.id, args.text("thread_ts"))
    return {"ok": True, "message_ts": message.ts}


def update(world: World, who: Install, args: Args) -> Json:
    """Answer chat.update."""
    message = _own(world, who, args, "cant_update_message")
    if message.is_streaming:
        raise Refused("streaming_state_conflict")
    if len(args.text("text")) > UPDATED_TEXT:
        raise Refused("msg_too_long")
    rewrite(world, message, content(args))
    shown = message.shown(metadata=True)
    return {"ok": True, "channel": message.channel, "ts": message.ts, "text": message.text, "message": shown}


def rewrite(world: World, message: Message, said: Content) -> None:
    """Put other contents into a message; what was left out stays as it was."""
    before = message.shown()
    message.text = said.text
    message.blocks = message.blocks if said.blocks is None else said.blocks
    message.attachments = message.attachments if said.attachments is None else said.attachments
    message.metadata = said.metadata or message.metadata
    message.edited = world.workspace.ts()
    world.revised(before, message, "message_changed")


def delete(world: World, who: Install, args: Args) -> Json:
    """Answer chat.delete."""
    message = _own(world, who, args, "cant_delete_message")
    if message.is_streaming:
        raise Refused("cant_delete_message")
    remove(world, message)
    return {"ok": True, "channel": message.channel, "ts": message.ts}


def remove(world: World, message: Message) -> None:
    """Take a message away."""
    before = message.shown()
    message.deleted = True
    world.revised(before, message, "message_deleted")


def _own(world: World, who: Install, args: Args, error: str) -> Message:
    channel = world.workspace.visible(who, args.need("channel"))
    message = world.workspace.message(channel.id, args.need("ts"))
    if message.bot_id != who.bot_id:
        raise Refused(error)
    lapse(world, message)
    return message
