"""Compares what a sentence forbids, demands, allows, doubts and bounds with what its quote does."""

import re
from dataclasses import dataclass

_NOT = r"(?:not|n't|never)"
_PATTERNS = {
    "forbid": rf"\b(?:must|shall|may|should|can)\s*(?:{_NOT}|no)\b|\bcannot\b|\bcan't\b|\bmustn't\b|\bno\s+\w+\s+(?:may|shall|must)\b"
    r"|\bprohibit\w*|\bforbid\w*|\bforbidden\b|\bban(?:s|ned|ning)?\b|\bbars?\b|\bbarred\b|\boutlaw\w*|\bnot (?:allowed|permitted)\b"
    r"|\b(?:must|shall|may) (?:neither|never)\b|\bnever be\b|\bunlawful\b|\bnot lawful\b",
    "demand": r"\bmust\b|\bshall\b|\brequir\w+|\boblig\w+|\bha(?:s|ve) to\b|\bneeds?\b|\bmandat\w+|\bis to\b|\bare to\b|\bdut(?:y|ies)\b"
    r"|\bdemands?\b",
    "allow": r"\bmay\b|\bcan\b|\ballow\w*|\bpermit\w*|\bis free to\b|\blets?\b|\bentitle\w*|\bauthori[sz]\w+|\bpossible\b",
    "advise": r"\bshould\b|\brecommend\w*|\bexpect\w*|\bencourag\w+",
    "doubt": r"\bcould\b|\bmight\b|\balleg\w+|\breported(?:ly)?\b|\bsuspect\w*|\bclaim(?:s|ed)\b|\bpotential\w*|\bpossibl[ey]\b|\bprobe\b"
    r"|\binvestigat\w+|\bappears?\b|\breview\b|\bconcern\w*|\bwhether\b|\baccording to\b|\bplans?\b|\bpropos\w+",
}
_MEANS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _PATTERNS.items()}
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nor|neither|without|nothing|nobody|cannot|refus\w+|den(?:y|ies|ied)|fail(?:s|ed)?|lacks?|lacking|absent"
    r"|prohibit\w*|forbid\w*|forbidden|ban(?:s|ned|ning)?|unlawful|exempt\w*|except|unless|only|other than|excluding|excludes?)\b|n't\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:unless|except|only|provided that|subject to|other than|excluding|excludes?)\b", re.IGNORECASE
)
_BOUND = re.compile(
    r"\b(up to|at least|at most|no more than|more than|less than|fewer than|no later than|not later than|within|before|after|until|"
    r"below|above|over|under|exceed\w*|minimum|maximum|from|since|as of|by)\s+(?:[$€£¥]\s?)?(?:EUR |USD |GBP )?(?=\d|[a-z]+ (?:hours|days|months|years|percent))",
    re.IGNORECASE,
)
_SAME_BOUND = {
    "up to": "max", "at most": "max", "no more than": "max", "maximum": "max", "no later than": "within", "not later than": "within",
    "within": "within", "by": "within", "at least": "min", "minimum": "min", "more than": "over", "over": "over", "above": "over",
    "exceed": "over", "exceeds": "over", "exceeding": "over", "less than": "below", "fewer than": "below", "below": "below",
    "under": "below", "since": "from", "from": "from", "as of": "from", "after": "after", "before": "before", "until": "until",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tone:
    """How a sentence speaks: its modes, whether it negates, whether it sets a condition, and its bounds on figures."""

    modes: frozenset[str]
    negations: int
    conditional: bool
    bounds: frozenset[str]


def tone(sentence: str) -> Tone:
    """Read the tone of one sentence."""
    modes = {name for name, pattern in _MEANS.items() if pattern.search(sentence)}
    if "forbid" in modes:
        # What forbids also matches the word that demands or allows inside "must not", "may not".
        rest = _MEANS["forbid"].sub(" ", sentence)
        modes = {"forbid"} | {name for name, pattern in _MEANS.items() if name != "forbid" and pattern.search(rest)}
    return Tone(
        modes=frozenset(modes),
        negations=len(_NEGATION.findall(sentence)),
        conditional=bool(_CONDITION.search(sentence)),
        bounds=frozenset(_SAME_BOUND.get(found.lower(), found.lower()) for found in _BOUND.findall(sentence)),
    )


def disagreement(claim: str, quote: str) -> str:
    """Return in one word why the claim says something else than its quote, empty when they agree."""
    said, proved = tone(claim), tone(quote)
    checks = (
        ("negation", (said.negations > 0) != (proved.negations > 0)),
        ("negation", abs(said.negations - proved.negations) % 2 == 1 and not _reworded(said, proved)),
        ("modality", "forbid" in said.modes and "forbid" not in proved.modes and not _negated_duty(proved)),
        ("modality", "forbid" in proved.modes and "forbid" not in said.modes and said.negations == 0),
        ("modality", "demand" in said.modes and not proved.modes & {"demand", "forbid"}),
        ("modality", "allow" in said.modes and not proved.modes & {"allow", "doubt"}),
        (
            "modality",
            "allow" in proved.modes and not said.modes & {"allow", "doubt", "forbid", "advise"} and _asserts(said),
        ),
        ("modality", "advise" in proved.modes and "demand" in said.modes and "demand" not in proved.modes),
        ("doubt", "doubt" in proved.modes and not said.modes & {"doubt", "allow"}),
        ("condition", proved.conditional and not said.conditional),
        ("bound", bool(proved.bounds - said.bounds) and bool(re.search(r"\d", claim))),
        ("bound", bool(said.bounds - proved.bounds)),
    )
    return next((why for why, differs in checks if differs), "")


def _reworded(said: Tone, proved: Tone) -> bool:
    """Tell whether both forbid: "must not" and "prohibits" are one negation however they are worded."""
    return "forbid" in said.modes and "forbid" in proved.modes


def _negated_duty(proved: Tone) -> bool:
    return proved.negations > 0 and bool(proved.modes & {"demand", "allow"})


def _asserts(said: Tone) -> bool:
    return "demand" in said.modes or not said.modes
