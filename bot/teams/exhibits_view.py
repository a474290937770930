"""The card that shows what an answer stands on: each quote marked in its passage, between its neighbours, page by page."""

from collections.abc import Iterator
from typing import Any

from bot import excerpt
from bot.excerpt import Part
from bot.exhibits import Exhibit
from bot.teams.controls import EVIDENCE
from bot.teams.elements import Element, button, paragraph, run
from bot.teams.message import Activity, carded, fitted, size
from knowledge.store.chain import Kept

FULL = 16_000
"""Bytes of one page's sources, as Teams counts them."""
ROWS = 10
_CUT = "More stands on this page than fits a message; the receipt has it whole."


def leaves(kept: Kept, exhibits: tuple[Exhibit, ...]) -> list[list[Element]]:
    """Return the pages of an answer's evidence, at least one."""
    parts = [*_rows(kept.body.get("list_sources", ())), *(_exhibit(one) for one in exhibits)]
    shown: list[list[Element]] = [[]]
    for part in parts:
        if shown[-1] and size({"": [*shown[-1], *part]}) > FULL:
            shown.append([])
        shown[-1] += part
    return shown


def evidence(kept: Kept, exhibits: tuple[Exhibit, ...], page: int, url: str) -> Activity:
    """Return the message with one page, counted from 0; `url` is the receipt's link or empty."""
    every = leaves(kept, exhibits)
    page = max(0, min(page, len(every) - 1))
    counted = f", page {page + 1} of {len(every)}" if len(every) > 1 else ""
    lead = f"{excerpt.lead(kept)}{counted}. Quotes are in bold."
    head = [paragraph(run(excerpt.cut(kept.body["question"], excerpt.LONGEST), bold=True)), paragraph(run(lead))]
    end = run("Receipt: how this was made", url=url) if url else run(f"Receipt {kept.answer_id}")
    parts = every[page] or [paragraph(run(excerpt.NOTHING))]
    turns = [("Page before", page - 1)] if page > 0 else []
    turns += [("Next page", page + 1)] if page + 1 < len(every) else []
    actions = [button(title, EVIDENCE, f"{kept.answer_id}:{to}") for title, to in turns]

    def made(count: int) -> Activity:
        missing = [paragraph(run(_CUT))] if count < len(parts) else []
        return carded(
            [*head, *parts[:count], *missing, paragraph(end, spaced=True)], actions, notice=f"Evidence: {lead}"
        )

    return fitted(len(parts), made)


def _exhibit(one: Exhibit) -> list[Element]:
    source = one.source
    cited = run(excerpt.cited(source), url=source.get("url") or "")
    head = paragraph(run(excerpt.head(source), bold=True), cited, run(f" · {excerpt.facts(source)}"), spaced=True)
    parts = [head]
    if one.since is not None:
        parts.append(paragraph(run(f"Changed since the answer: it {one.since.words}.", bold=True)))
    if one.sheet is None:
        return [*parts, paragraph(run(excerpt.OTHER))]
    if before := excerpt.before(one.sheet):
        parts.append(paragraph(run(before, italic=True)))
    passage = [
        run(text, bold=part is Part.QUOTE, italic=part is Part.CONTEXT) for text, part in excerpt.near(one.sheet)
    ]
    parts.append({"type": "Container", "style": "emphasis", "items": [paragraph(*(passage or [run("")]))]})
    if after := excerpt.after(one.sheet):
        parts.append(paragraph(run(after, italic=True)))
    return parts


def _rows(rows: Any) -> Iterator[list[Element]]:
    """Yield the list rows of a check, some in each part."""
    listed = [_row(row) for row in rows]
    for at in range(0, len(listed), ROWS):
        yield [paragraph(run("Listed", bold=True), spaced=True), *listed[at : at + ROWS]]


def _row(row: dict[str, Any]) -> Element:
    cited = run(excerpt.cut(row["citation"], excerpt.LONGEST), url=row.get("url") or "")
    return paragraph(run(excerpt.party(row), bold=True), cited, run(excerpt.listing(row)))
