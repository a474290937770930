"""What is in service, and what is configured, reachable and stale: `caveat status` and `caveat doctor`."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from bot import build
from bot.build import Library
from bot.errors import SettingsRefused
from bot.settings import Settings
from bot.slack import checkup
from knowledge.errors import VectorsUnavailable
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
        "lists": [_list(one) for one in build.lists(settings, library).states(today()) if one.loaded or one.failure],
        "owners": _owners(settings),
        "failed": [asdict(failure) for failure in library.ledger.report(live.number)] if live else [],
    }


def _owners(settings: Settings) -> dict[str, Any] | None:
    """Return how the register of owners stands, None where none was loaded."""
    register = build.owners(settings).register()
    return (
        None
        if register is None
        else {"of": register.of.isoformat(), "entities": register.entities, "ties": register.ties}
    )


def today() -> date:
    """Return the day in UTC."""
    return datetime.now(UTC).date()


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


def examine(settings: Settings, library: Library) -> list[dict[str, str]]:
    """Return checks as {check, state, note}; state is ok, off (not set up) or bad."""
    report = status(settings, library)
    checks = [
        (
            "edition",
            "ok" if report["edition"] else "off",
            f"edition {report['edition']} of {report['published_at']}"
            if report["edition"]
            else "nothing is published yet: run caveat refresh",
        ),
        (
            "starter knowledge",
            "ok" if report["starter_current"] else "off",
            "as shipped"
            if report["starter_current"]
            else "the edition in service is older than what ships: run caveat refresh",
        ),
        *((f"source {one['name']}", "bad", _since(one)) for one in report["sources"] if one["error"]),
        *(_stale(one) for one in report["lists"] if one["stale"]),
        *_last_refresh(report["refresh"]),
        *_undelivered(report["dead_letters"]),
        *_traces(settings),
        _examine_vectors(library),
        (
            "language model",
            "ok" if settings.model else "off",
            settings.model or "not set up: answers are verbatim sentences (R1); set CAVEAT_MODEL",
        ),
        (
            "links to evidence",
            "ok" if settings.public_url else "off",
            settings.public_url or "not set up: answers link to no evidence; set CAVEAT_PUBLIC_URL",
        ),
        *checkup.checked(settings, library.engine),
        _examine_teams(settings),
    ]
    return [{"check": check, "state": state, "note": note} for check, state, note in checks]


def _examine_teams(settings: Settings) -> tuple[str, str, str]:
    try:
        registration = build.registration(settings)
    except SettingsRefused as refused:
        return "teams", "bad", str(refused)
    if registration is None:
        return "teams", "off", "not set up: set CLIENT_ID, CLIENT_SECRET and TENANT_ID"
    return "teams", "ok", f"tenants {', '.join(sorted(registration.tenants))}"


def _since(source: dict[str, Any]) -> str:
    good = source["good_at"]
    return f"{source['error']}; it last went well on {good}" if good else str(source["error"])


def _stale(one: dict[str, Any]) -> tuple[str, str, str]:
    """Return what is to be done about a stale list; one that only shipped is a list that nobody has set up."""
    add = f": run caveat sources add {one['id']} --type list --at default" if one["shipped"] else ": run caveat refresh"
    return f"list {one['id']}", "off" if one["shipped"] else "bad", f"{one['note']}{add}"


def _last_refresh(run: dict[str, Any] | None) -> Iterator[tuple[str, str, str]]:
    if run and run["state"] in {"refused", "failed"}:
        yield "last refresh", "bad", f"{run['note']}; the edition before it stays in service"


def _undelivered(letters: list[dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    if stuck := sum(1 for one in letters if not one["next_at"]):
        yield "undelivered answers", "bad", f"{stuck} wait for a decision: caveat work list, then again or drop"


def _traces(settings: Settings) -> Iterator[tuple[str, str, str]]:
    if settings.traces:
        ready = build.can_trace()
        yield (
            "traces",
            "ok" if ready else "bad",
            "sent" if ready else "the extra otel is missing: pip install '.[otel]'",
        )


def _examine_vectors(library: Library) -> tuple[str, str, str]:
    try:
        names = library.segments.names()
    except VectorsUnavailable:
        return "vector store", "bad", "does not answer: search falls back to the ledger's own vectors"
    live = library.ledger.live()
    missing = {shelf.name for shelf in library.ledger.shelves(live.number)} - names if live else set()
    if missing:
        return (
            "vector store",
            "bad",
            "lacks segments of the edition in service: search falls back to the ledger's vectors",
        )
    return "vector store", "ok", f"{len(names)} segments"
