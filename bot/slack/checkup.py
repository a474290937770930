"""Whether Slack and this server reach and accept each other, each with what it means and what to do; no secret is ever told."""

import asyncio
import time
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from sqlalchemy import Engine

from bot.settings import Settings
from bot.slack.clients import Client, refused
from bot.slack.guard import WINDOW
from bot.slack.manifest import scopes
from knowledge.errors import InstallUnreadable
from knowledge.store.installs import Installs

Check = tuple[str, str, str]
"""What was looked at, its state (ok, off or bad), and what that means."""
SECONDS = 10.0
SKEW = 60.0
"""Seconds that the clocks may be apart before it is said."""
_UNREACHABLE = (aiohttp.ClientError, TimeoutError, OSError)


def checked(settings: Settings, engine: Engine) -> list[Check]:
    """Ask Slack, and the public address, what can be asked; what is not set up is told without a request."""
    return asyncio.run(_all(settings, engine))


async def _all(settings: Settings, engine: Engine) -> list[Check]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as session:
        found = [_over_http(settings)]
        if settings.slack_bot_token.get_secret_value():
            token = settings.slack_bot_token.get_secret_value()
            found += [one async for one in _workspace(_client(settings, session, token), "", "SLACK_BOT_TOKEN")]
        elif settings.slack_client_id or settings.slack_client_secret.get_secret_value():
            found += [one async for one in _by_oauth(settings, engine, session)]
        found.append(await _socket(settings, session))
        if settings.public_url:
            found.append(await _public(settings.public_url, session))
    return found


def _over_http(settings: Settings) -> Check:
    check = "slack over HTTP"
    if not settings.has_slack:
        words = "not set up: set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET (caveat slack manifest makes the app)"
        return check, "off", words
    if settings.slack_signing_secret.get_secret_value():
        return check, "ok", "a signing secret is set; whether it is the app's own shows with Slack's first request"
    if settings.slack_app_token.get_secret_value():
        return check, "off", "no signing secret is set, and none is needed: events come over Socket Mode"
    return check, "bad", "no event can come in: set SLACK_SIGNING_SECRET, or SLACK_APP_TOKEN for Socket Mode"


async def _workspace(client: Client, name: str, variable: str) -> AsyncIterator[Check]:
    """Yield whether a token is taken, has its scopes, and how far the clocks are apart."""
    which = f"slack workspace {name}" if name else "slack token"
    try:
        told = await client.auth_test()
    except SlackApiError as error:
        what = f"set {variable} anew from the app's page “OAuth & Permissions”" if variable else "install the app again"
        yield which, "bad", f"Slack refuses the token ({refused(error)}): {what}"
        return
    except _UNREACHABLE:
        yield which, "bad", "Slack does not answer from here: check the network, its proxy and SLACK_API_URL"
        return
    yield which, "ok", f"Slack takes the token; the app speaks in {told.get('team')}"
    yield _scopes(told, name)
    yield _clock(told, time.time())


def _scopes(told: AsyncSlackResponse, name: str) -> Check:
    check = f"slack scopes {name}".rstrip()
    granted = _header(told, "x-oauth-scopes")
    if not granted:
        return check, "off", "Slack did not say which scopes the token has"
    missing = sorted(set(scopes()) - {one.strip() for one in granted.split(",")})
    if missing:
        return check, "bad", f"the token lacks {', '.join(missing)}: add them (caveat slack manifest), install again"
    return check, "ok", "the token has every scope that the code needs"


def _clock(told: AsyncSlackResponse, now: float) -> Check:
    try:
        apart = abs(now - parsedate_to_datetime(_header(told, "date")).timestamp())
    except ValueError:
        return "clock", "off", "Slack did not say what time it is"
    words = f"{apart:.0f} seconds from Slack's"
    if apart > SKEW:
        return "clock", "bad", f"{words}: set it by NTP, for requests {WINDOW} seconds off are refused"
    return "clock", "ok", words


async def _by_oauth(settings: Settings, engine: Engine, session: aiohttp.ClientSession) -> AsyncIterator[Check]:
    """Yield whether workspaces can install the app, and how each that did stands."""
    check = "slack by OAuth"
    if not settings.slack_by_oauth:
        yield (
            check,
            "bad",
            "set all of SLACK_CLIENT_ID, SLACK_CLIENT_SECRET and CAVEAT_SECRET_KEY (32 characters or more)",
        )
        return
    installs = Installs(engine, settings.secret_keys)
    names = await asyncio.to_thread(installs.names)
    yield check, "ok", f"{len(names)} installed; workspaces install the app at {settings.public_url}/slack/install"
    if not settings.trusted_teams:
        words = "no workspace is trusted, so everyone reads public sources only: set CAVEAT_SLACK_TEAMS"
        yield "slack trusted workspaces", "off", words
    for name in names:
        try:
            kept = await asyncio.to_thread(installs.find, name)
        except InstallUnreadable as unreadable:
            yield f"slack workspace {name}", "bad", str(unreadable)
            continue
        if kept:
            async for one in _workspace(_client(settings, session, kept["token"]), name, ""):
                yield one


async def _socket(settings: Settings, session: aiohttp.ClientSession) -> Check:
    check = "slack socket mode"
    token = settings.slack_app_token.get_secret_value()
    if not token:
        return check, "off", "not set up: set SLACK_BOT_TOKEN and SLACK_APP_TOKEN to need no public address"
    try:
        await _client(settings, session, token).apps_connections_open(app_token=token)
    except SlackApiError as error:
        words = "make an app-level token with connections:write and turn Socket Mode on"
        return check, "bad", f"Slack refuses SLACK_APP_TOKEN ({refused(error)}): {words}"
    except _UNREACHABLE:
        return check, "bad", "Slack does not answer from here: check the network, its proxy and SLACK_API_URL"
    return check, "ok", "Slack takes the token"


async def _public(url: str, session: aiohttp.ClientSession) -> Check:
    check = "public address"
    try:
        async with session.get(f"{url}/healthz", allow_redirects=False) as response:
            alive = response.status == 200 and (await response.text())[:10] == "ok"
    except _UNREACHABLE:
        words = "check that caveat web or serve runs, and the name, certificate and proxy before it"
        return check, "bad", f"{url} does not answer from here: {words}"
    if not alive:
        return check, "bad", f"something else than Caveat answers at {url}: point its proxy at the web process"
    return check, "ok", f"{url} leads here"


def _client(settings: Settings, session: aiohttp.ClientSession, token: str) -> Client:
    return Client(told=lambda _method, _code: None, token=token, base_url=settings.slack_api_url, session=session)


def _header(told: AsyncSlackResponse, name: str) -> str:
    headers: dict[str, Any] = told.headers
    return next((str(value) for key, value in headers.items() if key.lower() == name), "")
