"""Reads numbers, amounts and dates out of a sentence in one normal form, so that two spellings of one figure agree."""

import re
from collections.abc import Iterator

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sept sep", "october oct", "november nov", "december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATES = (
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})\b"),
    re.compile(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<n>{_MONTH})\.?,?\s+(?P<y>\d{{4}})\b", re.IGNORECASE
    ),
    re.compile(rf"\b(?P<n>{_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b(?P<n>{_MONTH})\.?,?\s+(?P<y>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<n>{_MONTH})\b", re.IGNORECASE),
    re.compile(rf"\b(?P<n>{_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b", re.IGNORECASE),
)
_SCALES = {
    "thousand": 10**3, "k": 10**3, "million": 10**6, "mn": 10**6, "m": 10**6, "billion": 10**9, "bn": 10**9, "b": 10**9,
    "trillion": 10**12, "tn": 10**12,
}  # fmt: skip
_NUMBER = re.compile(
    r"(?P<currency>[$€£¥]\s?|\b(?:EUR|USD|GBP|CNY|RMB)\s?)?(?<![\w.])(?P<digits>\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)*)"
    r"(?P<scale>\s?(?:thousand|million|billion|trillion)\b|\s?(?:mn|bn|tn)\b|[kKmMbB]\b)?",
)
_WORDS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
        " eighteen nineteen twenty".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100}  # fmt: skip
_WORD = re.compile(rf"\b({'|'.join(_WORDS)})(\s+(?:thousand|million|billion|trillion))?\b", re.IGNORECASE)
_UNCOUNTED = {"one", "zero"}
"""Number words that are mostly pronouns ("one of the providers"); they are not figures."""


def figures(text: str) -> frozenset[str]:
    """Return every figure in the text: dates as `d:2022-01-18` with `?` for what is not said, numbers as `n:50000000`.

    Section numbers such as 28(2) or 791.4 count as figures too, each part by itself.
    """
    found: set[str] = set()
    rest = text
    for pattern in _DATES:
        rest = pattern.sub(lambda match: _keep_date(match, found), rest)
    found.update(_numbers(rest))
    return frozenset(found)


def stands(figure: str, among: frozenset[str]) -> bool:
    """Tell whether a figure is one of these; a less precise date stands where a more precise one does."""
    if figure in among:
        return True
    if figure.startswith("d:"):
        return any(other.startswith("d:") and _agree(figure[2:], other[2:]) for other in among)
    # "in 2022" is proved by a full date in that year.
    return figure.startswith("n:") and any(other.startswith(f"d:{figure[2:]}-") for other in among)


def _agree(less: str, more: str) -> bool:
    return all(a in {b, "?"} for a, b in zip(less.split("-"), more.split("-"), strict=True))


def _keep_date(match: re.Match[str], found: set[str]) -> str:
    parts = match.groupdict()
    month = int(parts["m"]) if parts.get("m") else _MONTHS[parts["n"].lower()]
    day = f"{int(parts['d']):02d}" if parts.get("d") else "?"
    if day != "?" and not 1 <= int(day) <= 31:
        return match[0]
    if not (parts.get("y") or parts.get("d")):
        return match[0]
    found.add(f"d:{parts.get('y') or '?'}-{month:02d}-{day}")
    return " "


def _numbers(text: str) -> Iterator[str]:
    for match in _NUMBER.finditer(text):
        digits = match["digits"].replace(",", "").replace(" ", "")
        scale = _SCALES.get((match["scale"] or "").strip().lower(), 1)
        if digits.count(".") > 1:
            yield f"n:{digits}"
            continue
        value = float(digits) * scale
        yield f"n:{value:.10g}" if value < 10**9 else f"n:{round(value)}"
        if match["currency"]:
            yield f"c:{_currency(match['currency'])}:{value:.10g}"
    for match in _WORD.finditer(text):
        word = match[1].lower()
        scale = _SCALES.get((match[2] or "").strip().lower(), 1)
        if word not in _UNCOUNTED or scale > 1:
            value = _WORDS[word] * scale
            yield f"n:{value:.10g}" if value < 10**9 else f"n:{value}"


def _currency(sign: str) -> str:
    return {"$": "USD", "€": "EUR", "£": "GBP", "¥": "CNY", "RMB": "CNY"}.get(sign.strip(), sign.strip())
