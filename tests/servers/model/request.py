"""What a client asks: the recorded call, and the question and passages that its messages hold."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


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
    def format(self) -> str:
        """Name the type of the response format."""
        return str((self.body.get("response_format") or {}).get("type", "text"))

    @property
    def task(self) -> Task:
        """Read the messages: the last one of a user that holds passages is the question."""
        messages = self.body["messages"]
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
