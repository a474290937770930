"""Drafts an answer without a model: verbatim sentences, chosen by what was asked and ordered by what binds."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.model import DraftClaim
from knowledge.aim import Aim
from knowledge.bearing import Bearing, Sentence
from knowledge.model import NOTE, Document, Role
from knowledge.query import Query
from knowledge.sentences import bare, unnumbered, unreferred
from knowledge.words import terms

QUOTAS = {Role.LIST: 2, Role.LAW: 3, Role.POLICY: 3, Role.GUIDANCE: 1, Role.EVIDENCE: 2, Role.NEWS: 2}
"""How many sentences each role may bring, in the order in which roles are shown: what binds comes first."""
LONGEST_ANSWER = 5
ON_A_SCREEN = 900
"""Characters of all sentences together, beyond the first two: what fits on a phone's screen with their sources."""
NEAR_BEST = 2.0
"""How far below the best sentence, in log-odds, one may be to be shown: of its role, and for rules without a vendor of all."""
NEAR_BEST_POLICY = 4.0
"""The same for the company's own policy, which a reader must know even where a law says it better."""
NEAR_BEST_WHOLE = 4.0
"""The same for a sentence of law that covers all of a question about a vendor."""
_COVER, _LIKENESS, _MEANING, _ECHO = 1.0, 1.6, 1.0, 2.0
"""What a sentence counts within its passage: the labels that the weights are fitted on name passages, not sentences."""
_WHOLE = 0.95
_FACTS = 3
_PER_DOCUMENT = 2
_SHORTEST = 40
_SAME = 0.5
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


@dataclass(frozen=True, slots=True)
class _Choice:
    """A sentence that could be shown, with what it is worth for this question."""

    bearing: Bearing
    sentence: Sentence
    worth: float


class Extractor:
    """Drafts verbatim sentences; needs no model, no key and no network."""

    rung = "R1"
    name = "extract"

    async def draft(self, query: Query, evidence: Sequence[Bearing], seconds: float) -> tuple[DraftClaim, ...]:  # noqa: ARG002 - takes milliseconds
        """Return the chosen sentences; there is nothing to wait for, so the seconds do not matter."""
        return tuple(extract(query, evidence))

    async def close(self) -> None:
        """Hold nothing open."""


def extract(query: Query, evidence: Sequence[Bearing]) -> Iterator[DraftClaim]:
    """Choose sentences from the evidence: for a rule by role, what binds first; for a fact the best ones first."""
    choices = [_Choice(one.bearing, one.sentence, worth(one)) for one in seen(query, evidence)]
    choices.sort(key=lambda one: -one.worth)
    picked = _pick(choices, query)
    if query.aim is Aim.NORM and not query.defining:
        order = {role: at for at, role in enumerate(QUOTAS)}
        if query.house:
            order[Role.POLICY] = -1
        picked.sort(key=lambda one: (order[one.bearing.hit.role], -one.worth))
    for choice in picked:
        text = unnumbered(choice.sentence.text)
        yield DraftClaim(text, choice.bearing.hit.passage.id, text)


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


@dataclass(frozen=True, slots=True)
class Seen:
    """A sentence in its passage, as its signs look at it; `top` is the score of the best passage."""

    query: Query
    bearing: Bearing
    sentence: Sentence
    opens: bool
    top: float


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
SAYS: tuple[tuple[float, Callable[[Seen], bool]], ...] = (
    (0.15, lambda seen: seen.query.aim is Aim.NORM and bool(_DUTY.search(seen.sentence.text))),
    (-2.0, lambda seen: seen.query.aim is Aim.NORM and bool(_SILENT.search(seen.sentence.text))),
    (-1.5, lambda seen: seen.query.wants != "date" and bool(_TIMELINE.search(seen.sentence.text))),
    (0.4, lambda seen: seen.query.wants == "listing" and bool(_NAMES.search(seen.sentence.text))),
    (0.9, lambda seen: seen.query.aim is Aim.NORM and _firm(seen.bearing.hit.document)),
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


def _pick(choices: Sequence[_Choice], query: Query) -> list[_Choice]:
    """Take the worthiest of each role first, then fill up within quotas; nothing that says the same again."""
    picked: list[_Choice] = []
    best: dict[Role, float] = {}
    for choice in choices:
        best.setdefault(choice.bearing.hit.role, choice.worth)
    top = max((worth for role, worth in best.items() if role is not Role.NEWS), default=-math.inf)
    good = [choice for choice in choices if _clears(choice, query, best, top)]
    firsts: dict[Role, _Choice] = {}
    for choice in good:
        firsts.setdefault(choice.bearing.hit.role, choice)
    order = [*firsts.values(), *good] if query.aim is Aim.NORM else good
    for choice in order:
        room = len(picked) < 2 or sum(len(one.sentence.text) for one in [*picked, choice]) <= ON_A_SCREEN
        if not _adds(choice, query, picked):
            continue
        if not room or len(picked) == LONGEST_ANSWER:
            break
        picked.append(choice)
    return picked


def _clears(choice: _Choice, query: Query, best: Mapping[Role, float], top: float) -> bool:
    """Tell whether a sentence is near enough to the best: of its role, and for rules without a vendor of all."""
    role = choice.bearing.hit.role
    if role is Role.NEWS and query.aim is Aim.NORM and not query.vendors:
        return False
    of_vendor = bool(query.vendors) and choice.bearing.vendor
    bar = best[role] if of_vendor or query.aim is Aim.FACT else max(best[role], top)
    near = NEAR_BEST_POLICY if role is Role.POLICY else NEAR_BEST
    if role is Role.LAW and query.vendors and choice.sentence.cover >= _WHOLE:
        # Beside a sentence about the vendor, the rule that covers everything asked would never be near enough.
        near = NEAR_BEST_WHOLE
    return choice.worth >= bar - near


def _adds(choice: _Choice, query: Query, picked: Sequence[_Choice]) -> bool:
    """Tell whether a sentence still fits the quotas and says something new."""
    hit = choice.bearing.hit
    mine = [one for one in picked if one.bearing.hit.role is hit.role]
    same_document = [one for one in picked if one.bearing.hit.document.id == hit.document.id]
    same_passage = [one for one in same_document if one.bearing.hit.passage.id == hit.passage.id]
    return (
        len(mine) < (QUOTAS[hit.role] if query.aim is Aim.NORM else _FACTS)
        and len(same_document) < _PER_DOCUMENT
        and not (same_passage and query.aim is Aim.NORM)
        and not any(_alike(choice.sentence.text, one.sentence.text) for one in picked)
    )


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


def _alike(one: str, other: str) -> bool:
    left, right = set(terms(one)), set(terms(other))
    return len(left & right) > _SAME * len(left | right)
