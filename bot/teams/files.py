"""Files that people share in Teams: fetched from the hosts that are allowed only, without any token, within limits."""

import re
from urllib.parse import urljoin, urlsplit

import aiohttp

from bot.errors import FileUnread, KeepingRefused
from bot.kb import files
from bot.teams.registration import LOOPBACK
from knowledge.sources.folder import LARGEST

SECONDS = 120.0
MOST_HOPS = 3
_KEPT = "It still lies where you shared it from."
_AGAIN = "please share it again"
_NETLOC = re.compile(r"[a-z0-9.-]+(:[0-9]{1,5})?")


class Files:
    """Fetches shared files; a host that begins with a dot stands for all below it."""

    def __init__(self, session: aiohttp.ClientSession, hosts: frozenset[str]) -> None:
        self._session = session
        self._hosts = hosts

    async def fetch(self, name: str, url: str) -> bytes:
        """Return the bytes of a file that is to be filed; raise KeepingRefused, in words for people, where it cannot be had or is not what it says."""
        if why := files.unfit(name):
            raise KeepingRefused(why)
        try:
            content = await self.bring(name, url)
        except FileUnread as unread:
            raise KeepingRefused(f"{name[:100]} was not kept: {unread}. {_KEPT}") from unread
        if why := files.disguised(name, content):
            raise KeepingRefused(why)
        return content

    async def bring(self, name: str, url: str) -> bytes:
        """Return the bytes of a file; raise FileUnread where they cannot be had.

        An address and what it leads to are followed only where each is allowed; no header of ours goes along.
        """
        try:
            content = await self._bytes(url)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise FileUnread(f"it could not be fetched from Teams now; {_AGAIN}") from error
        if files.a_page(name, content):
            raise FileUnread(f"a web page came instead of the file; {_AGAIN}")
        return content

    async def _bytes(self, url: str) -> bytes:
        limit = aiohttp.ClientTimeout(total=SECONDS)
        for _ in range(MOST_HOPS):
            if not self._allowed(url):
                raise FileUnread(
                    "it does not lie in SharePoint or OneDrive of your organisation; download it and share the file itself"
                )
            async with self._session.get(url, allow_redirects=False, timeout=limit) as response:
                if response.status in {301, 302, 303, 307, 308}:
                    url = urljoin(url, response.headers.get("Location", ""))
                    continue
                if response.status != 200:
                    raise FileUnread(f"Teams does not give it out any more (it does so for some minutes); {_AGAIN}")
                return await _limited(response)
        raise FileUnread(f"its address leads from one to the next; {_AGAIN}")

    def _allowed(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            netloc, host = parts.netloc.lower(), parts.hostname or ""
        except ValueError:
            return False
        if not _NETLOC.fullmatch(netloc):
            return False
        if parts.scheme == "http":
            return netloc in self._hosts and host in LOOPBACK
        below = any(one.startswith(".") and netloc.endswith(one) for one in self._hosts)
        return parts.scheme == "https" and (below or netloc in self._hosts)


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for part in response.content.iter_chunked(1 << 16):
        content += part
        if len(content) > LARGEST:
            raise FileUnread(f"{files.TOO_LARGE}; share it in parts")
    return bytes(content)
