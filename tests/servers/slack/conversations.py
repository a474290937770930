"""The methods that read conversations and people, and those that react to a message."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from tests.servers.slack.args import Args
from tests.servers.slack.errors import Refused
from tests.servers.slack.model import Channel, Install, Json, Message
from tests.servers.slack.world import World


def _page(items: Sequence[Any], args: Args, default: int = 100) -> tuple[list[Any], str]:
    """Cut one page out of a listing and name the cursor of the next."""
    try:
        start = int(base64.b64decode(args.text("cursor"), validate=True) or 0)
    except (ValueError, binascii.Error) as error:
        raise Refused("invalid_cursor") from error
    end = start + max(1, args.number("limit", default))
    following = base64.b64encode(str(end).encode()).decode() if end < len(items) else ""
    return list(items[start:end]), following


def _within(messages: list[Message], args: Args) -> list[Message]:
    oldest, latest = args.text("oldest") or "0", args.text("latest") or "9999999999.999999"
    edges = {oldest, latest} if args.flag("inclusive") else set()
    return [one for one in messages if float(oldest) < float(one.ts) < float(latest) or one.ts in edges]


def _messages(page: list[Message], following: str, args: Args) -> Json:
    shown = [message.shown(metadata=args.flag("include_all_metadata")) for message in page]
    listing: Json = {"ok": True, "messages": shown, "has_more": bool(following)}
    return listing | ({"response_metadata": {"next_cursor": following}} if following else {})


def history(world: World, who: Install, args: Args) -> Json:
    """Answer conversations.history: newest first, without replies."""
    channel = world.workspace.joined(who, args.need("channel"))
    roots = [message for message in world.workspace.standing(channel.id) if not message.is_reply]
    return _messages(*_page(_within(roots, args)[::-1], args), args)


def replies(world: World, who: Install, args: Args) -> Json:
    """Answer conversations.replies: a message and its replies, oldest first."""
    channel = world.workspace.joined(who, args.need("channel"))
    root, *answers = world.workspace.thread(channel.id, args.need("ts"))
    return _messages(*_page([root, *_within(answers, args)], args, 1000), args)


def info(world: World, who: Install, args: Args) -> Json:
    """Answer conversations.info."""
    channel = world.workspace.visible(who, args.need("channel"))
    size = {"num_members": len(channel.members)} if args.flag("include_num_members") else {}
    return {"ok": True, "channel": channel.shown(who) | size}


def members(world: World, who: Install, args: Args) -> Json:
    """Answer conversations.members."""
    channel = world.workspace.visible(who, args.need("channel"))
    page, following = _page(sorted(channel.members), args)
    return {"ok": True, "members": page, "response_metadata": {"next_cursor": following}}


def open_dm(world: World, who: Install, args: Args) -> Json:
    """Answer conversations.open for one user or several."""
    people = [name for name in args.text("users").split(",") if name]
    if not people:
        raise Refused("users_list_not_supplied")
    users = [world.workspace.user(name) for name in people]
    if any(user.deleted for user in users):
        raise Refused("user_disabled")
    if any(user.is_bot for user in users):
        raise Refused("cannot_dm_bot")
    channel = world.workspace.dm(who, people[0]) if len(people) == 1 else _group(world, who, set(people))
    return {"ok": True, "channel": channel.shown(who) if args.flag("return_im") else {"id": channel.id}}


def _group(world: World, who: Install, people: set[str]) -> Channel:
    everyone = {who.bot_user, *people}
    groups = (one for one in world.workspace.channels.values() if one.is_mpim and one.members == everyone)
    found = next(groups, None)
    new = Channel(world.workspace.id("C"), "", who.team_id, everyone, is_private=True, is_mpim=True)
    return found or world.workspace.add_channel(new)


def user_info(world: World, who: Install, args: Args) -> Json:
    """Answer users.info."""
    return {"ok": True, "user": world.workspace.user(args.need("user")).shown(who.team_id)}


def user_list(world: World, who: Install, args: Args) -> Json:
    """Answer users.list: the people of the team."""
    people = [user for user in world.workspace.users.values() if user.team_id == who.team_id]
    page, following = _page(people, args)
    shown = [user.shown(who.team_id) for user in page]
    return {"ok": True, "members": shown, "response_metadata": {"next_cursor": following}}


def user_by_email(world: World, who: Install, args: Args) -> Json:
    """Answer users.lookupByEmail."""
    address = args.need("email").lower()
    found = next((one for one in world.workspace.users.values() if one.email and one.email.lower() == address), None)
    if found is None:
        raise Refused("users_not_found")
    return {"ok": True, "user": found.shown(who.team_id)}


def react(world: World, who: Install, args: Args) -> Json:
    """Answer reactions.add."""
    message, name = _target(world, who, args)
    if who.bot_user in message.reactions.get(name, ()):
        raise Refused("already_reacted")
    message.reactions.setdefault(name, []).append(who.bot_user)
    return {"ok": True}


def unreact(world: World, who: Install, args: Args) -> Json:
    """Answer reactions.remove."""
    message, name = _target(world, who, args)
    if who.bot_user not in message.reactions.get(name, ()):
        raise Refused("no_reaction")
    message.reactions[name].remove(who.bot_user)
    message.reactions = {kind: users for kind, users in message.reactions.items() if users}
    return {"ok": True}


def _target(world: World, who: Install, args: Args) -> tuple[Message, str]:
    channel = world.workspace.joined(who, args.need("channel"))
    name = args.need("name")
    if not name.replace("_", "").replace("-", "").replace("+", "").isalnum():
        raise Refused("invalid_name")
    return world.workspace.message(channel.id, args.need("timestamp")), name
