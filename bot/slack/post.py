"""Posts a message to Slack exactly once: what may have been posted already is looked for before it is posted again."""

from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_before_delay, wait_random_exponential
from tenacity.wait import wait_base

EVENT = "caveat_answer"
BUDGET = 300.0
"""Seconds in which a message is tried again before it counts as undeliverable."""
_PASSING = {
    "ratelimited",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
}
log = structlog.get_logger()


class _Later(Exception):
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
        return max(error.wait if isinstance(error, _Later) else 0.0, self._jitter(retry_state))


async def post_once(  # noqa: PLR0913 - what Slack needs to know of a message
    client: AsyncWebClient, *, key: str, channel: str, thread_ts: str, message: dict[str, Any], again: bool
) -> str:
    """Post a message and return its ts; raise SlackApiError when Slack will never take it.

    `key` is kept in the message's metadata: after a lost reply, or when `again` says that an earlier run may have posted,
    the thread is searched for it first.
    """
    look = again
    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type(_Later), wait=_Wait(), stop=stop_before_delay(BUDGET), reraise=True
    ):
        with attempt:
            if look and (ts := await _find(client, key, channel, thread_ts)):
                return ts
            try:
                return await _post(client, key, channel, thread_ts, message)
            except _Later as later:
                look = look or later.sent
                raise
    raise AssertionError("tenacity ends in a result or an error")


async def whisper(response_url: str, message: dict[str, Any]) -> None:
    """Show a message to the person who gave a command, and to nobody else; Slack takes five within half an hour."""
    webhook = AsyncWebhookClient(response_url, timeout=10, retry_handlers=[])
    response = await webhook.send(**message, response_type="ephemeral", unfurl_links=False, unfurl_media=False)
    if response.status_code != 200:
        log.warning("slack.whisper_refused", status=response.status_code)


async def _post(client: AsyncWebClient, key: str, channel: str, thread_ts: str, message: dict[str, Any]) -> str:
    arguments: dict[str, Any] = {
        **message,
        "channel": channel,
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": {"event_type": EVENT, "event_payload": {"key": key}},
    }
    if thread_ts:
        arguments["thread_ts"] = thread_ts
    try:
        return str((await client.chat_postMessage(**arguments))["ts"])
    except SlackApiError as error:
        raise _later(error) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise _Later(0.0, sent=True) from error


async def _find(client: AsyncWebClient, key: str, channel: str, thread_ts: str) -> str:
    """Return the ts of our message with this key, empty when there is none."""
    try:
        if thread_ts:
            found = await client.conversations_replies(
                channel=channel, ts=thread_ts, limit=200, include_all_metadata=True
            )
        else:
            found = await client.conversations_history(channel=channel, limit=100, include_all_metadata=True)
    except SlackApiError as error:
        raise _later(error) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise _Later(0.0, sent=False) from error
    for message in found["messages"]:
        metadata = message.get("metadata") or {}
        if metadata.get("event_type") == EVENT and metadata.get("event_payload", {}).get("key") == key:
            return str(message["ts"])
    return ""


def _later(error: SlackApiError) -> Exception:
    """Return what passes as _Later, and the error itself when Slack will never take the message."""
    response = error.response
    code = str(response.get("error") or "") if hasattr(response, "get") else ""
    status = int(getattr(response, "status_code", 0) or 0)
    if status == 429 or code == "ratelimited":
        return _Later(_seconds(getattr(response, "headers", {})), sent=False)
    if status >= 500 or code in _PASSING:
        return _Later(0.0, sent=True)
    log.warning("slack.refused", error=code or status)
    return error


def _seconds(headers: Any) -> float:
    try:
        value = float(headers.get("Retry-After") or headers.get("retry-after") or 1)
    except (TypeError, ValueError):
        return 1.0
    return min(max(0.0, value), BUDGET) if value == value else 1.0  # noqa: PLR0124 - not a number is not itself
