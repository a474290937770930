"""How a server of a language model wants to be asked: which API and which parameters, learned from what it refuses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

CHAT, RESPONSES = "chat", "responses"
LIMITS = ("max_tokens", "max_completion_tokens")
"""What bounds a reply in Chat Completions: most servers know the first, reasoning models of OpenAI only the second."""
_FORMATS = ("json_schema", "json_object")
_LONGEST_ERROR = 2_000
_TOLD = {"error", "message", "detail", "msg", "loc", "code", "type", "param"}
_ECHO = re.compile(r"""['"]input\\*['"]""")
_REFUSED = re.compile(
    r"not (?:support|permit|allow|available|valid|recogni)|n't support|unsupported|unrecogni|unknown|unexpected|unavailable"
    r"|must be|enabled only|invalid|failed to|forbidden",
    re.IGNORECASE,
)
_PARTS = {
    "limit": re.compile(r"max_(?:completion_|output_)?tokens", re.IGNORECASE),
    "usage": re.compile(r"stream_options|include_usage", re.IGNORECASE),
    "temperature": re.compile(r"temperature", re.IGNORECASE),
    "format": re.compile(
        r"response_format|response format|text\.format|json_schema|json_object|json.schema|structured.output|guided|grammar",
        re.IGNORECASE,
    ),
}
"""What may be left out of a request, and the words by which a refusal means it."""
_SCHEMA = re.compile(r"invalid schema|schema contains|grammar|schema conversion|too complex|enum", re.IGNORECASE)
_CONTEXT = re.compile(r"context.(?:length|window|size)|maximum context|prompt is too long", re.IGNORECASE)
_ELSEWHERE = {
    CHAT: re.compile(
        r"(?:in|use|to) (?:the )?/?(?:v1/)?responses\b|chatcompletion operation|not a chat model", re.IGNORECASE
    ),
    RESPONSES: re.compile(r"responses? (?:api|operation|endpoint)|/responses\b|chat/completions", re.IGNORECASE),
}
"""How a server says that the API it was asked by is not the one for this model."""
_ABSENT = {404, 405, 501}
_NO_MODEL = re.compile(
    r"(?:model|deployment)\b.{0,200}(?:does not exist|not found)|model_not_found|deploymentnotfound", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Manner:
    """How to ask; of formats and limits the first is asked for, and where none is left none is."""

    api: str = CHAT
    formats: tuple[str, ...] = _FORMATS
    limits: tuple[str, ...] = LIMITS
    temperature: bool = True
    usage: bool = True

    def request(
        self, conversation: list[dict[str, str]], schema: Mapping[str, Any], most_tokens: int
    ) -> dict[str, Any]:
        """Return the arguments of a streamed call but the model's name and the timeout; a reply is never stored."""
        asked: dict[str, Any] = {"stream": True} | ({"temperature": 0} if self.temperature else {})
        if self.api == RESPONSES:
            asked |= {"input": conversation, "store": False}
            asked |= {"max_output_tokens": most_tokens} if self.limits else {}
            return asked | ({"text": {"format": self._format(dict(schema))}} if self.formats else {})
        asked |= {"messages": conversation}
        asked |= {"stream_options": {"include_usage": True}} if self.usage else {}
        asked |= {self.limits[0]: most_tokens} if self.limits else {}
        return asked | ({"response_format": self._format({"json_schema": schema})} if self.formats else {})

    def without(self, part: str) -> "Manner | None":
        """Return how to ask a server that refuses a part; None when it was not asked for that part."""
        if part == "format" and self.formats:
            return replace(self, formats=self.formats[1:])
        if part == "limit" and self.limits:
            return replace(self, limits=self.limits[1:] if self.api == CHAT else ())
        if part == "temperature" and self.temperature:
            return replace(self, temperature=False)
        if part == "usage" and self.usage:
            return replace(self, usage=False)
        return None

    def changed(self, refusal: "Refusal", *, auto: bool) -> "Manner | None":
        """Return how to ask after a refusal, None where nothing can be left out; with `auto` also by the other API."""
        others = (other for part in refusal.parts if (other := self.without(part)))
        if (other := next(others, None)) or not (auto and refusal.elsewhere(self.api)):
            return other
        return replace(self, api=RESPONSES if self.api == CHAT else CHAT)

    def _format(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {"type": self.formats[0]} | (schema if self.formats[0] == "json_schema" else {})


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a server answered instead of a reply."""

    status: int
    param: str
    said: str

    @property
    def parts(self) -> tuple[str, ...]:
        """Name the parts of the request that may be meant; too long a question is no part of it."""
        if _CONTEXT.search(self.said):
            return ()
        named = tuple(part for part, meant in _PARTS.items() if meant.match(self.param))
        if named or not _REFUSED.search(self.said):
            return named
        return tuple(part for part, meant in _PARTS.items() if meant.search(self.said))

    @property
    def passing(self) -> bool:
        """Tell whether a format is refused for this one schema, so that another question's may do."""
        return bool(_SCHEMA.search(self.said))

    def elsewhere(self, api: str) -> bool:
        """Tell whether this API is not there, or not for this model."""
        if self.status in _ABSENT and not _NO_MODEL.search(self.said):
            return True
        return bool(_ELSEWHERE[api].search(self.said))


def words(body: object) -> str:
    """Join what an error says, without what it repeats of the request: a question's words are no refusal's."""
    if isinstance(body, Mapping):
        return " ".join(words(value) for name, value in body.items() if name in _TOLD)
    if isinstance(body, list | tuple):
        return " ".join(words(one) for one in body)
    return "" if body is None else _ECHO.split(str(body)[:_LONGEST_ERROR])[0]
