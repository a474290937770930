"""How a reply reaches somebody other than as a new message: in a modal, as a whisper, in place of a message, as a file."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_before_delay, wait_random_exponential

from bot.slack import modals, notices

BUDGET = 120.0
"""Seconds in which a call is tried again."""
_PASSING = {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
_JITTER = wait_random_exponential(multiplier=0.25, max=10)
Message = dict[str, Any]
Payload = dict[str, Any]
log = structlog.get_logger()


def in_view(view: dict[str, Any]) -> Message:
    """Return the reply that fills the modal which was opened when a button was pressed."""
    return {"way": "view", "view": view}


def whispered(words: str) -> Message:
    """Return the reply that only the person who pressed sees."""
    return {"way": "whisper", **notices.said(words)}


def changed(message: Message) -> Message:
    """Return the reply that takes the place of the message whose button was pressed."""
    return {**message, "way": "change"}


def as_file(name: str, title: str, content: str, *, lost: str, stands: str = "") -> Message:
    """Return the reply that is a file in the thread, or to the person alone where there is no thread.

    `lost` is said where Slack takes no file, `stands` where one of this name is in the thread already.
    """
    return {"way": "file", "name": name, "title": title, "content": content, "lost": lost, "stands": stands}


def apology(key: str, payload: Payload) -> Message:
    """Return the reply for something that broke."""
    words = (
        "Something broke on my side, so this was not done; what was there before is kept. Please try again, and if it"
        f" happens twice, give an administrator this number: {key}."
    )
    return in_view(modals.told("Not done", words)) if payload.get("view_id") else whispered(words)


async def hand(client: AsyncWebClient, payload: Payload, message: Message) -> str:
    """Bring a reply to its reader; each way may be gone again without showing anything twice, a whisper aside."""
    return await _WAYS[message["way"]](client, payload, {name: it for name, it in message.items() if name != "way"})


async def _view(client: AsyncWebClient, payload: Payload, message: Message) -> str:
    try:
        await _patiently(lambda: client.views_update(view_id=payload["view_id"], view=message["view"]))
    except SlackApiError as error:
        # Whoever closed the modal waits for nothing any more.
        if _code(error) != "not_found":
            raise
    return ""


async def _whisper(client: AsyncWebClient, payload: Payload, message: Message) -> str:
    """Show a message where the button was pressed, to the person alone; where Slack takes none there any more, in private."""
    if payload.get("response_url"):
        webhook = AsyncWebhookClient(payload["response_url"], timeout=10, retry_handlers=[])
        thread = {"thread_ts": payload["thread_ts"]} if payload.get("thread_ts") else {}
        alone = {"response_type": "ephemeral", "replace_original": False, "unfurl_links": False, "unfurl_media": False}
        response = await _patiently(lambda: webhook.send_dict({**message, **alone, **thread}))
        if response.status_code == 200:
            return ""
        log.warning("slack.whisper_refused", status=response.status_code)
    try:
        await _patiently(lambda: client.chat_postMessage(channel=payload["user"], unfurl_links=False, **message))
    except SlackApiError as error:
        log.warning("slack.person_unreachable", error=_code(error))
    return ""


async def _change(client: AsyncWebClient, payload: Payload, message: Message) -> str:
    if not payload["ts"]:
        return await _whisper(client, payload, message)
    await _patiently(lambda: client.chat_update(channel=payload["channel"], ts=payload["ts"], **message))
    return str(payload["ts"])


async def _file(client: AsyncWebClient, payload: Payload, message: Message) -> str:
    """Upload a file once for each thread: one of its name that stands there already is not posted again."""
    try:
        return str(await _patiently(lambda: _uploaded(client, payload, message)))
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
        log.warning("slack.file_refused", error=_code(error) if isinstance(error, SlackApiError) else "unreachable")
        return await _whisper(client, payload, notices.said(message["lost"]))


async def _uploaded(client: AsyncWebClient, payload: Payload, message: Message) -> str:
    thread = payload["thread_ts"]
    channel = payload["channel"]
    if not thread:
        opened = await _patiently(lambda: client.conversations_open(users=payload["user"]))
        channel = opened["channel"]["id"]
    if await _stands(client, channel, thread, message["name"]):
        if thread and message["stands"]:
            await _whisper(client, payload, notices.said(message["stands"]))
        return ""
    where = {"channel": channel, **({"thread_ts": thread} if thread else {})}
    done = await client.files_upload_v2(
        filename=message["name"], title=message["title"], content=message["content"], **where
    )
    return str(done["files"][0]["id"])


async def _stands(client: AsyncWebClient, channel: str, thread: str, name: str) -> bool:
    if thread:
        found = await _patiently(lambda: client.conversations_replies(channel=channel, ts=thread, limit=200))
    else:
        found = await _patiently(lambda: client.conversations_history(channel=channel, limit=50))
    files = (file for message in found["messages"] for file in message.get("files", ()))
    return any(file.get("name") == name for file in files)


async def _patiently(call: Callable[[], Awaitable[Any]]) -> Any:
    """Make a call that may be repeated, until Slack takes it or never will."""
    async for attempt in AsyncRetrying(
        retry=retry_if_exception(_passes), wait=_wait, stop=stop_before_delay(BUDGET), reraise=True
    ):
        with attempt:
            return await call()
    raise AssertionError("tenacity ends in a result or an error")


def _passes(error: BaseException) -> bool:
    if isinstance(error, SlackApiError):
        return _code(error) in _PASSING or int(getattr(error.response, "status_code", 0) or 0) >= 500
    return isinstance(error, (aiohttp.ClientError, TimeoutError, OSError))


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = str(getattr(getattr(error, "response", None), "headers", {}).get("Retry-After") or "0")
    return max(float(asked) if asked.isdigit() else 0.0, _JITTER(state))


def _code(error: SlackApiError) -> str:
    return str(error.response.get("error") or "") if hasattr(error.response, "get") else ""


_WAYS = {"view": _view, "whisper": _whisper, "change": _change, "file": _file}
