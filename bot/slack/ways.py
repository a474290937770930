"""How a reply reaches somebody other than as a new message: in a modal, as a whisper, in place of a message, as a file."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_before_delay, wait_random_exponential

from bot.slack import modals, notices
from bot.words import CLOSED, UNDONE

BUDGET = 120.0
"""Seconds in which a call is tried again."""
RESPONDING = 20.0
"""Seconds in which a response URL is tried again, before the person is written to instead."""
_HOSTS = ("slack.com", "slack-gov.com")
_PASSING = {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
_JITTER = wait_random_exponential(multiplier=0.25, max=10)
_NOT_SHARED = (
    "Slack does not let me write in that channel, so the card was not shared. It is kept above. Invite me there, or share from a"
    " channel that I am in, and press the button again."
)
_NOT_THERE = "You are not in that channel, so the card was not shared. It is kept above."
Message = dict[str, Any]
Payload = dict[str, Any]
log = structlog.get_logger()


def in_view(view: dict[str, Any]) -> Message:
    """Return the reply that fills the modal which was opened when a button was pressed."""
    return {"way": "view", "view": view}


def whispered(words: str) -> Message:
    """Return the reply that only the person who pressed sees."""
    return {"way": "whisper", **notices.said(words)}


def refused(payload: Payload) -> Message:
    """Return the reply to somebody who does not read the conversation that he acts in, or would share a card in."""
    if payload.get("shared"):
        return whispered(_NOT_THERE)
    return in_view(modals.told("Not open to you", CLOSED)) if payload.get("view_id") else whispered(CLOSED)


def untaken(payload: Payload, message: Message) -> Message:
    """Return what is shown to a person alone of a message that Slack does not let stand where it was to stand."""
    if payload.get("shared"):
        return whispered(_NOT_SHARED)
    return {**message, "way": "whisper"}


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
    words = UNDONE.format(key=key)
    return in_view(modals.told("Not done", words)) if payload.get("view_id") else whispered(words)


async def hand(client: AsyncWebClient, payload: Payload, message: Message) -> str:
    """Bring a reply to its reader; each way may be gone again without showing anything twice, a whisper aside.

    Raises where Slack takes it in no way, so that it is listed as undelivered.
    """
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
    if await _responded(client, payload, message):
        return ""
    alone = {"channel": payload["user"], "unfurl_links": False, "unfurl_media": False}
    await _patiently(lambda: client.chat_postMessage(**alone, **message))
    return ""


async def _responded(client: AsyncWebClient, payload: Payload, message: Message) -> bool:
    """Tell whether the response URL took a message: it is good for half an hour and five messages, and it may be another's."""
    url = str(payload.get("response_url") or "")
    if not url or not own_url(url, client.base_url):
        return False
    webhook = AsyncWebhookClient(url, timeout=10, retry_handlers=[])
    thread = {"thread_ts": payload["thread_ts"]} if payload.get("thread_ts") else {}
    alone = {"response_type": "ephemeral", "replace_original": False, "unfurl_links": False, "unfurl_media": False}
    try:
        response = await _patiently(lambda: webhook.send_dict({**message, **alone, **thread}), within=RESPONDING)
    except (aiohttp.ClientError, TimeoutError, OSError):
        log.warning("slack.whisper_refused", status=0)
        return False
    if response.status_code != 200:
        log.warning("slack.whisper_refused", status=response.status_code)
    return bool(response.status_code == 200)


def own_url(url: str, api: str) -> bool:
    """Tell whether a response URL is Slack's own, or that of the server which stands for Slack."""
    place, home = urlsplit(url), urlsplit(api)
    host = place.hostname or ""
    slack = place.scheme == "https" and any(host == one or host.endswith(f".{one}") for one in _HOSTS)
    return slack or (place.scheme, place.netloc) == (home.scheme, home.netloc)


async def _change(client: AsyncWebClient, payload: Payload, message: Message) -> str:
    """Put a message in another's place; where that one is gone or cannot be changed, whoever pressed is told alone."""
    if not payload["ts"]:
        return await _whisper(client, payload, message)
    try:
        await _patiently(lambda: client.chat_update(channel=payload["channel"], ts=payload["ts"], **message))
    except SlackApiError as error:
        log.warning("slack.unchangeable", error=_code(error))
        return await _whisper(client, payload, message)
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


async def _patiently(call: Callable[[], Awaitable[Any]], *, within: float = BUDGET) -> Any:
    """Make a call that may be repeated, until Slack takes it, never will, or has not within these seconds."""
    async for attempt in AsyncRetrying(
        retry=retry_if_exception(_passes), wait=_wait, stop=stop_before_delay(within), reraise=True
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
