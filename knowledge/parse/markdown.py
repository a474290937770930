"""Reads Markdown with optional front matter into a unit tree, keeping the words and dropping the markup."""

import re

import yaml
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from knowledge import yamls
from knowledge.errors import DocumentRefused
from knowledge.parse import policy
from knowledge.parse.html import blocks_below
from knowledge.parse.tree import Parsed, Shape, build

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_LIMIT = 32_000
_READER = MarkdownIt("commonmark").enable("table")


def read(text: str) -> Parsed:
    """Parse Markdown; raise DocumentRefused when the front matter is not a mapping of fields.

    The text is what a reader of the rendered page sees, so HTML within it is read, or left out, as on a page.
    """
    meta, body = _split(text)
    meta = {**policy.facts(body), **policy.acronym(meta), **meta}
    page = LexborHTMLParser(_READER.render(body))
    blocks = blocks_below(page.body, page)
    title = next((block.text for block in blocks if block.shape is Shape.HEADING and block.level == 1), "")
    return build(blocks, title=title, meta=meta, pinned=True)


def _split(text: str) -> tuple[dict[str, object], str]:
    found = _FRONT.match(text)
    if not found:
        return {}, text
    if len(found[1]) > _FRONT_LIMIT:
        raise DocumentRefused(f"front matter is longer than {_FRONT_LIMIT} characters")
    try:
        fields = yamls.read(found[1])
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a day that does not exist is a ValueError
        raise DocumentRefused("front matter is not valid YAML, or holds a date that does not exist") from error
    if not isinstance(fields, dict):
        raise DocumentRefused("front matter is not a list of fields")
    return {str(name): value for name, value in fields.items()}, text[found.end() :]
