"""Files that people share: what Slack says of one, and its bytes for whoever shows a token, a page to log in for others."""

from dataclasses import dataclass, field

from aiohttp import web

from tests.servers.slack.args import Args
from tests.servers.slack.errors import Refused
from tests.servers.slack.model import Install, Json
from tests.servers.slack.world import World

LOGIN = "<!DOCTYPE html><html><title>Sign in</title></html>"


@dataclass(slots=True)
class Shared:
    """A file: what is told of it, its bytes, the tokens that were shown for them, and where its bytes have moved to."""

    told: Json
    content: bytes
    shown: list[str] = field(default_factory=list)
    moved: str = ""


def info(world: World, who: Install, args: Args) -> Json:
    """Answer files.info."""
    found = world.handed.get(args.need("file"))
    if found is None:
        raise Refused("file_not_found")
    return {"ok": True, "file": found.told}


async def serve(world: World, request: web.Request) -> web.Response:
    """Answer with the bytes of a file; without a token that is ours, with a page and status 200, as Slack does."""
    found = world.handed[request.match_info["file"]]
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    found.shown.append(token)
    if found.moved:
        raise web.HTTPFound(found.moved)
    if token not in world.workspace.tokens:
        return web.Response(text=LOGIN, content_type="text/html")
    return web.Response(body=found.content, content_type="application/octet-stream")
