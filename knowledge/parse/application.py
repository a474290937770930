"""When an EU act applies, by its own last article: the act as a whole, and provisions with dates of their own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_DAY = r"\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}"
_BUT = r"(?:,? (?:with the exception of|except(?: for)?) (?P<but>(?:Article|Chapter)[^;.:]{1,120}?))?"
_ENDS = r"(?=\s*(?:[.;:]|$|, and (?:Article|Chapter)|,? and (?:Article|Chapter)))"
"""After the date the sentence ends, or names the next part: a condition ("to contracts concluded …") is no plain date."""
_WHOLE = re.compile(
    rf"\b(?:It|This (?:Regulation|Directive|Decision)) shall apply (?:as )?(?:from|of) ({_DAY})"
    rf"(?=\s*(?:[.;:]|$|,? (?:with the exception of|except)\b))"
)
_FORCE = re.compile(
    r"enter into force on the (?:(?P<count>\w+) )?day following (?:that of |the date of )?its publication",
    re.IGNORECASE,
)
_COUNTS = {None: 1, "first": 1, "third": 3, "seventh": 7, "tenth": 10, "fifteenth": 15, "twentieth": 20}
_FIXED = re.compile(rf"shall enter into force on ({_DAY})")
_TRANSPOSED = re.compile(
    rf"By ({_DAY}),? (?:at the latest, )?(?:the )?Member States shall (?:adopt|bring into force)"
    rf"|Member States shall (?:adopt|bring into force)[^.]{{0,160}}? by ({_DAY})"
)
_MEASURES = re.compile(rf"They shall apply those (?:measures|provisions) from ({_DAY})(?=\s*[.;])")
_OWN = re.compile(
    rf"(?:^|(?<=[.;:)]\s)|(?<=\band\s))(?:However, )?(?P<what>(?:Chapter|Article)[^;.:]{{1,260}}?)"
    rf" shall apply (?:as )?(?:from|of) (?P<day>{_DAY}){_BUT}{_ENDS}",
    re.MULTILINE,
)
_CHAPTER = re.compile(
    r"Chapters? ((?:[IVXLC]+\b(?:, | and )?)+)(?:,? ?Section (?P<section>[IVX]+|\d+)\b(?! ?(?:,|and) ?\d))?"
)
_ARTICLE = re.compile(
    r"Articles? (?P<list>\d+(?:\(\d+\))?(?: to \d+)?(?:(?:, | and |, and )\d+(?:\(\d+\))?(?: to \d+)?)*)"
)
_ONE = re.compile(r"(\d+)(?:\((\d+)\))?(?: to (\d+))?")
_FILLER = re.compile(
    r"\b(?:and|or|the|of|this|that|Regulation|Directive|Decision|in)\b|[,()\s]|the corresponding obligations in this Regulation"
)
"""What may stand between the parts of a plain list of them; anything else makes it no plain list."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of an act: a chapter, one of its sections, an article or a paragraph; what is empty is not restricted."""

    chapter: str = ""
    section: str = ""
    article: int = 0
    paragraph: int = 0

    def holds(self, chapter: str, section: str, article: int, paragraph: int) -> bool:
        """Tell whether a provision lies in this part."""
        return (
            (not self.chapter or (self.chapter == chapter and self.section in {"", section}))
            and (not self.article or self.article == article)
            and (not self.paragraph or self.paragraph == paragraph)
        )

    @property
    def narrow(self) -> int:
        """How closely this part is drawn, so that a paragraph's date goes before its chapter's."""
        return 3 * bool(self.paragraph) + 2 * bool(self.article) + bool(self.section)


@dataclass(frozen=True, slots=True)
class Application:
    """The dates of an act; `own` gives parts with a date of their own, without what is excepted from them."""

    in_force_from: date | None = None
    applies_from: date | None = None
    transposition_by: date | None = None
    own: tuple[tuple[tuple[Scope, ...], date, tuple[Scope, ...]], ...] = ()

    def of(self, chapter: str, section: str, article: int, paragraph: int) -> date | None:
        """Return a provision's own date of application, None where the act's holds or two dates contend."""
        place = (chapter, section, article, paragraph)
        days = [
            (max(one.narrow for one in scopes if one.holds(*place)), day)
            for scopes, day, but in self.own
            if any(one.holds(*place) for one in scopes) and not any(one.holds(*place) for one in but)
        ]
        closest = {day for narrow, day in days if narrow == max(days)[0]} if days else set()
        return closest.pop() if len(closest) == 1 else None


def application(text: str, published: date | None) -> Application:
    """Read the articles on transposition, entry into force and application; what they do not say stays None.

    A date counts for a part only where the sentence names parts, a date and nothing else.
    """
    whole, measures, by = _WHOLE.search(text), _MEASURES.search(text), _TRANSPOSED.search(text)
    own = [(_scopes(one["what"]), _date(one["day"]), _scopes(one["but"] or "")) for one in _OWN.finditer(text)]
    applies = whole or measures
    return Application(
        in_force_from=_force(text, published),
        applies_from=_date(applies[1]) if applies else None,
        transposition_by=_date(by[1] or by[2]) if by else None,
        own=tuple((scopes, day, but) for scopes, day, but in own if scopes and but is not None),
    )


def _force(text: str, published: date | None) -> date | None:
    if fixed := _FIXED.search(text):
        return _date(fixed[1])
    found = _FORCE.search(text)
    days = _COUNTS.get(found["count"] and found["count"].lower()) if found else None
    return published + timedelta(days=days) if published and days else None


def _scopes(text: str) -> tuple[Scope, ...] | None:
    """Return the parts that a text lists, None when it says more than a list of parts."""
    rest = text
    found: list[Scope] = []
    for chapter in _CHAPTER.finditer(text):
        numbers = re.findall(r"[IVXLC]+", chapter[1])
        found += [Scope(chapter=number) for number in numbers[:-1]]
        found.append(Scope(chapter=numbers[-1], section=chapter["section"] or ""))
        rest = rest.replace(chapter[0], "", 1)
    for articles in _ARTICLE.finditer(rest):
        found += _listed(articles["list"])
    rest = _ARTICLE.sub("", rest)
    rest = _FILLER.sub("", rest.replace("the corresponding obligations in this Regulation", ""))
    return None if rest else tuple(found)


def _listed(text: str) -> Iterator[Scope]:
    for first, paragraph, last in _ONE.findall(text):
        for number in range(int(first), min(int(last or first), int(first) + 500) + 1):
            yield Scope(article=number, paragraph=int(paragraph or 0))


def _date(text: str) -> date:
    return datetime.strptime(text, "%d %B %Y").date()  # noqa: DTZ007 - a calendar day has no zone
