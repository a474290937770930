"""Checks a request's signature on its raw bytes, before anything parses it."""

import hashlib
import hmac
import re
from collections.abc import Mapping

LARGEST = 1_000_000
WINDOW = 300
_TIMESTAMP = re.compile(r"[0-9]{10}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


def refusal(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> int | None:
    """Return 413 for a body that is too large, 401 for a signature that is missing, malformed, old or wrong, else None.

    Without a secret everything is refused, because anyone could sign with an empty one.
    """
    if len(body) > LARGEST:
        return 413
    timestamp = headers.get("x-slack-request-timestamp", "")
    signature = headers.get("x-slack-signature", "")
    if not secret or not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        return 401
    if abs(now - int(timestamp)) > WINDOW:
        return 401
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return None if hmac.compare_digest(f"v0={digest}", signature) else 401
