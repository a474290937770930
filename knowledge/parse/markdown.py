"""Reads Markdown with optional front matter into a unit tree, keeping the words and dropping the markup."""

import re
from collections.abc import Iterator

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.errors import DocumentRefused
from knowledge.parse.clean import line
from knowledge.parse.tree import Block, Parsed, Shape, build

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_LIMIT = 32_000
_READER = MarkdownIt("commonmark").enable("table")


def read(text: str) -> Parsed:
    """Parse Markdown; raise DocumentRefused when the front matter is not a mapping of fields."""
    meta, body = _split(text)
    blocks = list(_blocks(_READER.parse(body)))
    title = next((block.text for block in blocks if block.shape is Shape.HEADING and block.level == 1), "")
    return build(blocks, title=title, meta=meta)


def _split(text: str) -> tuple[dict[str, object], str]:
    found = _FRONT.match(text)
    if not found:
        return {}, text
    if len(found[1]) > _FRONT_LIMIT:
        raise DocumentRefused(f"front matter is longer than {_FRONT_LIMIT} characters")
    try:
        fields = yaml.safe_load(found[1])
    except yaml.YAMLError as error:
        raise DocumentRefused("front matter is not valid YAML") from error
    if not isinstance(fields, dict):
        raise DocumentRefused("front matter is not a list of fields")
    return {str(name): value for name, value in fields.items()}, text[found.end() :]


def _blocks(tokens: list[Token]) -> Iterator[Block]:
    level = 0
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "heading_close":
            level = 0
        elif token.type == "inline":
            shape = Shape.HEADING if level else Shape.PARAGRAPH
            yield Block(shape, line(_words(token)), level)
        elif token.type in {"code_block", "fence"}:
            yield Block(Shape.PARAGRAPH, line(token.content))


def _words(token: Token) -> str:
    parts: list[str] = []
    for child in token.children or []:
        if child.type in {"text", "code_inline"}:
            parts.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        elif child.type == "image":
            parts.append(_words(child))
    return "".join(parts)
