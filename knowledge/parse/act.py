"""Reads an EU act from JSON that lists its articles, recitals and definitions as flat texts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from knowledge.model import Part
from knowledge.parse.acts import Act, by_celex
from knowledge.parse.application import Application, application
from knowledge.parse.clean import line
from knowledge.parse.flat import pointed
from knowledge.parse.tree import Block, Parsed, Pinpoint, Shape, build

_END = re.compile(r"^(?:This (?:Regulation|Decision) shall be binding in its entirety|Done at )")
"""What follows the last article of every act: signatures, footnotes, annexes, and in these files a page's script."""
_DATES = re.compile(r"entry into force|application|transposition", re.IGNORECASE)
_AMENDS = re.compile(r"\bAmendments?\b|\bamending\b", re.IGNORECASE)
_UNPOINTED = re.compile(r"(?![(\d])[A-Z][^.;:]{3,220}")
"""A first line without a mark and a full stop: the article's title, where the file gives none."""
_DEFINES = re.compile(r"\bDefinitions?\b")
_TERM = re.compile(r"\(\d+\) [‘'“]([^’'”]{1,120})[’'”]")


def knows(value: Any) -> bool:
    """Tell whether a JSON value is an act: a CELEX number, articles and recitals."""
    return isinstance(value, dict) and {"celex_id", "articles", "recitals"} <= value.keys()


def read(value: Mapping[str, Any]) -> tuple[Parsed, ...]:
    """Parse an act. Its `effective_date` is passed over: these files fill it with different kinds of dates."""
    named = by_celex(str(value["celex_id"]))
    blocks = [*_recitals(value["recitals"]), *_articles(value["articles"])]
    dates = application(_final(value["articles"], blocks), None)
    meta = {**named.meta(), "title": f"{value['full_name']} ({named.citation})", "applies_from": dates.applies_from,
            "transposition_by": dates.transposition_by}  # fmt: skip
    kept = {name: fact for name, fact in meta.items() if fact}
    dated = [_dated(block, dates) for block in blocks]
    flags = _flags(value, named, dates)
    return (build(dated, title=str(meta["title"]), meta=kept, prefix=named.short, flags=flags),)


def _final(rows: list[dict[str, Any]], blocks: list[Block]) -> str:
    """Return the text of the articles that say when an act applies: those whose title tells, and the last one."""
    wanted = {f"Art. {row['number']}" for row in rows if row is rows[-1] or _DATES.search(row.get("title") or "")}
    return "\n".join(block.text for block in blocks if wanted & set(block.pinpoint.path[:1]))


def _flags(value: Mapping[str, Any], named: Act, dates: Application) -> tuple[str, ...]:
    """Tell what these files get wrong: swallowed annexes, other numbers of articles, and dates by chapter alone."""
    recitals = {row["recital_number"] for row in value["recitals"]}
    by_chapter = any(
        any(scope.chapter for scope in scopes) and not any(scope.article for scope in scopes)
        for scopes, _, _ in dates.own
    )
    return (
        "tail_swallowed",
        *(("article_count",) if named.articles not in {None, len(value["articles"])} else ()),
        *(("recital_count",) if named.recitals not in {None, len(recitals)} else ()),
        *(("dates_by_chapter",) if by_chapter else ()),
    )


def _recitals(rows: list[dict[str, Any]]) -> Iterator[Block]:
    """The last recital stands twice in these files."""
    seen = set()
    for row in rows:
        number = row["recital_number"]
        if number not in seen:
            seen.add(number)
            yield Block(Shape.PARAGRAPH, line(row["text"]), pinpoint=Pinpoint((f"Recital {number}",), Part.RECITAL))


def _articles(rows: list[dict[str, Any]]) -> Iterator[Block]:
    """These files put the last article of a chapter into the next one, so their chapters are passed over."""
    for row in rows:
        article = f"Art. {row['number']}"
        texts = list(_until_the_end(row["text"]))
        title = line(row.get("title") or "")
        if not title and len(texts) > 1 and _UNPOINTED.fullmatch(texts[0]):
            title = texts.pop(0)
        yield Block(Shape.HEADING, f"Article {row['number']} {title}".strip(), 2)
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


def _dated(block: Block, dates: Application) -> Block:
    path = block.pinpoint.path
    if not path or not path[0].removeprefix("Art. ").isdigit():
        return block
    paragraph = path[1].strip("()") if len(path) > 1 else ""
    own = dates.of("", "", int(path[0].removeprefix("Art. ")), int(paragraph) if paragraph.isdigit() else 0)
    return replace(block, pinpoint=replace(block.pinpoint, applies_from=own)) if own else block
