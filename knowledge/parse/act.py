"""Reads an EU act from JSON that lists its articles, recitals and definitions as flat texts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from knowledge.model import Part
from knowledge.parse.acts import by_celex
from knowledge.parse.application import Application, application
from knowledge.parse.clean import line
from knowledge.parse.flat import pointed
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build

_END = re.compile(
    r"^(?:This (?:Regulation|Directive|Decision) shall be binding in its entirety|This Directive is addressed to|Done at )"
)
"""What follows the last article of every act: signatures, footnotes, annexes, and in these files a page's script."""
_AMENDS = re.compile(r"\bAmendments?\b|\bamending\b", re.IGNORECASE)
_DEFINES = re.compile(r"\bDefinitions?\b")
_TERM = re.compile(r"\(\d+\) [‘'“]([^’'”]{1,120})[’'”]")


def knows(value: Any) -> bool:
    """Tell whether a JSON value is an act: a CELEX number, articles and recitals."""
    return isinstance(value, dict) and {"celex_id", "articles", "recitals"} <= value.keys()


def read(value: Mapping[str, Any]) -> tuple[Parsed, ...]:
    """Parse an act. Its `effective_date` is passed over: these files fill it with different kinds of dates."""
    named = by_celex(str(value["celex_id"]))
    blocks = [*_recitals(value["recitals"]), *_articles(value["articles"])]
    last = "\n".join(
        block.text for block in blocks if block.pinpoint.path[:1] == (f"Art. {value['articles'][-1]['number']}",)
    )
    dates = application(last, None)
    meta = {**named.meta(), "title": f"{value['full_name']} ({named.citation})", "applies_from": dates.applies_from,
            "transposition_by": dates.transposition_by}  # fmt: skip
    chapters = {f"Art. {row['number']}": row.get("chapter") or "" for row in value["articles"]}
    dated = [_dated(block, dates, chapters) for block in blocks]
    articles = len(
        {
            block.pinpoint.path[0]
            for block in blocks
            if block.pinpoint.path[:1] and block.pinpoint.path[0].startswith("Art.")
        }
    )
    flags = ("tail_swallowed", *(("article_count",) if named.articles not in {None, articles} else ()))
    kept = {name: fact for name, fact in meta.items() if fact}
    return (build(dated, title=str(meta["title"]), meta=kept, prefix=named.short, flags=flags),)


def _recitals(rows: list[dict[str, Any]]) -> Iterator[Block]:
    """The last recital stands twice in these files."""
    seen = set()
    for row in rows:
        number = row["recital_number"]
        if number not in seen:
            seen.add(number)
            yield Block(Shape.PARAGRAPH, line(row["text"]), pinpoint=Pinpoint((f"Recital {number}",), Part.RECITAL))


def _articles(rows: list[dict[str, Any]]) -> Iterator[Block]:
    chapter = None
    for row in rows:
        if row.get("chapter") and row["chapter"] != chapter:
            chapter = row["chapter"]
            yield Block(Shape.HEADING, f"CHAPTER {chapter}", 1)
        article = f"Art. {row['number']}"
        title = line(row.get("title") or "")
        yield Block(Shape.HEADING, f"Article {row['number']} {title}".strip(), 2)
        texts = list(_until_the_end(row["text"]))
        points = [(text, (article,)) for text in texts] if _AMENDS.search(title) else pointed(texts, article)
        for text, path in points:
            term = _TERM.match(text) if _DEFINES.search(title) else None
            part = Part.DEFINITION if term else Part.BODY
            yield Block(Shape.PARAGRAPH, text, pinpoint=Pinpoint(path, part, term[1] if term else ""))


def _until_the_end(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text):
        words = line(paragraph)
        if _END.match(words):
            return
        if words:
            yield words


def _dated(block: Block, dates: Application, chapters: Mapping[str, str]) -> Block:
    path = block.pinpoint.path
    if not path or not path[0].removeprefix("Art. ").isdigit():
        return block
    own = dates.of(chapters.get(path[0], ""), "", int(path[0].removeprefix("Art. ")), 0)
    return replace(block, pinpoint=replace(block.pinpoint, applies_from=own)) if own else block
