"""One call to a model behind a chat-completions server, streamed to its end mark."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import openai

from bot.errors import ModelFailed
from bot.llm.retry import Transient, asked_by_server

LONGEST_REPLY = 100_000
"""Characters of a reply; a longer one is cut off and counts as failed."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole reply, with its tokens as the server counted them, or estimated where it does not."""

    text: str
    tokens_in: int
    tokens_out: int
    counted: bool


class Calls:
    """Asks a server; keeps no state but the response format that it accepts."""

    def __init__(self, model: str, key: str = "", base_url: str = "", api: str = "auto") -> None:  # noqa: ARG002
        self.name = model
        # A local server needs no key, but the client insists on one.
        self._client = openai.AsyncOpenAI(api_key=key or "none", base_url=base_url or None, max_retries=0)
        self._format = 0

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def once(
        self,
        conversation: list[dict[str, str]],
        schema: Mapping[str, Any],
        left: float,
        most_tokens: int,  # noqa: ARG002
    ) -> Completion:
        """Return one completion; raise Transient for what may pass and ModelFailed for what will not."""
        self._formats: tuple[dict[str, Any], ...] = (
            {"type": "json_schema", "json_schema": schema},
            {"type": "json_object"},
            {},
        )
        text = await self._once(conversation, left)
        read = sum(len(one["content"]) for one in conversation)
        return Completion(text, math.ceil(read / 4), math.ceil(len(text) / 4), counted=False)

    async def _once(self, conversation: list[dict[str, str]], left: float) -> str:
        """Stream one completion to its end mark, and translate everything that can go wrong on the way."""
        try:
            return await self._streamed(conversation, left)
        except openai.BadRequestError as error:
            if self._format + 1 < len(self._formats) and _about_format(error):
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
        extra = {"response_format": self._formats[self._format]} if self._formats[self._format] else {}
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
