"""Drafts an answer with a language model behind any OpenAI-compatible server, within one budget of time."""

import asyncio
import json
import re
import time
from collections.abc import Sequence
from typing import Any

import openai
from pydantic import BaseModel, ConfigDict, ValidationError
from tenacity import AsyncRetrying

from bot.errors import ModelFailed
from bot.llm.retry import Asked, Transient, asked_by_server, transient, within
from bot.model import DraftClaim
from bot.prompt import SCHEMA, messages
from knowledge.bearing import Bearing
from knowledge.query import Query

LONGEST_REPLY = 100_000
"""Characters of a reply; a longer one is cut off and counts as failed."""
_FENCE = re.compile(r"^\s*```(?:json)?\s*(.*?)\s*```\s*$", re.DOTALL)
_FORMATS: tuple[dict[str, Any], ...] = ({"type": "json_schema", "json_schema": SCHEMA}, {"type": "json_object"}, {})
"""Tried in order: a server that refuses one is asked the next way, and from then on that way first."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    text: str
    passage_id: str
    quote: str


class _Reply(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    claims: list[_Row]


class OpenAIDrafter:
    """Asks a chat-completions server for typed claims; keeps no state but the response format that it accepts."""

    rung = "R0"

    def __init__(self, model: str, key: str = "", base_url: str = "") -> None:
        self.name = model
        # A local server needs no key, but the client insists on one.
        self._client = openai.AsyncOpenAI(api_key=key or "none", base_url=base_url or None, max_retries=0)
        self._format = 0

    async def draft(self, query: Query, evidence: Sequence[Bearing], seconds: float) -> tuple[DraftClaim, ...]:
        """Return drafted claims; raise ModelFailed, in one word why, when none could be had within the seconds."""
        conversation = messages(query, evidence)
        try:
            async with asyncio.timeout(seconds):
                reply = await self._tried(conversation, seconds)
        except TimeoutError as error:
            raise ModelFailed("timeout") from error
        except Transient as error:
            raise ModelFailed(error.why) from error
        return tuple(DraftClaim(row.text, row.passage_id, row.quote) for row in _read(reply).claims)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _tried(self, conversation: list[dict[str, str]], seconds: float) -> str:
        end = time.monotonic() + seconds
        async for attempt in AsyncRetrying(retry=transient(), wait=Asked(), stop=within(seconds), reraise=True):
            with attempt:
                return await self._once(conversation, end - time.monotonic())
        raise ModelFailed("attempts")

    async def _once(self, conversation: list[dict[str, str]], left: float) -> str:
        """Stream one completion to its end mark, and translate everything that can go wrong on the way."""
        try:
            return await self._streamed(conversation, left)
        except openai.BadRequestError as error:
            if self._format + 1 < len(_FORMATS) and _about_format(error):
                self._format += 1
                raise Transient("format") from error
            raise ModelFailed("refused") from error
        except (openai.RateLimitError, openai.InternalServerError, openai.ConflictError) as error:
            if error.code == "insufficient_quota":
                raise ModelFailed("quota") from error
            raise Transient("status", asked_by_server(error.response.headers.get)) from error
        except openai.APIConnectionError as error:
            raise Transient("connection") from error
        except openai.APIStatusError as error:
            raise ModelFailed("refused") from error
        except (openai.OpenAIError, ValueError, TypeError, AttributeError, KeyError) as error:
            # A corrupted byte or a body that is no completion surfaces outside the client's own error family.
            raise Transient("garbled") from error

    async def _streamed(self, conversation: list[dict[str, str]], left: float) -> str:
        extra = {"response_format": _FORMATS[self._format]} if _FORMATS[self._format] else {}
        stream: Any = await self._client.chat.completions.create(
            model=self.name, messages=conversation, temperature=0, stream=True, timeout=max(0.2, left), **extra
        )  # type: ignore[call-overload]
        parts: list[str] = []
        size = 0
        finish: str | None = None
        async with stream:
            async for chunk in stream:
                for choice in chunk.choices[:1]:
                    finish = choice.finish_reason or finish
                    piece = choice.delta.content or ""
                    parts.append(piece)
                    size += len(piece)
                if size > LONGEST_REPLY:
                    raise ModelFailed("too_long")
        if finish is None:
            # A stream that ends without its end mark looks whole and is not (shared notes on trust, 3.2).
            raise Transient("cut")
        if finish != "stop":
            raise ModelFailed(finish if finish in {"length", "content_filter"} else "unfinished")
        return "".join(parts)


def _about_format(error: openai.BadRequestError) -> bool:
    """Tell whether a server refused the response format and not the request as a whole."""
    said = f"{error.param} {error.body}".lower()
    return any(word in said for word in ("response_format", "json_schema", "json_object", "guided", "grammar"))


def _read(reply: str) -> _Reply:
    fenced = _FENCE.match(reply)
    try:
        return _Reply.model_validate(json.loads(fenced[1] if fenced else reply))
    except (ValueError, RecursionError, ValidationError) as error:
        raise ModelFailed("schema") from error
