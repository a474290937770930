"""Files that people share in Slack: fetched from Slack's own host only, with the token only there, within limits."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.errors import KeepingRefused
from bot.kb import files
from bot.slack.clients import Clients
from knowledge.sources.folder import LARGEST

FILES = "files.slack.com"
SECONDS = 120.0
_KEPT = "The file is still in Slack."


def unfit(file: Mapping[str, Any]) -> str:
    """Say why a shared file cannot be filed, empty where it can be tried; `file` is as an event or files.info shows it."""
    name = str(file.get("name") or "")
    if why := files.unfit(name, int(file.get("size") or 0)):
        return why
    if file.get("is_external") or file.get("mode") in {"external", "tombstone", "hidden_by_limit"}:
        return f"{name[:100]} was not kept: it does not lie in Slack. Download it and share the file itself."
    return ""


class Files:
    """Fetches shared files; `api` is the address of Slack's methods, whose host stands for FILES where it is a test's."""

    def __init__(self, clients: Clients, api: str) -> None:
        self._clients = clients
        place = urlsplit(api)
        slack = place.hostname is None or place.hostname == "slack.com" or place.hostname.endswith(".slack.com")
        self._origin = ("https", FILES) if slack else (place.scheme, place.netloc)

    async def fetch(self, file_id: str, team: str) -> tuple[str, bytes]:
        """Return the name and the bytes of a file that was shared in a workspace; raise KeepingRefused, in words for people, where it cannot be had."""
        client = await self._clients.of(team)
        try:
            file = (await client.files_info(file=file_id))["file"]
        except SlackApiError as error:
            raise KeepingRefused(
                f"Slack does not give me that file, so nothing was kept. {_KEPT} Is it deleted, or does the app lack files:read?"
            ) from error
        if why := unfit(file):
            raise KeepingRefused(why)
        name = str(file["name"])
        content = await self._bytes(
            client.token or "", name, str(file.get("url_private_download") or file.get("url_private") or "")
        )
        if files.a_page(name, content):
            raise KeepingRefused(
                f"{name[:100]} was not kept: Slack sent a page to log in instead of the file. {_KEPT} An administrator of the"
                " workspace can give the app files:read."
            )
        if why := files.disguised(name, content):
            raise KeepingRefused(why)
        return name, content

    async def _bytes(self, token: str, name: str, url: str) -> bytes:
        place = urlsplit(url)
        # The token opens the whole workspace: it is sent to no other host, and no redirect is followed with it.
        if (place.scheme, place.netloc) != self._origin:
            raise KeepingRefused(
                f"{name[:100]} was not kept: it does not lie in Slack. Download it and share the file itself."
            )
        headers = {"Authorization": f"Bearer {token}"}
        limit = aiohttp.ClientTimeout(total=SECONDS)
        failed = f"{name[:100]} was not kept: it could not be fetched from Slack now. {_KEPT} Please try again."
        try:
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.get(url, headers=headers, allow_redirects=False) as response,
            ):
                if response.status != 200:
                    raise KeepingRefused(failed)
                kind = response.headers.get("Content-Type", "")
                html = kind.startswith("text/html") and not name.lower().endswith((".html", ".htm"))
                return b"<html" if html else await _limited(response, name)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise KeepingRefused(failed) from error


async def _limited(response: aiohttp.ClientResponse, name: str) -> bytes:
    content = b""
    async for part in response.content.iter_chunked(1 << 16):
        content += part
        if len(content) > LARGEST:
            raise KeepingRefused(f"{name[:100]} was not kept: {files.TOO_LARGE}. {_KEPT}")
    return content
