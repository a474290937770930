"""A card as plain JSON: the outside contract of `check --json`, and the frozen record that is kept of it."""

from datetime import date
from importlib.metadata import version
from typing import Any

from bot.card import Card, Line
from bot.decision import as_json as decision_json
from bot.model import VendorCheck
from bot.receipt import claims_json, hashes, source_json
from bot.rows import Row
from bot.words import day
from knowledge.model import Role
from knowledge.screened import ListState, Ruled


def as_json(card: Card) -> dict[str, Any]:
    """Return the card as the outside contract names its parts."""
    return {
        "check_id": card.id,
        "query": card.query,
        "country": card.country or None,
        "edition": card.edition,
        "as_of": card.day.isoformat(),
        "rung": card.rung,
        "refused": bool(card.refused),
        "reason": card.refused or None,
        "resolved": [
            {"vendor_id": one.vendor_id, "name": one.name, "how": one.how, "grade": one.grade.value}
            for one in card.resolved
        ],
        "level": card.risk.level.value,
        "level_reasons": list(card.risk.reasons),
        "categories": [
            {"category": one.category.value, "level": one.level.value, "findings": [*map(_finding, one.lines)]}
            for one in card.sections
        ],
        "listings": [*map(_listing, card.rows)],
        "lists": [*map(_list, card.lists)],
        "decisions": [*map(_decision, card.ruled)],
        "decided": list(card.decided),
        "decision": decision_json(card.standing) if card.standing else None,
        "background": list(card.background),
        "unknowns": list(card.limits),
        "next_steps": [{"text": step.text, "source": step.source} for step in card.next_steps],
        "choices": list(card.choices),
        "sources": [*(_row_source(n, row) for n, row in card.listed), *map(source_json, card.sources)],
        "timings_ms": card.timings_ms,
        "receipt_url": card.receipt_url or None,
    }


def freeze(card: Card, asked: VendorCheck, readable: frozenset[str]) -> dict[str, Any]:
    """Return the record that is kept: the card, who asked for it where, and each passage's hash as it stood.

    It has the parts of an answer's record as well, so that both are shown, verified and linked in the same way; `sources`
    are then the passages alone, and `list_sources` the rows of lists.
    """
    body = as_json(card)
    return {
        **body,
        "kind": "check",
        "question": f"Vendor check: {card.query}",
        "outcome": "answered",
        "summary": summary(card),
        "claims": claims_json(card.claims, card.sources),
        "quoted": [{"start": one.start, "end": one.end, "opening": one.opening} for one in card.claims],
        "findings": [_kept(section.category.value, line) for section in card.sections for line in section.lines if line.row],
        "conflicts": [],
        "dropped": {},
        "sources": [*map(source_json, card.sources)],
        "list_sources": [_row_source(n, row) for n, row in card.listed],
        "made_at": card.made_at.isoformat() if card.made_at else None,
        "before": [],
        "asker": asked.asker.id,
        "place": {"name": asked.place.name, "shared": asked.place.labels is not None},
        "readable": sorted(readable),
        "model": None,
        "caveat": version("caveat"),
        "passages": hashes(card.sources),
    }  # fmt: skip


def summary(card: Card) -> str:
    """Return the level with its reasons, in one sentence or two."""
    reasons = "; ".join(card.risk.reasons)
    if card.risk.level.value == "unknown":
        return f"Risk unknown for {card.query}: {reasons}."
    return f"{card.risk.level.value.capitalize()} risk for {card.query}: {reasons}."


def _finding(line: Line) -> dict[str, Any]:
    if line.row is not None:
        said = {"text": line.row.text, "role": Role.LIST.value, "quote": line.row.quote, "listing_id": line.row.id}
        return {**said, "source": line.source}
    claim = line.claim
    assert claim is not None
    text = f"{claim.text} ({claim.note})" if claim.note else claim.text
    said = {"text": text, "role": claim.role.value, "quote": claim.quote, "passage_id": claim.passage.id}
    return {**said, "source": line.source}


def _kept(category: str, line: Line) -> dict[str, Any]:
    why = line.row.text if line.row else ""
    return {"finding": "listing", "category": category, "level": line.level.value, "why": why, "sources": [line.source]}


def _listing(row: Row) -> dict[str, Any]:
    listing, held = row.standing.listing, row.standing.measure
    return {
        "list": row.found.list_id,
        "party": row.found.party.name,
        "grade": row.found.grade.value,
        "score": row.found.score,
        "measure": held.id,
        "effect": held.effect,
        "status": row.status,
        "valid_from": _iso(row.valid_from),
        "valid_to": _iso(row.valid_to),
        "citation": listing.citation,
        "url": listing.url,
        "as_of": _iso(row.list.day),
    }


def _decision(one: Ruled) -> dict[str, Any]:
    return {
        "vendor_id": f"{one.found.list_id}:{one.found.party.ref}", "party": one.found.party.name, "verdict": one.verdict,
        "by": one.who or None, "on": one.on.isoformat(), "why": one.why or None, "holds": one.holds,
    }  # fmt: skip


def _list(state: ListState) -> dict[str, Any]:
    return {
        "id": state.id, "title": state.title, "snapshot_date": _iso(state.day), "rows": state.rows, "stale": state.stale,
    }  # fmt: skip


def _row_source(n: int, row: Row) -> dict[str, Any]:
    listing = row.standing.listing
    return {
        "n": n,
        "listing_id": row.id,
        "list": row.list.title,
        "party": row.found.party.name,
        "citation": listing.citation,
        "title": row.list.title,
        "role": Role.LIST.value,
        "authority": row.standing.measure.authority,
        "listed_from": _iso(listing.start),
        "listed_to": _iso(listing.end),
        "as_of": _iso(row.list.day),
        "label": f"{row.list.title}, {day(row.list.day)}",
        "url": listing.url,
    }


def _iso(when: date | None) -> str | None:
    return when.isoformat() if when else None
