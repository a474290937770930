"""The level of risk that an answer's claims show, by a table of rules that each say why."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.model import Claim, Level, Risk
from knowledge.model import Role, Standing
from knowledge.query import Vendor, family

_ORDER = list(Level)
_DENIED = re.compile(
    r"\b(?:not|no|nor|neither|never)\s+(?:\w+\s+){0,4}(?:prohibit\w*|forbid\w*|bans?|banned)\b|\b(?:prohibits|forbids|bans) no\b",
    re.IGNORECASE,
)
"""Says that something is not forbidden."""
_FORBIDS = re.compile(
    r"\b(prohibit\w*|forbid\w*|must not|may not|shall not|cannot|never|banned|bans?)\b",
    re.IGNORECASE,
)
_UNLESS = re.compile(r"\b(before|unless|without|until|except|only|prior)\b", re.IGNORECASE)
_UNLISTED = re.compile(
    r"\b(?:not|never|no longer)\s+(?:name|list|contain|include|on)\w*|\bno (?:\w+ )?(?:entry|entries|listing)\b",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r"[,;]|\b(?:and|but|while)\b")
_CONDITIONS = re.compile(
    r"\b(approv\w+|only (?:if|with|where|after|for)|unless|requires?|must|shall|needs?|assessment|safeguards?|licen[cs]e)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Finding:
    """A claim, whether it is about the vendor in question, and the clauses of its quote that name the vendor."""

    claim: Claim
    vendor: bool
    clauses: tuple[str, ...]


Rule = Callable[[_Finding], tuple[Level, str] | None]


def assess(claims: Sequence[Claim], numbers: Sequence[int], vendors: Sequence[Vendor]) -> Risk:
    """Return the highest level that any claim's rule gives, with every reason for it; UNKNOWN without a vendor.

    `numbers` are the source numbers of the claims, in their order.
    """
    if not vendors or not claims:
        return Risk(Level.UNKNOWN, ("no vendor is named, so there is no level to give",) if claims else ())
    names = re.compile(
        "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for vendor in vendors for name in family(vendor)), re.IGNORECASE
    )
    found: dict[tuple[Level, str], list[int]] = {}
    for claim, n in zip(claims, numbers, strict=True):
        context = f"{claim.quote} {claim.passage.heading} {' '.join(claim.document.vendors)}"
        clauses = tuple(clause for clause in _CLAUSES.split(claim.quote) if names.search(clause))
        finding = _Finding(claim, bool(names.search(context)), clauses)
        for verdict in [verdict for rule in RULES if (verdict := rule(finding))][:1]:
            found.setdefault(verdict, []).append(n)
    if not found:
        return Risk(Level.UNKNOWN, ("nothing found says how risky this is",))
    level = max((level for level, _ in found), key=_ORDER.index)
    reasons = (
        f"{why} {' '.join(f'[{n}]' for n in dict.fromkeys(where))}"
        for (one, why), where in found.items()
        if one is level
    )
    return Risk(level, tuple(reasons))


def _listed(finding: _Finding) -> tuple[Level, str] | None:
    absent = finding.clauses and all(_UNLISTED.search(clause) for clause in finding.clauses)
    if finding.claim.role is Role.LIST and finding.vendor and not absent:
        return Level.HIGH, "the vendor's group stands on an official list"
    return None


def _banned(finding: _Finding) -> tuple[Level, str] | None:
    if finding.claim.role is Role.LAW and finding.vendor and _forbids(finding):
        return Level.HIGH, "a legal prohibition names the vendor"
    return None


def _conditional_law(finding: _Finding) -> tuple[Level, str] | None:
    if finding.claim.role in {Role.LAW, Role.GUIDANCE} and _CONDITIONS.search(finding.claim.quote):
        return Level.MODERATE, "the law sets conditions that have to be met first"
    return None


def _policy(finding: _Finding) -> tuple[Level, str] | None:
    if finding.claim.role is not Role.POLICY:
        return None
    if finding.vendor and _forbids(finding):
        return Level.HIGH, "company policy forbids it for this vendor"
    if _bans(finding.claim.quote) or _CONDITIONS.search(finding.claim.quote):
        return Level.MODERATE, "company policy sets conditions"
    return None


def _decided(finding: _Finding) -> tuple[Level, str] | None:
    if finding.claim.role is Role.NEWS and finding.vendor and finding.claim.document.standing is Standing.DECISION:
        return Level.HIGH, "an authority has acted against the vendor's group, as reported"
    return None


def _reported(finding: _Finding) -> tuple[Level, str] | None:
    """News alone never makes more than moderate: a probe is an allegation, and one report is unconfirmed."""
    if finding.claim.role is Role.NEWS and finding.vendor:
        what = "a reported allegation, not a finding" if _alleged(finding) else "a reported incident"
        return Level.MODERATE, what
    return None


def _forbids(finding: _Finding) -> bool:
    """Tell whether the quote forbids outright; a ban with a way out is a condition."""
    return _bans(finding.claim.quote) and not _UNLESS.search(finding.claim.quote)


def _bans(quote: str) -> bool:
    return bool(_FORBIDS.search(_DENIED.sub(" ", quote)))


def _alleged(finding: _Finding) -> bool:
    return finding.claim.document.standing is not Standing.INCIDENT


RULES: tuple[Rule, ...] = (_listed, _banned, _conditional_law, _policy, _decided, _reported)
"""Read in order; the first rule that speaks about a claim decides what it is worth."""
