"""The errors of both APIs: their statuses and bodies as OpenAI sends them, and the requests that earn one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.servers.model.request import Api, Call, Json

FORMATS = ("text", "json_object", "json_schema")
MOVED = {
    "messages": "input",
    "response_format": "text.format",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
}
"""Parameters of Chat Completions, and where Responses has them."""
LEAST_OUTPUT = 16


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP status with the error object that explains it."""

    status: int
    message: str
    type: str = "invalid_request_error"
    code: str | None = None
    param: str | None = None

    @property
    def error(self) -> Json:
        """Give the error object."""
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}

    @property
    def body(self) -> bytes:
        """Give the error object as it is sent."""
        return json.dumps(self.error).encode()

    def by(self, api: Api) -> "Refusal":
        """Say it in the words of an API."""
        if api == "chat":
            return self
        message = self.message.replace("'response_format'", "'text.format'")
        return replace(self, message=message, param="input" if self.param == "messages" else self.param)


REFUSALS = {
    "400": Refusal(
        400,
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model. Learn more about"
        " supported models at the Structured Outputs guide: https://platform.openai.com/docs/guides/structured-outputs",
    ),
    "401": Refusal(
        401,
        "Incorrect API key provided: sk-local********************cret. You can find your API key at"
        " https://platform.openai.com/account/api-keys.",
        code="invalid_api_key",
    ),
    "404": Refusal(404, "The model `missing` does not exist or you do not have access to it.", code="model_not_found"),
    "context": Refusal(
        400,
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens. Please"
        " reduce the length of the messages.",
        code="context_length_exceeded",
        param="messages",
    ),
    "429": Refusal(
        429,
        "Rate limit reached for local-model in organization org-local on requests per min (RPM): Limit 3, Used 3,"
        " Requested 1. Please try again in 20s. Visit https://platform.openai.com/account/rate-limits to learn more.",
        type="requests",
        code="rate_limit_exceeded",
    ),
    "quota": Refusal(
        429,
        "You exceeded your current quota, please check your plan and billing details. For more information on this"
        " error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
        type="insufficient_quota",
        code="insufficient_quota",
    ),
    "500": Refusal(500, "The server had an error while processing your request. Sorry about that!", "server_error"),
    "503": Refusal(503, "The engine is currently overloaded, please try again later", "server_error"),
}
UNREADABLE = Refusal(400, "We could not parse the JSON body of your request.")
KEYLESS = Refusal(401, "You didn't provide an API key. You need to provide your API key in an Authorization header.")


def complaint(call: Call) -> Refusal | None:
    """Find what OpenAI would refuse in a request, whatever the model is told to do."""
    if not call.headers.get("Authorization", "").startswith("Bearer "):
        return KEYLESS
    for name in ("model", "messages" if call.api == "chat" else "input"):
        if not call.body.get(name):
            code = "missing_required_parameter"
            return Refusal(400, f"Missing required parameter: '{name}'.", code=code, param=name)
    return (_chat_complaint(call) if call.api == "chat" else _responses_complaint(call)) or _format_complaint(call)


def _chat_complaint(call: Call) -> Refusal | None:
    if call.body.get("stream_options") and not call.streams:
        said = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        return Refusal(400, said, param="stream_options")
    if call.body.keys() >= {"max_tokens", "max_completion_tokens"}:
        said = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        return Refusal(400, said, code="invalid_parameter_combination")
    return None


def _responses_complaint(call: Call) -> Refusal | None:
    for name, moved in MOVED.items():
        if name in call.body:
            said = f"Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to '{moved}'."
            return Refusal(400, said, code="unsupported_parameter", param=name)
    if "include_usage" in (call.body.get("stream_options") or {}):
        said = "Unknown parameter: 'stream_options.include_usage'."
        return Refusal(400, said, code="unknown_parameter", param="stream_options.include_usage")
    if call.body.get("max_output_tokens", LEAST_OUTPUT) < LEAST_OUTPUT:
        said = f"Invalid 'max_output_tokens': integer below minimum value. Expected a value >= {LEAST_OUTPUT}."
        return Refusal(400, said, code="integer_below_min_value", param="max_output_tokens")
    return None


def _format_complaint(call: Call) -> Refusal | None:
    param = "response_format" if call.api == "chat" else "text.format"
    if call.format not in FORMATS:
        said = f"Invalid value: '{call.format}'. Supported values are: 'json_object', 'json_schema', and 'text'."
        return Refusal(400, said, code="invalid_value", param=f"{param}.type")
    if call.format == "json_object" and "json" not in json.dumps(call.messages).lower():
        said = f"'messages' must contain the word 'json' in some form, to use '{param}' of type 'json_object'."
        return Refusal(400, said, param="messages").by(call.api)
    if call.format != "json_schema":
        return None
    for name in ("name", "schema"):
        if not call.schema.get(name):
            missing = f"{param}.json_schema.{name}" if call.api == "chat" else f"{param}.{name}"
            code = "missing_required_parameter"
            return Refusal(400, f"Missing required parameter: '{missing}'.", code=code, param=missing)
    flaw = next(_flaws(call.schema["schema"]), None) if call.schema.get("strict") else None
    said = f"Invalid schema for response_format '{call.schema['name']}': {flaw}"
    return Refusal(400, said, param=param if call.api == "chat" else f"{param}.schema") if flaw else None


def _flaws(schema: Any, context: tuple[str, ...] = ()) -> Iterator[str]:
    """Find what strict mode forbids: an object that is open, or that leaves a property optional."""
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            yield f"In context={context}, 'additionalProperties' is required to be supplied and to be false."
        missing = sorted(set(schema.get("properties", {})) - set(schema.get("required", [])))
        if missing:
            said = "'required' is required to be supplied and to be an array including every key in properties."
            yield f"In context={context}, {said} Missing '{missing[0]}'."
    for key in ("properties", "$defs"):
        for name, inner in schema.get(key, {}).items():
            yield from _flaws(inner, (*context, key, name))
    yield from _flaws(schema.get("items"), (*context, "items"))
    for at, inner in enumerate(schema.get("anyOf", [])):
        yield from _flaws(inner, (*context, "anyOf", str(at)))
