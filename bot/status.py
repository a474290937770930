"""What is in service, by source and list, and what failed: `caveat status`."""

from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot import vetting
from bot.build import Library, today
from bot.settings import Settings
from knowledge.screened import ListState
from knowledge.sources import starter
from knowledge.store.catalog import Note
from knowledge.store.conversation import Gaps
from knowledge.store.durable import DeadLetters
from knowledge.store.feedback import Feedback


def status(settings: Settings, library: Library) -> dict[str, Any]:
    """Return what is in service, by source, as plain JSON."""
    live = library.ledger.live()
    held = library.ledger.held(live.number if live else None)
    notes = library.catalog.notes()
    counts = Counter(one.source for one in held.values())
    rows = []
    for spec in (starter.SPEC, *library.catalog.all()):
        published = live.published_at if live else None
        note = notes.get(spec.name, Note(published, published, ""))
        rows.append(
            {
                "name": spec.name, "type": spec.type, "at": spec.at, "kind": spec.kind.value if spec.kind else None,
                "jurisdiction": spec.jurisdiction, "visibility": spec.visibility, "owner": spec.owner,
                "documents": counts.get(spec.name, 0),
                "every_minutes": spec.every or None, "checked_at": _moment(note.checked_at),
                "good_at": _moment(note.good_at), "error": note.error or None,
            }
        )  # fmt: skip
    return {
        "edition": live.number if live else None,
        "published_at": live.published_at.isoformat(timespec="seconds") if live else None,
        "documents": live.documents if live else 0,
        "passages": live.passages if live else 0,
        "embedder": live.embedder if live else None,
        "starter_current": bool(live and live.starter == library.refresher.starter_digest),
        "model": settings.model or None,
        "receipts": library.receipts.count(),
        "unanswered": len(Gaps(library.engine).open()),
        "dead_letters": [
            {
                "key": letter.key,
                "door": letter.door,
                "since": _moment(letter.since),
                "failed_at": _moment(letter.failed_at),
                "why": letter.why,
                "tries": letter.tries,
                "next_at": _moment(letter.next_at),
            }
            for letter in DeadLetters(library.engine).all()
        ],
        **{f"feedback_{value}": count for value, count in Feedback(library.engine).counts().items()},
        "refresh": _run(library),
        "sources": rows,
        "lists": [_list(one) for one in vetting.lists(settings, library).states(today()) if one.loaded or one.failure],
        "owners": _owners(settings),
        "failed": [asdict(failure) for failure in library.ledger.report(live.number)] if live else [],
    }


def _owners(settings: Settings) -> dict[str, Any] | None:
    """Return how the register of owners stands, None where none was loaded."""
    register = vetting.owners(settings).register()
    return (
        None
        if register is None
        else {"of": register.of.isoformat(), "entities": register.entities, "ties": register.ties}
    )


def _list(one: ListState) -> dict[str, Any]:
    of = f"of {one.snapshot}" if one.snapshot else "without a date of its own"
    read = f"read on {one.read_at.date()}" if one.read_at else "shipped with Caveat"
    stands = f"the list {of}, {read}, is in service" if one.loaded else "nothing of it is in service"
    stale = " and stale" if one.stale else ""
    return {
        "id": one.id, "rows": one.rows, "snapshot": one.snapshot.isoformat() if one.snapshot else None,
        "read_at": _moment(one.read_at), "stale": one.stale, "shipped": one.shipped, "failure": one.failure or None,
        "note": f"{one.failure} {stands[:1].upper()}{stands[1:]}{stale}." if one.failure else f"{stands}{stale}",
    }  # fmt: skip


def _run(library: Library) -> dict[str, Any] | None:
    """Return the last refresh, or how far the running one is, as plain JSON."""
    last = library.refresher.runs.last()
    if last is None:
        return None
    killed = last["state"] == "running" and not library.refresher.running()
    return {
        "state": "failed" if killed else last["state"], "started_at": _moment(last["started_at"]), "finished_at": _moment(last["finished_at"]),
        "step": last["step"], "done": last["done"], "total": last["total"],
        "note": "it was killed before its end; the next one goes on from what it had read" if killed else last["note"],
    }  # fmt: skip


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
