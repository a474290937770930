"""The sentences on what was decided about a vendor: who, when, until when, on what conditions, and what it waits for."""

from collections.abc import Iterator
from typing import Any

from bot.model import LEVELS, Level
from bot.words import day, plain
from knowledge.decision import Choice, Decision, Standing

GRAVE = LEVELS.index(Level.HIGH)
CHOICES = {
    Choice.APPROVED: "Approve",
    Choice.CONDITIONS: "Approve with conditions",
    Choice.REJECTED: "Reject",
    Choice.REVIEW: "Needs review",
}
NO_REVIEWER = (
    "Only reviewers may decide about a vendor, and you are none here. Nothing was decided. An administrator can name you in"
    " CAVEAT_REVIEWERS."
)
ALONE = (
    " Others than your company's people read along here, so only you are shown this; every check among staff shows it."
)


def needs_second(level: str) -> bool:
    """Tell whether an approval at this level counts only once a second person agrees."""
    return LEVELS.index(Level(level)) >= GRAVE


def lines(standing: Standing) -> Iterator[str]:
    """Yield a sentence for the decision that counts and one for a later one that waits; nothing where nothing is decided."""
    if standing.counts is not None:
        yield counted(standing.counts, expired=standing.expired)
    if standing.waits is not None:
        yield waiting(standing.waits)


def counted(one: Decision, *, expired: bool = False) -> str:
    """Return what counts, and that it has ended where it has."""
    also = f" and {plain(one.second_named)}" if one.second else ""
    by = f"{_by(one)}{also} on {day(one.made_at.date())}"
    said = f"needs review, says {by}," if one.choice is Choice.REVIEW else f"{one.choice.value} by {by}"
    head = f"{said} until {day(one.until)}"
    if expired:
        return f"Expired: {head}; it holds no longer, so decide anew.{_rest(one)}"
    return f"Decided: {head}.{_rest(one)}"


def waiting(one: Decision) -> str:
    """Return what does not count yet."""
    return f"Waiting for a second approver: {one.choice.value} by {_by(one)} on {day(one.made_at.date())} at {one.level} risk, which counts once another reviewer agrees.{_rest(one)}"


def told(one: Decision) -> str:
    """Return what came of a decision that was just made or seconded."""
    return f"{plain(one.vendor)[:200]}. {waiting(one) if waits(one) else counted(one)}"


def waits(one: Decision) -> bool:
    """Tell whether a decision waits for a second approver."""
    return one.needs_second and one.second_at is None


def ending(one: Decision) -> str:
    """Return what a decider is told before a decision ends."""
    return (
        f"Your decision about {plain(one.vendor)[:200]} ends on {day(one.until)}: {one.choice.value}, of {day(one.made_at.date())}."
        " Check the vendor and decide anew; until then it is shown as it stands, after that as expired."
    )


def asked(one: Decision) -> str:
    """Return the vendor of a decision as it is typed to be checked."""
    return f"{one.vendor} | {one.country}" if one.country and "|" not in one.vendor else one.vendor


def as_json(standing: Standing) -> dict[str, Any] | None:
    """Return what stands as plain JSON, None where nothing is decided."""
    if standing.counts is None and standing.waits is None:
        return None
    kept = standing.counts
    return {
        "counts": {**one_json(kept), "expired": standing.expired} if kept else None,
        "waits": one_json(standing.waits) if standing.waits else None,
        "lines": [*lines(standing)],
    }


def one_json(one: Decision) -> dict[str, Any]:
    """Return a decision as plain JSON."""
    return {
        "n": one.n, "vendor": one.vendor, "country": one.country or None, "decided": one.choice.value,
        "conditions": one.conditions or None, "why": one.why, "by": one.named, "on": one.made_at.isoformat(timespec="seconds"),
        "until": one.until.isoformat(), "level": one.level, "receipt": one.receipt, "needs_second": one.needs_second,
        "second": one.second_named or None,
    }  # fmt: skip


def _by(one: Decision) -> str:
    return plain(one.named) or "a reviewer"


def _rest(one: Decision) -> str:
    conditions = f" Conditions: {plain(one.conditions).rstrip('.')}." if one.conditions else ""
    return f"{conditions} Why: {plain(one.why).rstrip('.')}."
