"""Reads numbers, amounts, dates and section numbers out of a sentence in one normal form, so that two spellings agree."""

import re
from collections.abc import Iterator
from functools import lru_cache

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
_WORDLIKE = ("may", "march", "mar")
"""Months that are also words or names; they count with a capital only, or "Article 15 may" would be a day in May."""
_MONTH = (
    f"(?i:{'|'.join(name for name in sorted(_MONTHS, key=len, reverse=True) if name not in _WORDLIKE)})"
    f"|{'|'.join(f'{name.capitalize()}|{name.upper()}' for name in _WORDLIKE[1:])}|May|MAY"
)
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
_DATES = (
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})\b"),
    re.compile(rf"\b{_DAY}[\s-]+(?:of\s+)?(?P<n>{_MONTH})\.?,?[\s-]+(?P<y>\d{{4}})\b"),
    re.compile(rf"\b(?P<n>{_MONTH})\.?\s+{_DAY},?\s+(?P<y>\d{{4}})\b"),
    re.compile(rf"\b(?P<n>{_MONTH})\.?,?\s+(?:of\s+)?(?P<y>\d{{4}})\b"),
    re.compile(rf"\b{_DAY}\s+(?:of\s+)?(?P<n>{_MONTH})\b"),
    re.compile(rf"\b(?P<n>{_MONTH})\.?\s+{_DAY}\b"),
)
LONGEST_NUMBER = 15
"""Digits beyond which a number is compared as it is written; it would not survive as a float."""
SCALES = {
    "thousand": 10**3, "k": 10**3, "million": 10**6, "mn": 10**6, "m": 10**6, "billion": 10**9, "bn": 10**9, "b": 10**9,
    "trillion": 10**12, "tn": 10**12,
}  # fmt: skip
_UNITS = {
    "second": "second", "minute": "minute", "hour": "hour", "hr": "hour", "day": "day", "week": "week", "month": "month",
    "year": "year", "percent": "%", "per cent": "%", "pc": "%",
}  # fmt: skip
CURRENCIES = {
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "us dollar": "USD", "u.s. dollar": "USD", "€": "EUR", "eur": "EUR",
    "euro": "EUR", "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds sterling": "GBP", "¥": "CNY", "cny": "CNY", "rmb": "CNY",
    "yuan": "CNY", "renminbi": "CNY",
}  # fmt: skip
_TENS = {
    word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}  # fmt: skip
_SMALL = {
    word: n
    for n, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
        " eighteen nineteen".split()
    )
}
_COUNTED = {"one", "zero"}
"""Number words that are mostly pronouns ("one of the providers"); they are figures only before a unit or a scale."""
_SCALE = r"(?P<scale>\s?(?i:thousand|million|billion|trillion)\b|\s?(?i:mn|bn|tn)\b|[kKmMbB]\b)?"
_AFTER = re.compile(
    r"[\s-]*(?:(?P<unit>(?:(?P<kind>calendar|full|consecutive|clear|whole|further|additional|more|other|preceding|business|working)[\s-]+)?"
    r"(?P<name>seconds?|minutes?|hours?|hrs?|days?|weeks?|months?|years?|percent|per\s?cent)\b)|(?P<sign>%)"
    r"|(?P<money>(?:u\.?s\.?\s+)?dollars?|euros?|eur|usd|gbp|cny|rmb|pounds(?:\s+sterling)?|yuan|renminbi|€)(?!\w))",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?P<currency>US\$|[$€£¥]|\b(?:EUR|USD|GBP|CNY|RMB))?\s?(?<!\d)(?<!\d[.,])"
    r"(?P<digits>\d{1,3}(?:[, \u00a0\u202f]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)*)" + _SCALE,
)
_WORD = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})(?:[\s-](?P<unit>{'|'.join(list(_SMALL)[1:10])}))?|(?P<small>{'|'.join(_SMALL)}))?\b"
    r"(?P<hundred>(?:(?<=\w)\s)?\bhundred\b)?(?P<scale>\s?\b(?:thousand|million|billion|trillion)\b)?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_NAMED = re.compile(
    r"(?:\b(?!(?:In|Since|By|From|Until|During|Of|Early|Late|Mid|After|Before|The)\b)[A-Z][\w)]*\s|[/(-]|\bNo\.?\s)$"
)
"""What stands before a year that belongs to a name: "Act 2015", "(EU) 2022", "28/2015"."""
_LISTED = re.compile(r"\s*(?:to|or|and|[-–—])\s*", re.IGNORECASE)
_SECTION = re.compile(
    r"\b(?P<base>\d+(?:\.\d+)*[A-Z]{0,2}|[IVX]+)(?P<first>(?:\(\w{1,4}\))+)"
    r"(?P<more>(?:\s*(?:,|and|or|to|through|[-–])\s*(?:(?:and|or)\s+)?(?:\(\w{1,4}\))+)*)"
)
_MORE = re.compile(r"(?P<joined>,|and|or|to|through|[-–])\s*(?P<parts>(?:\(\w{1,4}\))+)")
_PART = re.compile(
    r"\((\w{1,4})\)|\b(?:paragraph|para\.?|point|subsection|subparagraph|item|letter)s?\s+(\d{1,3}|[a-z])\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=256)
def figures(text: str) -> frozenset[str]:
    """Return every figure in the text, each in all the forms that it can be asked for in.

    Dates are `d:2022-01-18` with `?` for what is not said, numbers `n:50000000`, amounts `c:EUR:20000000`, numbers with
    a unit `u:72:hour`. Section numbers such as 28(2) or 791.4 count as numbers too, each part by itself, and as a whole
    as `r:28(2)`; a part that stands alone, "point (a)", is `p:a`.
    """
    dates: set[str] = set()
    rest = _without_dates(text, dates)
    return frozenset({*_sections(text), *dates, *_numbers(rest)})


def undated(text: str) -> str:
    """Return the text with its dates taken out, so that no month is read as a name or as the word "may"."""
    return _without_dates(text, set())


def stands(figure: str, among: frozenset[str]) -> bool:
    """Tell whether a figure is one of these; a less precise date or section stands where a more precise one does."""
    if figure in among:
        return True
    kind, _, value = figure.partition(":")
    if kind == "d":
        year = value.removesuffix("-?-?")
        return f"n:{year}" in among or any(other.startswith("d:") and _agree(value, other[2:]) for other in among)
    if kind == "n":
        return f"d:{value}-?-?" in among
    if kind == "r":
        # "28(4)(a)" is proved by "Article 28(4) ... in point (a)".
        parent, _, part = value.removesuffix(")").rpartition("(")
        above = f"r:{parent}" if parent.endswith(")") else f"n:{parent}"
        return f"p:{part.lower()}" in among and stands(above, among)
    return kind == "p"


def _agree(less: str, more: str) -> bool:
    return all(a in {b, "?"} for a, b in zip(less.split("-"), more.split("-"), strict=True))


def _without_dates(text: str, found: set[str]) -> str:
    for pattern in _DATES:
        text = pattern.sub(lambda match: _keep_date(match, found), text)
    return text


def _keep_date(match: re.Match[str], found: set[str]) -> str:
    parts = match.groupdict()
    month = int(parts["m"]) if parts.get("m") else _MONTHS[parts["n"].lower()]
    day = f"{int(parts['d']):02d}" if parts.get("d") else "?"
    if month > 12 or (day != "?" and not 1 <= int(day) <= 31):
        return match[0]
    found.add(f"d:{parts.get('y') or '?'}-{month:02d}-{day}")
    return " ; "


def _numbers(text: str) -> Iterator[str]:
    """Yield the numbers of a text without dates, as figures and as words, with their units and currencies."""
    for match in _NUMBER.finditer(text):
        digits = re.sub(r"[, \u00a0\u202f]", "", match["digits"])
        scale = (match["scale"] or "").strip().lower()
        if scale in {"m", "b"} and not match["currency"]:
            scale = ""  # the letter of "section 45B"
        if digits.count(".") > 1 or len(digits) > LONGEST_NUMBER:
            yield f"n:{digits}"
            continue
        value = _plain(float(digits) * SCALES.get(scale, 1))
        if not scale and _YEAR.fullmatch(digits) and not _NAMED.search(text[: match.start("digits")]):
            # "in 2022" is a date, which a full date in that year proves; the year of "Act 2015" is part of a name.
            yield f"d:{digits}-?-?" if not re.match(r"[/(-]", text[match.end() :]) else f"n:{digits}"
            continue
        after = _AFTER.match(text, match.end())
        # "clause 2.10" is not clause 2.1: a bare decimal keeps its noughts.
        yield f"n:{digits}" if "." in digits and not (scale or match["currency"] or after) else f"n:{value}"
        if match["currency"]:
            yield f"c:{CURRENCIES[match['currency'].lower()]}:{value}"
        yield from _measured(value, after)
        if after and (listed := re.search(rf"(?<![\w.])(\d{{1,9}}){_LISTED.pattern}$", text[: match.start("digits")])):
            yield from _measured(_plain(float(listed[1])), after)
    for match in _WORD.finditer(text):
        if not (match["tens"] or match["small"] or match["hundred"]):
            continue
        value = _plain(_spelled(match))
        after = _AFTER.match(text, match.end())
        if match[0].lower() not in _COUNTED or after:
            yield f"n:{value}"
            yield from _measured(value, after)


def _spelled(match: re.Match[str]) -> float:
    low = _TENS.get((match["tens"] or "").lower(), 0) + _SMALL.get((match["unit"] or match["small"] or "").lower(), 0)
    if match["hundred"]:
        low = (low or 1) * 100
    return float((low or (0 if match["small"] else 1)) * SCALES.get((match["scale"] or "").strip().lower(), 1))


def _measured(value: str, after: re.Match[str] | None) -> Iterator[str]:
    """Yield a number with the unit or currency that follows it; working and business days are one unit, not days."""
    if after is None:
        return
    if after["money"]:
        name = re.sub(r"\s+", " ", after["money"].lower()).replace("u.s. ", "us ")
        yield f"c:{CURRENCIES.get(name) or CURRENCIES[name.removesuffix('s')]}:{value}"
        return
    name = "percent" if after["sign"] else re.sub(r"\s+", " ", after["name"].lower())
    unit = _UNITS.get(name) or _UNITS.get(name.removesuffix("s"), "%")
    working = (after["kind"] or "").lower() in {"business", "working"}
    yield f"u:{value}:{'working ' if working else ''}{unit}"


def _plain(value: float) -> str:
    return f"{value:.10g}" if value < 10**9 else f"{round(value)}"


def _sections(text: str) -> Iterator[str]:
    """Yield section numbers with parts in brackets, all of a list or range, and the parts that stand alone."""
    for match in _SECTION.finditer(text):
        first = re.findall(r"\((\w+)\)", match["first"])
        rows = [first]
        for more in _MORE.finditer(match["more"]):
            parts = re.findall(r"\((\w+)\)", more["parts"])
            level = next((at for at, part in enumerate(rows[-1]) if _sort(part) == _sort(parts[0])), len(rows[-1]) - 1)
            if more["joined"] in {"to", "through", "-", "–"} and len(parts) == 1:
                rows += [[*rows[-1][:level], between] for between in _between(rows[-1][level], parts[0])]
            rows.append([*rows[-1][:level], *parts])
        for row in rows:
            for depth in range(1, len(row) + 1):
                yield f"r:{match['base']}{''.join(f'({part})' for part in row[:depth])}"
            yield from (f"n:{part}" for part in row if part.isdigit())
    for match in _PART.finditer(_SECTION.sub(" ", text)):
        yield f"p:{(match[1] or match[2]).lower()}"


def _sort(part: str) -> str:
    return "number" if part.isdigit() else "upper" if part.isupper() else "lower"


def _between(first: str, last: str) -> list[str]:
    if first.isdigit() and last.isdigit() and int(last) - int(first) < 100:
        return [str(n) for n in range(int(first) + 1, int(last))]
    if len(first) == len(last) == 1:
        return [chr(n) for n in range(ord(first) + 1, ord(last))]
    return []
