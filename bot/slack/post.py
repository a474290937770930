"""Posts a message to Slack exactly once: what may have been posted already is looked for before it is posted again."""

from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_before_delay, wait_random_exponential
from tenacity.wait import wait_base

EVENT = "caveat_answer"
WAITING = "waiting"
"""The state in a message's metadata while it only says that the answer is still to come."""
BUDGET = 300.0
"""Seconds in which a message is tried again before it counts as undeliverable."""
PAGES = 10
"""Pages of a thread or a channel that are searched for a message of ours."""
_PASSING = {
    "ratelimited",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
}
_UNCHANGEABLE = {"message_not_found", "cant_update_message", "edit_window_closed"}
"""What Slack says when a message is gone, or can be changed no more: then the answer is a new one."""
log = structlog.get_logger()


class Later(Exception):
    """Slack may take the message later; `sent` is True when it may have taken it already."""

    def __init__(self, wait: float, *, sent: bool) -> None:
        super().__init__()
        self.wait = wait
        self.sent = sent


class _Wait(wait_base):
    """Wait as long as Slack asks, or by jitter."""

    def __init__(self) -> None:
        self._jitter = wait_random_exponential(multiplier=0.25, max=15)

    def __call__(self, retry_state: RetryCallState) -> float:
        error = retry_state.outcome.exception() if retry_state.outcome else None
        return max(error.wait if isinstance(error, Later) else 0.0, self._jitter(retry_state))


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a message stands, or is to stand; its key is kept in its metadata. Without a thread it begins one."""

    key: str
    channel: str
    thread_ts: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A message of ours: its ts, and whether it still only says that the answer is to come."""

    ts: str
    waiting: bool


async def post_once(
    client: AsyncWebClient, spot: Spot, message: dict[str, Any], *, again: bool, placeholder: str = ""
) -> str:
    """Post a message and return its ts; raise SlackApiError when Slack will never take it, Later when it did not in time.

    After a lost reply, or when `again` says that an earlier run may have posted, the thread is searched for it first.
    A placeholder, known by its ts or found, becomes the message.
    """
    look, gone = again, set[str]()
    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type(Later), wait=_Wait(), stop=stop_before_delay(BUDGET), reraise=True
    ):
        with attempt:
            if look and (found := await find(client, spot)):
                if not found.waiting:
                    return found.ts
                placeholder = found.ts
            try:
                if placeholder and placeholder not in gone:
                    if await _rewrite(client, spot, placeholder, message):
                        return placeholder
                    gone.add(placeholder)
                return await _post(client, spot, message)
            except Later as later:
                look = look or later.sent
                raise
    raise AssertionError("tenacity ends in a result or an error")


async def announce(
    client: AsyncWebClient, spot: Spot, message: dict[str, Any], *, again: bool, state: str = WAITING
) -> str:
    """Post a placeholder, in one try, and return its ts; raise SlackApiError or Later when it did not arrive."""
    if again and (found := await find(client, spot)):
        return found.ts
    return await _post(client, spot, message, state=state)


async def whisper(response_url: str, message: dict[str, Any]) -> bool:
    """Show a message to the person who gave a command, and to nobody else; False where Slack does not take it.

    It takes five within half an hour.
    """
    webhook = AsyncWebhookClient(response_url, timeout=10, retry_handlers=[])
    response = await webhook.send(**message, response_type="ephemeral", unfurl_links=False, unfurl_media=False)
    if response.status_code != 200:
        log.warning("slack.whisper_refused", status=response.status_code)
    return response.status_code == 200


async def _post(client: AsyncWebClient, spot: Spot, message: dict[str, Any], *, state: str = "") -> str:
    arguments: dict[str, Any] = {
        **message, "channel": spot.channel, "unfurl_links": False, "unfurl_media": False, "metadata": _mark(spot, state)
    }  # fmt: skip
    if spot.thread_ts:
        arguments["thread_ts"] = spot.thread_ts
    try:
        return str((await client.chat_postMessage(**arguments))["ts"])
    except SlackApiError as error:
        raise _later(error) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Later(0.0, sent=True) from error


async def _rewrite(client: AsyncWebClient, spot: Spot, ts: str, message: dict[str, Any]) -> bool:
    """Make a message of ours say something else; False when it is gone. Doing it twice does no harm."""
    try:
        await client.chat_update(channel=spot.channel, ts=ts, metadata=_mark(spot), **message)
    except SlackApiError as error:
        if code(error) in _UNCHANGEABLE:
            log.info("slack.placeholder_gone", error=code(error))
            return False
        raise _later(error) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Later(0.0, sent=False) from error
    return True


def _mark(spot: Spot, state: str = "") -> dict[str, Any]:
    return {"event_type": EVENT, "event_payload": {"key": spot.key, **({"state": state} if state else {})}}


async def find(client: AsyncWebClient, spot: Spot) -> Found | None:
    """Return our message with this key; a placeholder only where the answer itself is not there."""
    waiting = None
    cursor = ""
    for _ in range(PAGES):
        page = await _page(client, spot, cursor)
        for message in page["messages"]:
            mark = message.get("metadata") or {}
            held = mark.get("event_payload") or {}
            if mark.get("event_type") != EVENT or held.get("key") != spot.key:
                continue
            if held.get("state") != WAITING:
                return Found(str(message["ts"]), waiting=False)
            waiting = Found(str(message["ts"]), waiting=True)
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            break
    return waiting


async def _page(client: AsyncWebClient, spot: Spot, cursor: str) -> Any:
    """Return a page of the messages among which a message of ours would stand."""
    try:
        if spot.thread_ts:
            return await client.conversations_replies(
                channel=spot.channel, ts=spot.thread_ts, limit=200, cursor=cursor or None, include_all_metadata=True
            )
        return await client.conversations_history(
            channel=spot.channel, limit=100, cursor=cursor or None, include_all_metadata=True
        )
    except SlackApiError as error:
        raise _later(error) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Later(0.0, sent=False) from error


def code(error: SlackApiError) -> str:
    """Return what Slack calls an error, empty where it gave none."""
    response = error.response
    return str(response.get("error") or "") if hasattr(response, "get") else ""


def _later(error: SlackApiError) -> Exception:
    """Return what passes as Later, and the error itself when Slack will never take the message."""
    response = error.response
    status = int(getattr(response, "status_code", 0) or 0)
    if status == 429 or code(error) == "ratelimited":
        return Later(_seconds(getattr(response, "headers", {})), sent=False)
    if status >= 500 or code(error) in _PASSING:
        return Later(0.0, sent=True)
    log.warning("slack.refused", error=code(error) or status)
    return error


def _seconds(headers: Any) -> float:
    try:
        value = float(headers.get("Retry-After") or headers.get("retry-after") or 1)
    except (TypeError, ValueError):
        return 1.0
    return min(max(0.0, value), BUDGET) if value == value else 1.0  # noqa: PLR0124 - not a number is not itself
