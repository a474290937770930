"""Signed HTTP deliveries: what Slack posts to the request URL of an app."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from tests.servers.slack.journal import Attempt, Delivery
from tests.servers.slack.model import Json

_FORM = "application/x-www-form-urlencoded"


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Sign a body as https://docs.slack.dev/authentication/verifying-requests-from-slack describes."""
    base = b"v0:%d:%b" % (timestamp, body)
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def encoded(kind: str, payload: Json) -> tuple[str, bytes]:
    """Encode an event as JSON, a command as a form and an interaction as the payload of a form."""
    if kind == "event":
        return "application/json", json.dumps(payload).encode()
    form = payload if kind == "command" else {"payload": json.dumps(payload)}
    return _FORM, urlencode(form).encode()


@dataclass(frozen=True, slots=True)
class Seal:
    """How a request is signed: with which secret, how many seconds ago, or not at all."""

    secret: str
    age: int = 0
    signed: bool = True

    def headers(self, now: float, body: bytes) -> dict[str, str]:
        """Make the two headers that carry the signature."""
        if not self.signed:
            return {}
        timestamp = int(now) - self.age
        sealed = signature(self.secret, timestamp, body)
        return {"X-Slack-Request-Timestamp": str(timestamp), "X-Slack-Signature": sealed}


class Courier:
    """Posts payloads to one URL and waits a few seconds for the acknowledgement."""

    def __init__(self, url: str, seal: Seal, ack_timeout: float, clock: Callable[[], float]) -> None:
        self.url = url
        self._seal = seal
        self._clock = clock
        # Shorter than the server keeps idle connections: of one that it is just closing nothing would be heard.
        fresh = aiohttp.TCPConnector(keepalive_timeout=1)
        self._session = aiohttp.ClientSession(connector=fresh, timeout=aiohttp.ClientTimeout(total=ack_timeout))

    async def attempt(self, delivery: Delivery, number: int, reason: str | None) -> Attempt:
        """Post a payload once."""
        retry = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason or ""} if number else {}
        return await self.post(delivery.kind, delivery.payload, number, self._seal, retry)

    async def post(self, kind: str, payload: Json, number: int, seal: Seal, extra: dict[str, str]) -> Attempt:
        """Post a payload under a seal of its own."""
        content_type, body = encoded(kind, payload)
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
        headers |= seal.headers(self._clock(), body) | extra
        try:
            async with self._session.post(self.url, data=body, headers=headers, allow_redirects=False) as answer:
                return _read(number, answer, await answer.text())
        except TimeoutError:
            return Attempt(number, failure="http_timeout")
        except aiohttp.ClientError:
            return Attempt(number, failure="connection_failed")

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()


def _read(number: int, answer: aiohttp.ClientResponse, body: str) -> Attempt:
    failure = None if answer.ok and answer.status < 300 else "http_error"
    headers = {name.lower(): value for name, value in answer.headers.items()}
    no_retry = headers.get("x-slack-no-retry") == "1"
    return Attempt(number, answer.status, body, headers, failure, no_retry)
