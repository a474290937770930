"""Compares what a sentence forbids, demands, allows, doubts and bounds with what its quote does."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

_FORBID = (
    r"\b(?:must|shall|may|should|can)\s*(?:not|n['’]t|never|no|neither)\b|\bcannot\b|\bno\s+\w+\s+(?:may|shall|must|can|is (?:allowed|permitted))\b"
    r"|\bprohibit\w*|\bforbid\w*|\bban(?:s|ned|ning)?\b|\bbars?\b|\bbarred\b|\boutlaw\w*|\bnot (?:allowed|permitted)\b"
    r"|\bnever be\b|\b(?:un|not )lawful\b"
)
_DENY = (
    r"\b(?:not|never|no|none|nor|neither|without|nothing|nobody|refus\w+|den(?:y|ies|ied)|fail(?:s|ed)?|lacks?|lacking|absent"
    r"|exempt\w*|except|unless|only|other than|excluding|excludes?)\b|n['’]t\b"
)
_MEANS = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "forbid": _FORBID,
        "demand": r"\bmust\b|\bshall\b|\brequir\w+|\boblig\w+|\bha(?:s|ve) to\b|\bneeds?\b|\bmandat\w+|\bis to\b|\bare to\b|\bdut(?:y|ies)\b"
        r"|\bdemands?\b",
        "allow": r"\bmay\b|\bcan\b|\ballow\w*|\bpermit\w*|\bis free to\b|\blets?\b|\bentitle\w*|\bauthori[sz]\w+|\bpossible\b",
        "advise": r"\bshould\b|\brecommend\w*|\bexpect\w*|\bencourag\w+",
        "doubt": r"\bcould\b|\bmight\b|\balleg\w+|\breported(?:ly)?\b|\bsuspect\w*|\bclaim(?:s|ed)\b|\bpotential\w*"
        r"|(?<!\bwhere )(?<!\bas )(?<!\bif )(?<!\bwhenever )\bpossibl[ey]\b|\bprobe\b"
        r"|\binvestigat\w+|\bappears?\b|\breview\b|\bconcerns?\b(?! (?:the|an?|only|all|such|this|those|him|her|them|it|products|processing|data)\b)|\bwhether\b|\baccording to\b|\bplans?\b|\bpropos\w+",
    }.items()
}  # fmt: skip
_MAY = re.compile(r"\bMay(?= \d)|(?<=\d )May\b|(?<=\d-)May\b")
"""The month."""
_NEGATION = re.compile(f"{_FORBID}|{_DENY}", re.IGNORECASE)
_CONDITIONS = {
    "except": re.compile(r"\b(?:unless|except|other than|excluding|excludes?|save where|exempt\w*)\b", re.IGNORECASE),
    "only": re.compile(r"\b(?:only|solely|exclusively)\b", re.IGNORECASE),
    "if": re.compile(
        r"\b(?:if|provided that|subject to|as long as|in the event|in case|on condition)\b", re.IGNORECASE
    ),
    "also if": re.compile(r"\b(?:where|when|whenever|once|unless|only)\b", re.IGNORECASE),
}

_LIMITS = {
    "max": r"up to(?! date)|at most|(?:no|not) more than|not (?:to )?exceed(?:ing)?|(?:a )?maximum of|as much as",
    "min": r"at least|(?:no|not) (?:less|fewer|lower) than|(?:a )?minimum of",
    "within": r"(?:no|not) later than|at the latest",
}
"""Phrases that bound whatever follows."""
_TO_FIGURES = {
    "max": r"maximum", "min": r"minimum", "within": r"within|by", "over": r"(?:more|greater|longer|higher) than|over|above|exceed\w*|in excess of",
    "below": r"(?:less|fewer|lower|shorter) than|below|under", "from": r"from|since|as of", "after": r"after|later than|following",
    "before": r"before|prior to|earlier than", "until": r"until|till",
}  # fmt: skip
"""Words that bound only when a figure follows; "under 18 USC 2713" bounds nothing."""
_FIGURE = (
    r"\s+(?:the\s+)?(?:[$€£¥]\s?)?(?:EUR |USD |GBP )?"
    r"(?=(?:\d|(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.? \d|(?:[a-z]+[ -]){1,2}(?:hour|day|week|month|year|percent|million|billion)))"
    r"(?!\d+ (?:CFR|USC|U\.\s?S\.|NYCRR|FR|Stat)\b)(?!\d[\d.]*\()"
)
_BOUND = re.compile(
    "|".join(f"(?P<{name}>\\b(?:{phrase})\\b)" for name, phrase in _LIMITS.items())
    + "|(?P<or_more>(?<=\\d)\\s?%?(?: \\w+){0,2} or (?:more|higher|above)\\b)|(?P<or_less>(?<=\\d)\\s?%?(?: \\w+){0,2} or (?:less|fewer|below)\\b)|"
    + "|".join(f"(?P<figure_{name}>\\b(?:{phrase})){_FIGURE}" for name, phrase in _TO_FIGURES.items()),
    re.IGNORECASE,
)
_GOVERNED = re.compile(
    r"\b(?P<cue>must|shall|will|may|can|could|might|should|(?:is|are) (?:required|obliged) to|ha(?:s|ve) to|(?:is|are) (?:allowed|permitted) to"
    r"|cannot|requires?|obliges?|allows?|permits?|lets?)(?P<not>\s*(?:not|n['’]t|never)\b)?(?:,[^,]{1,60},)?(?:\s+(?:either|an?|the|that|also|only|always|then|therefore|still|be|have|been|\w+ly))*\s+(?P<verb>[a-z]+)",
    re.IGNORECASE,
)
_CUES = {"must": "demand", "shall": "demand", "should": "advise", "cannot": "forbid"}
_WEAK = {"may", "can", "could", "might"}


@dataclass(frozen=True, slots=True)
class Tone:
    """How a sentence speaks: its modes, how often it negates, what conditions it sets, its bounds, and the mode of each verb."""

    modes: frozenset[str]
    negations: int
    conditions: Counter[str]
    bounds: frozenset[str]
    verbs: dict[str, frozenset[str]]


@lru_cache(maxsize=256)
def tone(sentence: str) -> Tone:
    """Read the tone of one sentence; bounds such as "no later than" are no negations, and May is no permission."""
    text = _MAY.sub(" ", sentence)
    unbound = _BOUND.sub(" ", text)
    modes = {name for name, pattern in _MEANS.items() if pattern.search(text)}
    if "forbid" in modes:
        # What forbids also matches the word that demands or allows inside "must not", "may not".
        rest = _MEANS["forbid"].sub(" ", text)
        modes = {"forbid"} | {name for name, pattern in _MEANS.items() if name != "forbid" and pattern.search(rest)}
    return Tone(
        modes=frozenset(modes),
        negations=len(_NEGATION.findall(unbound)),
        conditions=Counter({name: len(pattern.findall(unbound)) for name, pattern in _CONDITIONS.items()}),
        bounds=frozenset(_bound(match) for match in _BOUND.finditer(sentence)),
        verbs=_verbs(text),
    )


def disagreement(claim: str, quote: str) -> str:
    """Return in one word why the claim says something else than its quote, empty when they agree."""
    said, proved = tone(claim), tone(quote)
    checks = (
        ("negation", said.negations != proved.negations),
        ("modality", "forbid" in said.modes and "forbid" not in proved.modes and not _negated_duty(proved)),
        ("modality", "forbid" in proved.modes and "forbid" not in said.modes and said.negations == 0),
        ("modality", "demand" in said.modes and not proved.modes & {"demand", "forbid"}),
        ("modality", "allow" in said.modes and not proved.modes & {"allow", "doubt"}),
        (
            "modality",
            "allow" in proved.modes and not said.modes & {"allow", "doubt", "forbid", "advise"} and _asserts(said),
        ),
        ("modality", "advise" in proved.modes and "demand" in said.modes and "demand" not in proved.modes),
        ("modality", any(modes.isdisjoint(proved.verbs.get(verb, modes)) for verb, modes in said.verbs.items())),
        ("doubt", "doubt" in proved.modes and not said.modes & {"doubt", "allow"}),
        ("condition", any(said.conditions[name] < proved.conditions[name] for name in ("except", "only"))),
        ("condition", proved.conditions["if"] > said.conditions["if"] + _instead(said, proved)),
        ("bound", bool(proved.bounds - said.bounds) and _bounded(claim, proved)),
        ("bound", bool(said.bounds - proved.bounds)),
    )
    return next((why for why, differs in checks if differs), "")


def _bound(match: re.Match[str]) -> str:
    name = (match.lastgroup or "").removeprefix("figure_")
    return {"or_more": "min", "or_less": "max"}.get(name, name)


def _bounded(claim: str, proved: Tone) -> bool:
    """Tell whether a bound of the quote must stand in the claim: always "at least high", others only beside a figure."""
    return bool(proved.bounds & {"max", "min"}) or bool(re.search(r"\d", claim))


def _verbs(text: str) -> dict[str, frozenset[str]]:
    """Return what each verb after a "must" or "may" is: demanded, allowed, advised or forbidden."""
    found: dict[str, frozenset[str]] = {}
    for match in _GOVERNED.finditer(text):
        cue = match["cue"].lower()
        mode = _CUES.get(cue) or ("allow" if cue in _WEAK or re.search("allow|permit|let", cue) else "demand")
        modes = {"forbid"} if match["not"] else {mode, "will"} if cue == "will" else {mode}
        if re.search(r"\b(?:no|neither|nor|none|nobody)\b", text[: match.start()], re.IGNORECASE):
            # "No vendor may" forbids, "no vendor must" exempts.
            modes.add("exempt" if mode == "demand" else "forbid")
        stem = match["verb"].lower()[:6]
        found[stem] = found.get(stem, frozenset()) | modes
    return found


def _instead(said: Tone, proved: Tone) -> int:
    """Return how many words the claim has beyond the quote's that can stand for an "if"."""
    return max(0, said.conditions["also if"] - proved.conditions["also if"])


def _negated_duty(proved: Tone) -> bool:
    return proved.negations > 0 and bool(proved.modes & {"demand", "allow"})


def _asserts(said: Tone) -> bool:
    return "demand" in said.modes or not said.modes
