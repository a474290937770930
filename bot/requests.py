"""What routes share: the headers of every page, and bodies that are read within a bound and can be read again."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request

from bot import pages

HEADERS = {
    "Content-Security-Policy": f"{pages.POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Sent with every page: nothing is loaded, framed, kept or found by a search engine."""


async def read(request: Request, largest: int) -> bytes:
    """Return the body, or one byte more than is allowed of a body that is larger."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > largest:
            return b"".join(parts)[: largest + 1]
    return b"".join(parts)


def replayed(body: bytes) -> Callable[[], Awaitable[dict[str, object]]]:
    """Return what gives a body that was read to whoever reads it next."""

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
