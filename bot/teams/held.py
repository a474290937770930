"""Files that were shared in Teams and wait until somebody has said who may read them: Teams gives them out for minutes only."""

import hashlib
import json
import re
import time
from pathlib import Path

WAITING = ".waiting"
"""The folder of waiting files, beside what is filed."""
LONGEST_WAIT = 86_400.0
"""Seconds for which a file is kept that nobody files."""
_HANDLE = re.compile(r"[0-9a-f]{32}")
_FACTS = ".json"


class Held:
    """A folder of waiting files, which all workers share; every method blocks."""

    def __init__(self, at: Path) -> None:
        self._at = at

    @staticmethod
    def handle(key: str, who: str) -> str:
        """Return the handle of what somebody shared by an event."""
        return hashlib.sha256(f"{key}|{who}".encode()).hexdigest()[:32]

    def keep(self, key: str, who: str, name: str, content: bytes) -> str:
        """Keep a file that somebody shared and return its handle; the same event again keeps it once."""
        handle = self.handle(key, who)
        self._at.mkdir(parents=True, exist_ok=True)
        (self._at / f"{handle}{_FACTS}").write_text(json.dumps({"name": name, "who": who}), "utf-8")
        (self._at / handle).write_bytes(content)
        return handle

    def find(self, handle: str, who: str) -> tuple[str, bytes] | None:
        """Return name and bytes of a file that this person shared; None where it waits no longer, or was another's."""
        if not _HANDLE.fullmatch(handle):
            return None
        try:
            facts = json.loads((self._at / f"{handle}{_FACTS}").read_text("utf-8"))
            return (facts["name"], (self._at / handle).read_bytes()) if facts["who"] == who else None
        except (OSError, ValueError, KeyError):
            return None

    def sweep(self) -> None:
        """Remove what waits too long."""
        if not self._at.is_dir():
            return
        for path in self._at.iterdir():
            try:
                if path.stat().st_mtime < time.time() - LONGEST_WAIT:
                    path.unlink()
            except OSError:
                continue  # another worker removes it at the same time
