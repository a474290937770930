"""Servers that refuse a part of a request, each in the words of a real provider, and answer once it is left out."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.servers.model.delivery import Delivery
from tests.servers.model.honest import Honest, Writer
from tests.servers.model.request import Call, Json


@dataclass(frozen=True, slots=True)
class Whim:
    """What a provider refuses, and how it says so."""

    refuses: Callable[[Call], bool]
    status: int
    body: Json | str


def _has(name: str) -> Callable[[Call], bool]:
    return lambda call: name in call.body


def _wants(form: str) -> Callable[[Call], bool]:
    return lambda call: call.format == form


def _asks(api: str) -> Callable[[Call], bool]:
    return lambda call: call.api == api


def _openai(message: str, param: str | None, code: str | None = None) -> Json:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def _litellm(message: str) -> Json:
    return {"error": {"message": f"litellm.{message}", "type": "None", "param": None, "code": "400"}}


def _forbidden(name: str, value: object) -> Json:
    return {
        "type": "extra_forbidden",
        "loc": ["body", name],
        "msg": "Extra inputs are not permitted",
        "input": value,
    }


_TEMPERATURE = _openai(
    "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
    "temperature",
    "unsupported_value",
)
_QUESTION = "Is a temperature of 30 °C a case for response_format, max_tokens or stream_options?"
PICKY: dict[str, Whim] = {
    "temperature_openai": Whim(_has("temperature"), 400, _TEMPERATURE),
    "temperature_azure": Whim(
        _has("temperature"),
        400,
        _openai("Unsupported parameter: 'temperature' is not supported with this model.", "temperature"),
    ),
    "temperature_gateway": Whim(
        _has("temperature"), 400, {"detail": f"Error occurred: Error code: 400 - {_TEMPERATURE}"}
    ),
    "temperature_litellm": Whim(
        _has("temperature"),
        400,
        _litellm(
            "UnsupportedParamsError: gpt-5 models don't support temperature=0.0. Only temperature=1 is supported."
            " To drop unsupported params set `litellm.drop_params = True`"
        ),
    ),
    "usage_azure": Whim(
        _has("stream_options"), 400, _openai("Unrecognized request argument supplied: stream_options", None)
    ),
    "usage_vllm": Whim(
        _has("stream_options"),
        400,
        {
            "object": "error",
            "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not"
            " permitted', 'input': {'include_usage': True}}]",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
    ),
    "usage_fireworks": Whim(
        _has("stream_options"), 400, {"error": "Extra inputs are not permitted, field: 'stream_options'"}
    ),
    "schema_deepseek": Whim(
        _wants("json_schema"),
        400,
        _openai("This response_format type is unavailable now", None, "invalid_request_error"),
    ),
    "schema_deepseek_json": Whim(
        _wants("json_schema"),
        422,
        "Failed to deserialize the JSON body into the target type: response_format: response_format.type `json_schema`"
        " is unavailable now at line 1 column 12440",
    ),
    "schema_llamacpp": Whim(
        _wants("json_schema"),
        500,
        {
            "error": {
                "code": 500,
                "message": 'response_format type must be one of "text" or "json_object", but got: json_schema',
                "type": "server_error",
            }
        },
    ),
    "schema_volcengine": Whim(
        _wants("json_schema"),
        400,
        _openai(
            "The parameter `response_format.type` specified in the request are not valid: invalid value: `json_schema`,"
            " supported values are: `json_object` and `text`.",
            "response_format.type",
            "InvalidParameter",
        ),
    ),
    "object_lmstudio": Whim(
        _wants("json_object"), 400, {"error": "'response_format.type' must be 'json_schema' or 'text'"}
    ),
    "features_vllm": Whim(
        _wants("json_schema"),
        400,
        {
            "object": "error",
            "message": "The provided JSON schema contains features not supported by xgrammar.",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
    ),
    "limit_openai": Whim(
        _has("max_tokens"),
        400,
        _openai(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            "max_tokens",
            "unsupported_parameter",
        ),
    ),
    "limit_mistral": Whim(
        _has("max_completion_tokens"),
        422,
        {
            "object": "error",
            "message": {"detail": [_forbidden("max_completion_tokens", 32000)]},
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        },
    ),
    "limit_litellm": Whim(
        _has("max_completion_tokens"),
        400,
        _litellm(
            "UnsupportedParamsError: mistral does not support parameters: {'max_completion_tokens': 4096}, for"
            " model=mistral-small-latest. To drop these, set `litellm.drop_params=True`. Received Model Group=mistral"
        ),
    ),
    "limit_codex": Whim(_has("max_output_tokens"), 400, {"detail": "Unsupported parameter: max_output_tokens"}),
    "chat_openai": Whim(
        _asks("chat"),
        404,
        _openai("This model is only supported in v1/responses and not in v1/chat/completions.", "model"),
    ),
    "chat_azure": Whim(
        _asks("chat"),
        400,
        {
            "error": {
                "code": "OperationNotSupported",
                "message": "The chatCompletion operation does not work with the specified model, gpt-5.1-codex. Please"
                " choose different model and try again.",
            }
        },
    ),
    "chat_gateway": Whim(
        _asks("chat"),
        400,
        _openai("Unsupported legacy protocol: /v1/chat/completions is not supported. Please use /v1/responses.", None),
    ),
    "responses_ollama": Whim(_asks("responses"), 404, "404 page not found"),
    "responses_llamacpp": Whim(
        _asks("responses"), 404, {"error": {"code": 404, "message": "File Not Found", "type": "not_found_error"}}
    ),
    "responses_azure": Whim(
        _asks("responses"),
        400,
        {
            "error": {
                "code": "BadRequest",
                "message": "Azure OpenAI Responses API is enabled only for api-version 2025-03-01-preview and later",
            }
        },
    ),
    "schema_gateway": Whim(
        _wants("json_schema"),
        400,
        _openai("Invalid 'response_format': json_schema is not supported with 'temperature'.", "response_format"),
    ),
    "prompt_azure": Whim(
        lambda _call: True,
        400,
        _openai(
            "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
            "prompt",
            "content_filter",
        ),
    ),
    "prompt_vllm": Whim(
        lambda _call: True,
        400,
        _openai(
            "'max_tokens' or 'max_completion_tokens' is too large: 700. This model's maximum context length is 8192"
            " tokens and your request has 8000 input tokens (700 > 8192 - 8000).",
            "max_tokens",
        ),
    ),
    "prompt_gateway": Whim(lambda _call: True, 500, {"error": "The worker that samples at temperature 0 has died."}),
    "question_vllm": Whim(
        lambda _call: True,
        400,
        {
            "object": "error",
            "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'messages', 1, 'name'), 'msg': 'Extra inputs are"
            f" not permitted', 'input': {_QUESTION!r}}}]",
            "code": 400,
        },
    ),
    "question_mistral": Whim(
        lambda _call: True,
        422,
        {"object": "error", "message": {"detail": [_forbidden("messages", _QUESTION)]}, "code": None},
    ),
}
"""Named by what is refused and who says it so; a prompt is refused as such, and so is a question, which is repeated."""


@dataclass(frozen=True, slots=True)
class Picky:
    """Refuses what any of its ``kinds`` refuse, the first first, and answers what is left as ``says`` would."""

    kinds: tuple[str, ...]
    says: Writer = field(default_factory=Honest)

    def refused(self, call: Call) -> Delivery | None:
        """Deliver the refusal that a call earns."""
        whim = next((PICKY[kind] for kind in self.kinds if PICKY[kind].refuses(call)), None)
        if whim is None:
            return None
        text = whim.body if isinstance(whim.body, str) else json.dumps(whim.body)
        kind = "text/plain" if isinstance(whim.body, str) else "application/json"
        return Delivery([text.encode()], whim.status, {"Content-Type": kind})
