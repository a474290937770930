"""The methods that upload a file: ask for an address, send the bytes there, then share what came."""

from typing import Any

from aiohttp import web

from tests.servers.slack.args import Args
from tests.servers.slack.content import Content
from tests.servers.slack.errors import Refused, invalid_arguments
from tests.servers.slack.model import File, Install, Json
from tests.servers.slack.world import World


def upload_url(world: World, who: Install, args: Args) -> Json:
    """Answer files.getUploadURLExternal."""
    name, length = args.need("filename"), args.number("length", 0)
    if length < 1:
        raise invalid_arguments("must be greater than 0 [json-pointer:/length]")
    file = File(world.workspace.id("F"), name, length)
    world.files[file.id] = file
    return {"ok": True, "upload_url": f"{world.base_url}/upload/{file.id}", "file_id": file.id}


async def receive(world: World, request: web.Request) -> web.Response:
    """Take the bytes of a file, raw or as a form's only file."""
    file = world.files.get(request.match_info["file"])
    if file is None:
        return web.Response(status=404)
    body = await request.read()
    if request.content_type == "multipart/form-data":
        body = next((bytes(part.file.read()) for part in (await request.post()).values() if hasattr(part, "file")), b"")
    if len(body) != file.length:
        return web.Response(status=400, text="length does not match")
    file.body = body
    return web.Response(text=f"OK - {len(body)}")


def complete(world: World, who: Install, args: Args) -> Json:
    """Answer files.completeUploadExternal: without a channel the files stay the bot's own."""
    given = args.get("files")
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise invalid_arguments("must provide an array of files [json-pointer:/files]")
    files = [_ready(world, one) for one in given]
    for file, one in zip(files, given, strict=True):
        file.title, file.shared = str(one.get("title") or file.name), True
    if target := args.text("channel_id"):
        if target in world.workspace.users:
            raise Refused("channel_not_found")  # a conversation's id is wanted, not a person's
        thread = args.text("thread_ts")
        said = Content(args.text("initial_comment"))
        world.speak(who, world.place(who, target), said, thread).files.extend(files)
    return {"ok": True, "files": [{"id": file.id, "title": file.title} for file in files]}


def _ready(world: World, given: dict[str, Any]) -> File:
    file = world.files.get(str(given.get("id")))
    if file is None or file.body is None or file.shared:
        raise Refused("file_not_found")
    return file
