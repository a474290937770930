"""Shows in Teams how far a refresh is: an edit of the message whose button began it, or a message of its own."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp

from bot.errors import Gone, Untold
from bot.kb.board import EVERY
from bot.kb.reply import Reply
from bot.teams.admins import Admins
from bot.teams.connector import MaybeSent, Unreachable
from bot.teams.kbviews import shown
from bot.teams.message import Activity
from bot.teams.post import Post

AMONG_OTHERS = 4.0
"""Seconds between two edits where several people read along."""
SECONDS = 30.0
"""Seconds in which an edit is tried again; how far a refresh is will be something else by then."""
_ELSEWHERE = Reply(
    "The refresh has ended. Not only administrators read along here now, so how is told to who began it."
)


class Teller:
    """Edits messages; `back` names the person, the conversation and the activity."""

    def __init__(self, post: Post, admins: Admins) -> None:
        self._post = post
        self._admins = admins

    def pace(self, back: Mapping[str, Any]) -> float:
        """Return the seconds between two updates."""
        return EVERY if back["kind"] == "personal" else AMONG_OTHERS

    async def update(self, back: Mapping[str, Any], reply: Reply, *, last: bool) -> None:
        """Edit the message; the end is told elsewhere where others have come to read along."""
        if not back["activity"]:
            raise Gone
        if last and not await self._admins.among(back):
            await self._put(back, shown(_ELSEWHERE), last=True)
            raise Gone
        await self._put(back, shown(reply), last=last)

    async def anew(self, key: str, back: Mapping[str, Any], reply: Reply) -> None:
        """Post it as a message of its own, to who began the refresh alone."""
        try:
            async with asyncio.timeout(2 * SECONDS):
                own = {**back, **await self._post.alone(dict(back))}
                message = {"conversation": own["conversation"], "activity": shown(reply)}
                told = await self._post.once(key, own, message)
        except Unreachable as refused:
            raise Untold(f"status {refused.status}") from refused
        except (MaybeSent, aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Untold(type(error).__name__) from error
        if not told:
            raise Untold("refused")

    async def _put(self, back: Mapping[str, Any], activity: Activity, *, last: bool) -> None:
        """Edit once; raise Gone where there is nothing to be edited any more, Untold where Teams does not take it now."""
        path = ("conversations", back["conversation"].partition(";")[0], "activities", back["activity"])
        try:
            async with asyncio.timeout(SECONDS):
                await self._post.connector.call("PUT", back["service"], *path, body=activity)
        except Unreachable as refused:
            if last or refused.status in {403, 404}:
                raise Gone from refused
            raise Untold(f"status {refused.status}") from refused
        except (MaybeSent, aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Untold(type(error).__name__) from error
