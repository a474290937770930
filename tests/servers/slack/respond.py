"""What an app says without the Web API: in the acknowledgement of a command, or through a response URL."""

from dataclasses import replace
from typing import Any

from aiohttp import web

from tests.servers.slack.args import Args, merged
from tests.servers.slack.chat import remove, rewrite
from tests.servers.slack.content import content
from tests.servers.slack.errors import Refused
from tests.servers.slack.model import Install, Json
from tests.servers.slack.world import Reply, World

LIFETIME = 30 * 60
MOST_USES = 5


def offer(world: World, reply: Reply) -> str:
    """Hand out a response URL."""
    key = world.workspace.id("response-")
    world.replies[key] = reply
    return f"{world.base_url}/response/{key}"


async def serve(world: World, who: Install, request: web.Request) -> web.Response:
    """Take what an app posts to a response URL."""
    reply = world.replies.get(request.match_info["key"])
    if reply is None or world.workspace.clock() > reply.expires:
        return web.Response(status=404, text="expired_url")
    if len(reply.uses) >= MOST_USES:
        return web.Response(status=404, text="used_url")
    try:
        said = await merged(request)
        reply.uses.append(said)
        answer(world, who, reply, said)
    except Refused as refused:
        return web.Response(status=400, text=refused.error)
    return web.Response(text="ok")


def answer(world: World, who: Install, reply: Reply, body: Any) -> None:
    """Show what an app answered: to the person alone unless it says otherwise, or in place of the original."""
    args = Args(body if isinstance(body, dict) else {"text": body})
    original = reply.message
    if original is not None and args.flag("delete_original"):
        remove(world, original)
    elif original is not None and args.flag("replace_original"):
        said = content(args)
        rewrite(world, original, replace(said, blocks=said.blocks or [], attachments=said.attachments or []))
    elif args.text("response_type") == "in_channel":
        world.speak(who, world.workspace.channels[reply.channel], content(args), args.text("thread_ts"))
    else:
        place = world.workspace.channels[reply.channel]
        world.whisper(who, place, content(args), reply.user, args.text("thread_ts"))


def acknowledged(world: World, who: Install, reply: Reply, body: Json | str) -> str | None:
    """Show what the acknowledgement of a command says, and name the error when Slack cannot show it."""
    if not body:
        return None
    try:
        answer(world, who, reply, body)
    except Refused as refused:
        return refused.error
    return None
