"""What stands beside the quotes of an answer where its evidence is shown: facts of a source, and what is near a quote."""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from bot import pages
from bot.words import day, plain, spoken
from knowledge.model import Role
from knowledge.store.chain import Kept

NEIGHBOUR, AROUND = 300, 500
"""Characters shown of a neighbour, and of the cited passage before, between and behind its quotes."""
LONGEST = 300
OTHER = (
    "What the knowledge base holds for this passage now is not what was quoted, so it is not shown here. The receipt has the"
    " quote as it was."
)
NOTHING = "This answer cites nothing."


class Part(StrEnum):
    """What a piece of a passage is."""

    CONTEXT = "context"
    QUOTE = "quote"
    AROUND = "around"


def lead(kept: Kept) -> str:
    """Return the edition and the day that an answer stands on."""
    edition = f"Edition {kept.edition}" if kept.edition else "Screening lists alone"
    return f"{edition}, as of {stated(kept.body['as_of'])}"


def head(source: Mapping[str, Any]) -> str:
    """Return a source's role and number."""
    return f"{spoken(Role(source['role']), attached='attached' in source)} [{source['n']}] "


def cited(source: Mapping[str, Any]) -> str:
    """Return a source's citation."""
    return cut(source["citation"], LONGEST) or f"source {source['n']}"


def facts(source: Mapping[str, Any]) -> str:
    """Return title, date, status, authority and owner of a source, as the answer knew them."""
    applies = f"applies from {stated(source['applies_from'])}" if source.get("applies_from") else ""
    ends = f"ends on {stated(source['ends_on'])}" if source.get("ends_on") else ""
    owner = f"owner: {source['owner']}" if source.get("owner") else ""
    found = [cut(source["title"], LONGEST), source.get("label", ""), applies, ends, owner]
    return " · ".join(one for one in found if one)


def near(sheet: pages.Sheet) -> Iterator[tuple[str, Part]]:
    """Yield the passage in pieces; of long pieces beside its quotes only what is near."""
    if sheet.passage.context:
        yield f"{cut(sheet.passage.context, NEIGHBOUR)} ", Part.CONTEXT
    pieces = [(text, quoted) for text, quoted in pages.pieces(sheet) if plain(text)]
    for at, (text, quoted) in enumerate(pieces):
        if quoted:
            yield text, Part.QUOTE
        elif at == 0 and len(pieces) > 1:
            yield tail(text, AROUND), Part.AROUND
        elif at == len(pieces) - 1 or len(text) <= 2 * AROUND:
            yield cut(text, 2 * AROUND), Part.AROUND
        else:
            yield f"{text[:AROUND]} … {text[-AROUND:]}", Part.AROUND


def party(row: Mapping[str, Any]) -> str:
    """Return the number and the party of a list's row."""
    return f"[{row['n']}] {cut(row['party'], LONGEST)} "


def listing(row: Mapping[str, Any]) -> str:
    """Return the list of a row, since when it stands there, and whose list it is."""
    since = f" · listed since {stated(row['listed_from'])}" if row.get("listed_from") else ""
    until = f" until {stated(row['listed_to'])}" if row.get("listed_to") else ""
    return f" · {row['label']}{since}{until} · {row['authority']}"


def before(sheet: pages.Sheet) -> str:
    """Return the end of what stands before the cited passage, empty for none."""
    return tail(sheet.before[-1].text, NEIGHBOUR) if sheet.before else ""


def after(sheet: pages.Sheet) -> str:
    """Return the beginning of what stands after the cited passage, empty for none."""
    return cut(sheet.after[0].text, NEIGHBOUR) if sheet.after else ""


def stated(text: str | None) -> str:
    """Return an ISO date as people write it."""
    return day(date.fromisoformat(text) if text else None)


def cut(text: str, longest: int) -> str:
    """Return a text cut to a length, with a mark where it was."""
    text = plain(text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def tail(text: str, longest: int) -> str:
    """Return the end of a text, with a mark where it was cut."""
    text = plain(text)
    return text if len(text) <= longest else f"… {text[-longest:]}"
