"""Ways to make a true sentence false, and ways to say it in other words, by rule and without chance."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.figures import figures
from knowledge.model import Document, Passage


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with the passage and the document that it stands in."""

    text: str
    passage: Passage
    document: Document


Change = Callable[[Sentence], Iterator[str]]

_MONTHS = "January February March April May June July August September October November December".split()
_DATE = re.compile(rf"\b(?P<day>\d{{1,2}} )?(?P<month>{'|'.join(_MONTHS)}) (?P<year>\d{{4}})\b")
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w-])")
_AUXILIARY = r"must|shall|may|should|can|could|will|is|are|was|were|has|have|does|do|did"
_NAMES = re.compile(r"(?<=[a-z,] )[A-Z][\w-]+(?: [A-Z][\w-]+)*(?=[ .,;])")
_COMMON = set("Article Articles Section Sections Annex Part Title Chapter Regulation Regulations".split())
_COUNTRIES = set("China Chinese United American Russia Russian Ireland Irish European Germany German".split())
"""Not used as replacements: a passage that says "Chinese" lets a claim say China."""
_INFINITIVES = (
    "use",
    "include",
    "receive",
    "sign",
    "offer",
    "start",
    "provide",
    "charge",
    "make",
    "accept",
    "deploy",
    "buy",
)


def number(sentence: Sentence) -> Iterator[str]:
    """Change a number, one at a time, into one that neither the passage nor its citation holds."""
    dates = [match.span() for match in _DATE.finditer(sentence.text)]
    held = {found for text in (sentence.passage.text, sentence.passage.citation) for found in figures(text)}
    for match in _NUMBER.finditer(sentence.text):
        if any(start <= match.start() < end for start, end in dates):
            continue
        fresh = (str(n) for n in range(int(re.sub(r"\D", "", match[0])[:6]) + 1, 10**7) if f"n:{n}" not in held)
        yield _put(sentence.text, match, next(fresh))


def date(sentence: Sentence) -> Iterator[str]:
    """Change the day, the month or the year of a date."""
    for match in _DATE.finditer(sentence.text):
        day, month, year = int(match["day"] or 0), match["month"], int(match["year"])
        later = _MONTHS[(_MONTHS.index(month) + 1) % 12]
        forms = [(day, later, year), (day, month, year + 1)]
        forms += [(day % 28 + 1, month, year)] if day else []
        for one in forms:
            words = f"{one[0]} {one[1]} {one[2]}" if day else f"{one[1]} {one[2]}"
            if words not in sentence.passage.text:
                yield _put(sentence.text, match, words)


def renamed(strangers: Sequence[str]) -> Change:
    """Return what replaces a name by one of `strangers` that stands nowhere in its document; at least 50 are needed."""

    def name(sentence: Sentence) -> Iterator[str]:
        document = sentence.document
        own = f"{sentence.passage.text} {sentence.passage.heading} {sentence.passage.citation} {document.short}"
        own = " ".join([own, document.citation, *document.aliases]).casefold()
        for at, match in enumerate(_NAMES.finditer(sentence.text)):
            words = [word for word in match[0].split() if word not in _COMMON and word not in _MONTHS]
            others = strangers[(len(sentence.text) + at) % 50 :] if words else ()
            fresh = next((one for one in others if one.split()[0].casefold() not in own), "")
            if fresh:
                yield _put(sentence.text, match, fresh)

    return name


def names(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the names in texts that can stand in for others, twice over, in their order."""
    found = (match[0] for text in texts for match in _NAMES.finditer(text))
    plain = (one for one in found if not set(one.split()) & {*_COMMON, *_MONTHS, *_COUNTRIES} and len(one) > 3)
    return tuple(dict.fromkeys(plain)) * 2


def not_inserted(sentence: Sentence) -> Iterator[str]:
    """Insert a "not" after each verb that can bear one."""
    for match in re.finditer(rf"\b(?:{_AUXILIARY})\b(?! (?:not|no|never|only)\b)", sentence.text):
        if not re.search(r"\bMay$", sentence.text[: match.end()]):
            yield f"{sentence.text[: match.end()]} not{sentence.text[match.end() :]}"


def not_removed(sentence: Sentence) -> Iterator[str]:
    """Take out each "not" and "never", and turn each "No" into "Every"."""
    for match in re.finditer(r"\b(?:not|never) ", sentence.text):
        yield _put(sentence.text, match, "")
    if sentence.text.startswith("No "):
        yield f"Every {sentence.text[3:]}"


def modality(sentence: Sentence) -> Iterator[str]:
    """Swap "may" and "must", and "requires" and "allows"."""
    swaps = {
        "may": "must",
        "must": "may",
        "shall": "may",
        "requires": "allows",
        "allows": "requires",
        "permits": "requires",
    }
    for match in re.finditer(rf"\b(?:{'|'.join(swaps)})\b(?! not\b| never\b)", sentence.text):
        if not sentence.text.startswith("No "):
            yield _put(sentence.text, match, swaps[match[0]])


def bound(sentence: Sentence) -> Iterator[str]:
    """Swap "at least" and "up to", and what bounds a time."""
    swaps = {
        "at least": "up to", "up to": "at least", "no later than": "no earlier than", "more than": "less than",
        "less than": "more than", "before": "after",
    }  # fmt: skip
    for match in re.finditer(rf"\b(?:{'|'.join(swaps)})\b(?=.*\d)", sentence.text):
        if match[0] in {"at least", "up to"} or re.match(r" (?:EUR |USD |GBP )?\d", sentence.text[match.end() :]):
            yield _put(sentence.text, match, swaps[match[0]])


def condition(sentence: Sentence) -> Iterator[str]:
    """Drop what follows "unless", "except", "only if" or "if"."""
    for match in re.finditer(r",? (?:unless|except|only if|provided that|if) [^,.]+(?=[,.]|$)", sentence.text):
        if len(sentence.text) - len(match[0]) > 40:
            yield _put(sentence.text, match, "")


def mutations(strangers: Sequence[str]) -> dict[str, Change]:
    """Return the ways to make a true sentence false, by what they change; `strangers` are names from elsewhere."""
    return {
        "number": number, "date": date, "name": renamed(strangers), "not inserted": not_inserted, "not removed": not_removed,
        "modality": modality, "bound": bound, "condition": condition,
    }  # fmt: skip


def without_brackets(sentence: Sentence) -> Iterator[str]:
    """Drop a remark in brackets, not the paragraph of a section number."""
    short = re.sub(r" \([^()]*[a-z]{3}[^()]*\)", "", sentence.text)
    if short != sentence.text:
        yield short


def moved(sentence: Sentence) -> Iterator[str]:
    """Move what stands before the first comma to the end."""
    match = re.match(r"((?:Under|From|Since|On|As of|Before|In) [^,]+), (.+)\.$", sentence.text)
    if match and not re.search(r"[.;:]", match[2]):
        yield f"{match[2][0].upper()}{match[2][1:]}, {match[1][0].lower()}{match[1][1:]}."


def obliged(sentence: Sentence) -> Iterator[str]:
    """Say "obliges" for "requires", "has to" for "must", "is permitted to" for "may", "prohibits" for "forbids"."""
    rules = (
        (r"\brequires (?=(?:an? |the )?[\w-]+(?: [\w-]+){0,3} to [a-z])", "obliges "),
        (r"\b(?<!s )must (?!not|never|be\b)(?=[a-z]+ (?:a|an|the|to)\b)", "has to "),
        (r"\bmust be\b", "is to be"),
        (r"\bmust (?!not|never)", "is required to "),
        (r"\bshall (?!not|never)", "must "),
        (r"(?<!\d )\bmay (?!not|only|be\b)", "is permitted to "),
        (r"\bforbids\b", "prohibits"),
        (r"\bprohibits\b", "forbids"),
        (r"\bmust not be\b", "may not be"),
    )
    for pattern, words in rules:
        if re.search(pattern, sentence.text) and not sentence.text.startswith("No "):
            yield re.sub(pattern, words, sentence.text, count=1)


def forbidden(sentence: Sentence) -> Iterator[str]:
    """Say "is prohibited from using" for "must not use"."""
    match = re.search(rf"\bmust not ({'|'.join(_INFINITIVES)})\b", sentence.text)
    if match:
        stem = match[1] if match[1] in {"sign", "offer", "start", "accept", "deploy", "buy"} else match[1][:-1]
        yield _put(sentence.text, match, f"is prohibited from {stem}ing")


def respelled(sentence: Sentence) -> Iterator[str]:
    """Spell figures and names another way: dates, amounts, percentages, articles, US and EU."""
    rules = (
        (r"\b(\d{1,2}) (January|February|June|July|August|September|October|November|December) (\d{4})", r"\2 \1, \3"),
        (r"\bin (\w+) (20\d\d)\b", r"in \2"),
        (r"\bEUR (\d+) million\b", r"€\1m"),
        (r"\bEUR (\d+)\b", r"€\1"),
        (r"\bUSD (\d+)\b", r"$\1"),
        (r"\b(\d+) percent\b", r"\1%"),
        (r"\b(\d+) percent\b", r"\1 per cent"),
        (r"\bArticle (\d+)", r"Art. \1"),
        (r"\bSection (\d+)", r"§\1"),
        (r"\bUS\b", "U.S."),
        (r"\bUS\b", "United States"),
        (r"\bEU\b", "European Union"),
        (r"\bno later than (?=\d)", "within "),
        (r"\bwithin (?=\d+ (?:hour|day|month))", "no later than "),
        (r"\bSBOM\b", "SBOMs"),
    )
    for pattern, words in rules:
        changed = re.sub(pattern, words, sentence.text)
        if changed != sentence.text:
            yield changed


def shortened(sentence: Sentence) -> Iterator[str]:
    """Keep the main clause of a sentence that only adds an explanation with "because" or "which"."""
    match = re.match(r"([^,]{40,}), (?:because|which|so) [^,]+\.$", sentence.text)
    if match and not re.search(
        r"\b(?:not|no|only|unless|except|may|must|never|without|if)\b", sentence.text[match.end(1) :]
    ):
        yield f"{match[1]}."


PARAPHRASES: dict[str, Change] = {
    "without brackets": without_brackets,
    "moved": moved,
    "obliged": obliged,
    "forbidden": forbidden,
    "respelled": respelled,
    "shortened": shortened,
}


def _put(text: str, match: re.Match[str], new: str) -> str:
    return text[: match.start()] + new + text[match.end() :]
