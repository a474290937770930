"""When an EU act applies, by its own last article: the act as a whole, and provisions with dates of their own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_DAY = r"\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}"
_WHOLE = re.compile(rf"\b(?:It|This (?:Regulation|Directive|Decision)) shall apply from (?:the )?({_DAY})")
_TWENTIETH = re.compile(
    r"enter into force on the twentieth day following (?:that|the date) of its publication", re.IGNORECASE
)
_TRANSPOSED = re.compile(
    rf"By ({_DAY}),? (?:at the latest, )?(?:the )?Member States shall (?:adopt|bring into force)"
    rf"|Member States shall (?:adopt|bring into force)[^.]{{0,160}}? by ({_DAY})"
)
_MEASURES = re.compile(rf"They shall (?:apply those (?:measures|provisions) )from ({_DAY})")
_OWN = re.compile(
    rf"(?P<what>(?:Chapter|Section|Article|Annex)[^;.]{{1,220}}?) shall apply from (?P<day>{_DAY})"
    r"(?:,? with the exception of (?P<but>(?:Article|Chapter)[^;.]{1,80}))?"
)
_CHAPTERS = re.compile(r"Chapters? ((?:[IVX]+(?:, | and )?)+)(?:,? Section (\d+))?")
_ARTICLES = re.compile(r"Articles? (\d+)(?:\((\d+)\))?(?: to (\d+))?((?:(?:, | and )\d+(?![\d(]))*)")


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


@dataclass(frozen=True, slots=True)
class Application:
    """The dates of an act; `own` gives parts with a date of their own, without what is excepted from them."""

    in_force_from: date | None = None
    applies_from: date | None = None
    transposition_by: date | None = None
    own: tuple[tuple[tuple[Scope, ...], date, tuple[Scope, ...]], ...] = ()

    def of(self, chapter: str, section: str, article: int, paragraph: int) -> date | None:
        """Return a provision's own date of application, None where the act's holds."""
        for scopes, day, but in self.own:
            if any(one.holds(chapter, section, article, paragraph) for one in scopes) and not any(
                one.holds(chapter, section, article, paragraph) for one in but
            ):
                return day
        return None


def application(text: str, published: date | None) -> Application:
    """Read the article on entry into force and application; what it does not say stays None."""
    whole, measures, by = _WHOLE.search(text), _MEASURES.search(text), _TRANSPOSED.search(text)
    own = tuple(
        (tuple(_scopes(one["what"])), _date(one["day"]), tuple(_scopes(one["but"] or "")))
        for one in _OWN.finditer(text)
    )
    applies = whole or measures
    return Application(
        in_force_from=published + timedelta(days=20) if published and _TWENTIETH.search(text) else None,
        applies_from=_date(applies[1]) if applies else None,
        transposition_by=_date(by[1] or by[2]) if by else None,
        own=tuple(one for one in own if one[0]),
    )


def _scopes(text: str) -> Iterator[Scope]:
    rest = text
    for found in _CHAPTERS.finditer(text):
        for number in re.findall(r"[IVX]+", found[1]):
            yield Scope(chapter=number, section=found[2] or "")
        rest = rest.replace(found[0], "")
    for found in _ARTICLES.finditer(re.sub(r"\([^)\d][^)]*\)", "", rest)):
        for number in range(int(found[1]), int(found[3] or found[1]) + 1):
            yield Scope(article=number, paragraph=int(found[2] or 0))
        for number in re.findall(r"\d+", found[4]):
            yield Scope(article=int(number))


def _date(text: str) -> date:
    return datetime.strptime(text, "%d %B %Y").date()  # noqa: DTZ007 - a calendar day has no zone
