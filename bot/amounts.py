"""Compares an amount that was asked about with the amounts between which a rule holds: "above EUR 50,000 and up to 500,000"."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.figures import CURRENCIES, SCALES

LEAST = 1_000
"""From which value a number with a scale alone ("30k", "1 million") is taken for an amount of money."""
_AMOUNT = re.compile(
    r"(?:(?P<before>US\$|[$€£¥]|\b(?:EUR|USD|GBP|CNY|RMB))\s?)?(?<![\d.,§])"
    r"(?P<digits>\d{1,3}(?:[, \u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d(])"
    r"(?:\s?(?P<scale>thousand|million|billion|mn|bn|k|m)\b)?(?:\s?(?P<after>euros?|eur|usd|us dollars?|dollars?|gbp|€)(?!\w))?",
    re.IGNORECASE,
)
_LOW = {
    "over": r"above|over|(?:more|greater|higher) than|exceed(?:s|ing)?|in excess of|beyond|starting above",
    "from": r"at least|from|(?:no|not) less than|(?:a )?minimum of|starting at|between",
}
_HIGH = {
    "max": r"up to|at most|(?:no|not) more than|not exceed(?:ing)?|(?:a )?maximum of|to|and",
    "below": r"below|under|(?:less|lower) than",
}
_BOUND = re.compile(
    "|".join(rf"(?P<{name}>\b(?:{words}))" for name, words in {**_LOW, **_HIGH}.items()).join(
        (r"(?:", r")\s+(?:the\s+)?$")
    ),
    re.IGNORECASE,
)
_OR = re.compile(r"\s+or\s+(?:(?P<more>more|above|over)|(?P<less>less|below|under))\b", re.IGNORECASE)
_BOUGHT = re.compile(r"\b(?:contracts?|purchas\w+|orders?|spend|deals?|value|price|worth)\b", re.IGNORECASE)
_PUNISHED = re.compile(r"\b(?:fin(?:es?|ed)|penalt\w+|turnover|damages|compensation)\b", re.IGNORECASE)
"""What is paid for a breach, and how large a company is, no purchase is compared with."""


@dataclass(frozen=True, slots=True)
class Span:
    """From which amount to which a rule holds, both included; `currency` is an ISO 4217 code, empty where none is said."""

    currency: str
    low: float
    high: float

    def holds(self, amount: "Span") -> bool:
        """Tell whether an amount lies within it."""
        return self.low <= amount.low and amount.high <= self.high

    def compares(self, other: "Span") -> bool:
        """Tell whether both can be in one currency."""
        return not (self.currency and other.currency and self.currency != other.currency)


def outside(question: str, sentence: str) -> bool:
    """Tell whether a sentence holds for other amounts only than those that were asked about."""
    return _verdicts(question, sentence) == {False}


def inside(question: str, sentence: str) -> bool:
    """Tell whether a sentence says of an amount that was asked about that it holds for it."""
    return True in _verdicts(question, sentence)


def _verdicts(question: str, sentence: str) -> set[bool]:
    if not _BOUGHT.search(sentence) or _PUNISHED.search(sentence):
        return set()
    held = spans(sentence)
    asked = [one for one in spans(question) if one.low == one.high]
    return {span.holds(one) for one in asked for span in held if span.low != span.high and span.compares(one)}


@lru_cache(maxsize=1_024)
def spans(text: str) -> tuple[Span, ...]:
    """Return the amounts of a text: each by itself (`low` is `high`) or as what it bounds."""
    found: list[Span] = []
    before = 0
    for match, value, currency in _amounts(text):
        bound = _BOUND.search(text, before, match.start())
        either = _OR.match(text, match.end())
        name = bound.lastgroup if bound else ("from" if either["more"] else "max") if either else None
        joined = found and text[before : match.start()].strip().lower() in _JOINING
        if name in _HIGH and joined and math.isinf(found[-1].high):
            found[-1] = Span(found[-1].currency or currency, found[-1].low, _bounded(name, value))
        elif name in _HIGH and not (bound and bound[0].strip().lower() in {"and", "to"}):
            found.append(Span(currency, 0.0, _bounded(name, value)))
        elif name in _LOW:
            found.append(Span(currency, _bounded(name, value), math.inf))
        else:
            found.append(Span(currency, value, value))
        before = match.end()
    return tuple(found)


_JOINING = frozenset(
    {"and", "to", "up to", "and up to", "but not more than", "and not more than", "and at most", "but at most"}
)


def _bounded(name: str | None, value: float) -> float:
    """Return the amount at a bound that is included: what is above it begins a cent later."""
    return value + 0.01 if name == "over" else value - 0.01 if name == "below" else value


def _amounts(text: str) -> Iterator[tuple[re.Match[str], float, str]]:
    """Yield each amount of money with its value and currency; a number without either is none, unless it has a scale."""
    for match in _AMOUNT.finditer(text):
        scale = SCALES.get((match["scale"] or "").lower(), 1)
        value = float(re.sub(r"[, \u00a0\u202f]", "", match["digits"])) * scale
        said = (match["before"] or match["after"] or "").lower()
        if said or (match["scale"] and value >= LEAST):
            yield match, value, CURRENCIES.get(said) or CURRENCIES.get(said.removesuffix("s"), "")
