"""Where the sources of an answer say different things about the same: both sides, with dates, and which goes before."""

import itertools
from collections.abc import Sequence
from datetime import date

from bot.figures import figures
from bot.modality import tone
from bot.model import Claim, Conflict
from knowledge.model import Role, Wording
from knowledge.words import terms

SAME = 0.5
"""The share of the shorter sentence's own words from which two sentences are about the same."""
FEWEST = 4
"""Own words that both must hold: two short sentences share half of them by chance."""
_HOURS = {"second": 1 / 3600, "minute": 1 / 60, "hour": 1, "day": 24, "week": 168, "month": 730, "year": 8760}
"""Lengths of time are compared in hours, so that 72 hours and three days agree."""
_FORBID, _ALLOW = frozenset({"forbid"}), frozenset({"allow"})
_BINDS = (Role.LIST, Role.LAW, Role.POLICY, Role.GUIDANCE, Role.EVIDENCE, Role.NEWS)


def conflicts(claims: Sequence[Claim], numbers: Sequence[int]) -> tuple[Conflict, ...]:
    """Return the pairs of claims from different documents that differ in a figure or in what they allow.

    `numbers` are the source numbers of the claims. Sentences count as being about the same when they share half of the
    shorter one's words; so a difference that is stated in other words is not seen.
    """
    found: dict[tuple[int, ...], Conflict] = {}
    pairs = itertools.combinations(zip(claims, numbers, strict=True), 2)
    for (one, n), (other, m) in pairs:
        if one.document.id == other.document.id or not _alike(one.quote, other.quote):
            continue
        if differs := _figures_differ(one.quote, other.quote, n, m) or _tone_differs(one.quote, other.quote, n, m):
            found.setdefault((n, m), Conflict((n, m), differs, _precedence(one, other, n, m)))
    return tuple(found.values())


def _alike(one: str, other: str) -> bool:
    left, right = ({word for word in terms(text) if not word.isdigit()} for text in (one, other))
    shared = len(left & right)
    return shared >= FEWEST and shared >= SAME * min(len(left), len(right))


def _figures_differ(one: str, other: str, n: int, m: int) -> str:
    left, right = _measures(one), _measures(other)
    for kind in left.keys() & right.keys():
        if left[kind].keys().isdisjoint(right[kind]):
            return f"[{n}] says {_spoken(left[kind])}, [{m}] says {_spoken(right[kind])}"
    return ""


def _measures(text: str) -> dict[str, dict[float, str]]:
    """Return the measured values of a sentence by what they measure (time, share, a currency), each with its words."""
    found: dict[str, dict[float, str]] = {}
    for figure in sorted(figures(text)):
        sort, *rest = figure.split(":")
        if sort == "u" and rest[1] == "%":
            found.setdefault("share", {})[float(rest[0])] = f"{rest[0]} %"
        elif sort == "u":
            plural = "" if rest[0] == "1" else "s"
            kind = "time" if rest[1] in _HOURS else rest[1]
            found.setdefault(kind, {})[float(rest[0]) * _HOURS.get(rest[1], 1)] = f"{rest[0]} {rest[1]}{plural}"
        elif sort == "c":
            found.setdefault(rest[0], {})[float(rest[1])] = f"{rest[0]} {float(rest[1]):,.0f}"
    return found


def _spoken(values: dict[float, str]) -> str:
    return " and ".join(values[value] for value in sorted(values))


def _tone_differs(one: str, other: str, n: int, m: int) -> str:
    left, right = tone(one).verbs, tone(other).verbs
    for verb in left.keys() & right.keys():
        modes = (left[verb], right[verb])
        if modes == (_FORBID, _ALLOW):
            return f"[{n}] forbids what [{m}] allows"
        if modes == (_ALLOW, _FORBID):
            return f"[{n}] allows what [{m}] forbids"
    return ""


def _precedence(one: Claim, other: Claim, n: int, m: int) -> str:
    """Say which of two sources goes before: what binds, then the official text, then the newer one."""
    (first, a), (second, b) = sorted(((one, n), (other, m)), key=lambda pair: _rank(pair[0]))
    if {first.role, second.role} == {Role.LAW, Role.POLICY}:
        return f"The law [{a}] binds; company policy [{b}] may ask for more, never for less."
    if first.role is not second.role:
        return f"[{a}] goes before: {first.role.value} binds more than {second.role.value}."
    if (first.document.wording is Wording.OFFICIAL) != (second.document.wording is Wording.OFFICIAL):
        return f"[{a}] goes before: it is the official text, [{b}] a summary."
    if _dated(first) != _dated(second):
        return f"[{a}] is the newer one; check that [{b}] still holds."
    return "Neither goes before the other; ask the owner."


def _rank(claim: Claim) -> tuple[int, bool, int]:
    return _BINDS.index(claim.role), claim.document.wording is not Wording.OFFICIAL, -_dated(claim).toordinal()


def _dated(claim: Claim) -> date:
    document = claim.document
    return (
        claim.passage.applies_from or document.applies_from or document.in_force_from or document.published or date.min
    )
