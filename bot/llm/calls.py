"""One streamed call to a language model by Chat Completions or by Responses, asked the way its server takes."""

import asyncio
import math
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
import openai

from bot.errors import ModelFailed
from bot.llm.manner import CHAT, LIMITS, RESPONSES, Manner, Refusal, words
from bot.llm.retry import Transient, asked_by_server
from knowledge.spans import Kind, span

LONGEST_REPLY = 100_000
"""Characters of a reply; a longer one is cut off and counts as failed."""
TURNS = 6
"""How often a call is asked again at once because the server refuses a part of it."""
_CONNECT = 5.0
_SHORTEST = 0.2
_MOMENT = 0.1
_PER_TOKEN = 4
_REFUSALS = {400, 404, 405, 422, 500, 501}
"""Statuses that may mean a part of the request; llama.cpp refuses formats with 500."""
_PASSING = {408, 409, 429}
_UNPAID, _SERVER = 402, 500
_QUOTA = re.compile(r"quota|billing|insufficient.balance", re.IGNORECASE)
_FILTERED = re.compile(r"content_filter|content.?policy|content management policy", re.IGNORECASE)
_LASTING = re.compile(
    r"invalid|unsupported|policy|context|not_?found|mismatch|too_(?:large|long)|bad_?request|auth|permission"
    r"|\b4(?!08|09|29)\d\d\b",
    re.IGNORECASE,
)
_UNFINISHED = {"length": "length", "max_output_tokens": "length", "content_filter": "content_filter"}


@dataclass(frozen=True, slots=True)
class Completion:
    """A reply that came to its end mark, and what it cost as the server counted; without `counted` it is estimated."""

    text: str
    tokens_in: int
    tokens_out: int
    counted: bool


class Calls:
    """Calls a model; what its server turns out not to take is left out from then on, as long as the process lives."""

    def __init__(self, model: str, key: str = "", base_url: str = "", api: str = "auto") -> None:
        self._model = model
        # A local server needs no key, but the client insists on one.
        self._client = openai.AsyncOpenAI(api_key=key or "none", base_url=base_url or None, max_retries=0)
        self._auto = api not in {CHAT, RESPONSES}
        self._manner = Manner(CHAT if self._auto else api, limits=LIMITS if base_url else LIMITS[::-1])

    async def once(
        self, conversation: list[dict[str, str]], schema: Mapping[str, Any], left: float, most_tokens: int
    ) -> Completion:
        """Call once and read to the end mark, each read within the seconds `left`; a deadline is the caller's.

        Raises Transient for what may pass and ModelFailed, in one word why, for what will not.
        """
        with span(f"chat {self._model}", self._about(most_tokens), kind=Kind.ASKING) as call:
            try:
                completion = await self._called(conversation, schema, left, most_tokens)
            except (Transient, ModelFailed) as failure:
                call.note({"error.type": failure.why})
                raise
            tokens = {"input_tokens": completion.tokens_in, "output_tokens": completion.tokens_out}
            if completion.counted:
                call.note({f"gen_ai.usage.{name}": count for name, count in tokens.items()})
        return completion

    async def _called(
        self, conversation: list[dict[str, str]], schema: Mapping[str, Any], left: float, most_tokens: int
    ) -> Completion:
        try:
            stream, api = await self._opened(conversation, schema, time.monotonic() + left, most_tokens)
            async with stream:
                reply = await (_responses(stream) if api == RESPONSES else _chat(stream))
        except (Transient, ModelFailed):
            raise
        except Exception as error:
            # A corrupted byte, a body that is no completion or a broken socket may surface as anything at all.
            raise _failure(error) from error
        return reply.completion(conversation)

    def _about(self, most_tokens: int) -> dict[str, str | int]:
        """Return what a trace says of a call; the server speaks OpenAI's API, whoever runs it."""
        server = self._client.base_url
        return {
            "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": self._model,
            "gen_ai.request.max_tokens": most_tokens, "server.address": server.host, "server.port": server.port or 443,
        }  # fmt: skip

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _opened(
        self, conversation: list[dict[str, str]], schema: Mapping[str, Any], end: float, most_tokens: int
    ) -> tuple[Any, str]:
        """Ask until the server takes the request, and remember how; a schema that it refuses is no habit of its."""
        manner = known = self._manner
        auto, passing = self._auto, False
        for _ in range(TURNS + 1):
            left = max(_SHORTEST, end - time.monotonic())
            timeout = httpx2.Timeout(left, connect=min(_CONNECT, left))
            ask = self._client.responses if manner.api == RESPONSES else self._client.chat.completions
            request = manner.request(conversation, schema, most_tokens)
            try:
                stream: Any = await ask.create(model=self._model, timeout=timeout, **request)
            except openai.APIStatusError as error:
                refusal = Refusal(error.status_code, str(error.param or ""), words(error.body))
                other = manner.changed(refusal, auto=auto) if error.status_code in _REFUSALS else None
                if other is None:
                    raise
                passing = passing or (refusal.passing and other.formats != manner.formats)
                # One move between the APIs a call: a server without either would be asked for ever.
                auto, manner = auto and other.api == manner.api, other
            else:
                if manner != known:
                    self._manner = replace(manner, formats=known.formats) if passing else manner
                return stream, manner.api
        raise ModelFailed("refused")


@dataclass(slots=True)
class _Reply:
    """A reply as it comes in."""

    usage: tuple[int, int] | None = None
    _parts: list[str] = field(default_factory=list)
    _size: int = 0

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def add(self, piece: str | None) -> None:
        self._parts.append(piece or "")
        self._size += len(piece or "")
        if self._size > LONGEST_REPLY:
            raise ModelFailed("too_long")

    def completion(self, conversation: list[dict[str, str]]) -> Completion:
        text = self.text
        if self.usage:
            return Completion(text, *self.usage, counted=True)
        asked = sum(len(message["content"]) for message in conversation)
        return Completion(text, math.ceil(asked / _PER_TOKEN), math.ceil(len(text) / _PER_TOKEN), counted=False)


async def _chat(stream: Any) -> _Reply:
    """Read chunks; only `stop` is an end mark, also for Ollama, which in old versions ended whole replies without one.

    A reply whose mark is null cannot be told from one that was cut, and a cut one may say the opposite of the whole.
    """
    reply, finish = _Reply(), ""
    async for chunk in stream:
        for choice in (chunk.choices or [])[:1]:
            finish = choice.finish_reason or finish
            if choice.delta.refusal:
                raise ModelFailed("refusal")
            reply.add(choice.delta.content)
        if chunk.usage:
            reply.usage = _counted(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
    if not finish:
        raise Transient("cut")
    if finish != "stop":
        raise ModelFailed(_UNFINISHED.get(finish, "unfinished"))
    return reply


async def _responses(stream: Any) -> _Reply:
    """Read events up to the one that ends the response, and take the text that it holds, or else the deltas."""
    reply = _Reply()
    async for event in stream:
        if event.type == "response.output_text.delta":
            reply.add(event.delta)
        elif event.type.startswith("response.refusal"):
            raise ModelFailed("refusal")
        elif event.type == "error":
            raise _told(event.code, "")
        elif event.type == "response.failed":
            raise _told(event.response.error and event.response.error.code, "")
        elif event.type == "response.incomplete":
            details = event.response.incomplete_details
            raise ModelFailed(_UNFINISHED.get((details and details.reason) or "", "unfinished"))
        elif event.type == "response.completed":
            await _rest(stream)
            return _completed(event.response, reply)
    raise Transient("cut")


async def _rest(stream: Any) -> None:
    """Read what follows the last event, for a moment: a connection that was read to its end serves the next call too."""
    with suppress(Exception):
        async with asyncio.timeout(_MOMENT):
            async for _ in stream:
                pass


def _completed(response: Any, heard: _Reply) -> _Reply:
    if response.status != "completed":
        raise Transient("cut")
    told = _Reply()
    for part in _parts(response):
        if part.type == "refusal":
            raise ModelFailed("refusal")
        told.add(part.text)
    reply = told if told.text else heard
    if response.usage:
        reply.usage = _counted(response.usage.input_tokens, response.usage.output_tokens)
    return reply


def _parts(response: Any) -> Iterator[Any]:
    """Yield what the answer's messages hold; what a model remarks on its way to it is none of it."""
    for item in response.output or []:
        if item.type == "message" and item.phase != "commentary":
            yield from item.content


def _counted(tokens_in: Any, tokens_out: Any) -> tuple[int, int] | None:
    """Return what a server counted; some send zeros or nothing, and no prompt has no tokens."""
    whole = isinstance(tokens_in, int) and isinstance(tokens_out, int) and tokens_in > 0 and tokens_out >= 0
    return (tokens_in, tokens_out) if whole else None


def _failure(error: Exception) -> Transient | ModelFailed:
    """Say in our words what went wrong."""
    if isinstance(error, openai.APIStatusError):
        return _status(error)
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return Transient("timeout")
    if isinstance(error, openai.APIConnectionError | httpx2.TransportError | OSError):
        return Transient("connection")
    if type(error) is openai.APIError:
        return _told(error.code, error.type)
    return Transient("garbled")


def _status(error: openai.APIStatusError) -> Transient | ModelFailed:
    said = words(error.body)
    if _FILTERED.search(said):
        return ModelFailed("content_filter")
    if error.status_code == _UNPAID or _QUOTA.search(f"{error.code} {error.type}"):
        return ModelFailed("quota")
    if error.status_code in _PASSING or error.status_code >= _SERVER:
        return Transient("status", asked_by_server(error.response.headers.get))
    return ModelFailed("refused")


def _told(code: object, kind: object) -> Transient | ModelFailed:
    """Judge an error that came in the middle of a stream by its code and type; without any it may pass."""
    said = f"{code} {kind}"
    if _FILTERED.search(said):
        return ModelFailed("content_filter")
    if _QUOTA.search(said):
        return ModelFailed("quota")
    return ModelFailed("refused") if _LASTING.search(said) else Transient("status")
