"""What an answer's claims show of risk: findings by a table of rules that each say why, weighed by the rubric."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.model import LEVELS, Category, Claim, Finding, Level, Risk
from bot.rubric import UNCONFIRMED, Rubric
from knowledge.model import Role, Standing
from knowledge.vendors import Vendor, family
from knowledge.vocabulary import topics_in
from knowledge.words import terms

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
_BLOCKED = re.compile(
    r"\b(?:SDN|Specially Designated|asset freeze|frozen|blocked (?:person|party|property|entity)|block(?:s|ing|ed)? (?:all )?(?:property|dealings))",
    re.IGNORECASE,
)
_PERMITS = re.compile(
    r"\b(?:is|are) (?:approved|permitted|allowed)\b|\bmay be (?:used|bought|installed|hosted)\b", re.IGNORECASE
)
_CLAUSES = re.compile(r"[,;]|\b(?:and|but|while)\b")
_CONDITIONS = re.compile(
    r"\b(approv\w+|only (?:if|with|where|after|for)|unless|requires?|must|shall|needs?|assessment|safeguards?|licen[cs]e)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Said:
    """A claim, whether it is about the vendor in question, and the clauses of its quote that name the vendor."""

    claim: Claim
    vendor: bool
    clauses: tuple[str, ...]


def assess(claims: Sequence[Claim], numbers: Sequence[int], vendors: Sequence[Vendor], rubric: Rubric) -> Risk:
    """Return the gravest level that the findings give, with the reasons for it and all findings, the gravest first.

    `numbers` are the source numbers of the claims, in their order. UNKNOWN without a vendor, and where all that was found is
    one unconfirmed report: that never decides.
    """
    if not vendors or not claims:
        return Risk(Level.UNKNOWN, ("no vendor is named, so there is no level to give",) if claims else ())
    findings = _findings(claims, numbers, vendors, rubric)
    if not findings:
        return Risk(Level.UNKNOWN, ("nothing found says how risky this is",))
    deciding = [one for one in findings if one.name not in UNCONFIRMED] or _confirmed(findings, claims, numbers)
    if not deciding:
        return Risk(
            Level.UNKNOWN, (f"one unconfirmed report {_cited(findings[0])} is not enough to give a level",), findings
        )
    level = max((one.level for one in deciding), key=LEVELS.index)
    why = [f"{one.why} {_cited(one)}" for one in deciding if one.level is level]
    return Risk(level, tuple(dict.fromkeys(why)), findings)


def category_of(claim: Claim) -> Category:
    """Return the risk category that a claim's words point to most, among those of its document where it names any."""
    words = terms(f"{claim.passage.heading} {claim.quote}")
    counted = topics_in(words)
    own = [topic for topic in claim.document.topics if topic in set(Category)]
    narrow = [topic for topic in own if topic != Category.POLICY.value] or own
    best = max(narrow or list(counted) or [Category.POLICY.value], key=lambda topic: counted.get(topic, 0))
    return Category(best)


def gravity(claim: Claim, vendors: Sequence[Vendor]) -> int:
    """Return how much a claim decides about a vendor, 0 for most: forbidden to us, by law, listed or on conditions, the rest."""
    said = _said(claim, _names(vendors))
    name = next((name for name, rule in RULES if rule(said)), "")
    if name == "policy_conditions" and not (_bans(claim.quote) and _UNLESS.search(claim.quote)):
        return len(_GRAVEST)
    return next((at for at, names in enumerate(_GRAVEST) if name in names), len(_GRAVEST))


def _names(vendors: Sequence[Vendor]) -> re.Pattern[str]:
    names = "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for vendor in vendors for name in family(vendor))
    return re.compile(names, re.IGNORECASE)


def _said(claim: Claim, names: re.Pattern[str]) -> _Said:
    context = f"{claim.quote} {claim.passage.heading} {' '.join(claim.document.vendors)}"
    clauses = tuple(clause for clause in _CLAUSES.split(claim.quote) if names.search(clause))
    return _Said(claim, bool(names.search(context)), clauses)


def _findings(
    claims: Sequence[Claim], numbers: Sequence[int], vendors: Sequence[Vendor], rubric: Rubric
) -> tuple[Finding, ...]:
    names = _names(vendors)
    found: dict[tuple[str, Category], list[int]] = {}
    for claim, n in zip(claims, numbers, strict=True):
        said = _said(claim, names)
        for name in [name for name, rule in RULES if rule(said)][:1]:
            found.setdefault((name, category_of(claim)), []).append(n)
    made = [
        Finding(name, category, rubric.level(name, category), rubric.words[name], tuple(dict.fromkeys(where)))
        for (name, category), where in found.items()
    ]
    return tuple(sorted(made, key=lambda one: -LEVELS.index(one.level)))


def _confirmed(findings: Sequence[Finding], claims: Sequence[Claim], numbers: Sequence[int]) -> list[Finding]:
    """Return the unconfirmed findings when two publishers report them, none otherwise."""
    where = {n for one in findings for n in one.sources}
    publishers = {
        claim.document.authority or claim.document.id for claim, n in zip(claims, numbers, strict=True) if n in where
    }
    return list(findings) if len(publishers) > 1 else []


def _cited(finding: Finding) -> str:
    return " ".join(f"[{n}]" for n in finding.sources)


def _blocked(said: _Said) -> bool:
    return said.claim.role in {Role.LIST, Role.LAW} and any(
        _BLOCKED.search(clause) and not _UNLISTED.search(clause) and not _DENIED.search(clause)
        for clause in said.clauses
    )


def _listed(said: _Said) -> bool:
    absent = said.clauses and all(_UNLISTED.search(clause) for clause in said.clauses)
    return said.claim.role is Role.LIST and said.vendor and not absent


def _banned(said: _Said) -> bool:
    return said.claim.role is Role.LAW and said.vendor and _forbids(said)


def _law_conditions(said: _Said) -> bool:
    return said.claim.role in {Role.LAW, Role.GUIDANCE} and bool(_CONDITIONS.search(said.claim.quote))


def _forbidden(said: _Said) -> bool:
    return said.claim.role is Role.POLICY and said.vendor and _forbids(said)


def _policy_conditions(said: _Said) -> bool:
    quote = said.claim.quote
    return said.claim.role is Role.POLICY and (_bans(quote) or bool(_CONDITIONS.search(quote)))


def _permitted(said: _Said) -> bool:
    return said.claim.role is Role.POLICY and any(_PERMITS.search(clause) for clause in said.clauses)


def _reported(standing: Standing | None) -> "Rule":
    """Return the rule for reports about the vendor that are as firm as this."""
    return lambda said: said.claim.role is Role.NEWS and said.vendor and said.claim.document.standing is standing


def _forbids(said: _Said) -> bool:
    """Tell whether the quote forbids outright; a ban with a way out is a condition."""
    return _bans(said.claim.quote) and not _UNLESS.search(said.claim.quote)


def _bans(quote: str) -> bool:
    return bool(_FORBIDS.search(_DENIED.sub(" ", quote)))


Rule = Callable[[_Said], bool]
RULES: tuple[tuple[str, Rule], ...] = (
    ("blocked", _blocked),
    ("listed", _listed),
    ("banned", _banned),
    ("law_conditions", _law_conditions),
    ("forbidden", _forbidden),
    ("policy_conditions", _policy_conditions),
    ("permitted", _permitted),
    ("decided", _reported(Standing.DECISION)),
    ("incident", _reported(Standing.INCIDENT)),
    ("alleged", _reported(Standing.ALLEGATION)),
    ("reported", _reported(None)),
)
"""What each role can prove, read in order: the first rule that speaks about a claim names its finding."""

_GRAVEST = ({"blocked", "forbidden"}, {"banned"}, {"listed", "decided", "policy_conditions"})
