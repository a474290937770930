"""The arguments of a Web API call, merged from query, form and JSON as Slack merges them."""

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.servers.slack.errors import Refused, invalid_arguments
from tests.servers.slack.model import Json

# Fields that Slack takes as JSON in a string; the error for each that does not parse.
_JSON_FIELDS = {
    "attachments": "invalid_attachments",
    "blocks": "invalid_blocks_format",
    "chunks": "invalid_arguments",
    "files": "invalid_arguments",
    "loading_messages": "invalid_arguments",
    "message": "invalid_arguments",
    "metadata": "invalid_metadata_format",
    "prompts": "invalid_arguments",
    "view": "invalid_arguments",
}
_TRUE = (True, 1, "1", "true", "True")


async def merged(request: web.Request) -> Json:
    """Read every argument of a request, wherever it stands."""
    values: Json = dict(request.query)
    if request.content_type == "application/json":
        values |= _object(await request.text())
    elif request.can_read_body:
        values |= dict(await request.post())
    return values


def _object(body: str) -> Json:
    try:
        value = json.loads(body or "{}")
    except ValueError as error:
        raise Refused("invalid_json") from error
    if not isinstance(value, dict):
        raise Refused("json_not_object")
    return value


def decoded(values: Json) -> Json:
    """Unfold the fields that hold JSON in a string."""
    return {name: _unfolded(name, value) if name in _JSON_FIELDS else value for name, value in values.items()}


def _unfolded(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise Refused(_JSON_FIELDS[name]) from error


@dataclass(frozen=True, slots=True)
class Args:
    """Decoded arguments with the readings that Slack's methods need."""

    values: Json

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def get(self, name: str) -> Any:
        """Give an argument as it is, or nothing."""
        return self.values.get(name)

    def text(self, name: str) -> str:
        """Give an argument as text, empty when it is absent."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def need(self, name: str) -> str:
        """Give an argument that must be there."""
        if not self.text(name):
            raise invalid_arguments(f"missing required field: {name}")
        return self.text(name)

    def flag(self, name: str) -> bool:
        """Give an argument as true or false."""
        return self.values.get(name) in _TRUE

    def number(self, name: str, default: int) -> int:
        """Give an argument as a whole number."""
        try:
            return int(self.values.get(name, default))
        except (TypeError, ValueError) as error:
            raise invalid_arguments(f"must be an integer [json-pointer:/{name}]") from error
