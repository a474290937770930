"""Drafts an answer without a model: verbatim sentences, chosen by what was asked and ordered by what binds."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.llm.worth import seen, worth
from bot.model import DraftClaim
from knowledge.aim import Aim
from knowledge.bearing import Bearing, Sentence
from knowledge.model import Role
from knowledge.query import Query
from knowledge.sentences import unnumbered
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
_WHOLE = 0.95
_FACTS = 3
_PER_DOCUMENT = 2
_SAME = 0.5


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


def _alike(one: str, other: str) -> bool:
    left, right = set(terms(one)), set(terms(other))
    return len(left & right) > _SAME * len(left | right)
