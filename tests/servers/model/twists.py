"""Ways to make a true sentence false: each takes a sentence and what is known, and leaves alone what it cannot twist."""

import re
from collections.abc import Callable, Iterator
from itertools import chain

Twist = Callable[[str, str], str]

_MONTHS = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_DATE = re.compile(
    rf"\b\d{{4}}-\d\d-\d\d\b|\b(?:\d{{1,2}} )?{_MONTHS} (?:\d{{1,2}}, )?\d{{4}}\b"
    rf"|\b(?:in|since|by|until|before|after|from|of) (?:19|20)\d\d\b"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_CLAUSE = re.compile(r"^\d{1,3}(?:\.\d{1,3}){1,4}\.?\s+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_COUNTS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_COUNT = re.compile(rf"\b(?:{'|'.join(_COUNTS)})\b", re.IGNORECASE)
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][\w&-]+(?: [A-Z][\w&-]+)*|^(?:[A-Z][\w&-]+ )+[A-Z][\w&-]+|\b[A-Z][a-z]*[A-Z]\w*")
_STRANGERS = ("Globex Systems", "Initech Holdings", "Umbrella Logistics", "Hooli Networks")
_AUXILIARY = r"(must|shall|may|should|can|could|will|would|is|are|was|were|has|have|had|does|do|did)"
_UNSAID = r"(?!\s+(?:not|never|no|only)\b)"

DROPPED = (
    (rf"\b{_AUXILIARY}\s+(?:not|never)\b", r"\1"),
    (r"\bcan(?:not|['’]t)\b", "can"),
    (r"\bwon['’]t\b", "will"),
    (r"n['’]t\b", ""),
    (r"\b(?:not|never)\s+", ""),
    (r"\b(prohibit|forbid)s\b", "permits"),
    (r"\b(?:prohibited|forbidden|banned)\b", "permitted"),
    (r"\bNo (?=[a-z])", "Every "),
    (r"\bno (?=[a-z])", "every "),
    (r"\bwithout\b", "with"),
    (r"\bunless\b", "if"),
    (r"\bunlawful\b", "lawful"),
    (r"\bfail(?:ed|s)? to\b", "managed to"),
)
ADDED = ((rf"\b{_AUXILIARY}\b{_UNSAID}", r"\1 not"),)
CHANGED = (
    (rf"\bmay\b{_UNSAID}", "must"),
    (rf"\b(?:must|shall)\b{_UNSAID}", "may"),
    (rf"\b(?:should|can)\b{_UNSAID}", "must"),
    (rf"\b(?:could|might)\b{_UNSAID}", "will"),
    (r"\b(?:is|are) required to\b", "may"),
    (r"\b(?:is|are) (?:allowed|permitted) to\b", "must"),
    (r"\brequires\b", "allows"),
    (r"\b(?:allows|permits)\b", "requires"),
    (r"\boblig(?:es|ates)\b", "allows"),
)
_CONDITION = re.compile(
    r",?\s+(?:unless|except|provided that|only (?:if|where|when|after|with)|subject to|but not|other than|without|if)\b"
)
_NOT = re.compile(r"\b(?:not|never)\s+")
SHORTEST_CHARACTERS = 20
SHORTEST_WORDS = 4


def number(text: str, known: str) -> str:
    """Change a figure that is no date into one that stands nowhere."""
    dates = [match.span() for match in chain(_DATE.finditer(text), _CLAUSE.finditer(text))]
    for match in _NUMBER.finditer(text):
        if not any(start <= match.start() < end for start, end in dates):
            return _put(text, match, _fresh(match[0], known))
    for match in _COUNT.finditer(text):
        others = (one for one in reversed(_COUNTS) if not re.search(rf"\b{one}\b", known, re.IGNORECASE))
        if other := next(others, None):
            return _put(text, match, other)
    return text


def date(text: str, known: str) -> str:
    """Change a date's year into one that stands nowhere."""
    match = _DATE.search(text)
    if match is None:
        return text
    return _put(text, match, _YEAR.sub(lambda year: _year(year[0], known), match[0]))


def name(text: str, known: str) -> str:
    """Change a name into one that stands nowhere."""
    months = re.compile(_MONTHS)
    match = next((one for one in _NAME.finditer(text) if not months.fullmatch(one[0])), None)
    return _put(text, match, stranger(known)) if match else text


def stranger(known: str) -> str:
    """Think of a company that nobody spoke of."""
    return next(one for one in _STRANGERS if one not in known)


def rewritten(rules: tuple[tuple[str, str], ...]) -> Twist:
    """Make a twist of rules: the first that applies is applied once."""

    def twist(text: str, _known: str) -> str:
        for pattern, replacement in rules:
            changed = re.sub(pattern, replacement, text, count=1)
            if changed != text:
                return changed
        return text

    return twist


def modality(text: str, known: str) -> str:
    """Swap may and must, unless the sentence begins with a denial, where the two say nearly the same."""
    return text if re.match(r"(?:No|Neither|Nobody|None)\b", text) else rewritten(CHANGED)(text, known)


def truncated(text: str, _known: str) -> str:
    """Keep the part of a sentence that its condition or its "not" no longer reaches."""
    parts = chain(
        (text[: match.start()] for match in _CONDITION.finditer(text)),
        (text[match.end() :] for match in _NOT.finditer(text)),
    )
    return next((one for one in parts if len(one) >= SHORTEST_CHARACTERS and len(one.split()) >= SHORTEST_WORDS), text)


def word(text: str, known: str) -> str:
    """Change one word in the middle into another of the same kind."""
    found = [match for match in re.finditer(r"\b[a-z]{5,}\b", text) if match[0] != "ordinary"]
    for match in sorted(found, key=lambda one: abs(one.start() - len(text) // 2)):
        changed = _put(text, match, "ordinary")
        if changed not in known:
            return changed
    return text


def ended(text: str, more: str) -> str:
    """Add words before the full stop."""
    bare = text.rstrip(".!? ")
    return f"{bare} {more}{text[len(bare) :] or '.'}"


def _put(text: str, match: re.Match[str], new: str) -> str:
    return text[: match.start()] + new + text[match.end() :]


def _fresh(figure: str, known: str) -> str:
    held = set(_NUMBER.findall(known))
    return next(one for one in _figures(figure) if one not in held)


def _figures(figure: str) -> Iterator[str]:
    """Yield other figures of the same form, then longer ones."""
    for digit in "987654321":
        if digit != figure[0]:
            yield digit + figure[1:]
    for number in range(11, 10_000, 7):
        yield f"{number}{figure[1:]}"


def _year(year: str, known: str) -> str:
    return next(str(other) for other in range(int(year) + 1, int(year) + 200) if str(other) not in known)
