"""What changed about a vendor between two looks: a pure comparison of what two cards said, in sentences."""

from collections.abc import Container, Iterator, Mapping
from typing import Any

from bot.card import Card
from bot.rows import Row
from bot.words import plain
from knowledge.ruling import Verdict
from knowledge.screened import Ruled

Seen = Mapping[str, Any]


def seen(card: Card) -> dict[str, Any]:
    """Return what a card said as plain JSON: level, rows of lists, claims by passage, and the lists that were asked."""
    return {
        "edition": card.edition,
        "level": card.risk.level.value,
        "rows": {_key(row): _row(row) for row in card.rows if row.shown},
        "claims": {
            claim.passage.id: {"citation": claim.passage.citation, "quote": claim.quote, "note": claim.note}
            for claim in card.claims
        },
        "decided": list(card.decided),
        "out": [row_id(one) for one in card.ruled if one.holds and one.verdict == Verdict.OUT],
        "lists": {state.id: state.title for state in card.lists if state.loaded},
    }


def differences(before: Seen, now: Seen, known: Container[str], gone: Container[str]) -> tuple[str, ...]:
    """Return the differences as sentences, the level first.

    `known` are passages of now that stood in the edition of the look before: that one of them is chosen now is no news. `gone`
    are passages of then that no document holds for this reader any more: one that is merely not chosen is none either.
    """
    return (*_level(before, now), *_decided(before, now), *_rows(before, now), *_claims(before, now, known, gone))


def _level(before: Seen, now: Seen) -> Iterator[str]:
    if before["level"] != now["level"]:
        yield f"Risk is {now['level']} now; it was {before['level']}."


def _decided(before: Seen, now: Seen) -> Iterator[str]:
    yield from (said for said in now["decided"] if said not in before["decided"])


def _rows(before: Seen, now: Seen) -> Iterator[str]:
    was, is_ = before["rows"], now["rows"]
    for key, row in is_.items():
        if key not in was:
            yield f"New: {row['text']}"
        elif row["restricts"] and row["text"] != was[key]["text"]:
            yield f"Changed: {row['text']} Before: {was[key]['text']}"
    for key, row in was.items():
        if key in is_ or not row["restricts"] or row["id"] in now["out"]:
            continue
        if row["list"] in now["lists"]:
            yield f"No longer found: {row['text']}"
        else:
            title = before["lists"].get(row["list"], row["list"])
            yield f"{title} is not loaded any more, so this was not asked again: {row['text']}"


def _claims(before: Seen, now: Seen, known: Container[str], gone: Container[str]) -> Iterator[str]:
    was, is_ = before["claims"], now["claims"]
    cited = {one["citation"] for passage, one in was.items() if passage in gone}
    for passage, one in is_.items():
        if passage in was:
            if one["note"] != was[passage]["note"]:
                yield f"{one['citation']} is now: {one['note'] or 'without a reservation'}."
        elif passage not in known:
            verb = "reads differently now" if one["citation"] in cited else "is new"
            yield f"{one['citation']} {verb}: “{one['quote']}”"
    told = {one["citation"] for one in is_.values()}
    for passage, one in was.items():
        if passage in gone and one["citation"] not in told:
            yield f"{one['citation']} is no longer among the sources that you may read; it said: “{one['quote']}”"


def row_id(ruled: Ruled) -> str:
    """Return the id of the row that was decided about, as rows of a card have it."""
    return f"{ruled.found.list_id}:{ruled.found.party.ref}"


def _key(row: Row) -> str:
    return "|".join((*row.key, row.standing.measure.id))


def _row(row: Row) -> dict[str, Any]:
    text = plain(" ".join(filter(None, (row.lead, row.entails))))
    return {"text": text, "id": row.id, "list": row.list.id, "restricts": row.restricts}
