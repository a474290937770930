"""Drafts an answer with a language model behind any OpenAI-compatible server, within one budget of time."""

import asyncio
import json
import math
import re
import time
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from tenacity import AsyncRetrying

from bot.errors import ModelFailed
from bot.llm.calls import Calls, Completion
from bot.llm.retry import Asked, Transient, transient, within
from bot.model import DraftClaim, Failed
from bot.ports import Draft, Earlier, Restated, Tokens
from bot.prompt import messages, numbered, restating, restating_schema, schema
from knowledge.bearing import Bearing
from knowledge.query import Query

CHARACTERS = 4
"""Characters that are taken for one token where nothing has counted them."""
Form = TypeVar("Form", bound=BaseModel)
_FENCE = re.compile(r"^\s*```(?:json)?\s*(.*?)\s*```\s*$", re.DOTALL)


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    text: str
    passage_id: str
    quote: str


class _Reply(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    claims: list[_Row]


class _Restated(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    question: str
    terms: list[str]


class OpenAIDrafter:
    """Asks a model for typed claims; `most_tokens` bounds each reply, with what a reasoning model thinks before it."""

    rung = "R0"

    def __init__(self, calls: Calls, name: str, most_tokens: int) -> None:
        self.name = name
        self._calls = calls
        self._most = most_tokens

    def most(self, query: Query, evidence: Sequence[Bearing]) -> Tokens:
        """Return the most that one draft may take, retries aside."""
        return Tokens(_estimated(messages(query, evidence)), self._most)

    async def draft(
        self, query: Query, evidence: Sequence[Bearing], seconds: float, failed: Sequence[Failed] = ()
    ) -> Draft:
        """Return drafted claims; raise ModelFailed, in one word why, when none could be had within the seconds."""
        ids = numbered(evidence)
        reply, used = await self._within(messages(query, evidence, failed), schema(ids), seconds)
        rows = _read(reply.text, _Reply).claims
        return Draft(tuple(DraftClaim(row.text, ids.get(row.passage_id, ""), row.quote) for row in rows), used)

    def most_restating(self, text: str, before: Sequence[Earlier]) -> Tokens:
        """Return the most that one restating may take, retries aside."""
        return Tokens(_estimated(restating(text, before)), self._most)

    async def restate(self, text: str, before: Sequence[Earlier], seconds: float) -> Restated:
        """Return the question restated for a search; raise ModelFailed as `draft` does."""
        reply, used = await self._within(restating(text, before), restating_schema(), seconds)
        said = _read(reply.text, _Restated)
        return Restated(said.question, tuple(said.terms), used)

    async def close(self) -> None:
        """Close the connections."""
        await self._calls.close()

    async def _within(
        self, conversation: list[dict[str, str]], form: dict[str, Any], seconds: float
    ) -> tuple[Completion, Tokens]:
        """Return a reply and the tokens of all attempts for it, or raise ModelFailed within the seconds."""
        try:
            async with asyncio.timeout(seconds):
                return await self._tried(conversation, form, seconds)
        except TimeoutError as error:
            raise ModelFailed("timeout") from error
        except Transient as error:
            raise ModelFailed(error.why) from error

    async def _tried(
        self, conversation: list[dict[str, str]], form: dict[str, Any], seconds: float
    ) -> tuple[Completion, Tokens]:
        """Return a reply, and the tokens of all attempts: one that broke off counts with what it was sent."""
        end = time.monotonic() + seconds
        broken = Tokens()
        async for attempt in AsyncRetrying(retry=transient(), wait=Asked(), stop=within(seconds), reraise=True):
            with attempt:
                try:
                    reply = await self._calls.once(conversation, form, end - time.monotonic(), self._most)
                except Transient as error:
                    if error.why in {"cut", "garbled"}:
                        broken += Tokens(_estimated(conversation))
                    raise
                return reply, broken + Tokens(reply.tokens_in, reply.tokens_out)
        raise ModelFailed("attempts")


def _estimated(conversation: Sequence[dict[str, str]]) -> int:
    return math.ceil(sum(len(one["content"]) for one in conversation) / CHARACTERS)


def _read(reply: str, form: type[Form]) -> Form:
    fenced = _FENCE.match(reply)
    try:
        return form.model_validate(json.loads(fenced[1] if fenced else reply))
    except (ValueError, RecursionError, ValidationError) as error:
        raise ModelFailed("schema") from error
