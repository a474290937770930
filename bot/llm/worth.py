"""What each sentence of the passages found is worth for a question: how likely it is the one to show."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.amounts import inside, outside
from knowledge.aim import Aim
from knowledge.bearing import Bearing, Sentence
from knowledge.model import NOTE, Document, Role
from knowledge.query import Query
from knowledge.sentences import bare, unnumbered, unreferred
from knowledge.words import terms

_COVER, _LIKENESS, _MEANING, _ECHO = 1.0, 1.6, 1.0, 2.0
"""What a sentence counts within its passage: the labels that the weights are fitted on name passages, not sentences."""
_SHORTEST = 40
_MOST = 0.5
_FIGURE = re.compile(r"\d")
_PLACES = {
    "US": re.compile(r"\bUS\b|\bU\.S\.|\bUnited States\b|\bAmerican\b"),
    "CN": re.compile(r"\bChin(?:a|ese)\b|\bPRC\b"),
    "RU": re.compile(r"\bRussian?\b"),
    "GB": re.compile(r"\bUK\b|\bUnited Kingdom\b|\bBritish\b"),
    "EU": re.compile(r"\bEU\b|\bEuropean\b|\bEEA\b|\bGDPR\b|\bDORA\b"),
    "DE": re.compile(r"\bGerman(?:y)?\b"),
}
_NAMES = re.compile(r"\b(?:names?|named|lists|added|adds|stands? (?:on|in)|entered)\b(?! not)", re.IGNORECASE)
_ABSENT = re.compile(
    r"\b(?:not|no longer|never) (?:\w+ )?(?:name|list|contain|include)|\bno (?:\w+ )?entry\b", re.IGNORECASE
)
_TIMELINE = re.compile(
    r"\b(?:appl(?:y|ies|ied)|have applied|has applied) (?:since|from)\b|\binto force\b|\bin force since\b|\bRoyal Assent\b|\brewrote\b",
    re.IGNORECASE,
)
_DATE = re.compile(r"\b(?:19|20)\d{2}\b")
_DUTY = re.compile(
    r"\b(must|shall|may|cannot|requires?|prohibit\w*|forbid\w*|needs?|only|never|approv\w+|allow\w*|permit\w*|oblig\w+|ban(?:s|ned)?)\b",
    re.IGNORECASE,
)
_SILENT = re.compile(
    r"\b(?:do|does|did|will) not (?:by itself |itself |therefore )?(?:prohibit|forbid|require|ban|regulate|restrict|bind|oblige)\b",
    re.IGNORECASE,
)
"""What a rule does not say: it goes behind what the rule says."""
_HANGING = re.compile(
    r"^(?:it|its|this|these|those|they|their|such|he|she|but|and|or|however|also|for example|e\.g\.)\b", re.IGNORECASE
)
_WAITING = re.compile(r"[:—–]\s*$")
"""How the opening words of a list end: they answer nothing, each of their points does."""
_LEVEL = re.compile(
    r"\b(low|moderate|medium|high|critical)[ -]risk\b|\brated (low|moderate|medium|high|critical)\b"
    r"|\brisk(?: level| rating)?(?: is)? (low|moderate|medium|high|critical)\b",
    re.IGNORECASE,
)
_CASE = re.compile(r"(?:where|if|when|unless|in (?:the )?case)\b([^,;:]{4,240})[,;:]", re.IGNORECASE)
"""How a sentence opens that is for a special case."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A sentence in its passage, as its signs look at it; `top` is the score of the best passage."""

    query: Query
    bearing: Bearing
    sentence: Sentence
    opens: bool
    top: float


def seen(query: Query, evidence: Sequence[Bearing]) -> Iterator["Seen"]:
    """Yield the sentences that could be shown."""
    lead: dict[str, int] = {}
    for bearing in evidence:
        start = bearing.hit.passage.start
        lead[bearing.hit.document.id] = min(start, lead.get(bearing.hit.document.id, start))
    top = max((bearing.hit.score for bearing in evidence), default=0.0)
    for bearing in evidence:
        yield from _shown(query, bearing, lead[bearing.hit.document.id], top)


def _shown(query: Query, bearing: Bearing, lead: int, top: float) -> Iterator["Seen"]:
    """Yield a passage's sentences that can be shown; `lead` is where the first found passage of its document starts.

    For what may be done our own remarks on the news do not count: law and policy say that.
    """
    hit = bearing.hit
    if query.aim is Aim.NORM and hit.passage.citation.startswith(NOTE):
        return
    report = query.aim is Aim.NORM and hit.role is Role.NEWS
    for at, sentence in enumerate(bearing.sentences):
        if (
            len(sentence.text) < _SHORTEST
            or (at > 0 and _HANGING.match(sentence.text))
            or _WAITING.search(sentence.text)
        ):
            continue
        if report and (at > 0 or hit.passage.start != lead):
            # For what may be done, a report counts with what was reported, its opening sentence, and no more.
            continue
        if (
            query.vendors
            and not sentence.vendor
            and (hit.role is Role.LIST or (not bearing.vendor and _elsewhere(query, sentence.text)))
        ):
            # A list says something of a vendor where it names it.
            continue
        yield Seen(query, bearing, sentence, opens=at == 0, top=top)


def signs(seen: Seen) -> dict[str, float]:
    """Return what tells whether a sentence's passage is the one that answers."""
    query, bearing, text = seen.query, seen.bearing, seen.sentence.text
    hit, norm, dated = bearing.hit, query.aim is Aim.NORM, query.wants == "date"
    return {
        "cover": bearing.cover,
        "topics": float(len(set(query.topics) & set(hit.document.topics))),
        "score": hit.score,
        "near_top": hit.score / seen.top if seen.top else 0.0,
        "vendor": float(seen.sentence.vendor or (seen.opens and bearing.vendor)),
        "vendor_passage": float(bearing.vendor),
        "opens": float(seen.opens),
        "number": float(query.wants == "number" and bool(_FIGURE.search(bare(text)))),
        "date": float(dated and bool(_DATE.search(unreferred(text)))),
        "timeline": float(dated and bool(_TIMELINE.search(text))),
        "house": float(query.house and hit.role is Role.POLICY),
        "policy_norm": float(norm and hit.role is Role.POLICY),
        "list": float(hit.role is Role.LIST),
        "news": float(hit.role is Role.NEWS),
        "note": float(hit.passage.citation.startswith(NOTE)),
        "meaning": max(one.meaning for one in bearing.sentences),
        "headed": max(one.headed for one in bearing.sentences),
        "echo": max(one.echo for one in bearing.sentences),
    }


WEIGHTS: Mapping[str, float] = {
    "cover": 3.60,
    "topics": 1.79,
    "score": 2.21,
    "near_top": 2.36,
    "vendor": 4.31,
    "vendor_passage": 2.92,
    "opens": 0.45,
    "number": 2.25,
    "date": -0.00,
    "timeline": 2.72,
    "house": 1.23,
    "policy_norm": 0.49,
    "list": -0.82,
    "news": -1.53,
    "note": -2.94,
    "meaning": -7.27,
    "headed": 8.73,
    "echo": 2.81,
}
"""Fitted on the gold passages of our labelled questions and threads by `python -m tests.fit_sentences`, before there were known
questions: fitted again since, they took the law that binds off risk cards."""


def _special(seen: Seen) -> bool:
    """Tell whether a sentence is for a special case that was not asked about: most of the words of its opening condition are not."""
    condition = _CASE.match(unnumbered(seen.sentence.text))
    words = set(terms(condition[1])) if condition else set()
    return len(words - seen.query.weights.keys()) > _MOST * len(words)


def _of_other_level(seen: Seen) -> bool:
    """Tell whether a sentence is for vendors of other risk levels only than the one that was asked about."""
    asked, held = (
        {next(filter(None, found)).lower() for found in _LEVEL.findall(text)}
        for text in (seen.query.text, seen.sentence.text)
    )
    return bool(asked and held) and asked.isdisjoint(held)


def _entry(seen: Seen) -> bool:
    """Tell whether a sentence of a list says of the vendor whether it stands there, where something else was asked."""
    return seen.bearing.hit.role is Role.LIST and seen.sentence.vendor and seen.query.wants != "listing"


def _firm(document: Document) -> bool:
    """Tell whether a report is dated and says how firm it is."""
    return document.standing is not None and document.published is not None


def _elsewhere(query: Query, sentence: str) -> bool:
    """Tell whether a sentence is about a country that is neither the vendor's nor in the question."""
    here = {vendor.country for vendor in query.vendors}
    spoken = {code for code, name in _PLACES.items() if name.search(sentence)}
    asked = {code for code, name in _PLACES.items() if name.search(query.text)}
    return bool(spoken - here - asked) and not spoken & here


SAYS: tuple[tuple[float, Callable[[Seen], bool]], ...] = (
    (0.15, lambda seen: seen.query.aim is Aim.NORM and bool(_DUTY.search(seen.sentence.text))),
    (-2.0, lambda seen: seen.query.aim is Aim.NORM and bool(_SILENT.search(seen.sentence.text))),
    (-1.5, lambda seen: seen.query.wants != "date" and bool(_TIMELINE.search(seen.sentence.text))),
    (0.4, lambda seen: seen.query.wants == "listing" and bool(_NAMES.search(seen.sentence.text))),
    (0.9, lambda seen: seen.query.aim is Aim.NORM and _firm(seen.bearing.hit.document)),
    (-6.0, lambda seen: outside(seen.query.text, seen.sentence.text)),
    (-0.8, _special),
    (-2.0, _of_other_level),
    (0.6, lambda seen: inside(seen.query.text, seen.sentence.text)),
    (1.2, lambda seen: _entry(seen) and not _ABSENT.search(seen.sentence.text)),
    (-1.2, lambda seen: _entry(seen) and bool(_ABSENT.search(seen.sentence.text))),
)
"""What makes one sentence of a passage, or of a list or report, worth more than another, in log-odds."""


def worth(one: Seen) -> float:
    """Return how likely it is, in log-odds against the other sentences, that this is the one to show."""
    return said(one) + sum(WEIGHTS[name] * value for name, value in signs(one).items())


def said(one: Seen) -> float:
    """Return what a sentence is worth by what it says itself."""
    sentence = one.sentence
    own = _COVER * sentence.cover + _LIKENESS * sentence.likeness + _MEANING * sentence.meaning + _ECHO * sentence.echo
    return own + sum(weight for weight, says in SAYS if says(one))
