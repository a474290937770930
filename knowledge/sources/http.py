"""The web as sources see it: polite, bounded in time and bytes, never at a private address, retried within one budget."""

import json as json_
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential_jitter
from tenacity.stop import stop_base

from knowledge.errors import SourceUnreachable
from knowledge.ports import UNKNOWN, Known
from knowledge.sources.guard import addresses

if TYPE_CHECKING:
    import httpx2

LARGEST = 50_000_000
"""Bytes of one answer, after decompression."""
HOPS = 5
PACE = 0.25
"""Seconds between two requests to the same public host; connectors with a stated limit ask for more."""
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_SECRET = ("authorization", "cookie", "x-api-key", "apikey")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with its body in full; header names are in lower case, `url` is where it came from in the end."""

    status: int
    content: bytes
    headers: Mapping[str, str]
    url: str

    @property
    def known(self) -> Known:
        """What a later conditional request can ask with."""
        return Known(self.headers.get("etag", ""), self.headers.get("last-modified", ""))

    @property
    def text(self) -> str:
        """The body as text: UTF-8, or what it says of itself."""
        _, _, charset = self.headers.get("content-type", "").partition("charset=")
        try:
            return self.content.decode(charset.split(";")[0].strip('" ') or "utf-8")
        except (LookupError, UnicodeError):
            return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON; raise SourceUnreachable when it is something else, such as a page that says sorry."""
        try:
            return json_.loads(self.content)
        except ValueError as error:
            raise SourceUnreachable(f"{_host(self.url)} answered with something that is not JSON") from error


class _Again(Exception):
    """An attempt failed in a way that another may not; `wait` is what the server asked for."""

    def __init__(self, words: str, wait: float = 0.0) -> None:
        super().__init__(words)
        self.words = words
        self.wait = wait


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked, and how much of an answer is taken."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    limit: int = LARGEST
    pace: float = PACE

    def redirected(self, target: str, status: int) -> "_Request":
        """Return what is asked where a redirect leads: secrets stay with the host they are for."""
        there = urljoin(self.url, target)
        here, next_ = urlsplit(self.url), urlsplit(there)
        if here.scheme == "https" and next_.scheme != "https":
            raise SourceUnreachable(
                f"{_host(self.url)} redirects to an address without encryption, which is not followed"
            )
        headers = self.headers
        if (here.scheme, here.netloc) != (next_.scheme, next_.netloc):
            headers = {name: value for name, value in headers.items() if name.lower() not in _SECRET}
        method, body = ("GET", None) if status == 303 else (self.method, self.body)
        return replace(self, method=method, url=there, headers=headers, body=body)


@dataclass(slots=True)
class Http:
    """Makes requests for connectors. Proxies from the environment are not used: they would resolve names for us.

    `seconds` is the budget of one request with all its retries and redirects; `sleep` waits between attempts.
    """

    private_hosts: frozenset[str] = frozenset()
    agent: str = "Caveat/0.1 (procurement-risk knowledge base)"
    seconds: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    _client: "httpx2.Client | None" = None
    _last: dict[str, float] = field(default_factory=dict)

    def get(  # noqa: PLR0913 - keyword-only, all optional
        self,
        url: str,
        *,
        known: Known = UNKNOWN,
        accept: str = "",
        language: str = "",
        headers: Mapping[str, str] = {},
        params: Mapping[str, str] = {},
        limit: int = LARGEST,
        pace: float = PACE,
    ) -> Reply | None:
        """Return the answer, None when it is still as `known`; 4xx answers are returned for the caller to judge.

        Raises SourceUnreachable for a host that may not be read, for errors of network and server that last longer than
        the budget, and for an answer larger than `limit` bytes.
        """
        conditional = {
            "If-None-Match": known.etag, "If-Modified-Since": known.modified, "Accept": accept, "Accept-Language": language,
        }  # fmt: skip
        sent = {**{name: value for name, value in conditional.items() if value}, **headers}
        reply = self._retried(_Request("GET", self._with(url, params), sent, limit=limit, pace=pace))
        return None if reply.status == 304 else reply

    def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str] = {},
        limit: int = LARGEST,
    ) -> Reply:
        """Send a form or JSON and return the answer; failures are those of `get`."""
        body = urlencode(form).encode() if form is not None else json_.dumps(json).encode()
        kind = "application/x-www-form-urlencoded" if form is not None else "application/json"
        return self._retried(_Request("POST", url, {"Content-Type": kind, **headers}, body, limit))

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _with(self, url: str, params: Mapping[str, str]) -> str:
        import httpx2  # noqa: PLC0415 - only processes that read sources need it

        return str(httpx2.URL(url).copy_merge_params(dict(params))) if params else url

    def _retried(self, request: _Request) -> Reply:
        deadline = time.monotonic() + self.seconds
        retrying = Retrying(
            retry=retry_if_exception_type(_Again), stop=_spent(deadline), wait=_waits, sleep=self.sleep, reraise=True
        )
        try:
            return retrying(self._followed, request, deadline)
        except _Again as error:
            raise SourceUnreachable(f"{_host(request.url)} {error.words}") from error

    def _followed(self, request: _Request, deadline: float) -> Reply:
        """Make one attempt, following redirects by hand so that each of them is guarded."""
        at = request
        for _ in range(HOPS + 1):
            reply = self._once(at, deadline)
            target = reply.headers.get("location", "")
            if reply.status not in {301, 302, 303, 307, 308} or not target:
                return reply
            at = at.redirected(target, reply.status)
        raise SourceUnreachable(f"{_host(request.url)} redirects in a circle")

    def _once(self, request: _Request, deadline: float) -> Reply:
        import httpx2  # noqa: PLC0415 - only processes that read sources need it

        parts = urlsplit(request.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SourceUnreachable("the address is not one of the web: it must begin with https://")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = addresses(parts.hostname, port, self.private_hosts)[0]
        self._pace(parts.hostname, request.pace)
        host = parts.netloc.rpartition("@")[2]
        sent = httpx2.Request(
            request.method,
            httpx2.URL(request.url).copy_with(host=address),
            headers={"Host": host, "User-Agent": self.agent, "Accept-Encoding": "gzip, deflate", **request.headers},
            content=request.body,
            extensions={"sni_hostname": parts.hostname, "timeout": _timeouts(deadline)},
        )
        try:
            response = self._opened().send(sent, stream=True)
        except httpx2.TimeoutException as error:
            raise _Again("did not answer in time") from error
        except httpx2.HTTPError as error:
            raise _Again("could not be reached") from error
        try:
            return self._read(response, request, deadline)
        except httpx2.HTTPError as error:
            raise _Again("broke off in the middle of its answer") from error
        finally:
            response.close()

    def _read(self, response: "httpx2.Response", request: _Request, deadline: float) -> Reply:
        headers = {name.lower(): value for name, value in response.headers.items()}
        if response.status_code in _AGAIN:
            raise _Again(f"answers with status {response.status_code}", _asked_wait(headers.get("retry-after", "")))
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > request.limit:
                raise SourceUnreachable(
                    f"{_host(request.url)} answered with more than {request.limit // 1_000_000} MB, which is not read"
                )
            if time.monotonic() > deadline:
                raise _Again("answers too slowly")
        if response.status_code >= 500:
            raise _Again(f"answers with status {response.status_code}")
        return Reply(response.status_code, bytes(body), headers, request.url)

    def _pace(self, host: str, pace: float) -> None:
        wait = self._last.get(host, 0.0) + pace - time.monotonic()
        if wait > 0 and host not in self.private_hosts:
            self.sleep(wait)
        self._last[host] = time.monotonic()

    def _opened(self) -> "httpx2.Client":
        if self._client is None:
            import httpx2  # noqa: PLC0415 - only processes that read sources need it

            self._client = httpx2.Client(trust_env=False, follow_redirects=False)
        return self._client


class _spent(stop_base):  # noqa: N801 - one of tenacity's stops, combined with its operators
    """Stops when the next attempt could not even begin before the deadline."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def __call__(self, state: RetryCallState) -> bool:
        return time.monotonic() + (state.upcoming_sleep or 0.0) >= self._deadline


_BACKOFF = wait_exponential_jitter(multiplier=0.5, max=20.0)


def _waits(state: RetryCallState) -> float:
    """Wait as long as the server asked, else longer each time."""
    error = state.outcome.exception() if state.outcome else None
    return error.wait if isinstance(error, _Again) and error.wait else _BACKOFF(state)


def _asked_wait(said: str) -> float:
    if said.isdigit():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0.0


def _timeouts(deadline: float) -> dict[str, float]:
    left = max(0.1, deadline - time.monotonic())
    return {"connect": min(10.0, left), "read": min(20.0, left), "write": min(20.0, left), "pool": min(10.0, left)}


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "the source")[:100]
