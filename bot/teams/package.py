"""The app package that an administrator uploads to Teams: the manifest and two icons, made here, in one zip file."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from bot.teams.notices import PROMPTS

VERSION = "1.19"
SCHEMAS = "https://developer.microsoft.com/json-schemas/teams"
SCOPES = ("personal", "team", "groupChat")
COMMANDS = (
    ("vendor-check", "Check a vendor: vendor-check Alibaba Cloud"),
    ("vendor-ask", "Ask a procurement-risk question, answered with quotes and sources"),
    ("vendor-watch", "Be told what changes about a vendor: vendor-watch NAME, list, stop NAME"),
    ("vendor-kb", "Keep the knowledge base (administrators): help, status, refresh, sources, add, gaps, rollback"),
)
COLOUR_SIZE, OUTLINE_SIZE = 192, 32
ACCENT = "#1F4E5F"
_STAMP = (2026, 1, 1, 0, 0, 0)
"""The time of every file in the package, so that the same settings make the same bytes."""
Pixel = tuple[int, int, int, int]
_CLEAR, _WHITE, _BLUE = (0, 0, 0, 0), (255, 255, 255, 255), (0x1F, 0x4E, 0x5F, 255)


def package(app: str, url: str, version: str, *, slash: bool = False) -> bytes:
    """Return the zip file; `url` is where people reach this server, over https.

    With `slash` commands can be begun with a slash, by the developer preview of the manifest.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (
            ("manifest.json", json.dumps(manifest(app, url, version, slash=slash), indent=2).encode()),
            ("color.png", icon(COLOUR_SIZE, _BLUE)),
            ("outline.png", icon(OUTLINE_SIZE, _CLEAR)),
        ):
            archive.writestr(zipfile.ZipInfo(name, _STAMP), content)
    return made.getvalue()


def manifest(app: str, url: str, version: str, *, slash: bool = False) -> dict[str, Any]:
    """Return the manifest of the app with this client id."""
    schema = "vDevPreview" if slash else f"v{VERSION}"
    number = "devPreview" if slash else VERSION
    return {
        "$schema": f"{SCHEMAS}/{schema}/MicrosoftTeams.schema.json",
        "manifestVersion": number,
        "version": version,
        "id": app,
        "developer": {
            "name": "Caveat", "websiteUrl": url, "privacyUrl": f"{url}/#privacy", "termsOfUseUrl": f"{url}/#terms",
        },
        "name": {"short": "Caveat", "full": "Caveat: procurement-risk answers with quotes"},
        "description": {
            "short": "Procurement-risk answers, every sentence with its quote",
            "full": (
                "Ask whether a vendor, a contract or a data transfer is a risk. Caveat answers from regulations, your company's"
                " policies, official lists and dated news; every sentence stands on a verbatim quote that one click opens."
            ),
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": ACCENT,
        "bots": [_bot(app, slash=slash)],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [urlsplit(url).netloc],
    }  # fmt: skip


def _bot(app: str, *, slash: bool) -> dict[str, Any]:
    triggers = {"triggers": ["mention", "slash"]} if slash else {}
    prompts = [{"type": "prompt", "title": one[:32], "description": one, "prompt": one} for one in PROMPTS]
    own = [{"title": title, "description": words} for title, words in COMMANDS]
    return {
        "botId": app, "scopes": list(SCOPES), "supportsFiles": True, "isNotificationOnly": False,
        **({"supportsTargetedMessages": True} if slash else {}),
        "commandLists": [
            {"scopes": list(SCOPES), **triggers, "commands": own},
            *([{"scopes": ["personal"], "commands": prompts}] if slash else []),
        ],
    }  # fmt: skip


def icon(size: int, ground: Pixel) -> bytes:
    """Return a square PNG: two quotation marks in white on a ground."""
    rows = [[_pixel(x / size, y / size, ground) for x in range(size)] for y in range(size)]
    raw = b"".join(b"\0" + bytes(part for pixel in row for part in pixel) for row in rows)
    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in parts)


def _pixel(x: float, y: float, ground: Pixel) -> Pixel:
    return _WHITE if any(drawn(x, y) for drawn in _MARKS) else ground


def _mark(left: float) -> Callable[[float, float], bool]:
    """Return one opening quotation mark: a dot with a tail that rises to the right."""

    def drawn(x: float, y: float) -> bool:
        dot = (x - left) ** 2 + (y - 0.58) ** 2 <= 0.105**2
        tail = 0.28 <= y <= 0.58 and abs(x - (left - 0.07 + (0.58 - y) * 0.42)) <= 0.045
        return dot or tail

    return drawn


_MARKS = (_mark(0.33), _mark(0.66))


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
