"""The modal that shows what an answer stands on: each quote marked in its passage, between its neighbours, page by page."""

import json
from collections.abc import Iterator
from typing import Any

from bot import excerpt
from bot.excerpt import Part
from bot.exhibits import Exhibit
from bot.slack.elements import Block, Element, button, cut, link, points, rich, section, size, typed
from knowledge.store.chain import Kept

BACK, ON = "evidence_page_back", "evidence_page_on"
"""The actions of the buttons that turn pages; the value is the page, counted from 0."""
FULL, MOST = 9_000, 80
"""Characters and blocks of one page."""
ROWS = 10
_STYLES: dict[Part, dict[str, bool]] = {Part.CONTEXT: {"italic": True}, Part.QUOTE: {"bold": True}, Part.AROUND: {}}


def leaves(kept: Kept, exhibits: tuple[Exhibit, ...]) -> list[list[Block]]:
    """Return the pages of an answer's evidence, at least one."""
    parts = [*_rows(kept.body.get("list_sources", ())), *(_exhibit(one) for one in exhibits)]
    shown: list[list[Block]] = [[]]
    for part in parts:
        if shown[-1] and (size([*shown[-1], part]) > FULL or len(shown[-1]) >= MOST):
            shown.append([])
        shown[-1].append(part)
    return shown


def evidence(kept: Kept, exhibits: tuple[Exhibit, ...], page: int, back: dict[str, Any], url: str) -> dict[str, Any]:
    """Return the modal with one page; `back` is what its buttons need to know, `url` the receipt's link or empty."""
    every = leaves(kept, exhibits)
    page = max(0, min(page, len(every) - 1))
    counted = f", page {page + 1} of {len(every)}" if len(every) > 1 else ""
    lead = f"{excerpt.lead(kept)}{counted}. Quotes are in bold."
    head = [typed(cut(kept.body["question"], excerpt.LONGEST), bold=True), typed(f"\n{lead}")]
    ends = [link("Receipt: how this was made", url)] if url else [typed(f"Receipt {kept.answer_id}")]
    blocks = [rich([section(head)]), *(every[page] or [rich([section([typed(excerpt.NOTHING)])])])]
    return {
        "type": "modal", "title": {"type": "plain_text", "text": "Evidence", "emoji": False},
        "close": {"type": "plain_text", "text": "Close", "emoji": False},
        "private_metadata": json.dumps(back),
        "blocks": [*blocks, rich([section(ends)]), *_turning(page, len(every))],
    }  # fmt: skip


def _turning(page: int, count: int) -> list[Block]:
    turns = [(BACK, "Page before", page - 1)] if page > 0 else []
    turns += [(ON, "Next page", page + 1)] if page + 1 < count else []
    shown = [button(action, text, str(to)) for action, text, to in turns]
    return [{"type": "actions", "elements": shown}] if shown else []


def _exhibit(one: Exhibit) -> Block:
    source = one.source
    parts = [section([*_head(source), typed(f" · {excerpt.facts(source)}")])]
    if one.since is not None:
        parts.append(section([typed(f"Changed since the answer: it {one.since.words}.", bold=True)]))
    if one.sheet is None:
        return rich([*parts, section([typed(excerpt.OTHER)])])
    if before := excerpt.before(one.sheet):
        parts.append(section([typed(before, italic=True)]))
    passage = [typed(text, **_STYLES[part]) for text, part in excerpt.near(one.sheet)]
    parts.append({"type": "rich_text_quote", "elements": passage or [typed("")]})
    if after := excerpt.after(one.sheet):
        parts.append(section([typed(after, italic=True)]))
    return rich(parts)


def _head(source: dict[str, Any]) -> list[Element]:
    cited = excerpt.cited(source)
    shown = link(cited, source["url"]) if source.get("url") else typed(cited, bold=True)
    return [typed(excerpt.head(source), bold=True), shown]


def _rows(rows: Any) -> Iterator[Block]:
    """Yield the list rows of a check, some in each block."""
    listed = [_row(row) for row in rows]
    for at in range(0, len(listed), ROWS):
        yield rich([section([typed("Listed", bold=True)]), points(listed[at : at + ROWS])])


def _row(row: dict[str, Any]) -> list[Element]:
    cited = cut(row["citation"], excerpt.LONGEST)
    shown = link(cited, row["url"]) if row.get("url") else typed(cited)
    return [typed(excerpt.party(row), bold=True), shown, typed(excerpt.listing(row))]
