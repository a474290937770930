"""Files that come with a question in Teams: fetched at once, since Teams gives them out for minutes only, and held for a day."""

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.errors import FileUnread
from bot.model import Fetch
from bot.teams.files import Files
from bot.teams.held import Held
from knowledge.evidence import FileRef

_OVER = "I keep a file for one day only; please share it again"
ALONE = (
    "I read a file for the question that comes with it, for that answer alone: please share it again and write your question into"
    " the same message, for example: Where does it say that our data is stored?"
)


class Papers:
    """Brings the files of questions; what somebody shared is held for him alone."""

    def __init__(self, files: Files, held: Held) -> None:
        self._files = files
        self._held = held

    async def of(self, key: str, payload: Mapping[str, Any]) -> tuple[tuple[FileRef, ...], Fetch]:
        """Return the files that came with a question, and what gives them and those of the questions before it in a day."""
        lost: dict[str, str] = {}
        refs = [await self._had(f"{key}:{n}", payload, file, lost) for n, file in enumerate(payload.get("files", ()))]

        async def fetch(ref: FileRef) -> tuple[str, bytes]:
            found = await asyncio.to_thread(self._held.find, ref.id, payload["object"])
            if found is None:
                raise FileUnread(lost.get(ref.id, _OVER))
            return found

        return tuple(refs), fetch

    async def _had(
        self, key: str, payload: Mapping[str, Any], file: Mapping[str, str], lost: dict[str, str]
    ) -> FileRef:
        """Hold a file and return it; an earlier run may have done so, and its address is over by now."""
        who, name = payload["object"], file["name"]
        ref = FileRef(self._held.handle(key, who), name)
        if await asyncio.to_thread(self._held.find, ref.id, who) is None:
            try:
                content = await self._files.bring(name, file["url"])
            except FileUnread as unread:
                lost[ref.id] = str(unread)
            else:
                await asyncio.to_thread(self._held.sweep)
                await asyncio.to_thread(self._held.keep, key, who, name, content)
        return ref
