"""An account at a service: signs each request, and says in words when the service refuses it."""

import json
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from knowledge.errors import SourceRefused, SourceUnreachable
from knowledge.sources.http import Http, Reply

Sign = Callable[[bool], str]
"""Returns the Authorization header; a new one when asked to renew."""
EARLY = 300.0
"""Seconds before its end at which a token is no longer used."""
PACE = 0.05
"""Seconds between two requests: these services are made for many, and say so when it is too many."""
NONE: Mapping[str, str] = MappingProxyType({})
_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


class Account:
    """Asks a service in the name of an account; `variable` is where its secret comes from."""

    def __init__(self, http: Http, sign: Sign, variable: str) -> None:
        self.http = http
        self.variable = variable
        self._sign = sign

    def get(self, url: str, params: Mapping[str, str] = NONE, headers: Mapping[str, str] = NONE) -> Reply:
        """Return the reply, of any status but 401; a refused token is renewed once."""
        for renew in (False, True):
            signed = {**headers, "Authorization": self._sign(renew)}
            reply = self.http.get(url, headers=signed, params=dict(params), pace=PACE)
            if reply is not None and reply.status != 401:
                return reply
        raise SourceUnreachable(f"the token was refused: renew it in {self.variable}")

    def post(self, url: str, body: object) -> Reply:
        """Send JSON and return the reply, of any status but 401; a refused token is renewed once."""
        for renew in (False, True):
            reply = self.http.post(url, json=body, headers={"Authorization": self._sign(renew)})
            if reply.status != 401:
                return reply
        raise SourceUnreachable(f"the token was refused: renew it in {self.variable}")

    def ask(self, what: str, url: str, params: Mapping[str, str] = NONE) -> dict[str, Any]:
        """Return the JSON of a reply; `what` is what was asked for, in the words of the error."""
        return self.read(what, self.get(url, params))

    def read(self, what: str, reply: Reply) -> dict[str, Any]:
        """Return a reply's JSON object; raise SourceUnreachable in words when it is refused or holds none."""
        if reply.status == 403:
            raise SourceUnreachable(f"the account may not read {what}: give it the right, or use another account")
        if reply.status == 404:
            raise SourceUnreachable(f"{what} is not there, or the account may not see it")
        if reply.status == 429:
            raise SourceUnreachable(f"the service asks to wait before {what} is read; the next refresh tries again")
        found = content(reply)
        if reply.status != 200 or found is None:
            raise SourceUnreachable(f"{what} could not be read: the service answered with {reply.status}")
        return found


class Issued:
    """A token that an authority issues for about an hour; asked for again before it ends, and when it is refused."""

    def __init__(self, http: Http, url: str, form: Callable[[], dict[str, str]], variable: str) -> None:
        self._http = http
        self._url = secure(url)
        self._form = form
        self._variable = variable
        self._header = ""
        self._until = 0.0

    def __call__(self, renew: bool) -> str:  # the shape of Sign
        """Return the Authorization header."""
        if renew or not self._header or time.monotonic() >= self._until:
            self._renew()
        return self._header

    def _renew(self) -> None:
        reply = self._http.post(self._url, form=self._form(), headers={})
        issued = content(reply) or {}
        token = issued.get("access_token")
        if reply.status != 200 or not isinstance(token, str):
            raise SourceUnreachable(f"signing in was refused: check or renew the secret in {self._variable}")
        lasts = issued.get("expires_in")
        self._until = time.monotonic() + max(float(lasts if isinstance(lasts, int | float) else 0) - EARLY, 0)
        self._header = f"Bearer {token}"


def content(reply: Reply) -> dict[str, Any] | None:
    """Return a reply's JSON object, or None when it holds none."""
    try:
        found = json.loads(reply.content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def secure(url: str) -> str:
    """Return an address that a secret may be sent to: https, or this machine; raise SourceRefused for others."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE):
        return url
    raise SourceRefused("the address must begin with https://, because a secret is sent to it")


def same_place(url: str, base: str) -> bool:
    """Tell whether a link that a service sent leads to the service itself, so that a token may go there."""
    return urlsplit(url)[:2] == urlsplit(base)[:2]
