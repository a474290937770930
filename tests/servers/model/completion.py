"""An answer in the shapes of Chat Completions: one chat.completion, or a stream of chat.completion.chunk."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.servers.model.request import Json

DONE = b"data: [DONE]\n\n"
_FINGERPRINT = {"service_tier": "default", "system_fingerprint": "fp_local"}


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model says and why it stopped; a stream brings it in deltas of ``piece`` characters.

    A ``remark`` comes before the answer and is none of it; a ``spare`` server counts nothing and says nothing twice;
    one that answers ``at_once`` streams in name only.
    """

    id: str
    model: str
    created: int
    content: str
    prompt: int = 0
    finish: str | None = "stop"
    refusal: str | None = None
    piece: int = 12
    request_id: str = ""
    remark: str = ""
    spare: bool = False
    at_once: bool = False

    @property
    def usage(self) -> Json:
        """Count the tokens, four characters each."""
        if self.spare:
            return {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        said = len(self.content) // 4 + 1
        return {"prompt_tokens": self.prompt, "completion_tokens": said, "total_tokens": self.prompt + said}

    def whole(self) -> bytes:
        """Write the answer as one object."""
        content = None if self.refusal else self.content
        message = {"role": "assistant", "content": content, "refusal": self.refusal, "annotations": []}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self.finish}
        return compact(self._object("chat.completion") | {"choices": [choice], "usage": self.usage})

    def events(self, *, usage: bool) -> list[bytes]:
        """Write the answer as a stream."""
        return [self.opening(), *self.deltas(), *self.closing(usage=usage)]

    def opening(self) -> bytes:
        """Write the event that names the role."""
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def deltas(self) -> Iterator[bytes]:
        """Write the content, a piece an event; a remark goes the way that vLLM and DeepSeek give their reasoning."""
        if self.remark:
            yield self._chunk({"reasoning_content": self.remark})
        name, text = ("refusal", self.refusal) if self.refusal else ("content", self.content)
        piece = len(text) if self.at_once else self.piece
        for start in range(0, len(text), piece):
            yield self._chunk({name: text[start : start + piece]})

    def closing(self, *, usage: bool) -> list[bytes]:
        """Write the events that end a stream; the usage is an event without choices, sent to those who asked for it."""
        total = self._object("chat.completion.chunk") | {"choices": [], "usage": self.usage}
        return [self._chunk({}, self.finish), *([event(total)] if usage else []), DONE]

    def _chunk(self, delta: Json, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return event(self._object("chat.completion.chunk") | {"choices": [choice]})

    def _object(self, kind: str) -> Json:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model, **_FINGERPRINT}


def event(value: Any, name: str = "") -> bytes:
    """Write one server-sent event, which has a name in Responses."""
    return (f"event: {name}\n" if name else "").encode() + b"data: " + compact(value) + b"\n\n"


def compact(value: Any) -> bytes:
    """Write JSON as it is sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
