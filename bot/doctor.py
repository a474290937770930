"""What `caveat doctor` tells: what is set up, reachable and stale, here and at each platform."""

from collections.abc import Iterator
from typing import Any

from bot.build import Library
from bot.settings import Settings
from bot.slack import checkup as slack
from bot.status import status
from bot.teams import checkup as teams
from bot.tracing import can_trace
from knowledge.errors import VectorsUnavailable


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
            else "what ships is newer than what is in service, or was never read: run caveat refresh",
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
        *slack.checked(settings, library.engine),
        *teams.checked(settings),
    ]
    return [{"check": check, "state": state, "note": note} for check, state, note in checks]


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
        ready = can_trace()
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
