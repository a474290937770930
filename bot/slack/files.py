"""Files that people share in Slack: fetched from Slack's own host only, with the token only there, within limits."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.errors import FileUnread, KeepingRefused
from bot.kb import files
from bot.slack.clients import Clients
from bot.slack.post import code
from knowledge.evidence import FileRef
from knowledge.sources.folder import LARGEST

FILES = "files.slack.com"
SECONDS = 120.0
QUESTION_SECONDS = 40.0
"""For a file that came with a question, which somebody waits for."""
_KEPT = "The file is still in Slack."
_GONE = {"file_deleted": "it was deleted in Slack", "access_denied": "I may not see it in Slack any more"}
"""What Slack says of a file that it does not give."""


def unfit(file: Mapping[str, Any]) -> str:
    """Say why a shared file cannot be filed, empty where it can be tried; `file` is as an event or files.info shows it."""
    name = _name(file)
    if why := files.unfit(str(file.get("name") or "")):
        return why
    if why := absent(file):
        return f"{name} was not kept: {why}. {_KEPT} What is too large can be shared in parts, or its place added as a source."
    return ""


def absent(file: Mapping[str, Any]) -> str:
    """Say, in a clause, why the bytes of a shared file are not fetched, empty where they can be."""
    if file.get("mode") == "tombstone":
        return _GONE["file_deleted"]
    if file.get("mode") == "hidden_by_limit":
        return "Slack hides it, because the workspace has reached the limit of its plan"
    if file.get("is_external") or file.get("mode") == "external":
        return _ELSEWHERE
    return files.TOO_LARGE if int(file.get("size") or 0) > LARGEST else ""


_ELSEWHERE = "it does not lie in Slack; download it and share the file itself"
_FAILED = "it could not be fetched from Slack now, please try again"
_LOGIN = (
    "Slack sent a page to log in instead of the file; an administrator of the workspace can give the app files:read"
)


class Files:
    """Fetches shared files; `api` is the address of Slack's methods, whose host stands for FILES where it is a test's."""

    def __init__(self, clients: Clients, api: str) -> None:
        self._clients = clients
        place = urlsplit(api)
        slack = place.hostname is None or place.hostname == "slack.com" or place.hostname.endswith(".slack.com")
        self._origin = ("https", FILES) if slack else (place.scheme, place.netloc)

    async def fetch(self, file_id: str, team: str) -> tuple[str, bytes]:
        """Return the name and the bytes of a file that is to be filed; raise KeepingRefused, in words for people, where it cannot be had."""
        try:
            file = await self._told(FileRef(file_id, ""), team)
            if why := unfit(file):
                raise KeepingRefused(why)
            name, content = await self._content(file, team)
        except FileUnread as unread:
            name = str(unread.args[1]) if len(unread.args) > 1 else "The file"
            raise KeepingRefused(f"{name} was not kept: {unread.args[0]}. {_KEPT}") from unread
        if why := files.disguised(name, content):
            raise KeepingRefused(why)
        return name, content

    async def bring(self, ref: FileRef, team: str, enterprise: str = "") -> tuple[str, bytes]:
        """Return the name and the bytes of a file that came with a question; raise FileUnread where it cannot be had."""
        try:
            async with asyncio.timeout(QUESTION_SECONDS):
                return await self._content(await self._told(ref, team, enterprise), team, enterprise)
        except FileUnread as unread:
            raise FileUnread(str(unread.args[0])) from unread
        except TimeoutError as late:
            raise FileUnread(_FAILED) from late

    async def _told(self, ref: FileRef, team: str, enterprise: str = "") -> dict[str, Any]:
        """Return what Slack says of a file today: a shared file can have been deleted since."""
        client = await self._clients.of(team, enterprise)
        try:
            return dict((await client.files_info(file=ref.id))["file"])
        except SlackApiError as error:
            why = "Slack does not give it to me: it is deleted, or not shared with me any more, or the app lacks files:read"
            raise FileUnread(_GONE.get(code(error), why)) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise FileUnread(_FAILED) from error

    async def _content(self, file: Mapping[str, Any], team: str, enterprise: str = "") -> tuple[str, bytes]:
        name = _name(file)
        if why := absent(file):
            raise FileUnread(why, name)
        token = (await self._clients.of(team, enterprise)).token or ""
        try:
            content = await self._bytes(
                token, str(file.get("url_private_download") or file.get("url_private") or ""), name
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise FileUnread(_FAILED, name) from error
        if files.a_page(name, content):
            raise FileUnread(_LOGIN, name)
        return str(file.get("name") or name), content

    async def _bytes(self, token: str, url: str, name: str) -> bytes:
        place = urlsplit(url)
        # The token opens the whole workspace: it is sent to no other host, and no redirect is followed with it.
        if (place.scheme, place.netloc) != self._origin:
            raise FileUnread(_ELSEWHERE, name)
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as session,
            session.get(url, headers={"Authorization": f"Bearer {token}"}, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise FileUnread(_FAILED, name)
            html = response.headers.get("Content-Type", "").startswith("text/html") and not _is_page(name)
            return b"<html" if html else await _limited(response, name)


async def _limited(response: aiohttp.ClientResponse, name: str) -> bytes:
    content = bytearray()
    async for part in response.content.iter_chunked(1 << 16):
        content += part
        if len(content) > LARGEST:
            raise FileUnread(files.TOO_LARGE, name)
    return bytes(content)


def _name(file: Mapping[str, Any]) -> str:
    return str(file.get("name") or "")[:100] or "A file without a name"


def _is_page(name: str) -> bool:
    return name.lower().endswith((".html", ".htm"))
