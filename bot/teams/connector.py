"""The connector's API: what is sent to Teams and asked of it, with our own token, and tried again only where that is safe."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_before_delay, wait_random_exponential
from tenacity.wait import wait_base

from bot.teams.registration import Registration

BUDGET = 240.0
"""Seconds in which a request is tried again before it counts as undeliverable."""
SECONDS = 15.0
SCOPE = "https://api.botframework.com/.default"
EARLY = 300.0
"""Seconds before its end at which a token is renewed."""
_NOT_TAKEN = {412, 429, 502, 503, 504}
"""Statuses after which Microsoft says to try again: nothing was sent."""
log = structlog.get_logger()


class Unreachable(Exception):
    """Teams will not take this; `words` are its own, for our code and not for people."""

    def __init__(self, status: int, words: str = "") -> None:
        super().__init__(f"Teams refused with {status}")
        self.status, self.words = status, words


class MaybeSent(Exception):
    """Teams may have taken it: its answer never came."""


class _Later(Exception):
    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait


class _Wait(wait_base):
    """Wait as long as Teams asks, or by jitter."""

    def __init__(self) -> None:
        self._jitter = wait_random_exponential(multiplier=0.5, max=15)

    def __call__(self, retry_state: RetryCallState) -> float:
        error = retry_state.outcome.exception() if retry_state.outcome else None
        return max(error.wait if isinstance(error, _Later) else 0.0, self._jitter(retry_state))


class Connector:
    """Calls the service that an activity came from; the app's secret and its tokens go to hosts of the registration only."""

    def __init__(self, session: aiohttp.ClientSession, registration: Registration) -> None:
        self._session = session
        self._registration = registration
        self._token = ""
        self._token_until = 0.0
        self._renewing = asyncio.Lock()

    async def call(
        self,
        method: str,
        service: str,
        *parts: str,
        body: dict[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return what the service answers; raise Unreachable where it refuses, and MaybeSent where that is not known.

        What it refuses for now, or what never left, is tried again; so is what only reads.
        """
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(_Later), wait=_Wait(), stop=stop_before_delay(BUDGET), reraise=True
        ):
            with attempt:
                return await self._once(method, service, parts, body, query or {})
        raise AssertionError("tenacity ends in a result or an error")

    async def _once(
        self, method: str, service: str, parts: tuple[str, ...], body: dict[str, Any] | None, query: Mapping[str, str]
    ) -> dict[str, Any]:
        if not self._registration.serves(service):
            raise Unreachable(0, "the service is no host of Teams")
        url = "/".join([f"{service.rstrip('/')}/v3", *(quote(part, safe="") for part in parts)])
        token = await self._bearer()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        again = method in {"GET", "PUT"} or parts == ("conversations",)
        try:
            async with self._session.request(
                method, url, json=body, params=query, headers=headers, allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=SECONDS),
            ) as response:  # fmt: skip
                return await self._read(response)
        except aiohttp.ClientConnectorError as error:
            raise _Later(0.0) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise (_Later(0.0) if again else MaybeSent) from error

    async def _read(self, response: aiohttp.ClientResponse) -> dict[str, Any]:
        if response.status == 401:
            # A token may be withdrawn before its time: the next try has a new one, and the budget ends it.
            self._token = ""
            raise _Later(1.0)
        if response.status in _NOT_TAKEN:
            raise _Later(_seconds(response.headers.get("Retry-After")))
        if response.status >= 500:
            raise MaybeSent
        found = await response.json(content_type=None) if response.content_length != 0 else {}
        answer: dict[str, Any] = found if isinstance(found, dict) else {}
        if response.status >= 300:
            told = answer.get("error") or {}
            raise Unreachable(response.status, f"{told.get('code', '')} {told.get('message', '')}")
        return answer

    async def _bearer(self) -> str:
        """Return a token of the app, a new one shortly before the old one ends; empty for a service that asks for none."""
        if not self._registration.secret:
            return ""
        async with self._renewing:
            if not self._token or time.monotonic() > self._token_until:
                await self._renew()
            return self._token

    async def _renew(self) -> None:
        url = f"{self._registration.login_url}/{quote(self._registration.tenant, safe='')}/oauth2/v2.0/token"
        form = {
            "grant_type": "client_credentials", "client_id": self._registration.client_id,
            "client_secret": self._registration.secret, "scope": SCOPE,
        }  # fmt: skip
        try:
            async with self._session.post(
                url, data=form, timeout=aiohttp.ClientTimeout(total=SECONDS), allow_redirects=False
            ) as response:
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise _Later(1.0) from error
        if not isinstance(answer, dict) or not answer.get("access_token"):
            log.warning("teams.no_token", status=response.status)
            raise _Later(5.0)
        self._token = str(answer["access_token"])
        self._token_until = time.monotonic() + max(60.0, float(answer.get("expires_in") or 0) - EARLY)


def _seconds(value: str | None) -> float:
    try:
        found = float(value or 1)
    except ValueError:
        return 1.0
    return min(max(0.0, found), BUDGET) if found == found else 1.0  # noqa: PLR0124 - not a number is not itself
