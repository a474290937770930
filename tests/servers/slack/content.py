"""What a message may say: text, Markdown, blocks, attachments and metadata, and what Slack refuses of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.servers.slack.args import Args
from tests.servers.slack.blocks import MESSAGE_TOO_LONG, SECOND_TABLE, as_lines, problems
from tests.servers.slack.errors import Refused
from tests.servers.slack.model import Json
from tests.servers.slack.schema import Problem

TEXT_KEPT = 40_000
MARKDOWN_CHARACTERS = 12_000
METADATA_CHARACTERS = 16_000
MOST_ATTACHMENTS = 100


@dataclass(frozen=True, slots=True)
class Content:
    """What one call says; blocks and attachments are nothing when the call left them out."""

    text: str = ""
    blocks: list[Json] | None = None
    attachments: list[Json] | None = None
    metadata: Json | None = field(default=None)


def content(args: Args) -> Content:
    """Read what a call says, or refuse it as Slack does."""
    markdown = args.text("markdown_text")
    if markdown and ("text" in args or "blocks" in args):
        raise Refused("markdown_text_conflict")
    if len(markdown) > MARKDOWN_CHARACTERS:
        raise Refused("msg_too_long")
    blocks, attachments = args.get("blocks"), args.get("attachments")
    checked(blocks)
    _check_attachments(attachments)
    if not (markdown or args.text("text") or blocks or attachments):
        raise Refused("no_text")
    said = markdown or args.text("text")[:TEXT_KEPT]
    return Content(said, blocks, attachments, metadata(args))


def checked(blocks: Any, at: str = "/blocks") -> None:
    """Refuse blocks that Slack would refuse, naming each fault."""
    if blocks is None:
        return
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    found = problems(blocks, "message", at)
    if found:
        raise Refused(_error(found), **as_lines(found))


def _error(found: list[Problem]) -> str:
    codes = {problem.code for problem in found}
    if SECOND_TABLE in codes:
        return "invalid_attachments"
    return MESSAGE_TOO_LONG if codes == {MESSAGE_TOO_LONG} else "invalid_blocks"


def _check_attachments(attachments: Any) -> None:
    if attachments is None:
        return
    if not isinstance(attachments, list) or not all(isinstance(one, dict) for one in attachments):
        raise Refused("invalid_attachments")
    if len(attachments) > MOST_ATTACHMENTS:
        raise Refused("too_many_attachments")
    for index, one in enumerate(attachments):
        checked(one.get("blocks"), f"/attachments/{index}/blocks")


def metadata(args: Args) -> Json | None:
    """Read the metadata of a call, or refuse it."""
    given = args.get("metadata")
    if given is None:
        return None
    if not isinstance(given, dict) or not isinstance(given.get("event_type"), str):
        raise Refused("invalid_metadata_format")
    if not isinstance(given.get("event_payload"), dict) or set(given) - {"event_type", "event_payload", "entities"}:
        raise Refused("invalid_metadata_schema")
    if len(json.dumps(given)) > METADATA_CHARACTERS:
        raise Refused("metadata_too_large")
    return given


def message_problems(message: Any) -> Iterator[Problem]:
    """List what ``blocks.validate`` finds in a message payload: its blocks and those of its attachments."""
    if not isinstance(message, dict):
        yield Problem("/message", "type", "must provide an object")
        return
    yield from (
        Problem("/message", "additional_property", f"invalid additional property: {key}")
        for key in message
        if key not in {"blocks", "attachments"}
    )
    yield from problems(message.get("blocks", []), "message", "/message/blocks")
    for index, one in enumerate(message.get("attachments", [])):
        yield from problems(one.get("blocks", []), "message", f"/message/attachments/{index}/blocks")
