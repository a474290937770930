"""What kind of answer a text asks for: a rule or a fact, a number or a date, what the house says, one thing or several."""

import re
from enum import StrEnum

from knowledge.vocabulary import GENERIC, filler
from knowledge.words import terms

_NORMATIVE = re.compile(
    r"\b(can|could|may|might|must|should|shall|need(s|ed)?|allowed|permitted|required?|requires?|obliged|have to|has to"
    r"|(ok(ay)?|fine|safe|legal|lawful|illegal|cleared|good) (to|for|in|with|under|here)|any (objections?|problems?|chance|concerns?|issues?)"
    r"|(want|like|plan|planning|going|hope|wish) to|thinking (of|about)|is it (ok(ay)?|legal|lawful|fine)|(treated|classed|counts?|qualif\w+) as"
    r"|comply|compliant|rules?|duty|duties|obligations?|deadlines?|policy|policies|who (approves?|signs?|decides?)"
    r"|how (fast|soon|long|quickly|many hours)|what (happens|applies|does .* (say|require|mean)))\b",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(
    r"\bhow (?:many|much|big|large|high|long|soon|fast|quickly|often)\b|\bwhat (?:share|percentage|amount|fine|penalty)\b|\bdeadline\b",
    re.IGNORECASE,
)
_HOUSE = re.compile(
    r"\bwho (?:\w+ ){0,2}(?:approves?|approved|signs?|decides?|owns|is responsible)\b|\bour (?:own )?(?:polic|rule|deadline|process|procedure|approv|exception)"
    r"|\bour (?:\w+ )?(?:deadline|policy|process|approval|exception|house)\b|\bin-house\b|\bwhose signature\b|\bwe ourselves\b"
    r"|\bwho (?:takes|makes) (?:\w+ ){0,2}decisions?\b|\bcompany policy\b|\binternal(?:ly)?\b|\bexceptions?\b|\boffboard|\bPOL-\d",
    re.IGNORECASE,
)
_DEFINING = re.compile(
    r"\bdefin\w+\b|\bmeaning of\b|\bmeans?\b|\bwhat (?:is|are|counts? as|qualifies as) (?:an? |the )?[\w\s“”\"'-]{3,60}\?"
    r"|\bwho (?:is|counts as) an? ",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"[?;]+\s|,?\s+(?:and|or|but)\s+(?=(?:what|how|who|whom|when|where|which|why|is|are|do|does|did|can|could|should|must|may"
    r"|will|would|if)\b)",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|do|does|did|will|would|can|could|may|must|should|shall|got|get|gets|say|says|said"
    r"|names?|lists?|owns?|won|lost|paid|caused|happened|affected|explain|tell|show|give|describe|summari[sz]e|define|compare)\b",
    re.IGNORECASE,
)
_ASKING = re.compile(r"\b(?:who|whom|whose|what|when|where|which|why|how)\b", re.IGNORECASE)
_OF = re.compile(r"\bof\b|['’]s\b", re.IGNORECASE)
_YES_NO = re.compile(r"^\W*(?:has|have|had|is|are|was|were|did|does|do)\b", re.IGNORECASE)
_WHEN = re.compile(r"\bwhen\b|\bsince when\b|\bwhat date\b|\bfrom which date\b", re.IGNORECASE)
_LISTED = re.compile(
    r"\b(?:on|in) (?:the |an? |any )?(?:[\w-]+ ){0,4}lists?\b|\b(?:listed|designated|sanctioned|blacklisted|banned)\b",
    re.IGNORECASE,
)
_WANTS = {"number": _HOW_MANY, "date": _WHEN, "listing": _LISTED}


class Aim(StrEnum):
    """What kind of answer a question wants."""

    NORM = "norm"
    FACT = "fact"


def aim_of(text: str, *, vendor: bool) -> Aim:
    """Tell what a text aims at; with a vendor in it, even one that is no sentence asks whether that may be."""
    return Aim.NORM if _NORMATIVE.search(text) or (vendor and fragment(text)) else Aim.FACT


def wanted(text: str) -> str:
    """Return `number`, `date` or `listing` where a text asks for one, else nothing."""
    return next((what for what, asked in _WANTS.items() if asked.search(text)), "")


def house(text: str) -> bool:
    """Tell whether a text asks what the company itself says: its policy, who approves."""
    return _HOUSE.search(text) is not None


def yes_no(text: str) -> bool:
    """Tell whether a text asks whether something is so."""
    return _YES_NO.match(text) is not None


def defining(text: str) -> bool:
    """Tell whether a text asks what a term means."""
    return _DEFINING.search(text) is not None


def fragment(text: str) -> bool:
    """Tell whether a question is no sentence ("Hytera radios for the gate guards?"): it asks whether that may be."""
    return not any(sign.search(text) for sign in (_VERB, _ASKING, _OF))


def parts_of(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the terms of each question where a text asks several; a part of a single word belongs to the one before."""
    parts: list[tuple[str, ...]] = []
    for piece in _SEVERAL.split(text):
        words = tuple(dict.fromkeys(terms(piece)))
        if sum(word not in filler() and word not in GENERIC for word in words) > 1:
            parts.append(words)
        elif parts:
            parts[-1] = tuple(dict.fromkeys((*parts[-1], *words)))
    return tuple(parts) if len(parts) > 1 else ()
