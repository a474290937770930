"""What a client asks, by either API: the recorded call, and the question and passages that its messages hold."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Api = Literal["chat", "responses"]
PREFIXES: dict[Api, str] = {"chat": "chatcmpl-", "responses": "resp_"}
"""How the ids of answers begin."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage as the model reads it."""

    id: str
    text: str
    citation: str = ""
    role: str = ""
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Everything the model was told; without a readable question there are no passages."""

    system: str = ""
    question: str = ""
    passages: tuple[Passage, ...] = ()

    @property
    def context(self) -> str:
        """Join all there is to read, ids aside."""
        held = [piece for passage in self.passages for piece in (passage.text, passage.citation, passage.date or "")]
        return "\n".join([self.system, self.question, *held])


@dataclass(slots=True)
class Call:
    """One request for a completion; ``said`` is the content that went into the answer, if any did."""

    headers: Mapping[str, str]
    body: Json
    api: Api = "chat"
    said: str = field(default="", init=False)

    @property
    def streams(self) -> bool:
        """Tell whether the answer is wanted as a stream."""
        return bool(self.body.get("stream"))

    @property
    def usage(self) -> bool:
        """Tell whether a stream shall end with its usage."""
        return bool((self.body.get("stream_options") or {}).get("include_usage"))

    @property
    def wanted(self) -> Json:
        """Give the response format, in Responses as it stands there."""
        named = self.body if self.api == "chat" else self.body.get("text") or {}
        return named.get("response_format" if self.api == "chat" else "format") or {}

    @property
    def format(self) -> str:
        """Name the type of the response format."""
        return str(self.wanted.get("type", "text"))

    @property
    def schema(self) -> Json:
        """Give the named schema of the response format, empty without one."""
        return (self.wanted.get("json_schema") if self.api == "chat" else self.wanted) or {}

    @property
    def messages(self) -> list[Json]:
        """Give the messages; the input of Responses may be one string, as a user's."""
        said = self.body["messages" if self.api == "chat" else "input"]
        return [{"role": "user", "content": said}] if isinstance(said, str) else said

    @property
    def restated(self) -> Json | None:
        """Give the earlier questions and the question that is to be said in other words, None where claims are asked for."""
        try:
            asked = json.loads(_text(self.messages[-1]))
        except (ValueError, LookupError, AttributeError, TypeError):
            return None
        return asked if isinstance(asked, dict) and "earlier" in asked else None

    @property
    def task(self) -> Task:
        """Read the messages: the last one of a user that holds passages is the question."""
        messages = self.messages
        system = "\n".join(_text(one) for one in messages if one.get("role") in {"system", "developer"})
        asked = next(_questions(messages), {})
        return Task(system, str(asked.get("question", "")), tuple(_passages(asked)))


def _text(message: Json) -> str:
    """Join the parts of a message, which may be one string."""
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def _questions(messages: list[Json]) -> Iterator[Json]:
    for message in reversed(messages):
        try:
            value = json.loads(_text(message)) if message.get("role") == "user" else None
        except ValueError:
            continue
        if isinstance(value, dict) and "passages" in value:
            yield value


def _passages(asked: Json) -> Iterator[Passage]:
    for one in asked.get("passages", ()):
        yield Passage(one["id"], one["text"], one.get("citation", ""), one.get("role", ""), one.get("date"))
