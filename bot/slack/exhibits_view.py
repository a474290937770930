"""The modal that shows what an answer stands on: each quote marked in its passage, between its neighbours, page by page."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from bot import pages
from bot.exhibits import Exhibit
from bot.slack.elements import Block, Element, button, cut, link, points, rich, section, size, typed
from bot.words import day, plain, spoken
from knowledge.model import Role
from knowledge.store.chain import Kept

BACK, ON = "evidence_page_back", "evidence_page_on"
"""The actions of the buttons that turn pages; the value is the page, counted from 0."""
FULL, MOST = 9_000, 80
"""Characters and blocks of one page."""
NEIGHBOUR, AROUND = 300, 500
"""Characters shown of a neighbour, and of the cited passage before, between and behind its quotes."""
ROWS = 10
LONGEST = 300
_OTHER = "What the knowledge base holds for this passage now is not what was quoted, so it is not shown here. The receipt has the quote as it was."


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
    edition = f"Edition {kept.edition}" if kept.edition else "Screening lists alone"
    lead = f"{edition}, as of {_day(kept.body['as_of'])}{counted}. Quotes are in bold."
    head = [typed(cut(kept.body["question"], LONGEST), bold=True), typed(f"\n{lead}")]
    ends = [link("Receipt: how this was made", url)] if url else [typed(f"Receipt {kept.answer_id}")]
    blocks = [rich([section(head)]), *(every[page] or [rich([section([typed("This answer cites nothing.")])])])]
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
    parts = [section([*_head(source), *_facts(source)])]
    if one.since is not None:
        parts.append(section([typed(f"Changed since the answer: it {one.since.words}.", bold=True)]))
    if one.sheet is None:
        return rich([*parts, section([typed(_OTHER)])])
    if one.sheet.before:
        parts.append(section([typed(_tail(one.sheet.before[-1].text, NEIGHBOUR), italic=True)]))
    parts.append({"type": "rich_text_quote", "elements": [*_passage(one.sheet)] or [typed("")]})
    if one.sheet.after:
        parts.append(section([typed(cut(one.sheet.after[0].text, NEIGHBOUR), italic=True)]))
    return rich(parts)


def _passage(sheet: pages.Sheet) -> Iterator[Element]:
    """Yield the passage in pieces, its quotes in bold; of long pieces beside them only what is near."""
    if sheet.passage.context:
        yield typed(f"{cut(sheet.passage.context, NEIGHBOUR)} ", italic=True)
    pieces = [(text, quoted) for text, quoted in pages.pieces(sheet) if plain(text)]
    for at, (text, quoted) in enumerate(pieces):
        if quoted:
            yield typed(text, bold=True)
        elif at == 0 and len(pieces) > 1:
            yield typed(_tail(text, AROUND))
        elif at == len(pieces) - 1 or len(text) <= 2 * AROUND:
            yield typed(cut(text, 2 * AROUND))
        else:
            yield typed(f"{text[:AROUND]} … {text[-AROUND:]}")


def _head(source: dict[str, Any]) -> list[Element]:
    cited = cut(source["citation"], LONGEST) or f"source {source['n']}"
    shown = link(cited, source["url"]) if source.get("url") else typed(cited, bold=True)
    says = spoken(Role(source["role"]), attached="attached" in source)
    return [typed(f"{says} [{source['n']}] ", bold=True), shown]


def _facts(source: dict[str, Any]) -> list[Element]:
    """Return title, date, status, authority and owner of a source, as the answer knew them."""
    applies = f"applies from {_day(source['applies_from'])}" if source.get("applies_from") else ""
    ends = f"ends on {_day(source['ends_on'])}" if source.get("ends_on") else ""
    owner = f"owner: {source['owner']}" if source.get("owner") else ""
    facts = [cut(source["title"], LONGEST), source.get("label", ""), applies, ends, owner]
    return [typed(f" · {' · '.join(one for one in facts if one)}")]


def _rows(rows: Any) -> Iterator[Block]:
    """Yield the list rows of a check, some in each block."""
    listed = [_row(row) for row in rows]
    for at in range(0, len(listed), ROWS):
        yield rich([section([typed("Listed", bold=True)]), points(listed[at : at + ROWS])])


def _row(row: dict[str, Any]) -> list[Element]:
    cited = cut(row["citation"], LONGEST)
    since = f" · listed since {_day(row['listed_from'])}" if row.get("listed_from") else ""
    until = f" until {_day(row['listed_to'])}" if row.get("listed_to") else ""
    shown = link(cited, row["url"]) if row.get("url") else typed(cited)
    party = typed(f"[{row['n']}] {cut(row['party'], LONGEST)} ", bold=True)
    return [party, shown, typed(f" · {row['label']}{since}{until} · {row['authority']}")]


def _tail(text: str, longest: int) -> str:
    text = plain(text)
    return text if len(text) <= longest else f"… {text[-longest:]}"


def _day(text: str | None) -> str:
    return day(date.fromisoformat(text) if text else None)
