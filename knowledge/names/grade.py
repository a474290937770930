"""From the evidence for a match to its grade, with each reason written out."""

from dataclasses import dataclass
from enum import StrEnum

from knowledge.names.forms import Form
from knowledge.names.score import ACRONYM, STRONG, THRESHOLD, Compared, placeless, weight
from knowledge.party import NameKind

COMMON = 2
"""Common words that together are a name: China Telecom."""
SHORT_WORD = 8
"""Letters below which a slip may as well be another word: tractor and traction."""

DISGUISED = "letters that only look Latin, or hidden ones, were read as plain Latin letters"


class Grade(StrEnum):
    """What the evidence carries; only a person turns POSSIBLE into an identity."""

    CONFIRMED = "confirmed"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    AFFILIATE = "affiliate"
    NONE = "none"


class How(StrEnum):
    """What kind of evidence ties a name to a party, strongest first."""

    IDENTIFIER = "identifier"
    NAME = "name"
    BRAND = "brand"
    ALIKE = "alike"
    SHORT = "short"
    """The asked name is the distinctive part of a listed one."""
    CONTAINED = "contained"
    """The asked name begins with a listed one."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One name of a party as the index keeps it."""

    party: str
    text: str
    kind: NameKind
    countries: tuple[str, ...]
    form: Form


def graded(how: How, asked: Form, country: str, listed: Listed, compared: Compared) -> tuple[Grade, tuple[str, ...]]:
    """Return the grade of a match found by its name, and why it is not higher."""
    notes = ("a former name on the list",) if listed.kind is NameKind.FORMER else ()
    if how is How.SHORT:
        return Grade.POSSIBLE, (f"listed under the longer name {listed.text}", *_country(country, listed), *notes)
    doubts = _doubts(asked, country, listed, compared)
    if how is How.CONTAINED:
        said = f"the name begins with the listed {listed.text}; ownership is not evidenced"
        return Grade.AFFILIATE, (said, *doubts, *notes)
    if compared.score < THRESHOLD:
        return Grade.NONE, doubts
    if doubts or _slips(compared) or compared.score < STRONG:
        return Grade.POSSIBLE, (*doubts, *_spelling(compared), *notes)
    sure = asked.full == listed.form.full and country in listed.countries
    return Grade.CONFIRMED if sure else Grade.PROBABLE, (
        *_agreement(asked, listed.form, sure=sure),
        *_spelling(compared),
        *notes,
    )


def _agreement(asked: Form, listed: Form, *, sure: bool) -> tuple[str, ...]:
    if asked.full == listed.full:
        return ("the listed name and its country" if sure else "the listed name",)
    return ("the listed name but for its legal form or its spacing",) if asked.key == listed.key else ()


def tied(grade: Grade, reason: str, rest: str, *, disguised: bool) -> tuple[Grade, tuple[str, ...]]:
    """Return the grade of a match by a known brand, lower when the name goes on with a place or hides what it is."""
    reasons = [reason]
    if rest:
        reasons.append(f"the name adds {rest}: a company of the group may be meant")
    if disguised:
        reasons.append(DISGUISED)
    if grade is Grade.PROBABLE and rest:
        grade = Grade.AFFILIATE
    if grade is Grade.PROBABLE and disguised:
        grade = Grade.POSSIBLE
    return grade, tuple(reasons)


def elsewhere(grade: Grade, reasons: tuple[str, ...], country: str, listed: Listed) -> tuple[Grade, tuple[str, ...]]:
    """Lower a match by a brand where another country was asked than the list has; a company of a group may sit anywhere."""
    differs = _country(country, listed) if grade is Grade.PROBABLE else ()
    return (Grade.POSSIBLE, (*reasons, *differs)) if differs else (grade, reasons)


def _doubts(asked: Form, country: str, listed: Listed, compared: Compared) -> tuple[str, ...]:
    """Say what speaks against one party: each of them alone keeps a match at POSSIBLE."""
    aligned, form = compared.aligned, listed.form
    found = [*_country(country, listed)]
    numbers = _numbers(aligned.left), _numbers(aligned.right)
    if any(numbers):
        found.append(f"the number differs: {numbers[0] or 'none'} asked, {numbers[1] or 'none'} listed")
    elsewhere = _place(aligned.left), _place(aligned.right)
    if any(elsewhere):
        found.append(
            f"the place differs: {elsewhere[0] or 'none'} asked, {elsewhere[1] or 'none'} listed; this may be a sibling"
        )
    if compared.family_differs:
        found.append(f"the legal form differs: {_families(asked)} asked, {_families(form)} listed")
    words = _words(aligned.left), _words(aligned.right)
    if any(words):
        found.append(f"words differ: {words[0] or 'none'} asked, {words[1] or 'none'} listed")
    if _common(asked, compared):
        found.append("only common words agree")
    if listed.kind is NameKind.WEAK:
        found.append("the list calls this alias weak")
    if asked.disguised or form.disguised:
        found.append(DISGUISED)
    if bool(asked.script) != bool(form.script):
        found.append("one name is in another script and was compared by its sound")
    if len(form.key) <= ACRONYM and (not country or country not in listed.countries):
        found.append(f"{form.key.upper()} is short, and others use it too")
    return tuple(found)


def _country(country: str, listed: Listed) -> tuple[str, ...]:
    if country and listed.countries and country not in listed.countries:
        return (f"the country differs: {country} asked, {', '.join(listed.countries)} listed",)
    return ()


def _numbers(words: tuple[str, ...]) -> str:
    return " ".join(word for word in words if word.isdecimal())


def _place(words: tuple[str, ...]) -> str:
    rest = placeless(words)
    return " ".join(word for word in words if word not in rest)


def _words(words: tuple[str, ...]) -> str:
    return " ".join(word for word in placeless(words) if not word.isdecimal())


def _families(form: Form) -> str:
    return " and ".join(sorted(form.legal - {"open"})) or "none"


def _common(asked: Form, compared: Compared) -> bool:
    """Whether nothing but words that describe a trade or a place agrees, and not a whole name of several of them."""
    aligned = compared.aligned
    whole = not aligned.left and not aligned.right and len(asked.core) >= COMMON
    return bool(aligned.pairs) and not whole and all(weight(left) < 1 for left, *_ in aligned.pairs)


def _slips(compared: Compared) -> bool:
    return any(alike < 1 and len(left) < SHORT_WORD for left, _, alike in compared.aligned.pairs)


def _spelling(compared: Compared) -> tuple[str, ...]:
    """Say what else is not the same: slips, or the order of the words."""
    pairs = compared.aligned.pairs
    if pairs and all(alike == 1 for *_, alike in pairs) and compared.score < STRONG and not compared.aligned.left:
        return ("the words stand in another order",)
    return tuple(f"spelled {left} asked, {right} listed" for left, right, alike in pairs if alike < 1)
