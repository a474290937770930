"""Drafts an answer without a model: verbatim sentences, chosen by what was asked and ordered by what binds."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.model import DraftClaim
from knowledge.model import Role
from knowledge.query import Aim, Query
from knowledge.rank import Bearing, Sentence
from knowledge.words import terms

QUOTAS = {Role.LIST: 2, Role.LAW: 3, Role.POLICY: 3, Role.GUIDANCE: 1, Role.EVIDENCE: 2, Role.NEWS: 2}
"""How many sentences each role may bring, in the order in which roles are shown: what binds comes first."""
LONGEST_ANSWER = 6
NEAR_BEST = 0.55
"""A sentence worth less than this share of the best one of its role is left out."""
_SAME = 0.6
_DUTY = re.compile(
    r"\b(must|shall|may|cannot|requires?|prohibit\w*|forbid\w*|needs?|only|never|approv\w+|allow\w*|permit\w*|oblig\w+|ban(?:s|ned)?)\b", re.IGNORECASE
)
_CLAUSE = re.compile(r"^\d{1,3}(?:\.\d{1,3}){1,4}\.?\s+")
_HANGING = re.compile(r"^(?:it|its|this|these|those|they|their|such|he|she|but|and|or|however|also|for example|e\.g\.)\b", re.IGNORECASE)


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


def extract(query: Query, evidence: Sequence[Bearing]) -> Iterator[DraftClaim]:
    """Choose sentences from the evidence: for a rule by role, what binds first; for a fact the best ones first."""
    choices = sorted((choice for bearing in evidence for choice in _choices(query, bearing)), key=lambda one: -one.worth)
    picked = _pick(choices, query)
    if query.aim is Aim.NORM:
        order = {role: at for at, role in enumerate(QUOTAS)}
        picked.sort(key=lambda one: (order[one.bearing.hit.document.role], -one.worth))
    for choice in picked:
        text = _CLAUSE.sub("", choice.sentence.text)
        yield DraftClaim(text, choice.bearing.hit.passage.id, text)


def _choices(query: Query, bearing: Bearing) -> Iterator[_Choice]:
    """Weigh a passage's sentences; the passage lends its own cover to each, so that a rule's first sentence counts."""
    for at, sentence in enumerate(bearing.sentences):
        if len(sentence.text) < 40 or (at > 0 and _HANGING.match(sentence.text)):
            continue
        worth = 0.5 * bearing.hit.score + 0.3 * bearing.cover + sentence.cover
        if sentence.vendor:
            worth += 0.25
        if query.aim is Aim.NORM and _DUTY.search(sentence.text):
            worth += 0.15
        if at == 0:
            worth += 0.1
        yield _Choice(bearing, sentence, worth)


def _pick(choices: Iterable[_Choice], query: Query) -> list[_Choice]:
    """Take the worthiest within each role's quota, at most two a document, none that says the same again."""
    picked: list[_Choice] = []
    best: dict[Role, float] = {}
    for choice in choices:
        role = choice.bearing.hit.document.role
        best.setdefault(role, choice.worth)
        mine = [one for one in picked if one.bearing.hit.document.role is role]
        same_document = [one for one in picked if one.bearing.hit.document.id == choice.bearing.hit.document.id]
        same_passage = [one for one in same_document if one.bearing.hit.passage.id == choice.bearing.hit.passage.id]
        if (
            len(picked) >= LONGEST_ANSWER
            or len(mine) >= (QUOTAS[role] if query.aim is Aim.NORM else 3)
            or len(same_document) >= 2
            or (same_passage and query.aim is Aim.NORM)
            or choice.worth < NEAR_BEST * (best[role] if query.aim is Aim.NORM else max(best.values()))
            or any(_alike(choice.sentence.text, one.sentence.text) for one in picked)
        ):
            continue
        picked.append(choice)
    return picked


def _alike(one: str, other: str) -> bool:
    left, right = set(terms(one)), set(terms(other))
    return len(left & right) > _SAME * min(len(left), len(right))
