"""Grades answers against a labelled set: citations, deciding facts, refusals, and how many injected errors the gate catches."""

import itertools
import statistics
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.cases import Case
from bot.evaluate import answers
from bot.ground import Grounds, check
from bot.model import Answer, Claim, DraftClaim
from bot.mutations import PARAPHRASES, Sentence, mutations, names
from knowledge.sentences import spans

FEWEST_NAMES = 50
_LINKS = ("- see https://evil.example/x", "(www.evil.example)", "- write to a@evil.example")
_WORDS = 8


@dataclass(slots=True)
class Grades:
    """The answers to some cases, counted; a question that is asked back counts as one that is not answered."""

    answerable: int = 0
    answered: int = 0
    gold_shown: int = 0
    gold_first: int = 0
    must: int = 0
    must_shown: int = 0
    precision: list[float] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)
    unanswerable: int = 0
    refused: int = 0
    claims: list[int] = field(default_factory=list)
    characters: list[int] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    rungs: Counter[str] = field(default_factory=Counter)

    def count(self, case: Case, answer: Answer) -> None:
        """Count one answer."""
        self.dropped.update(answer.dropped)
        self.milliseconds.append(answer.timings_ms.get("total", 0.0))
        if answer.claims:
            self.rungs[answer.rung] += 1
            self.claims.append(len(answer.claims))
            self.characters.append(sum(len(claim.text) for claim in answer.claims))
        if not case.gold:
            self.unanswerable += 1
            self.refused += not answer.claims
            return
        self.answerable += 1
        if answer.claims:
            self._count_answered(case, answer)

    def _count_answered(self, case: Case, answer: Answer) -> None:
        right = [answers(claim.passage.citation, case.gold) for claim in answer.claims]
        self.answered += 1
        self.gold_shown += any(right)
        self.gold_first += right[0]
        self.precision.append(sum(right) / len(right))
        shown = [claim.passage.citation for claim in answer.claims]
        self.recall.append(sum(any(answers(one, (gold,)) for one in shown) for gold in case.gold) / len(case.gold))
        if case.must:
            self.must += 1
            said = _flat(" ".join(f"{claim.text} {claim.quote}" for claim in answer.claims))
            self.must_shown += any(_flat(one) in said for one in case.must)

    def figures(self) -> dict[str, Any]:
        """Return the shares, each of what stands before it; None where there was nothing to count."""
        return {
            "answerable": self.answerable,
            "answered": _share(self.answered, self.answerable),
            "over_refusal": _share(self.answerable - self.answered, self.answerable),
            "gold_shown": _share(self.gold_shown, self.answered),
            "gold_first": _share(self.gold_first, self.answered),
            "must_shown": _share(self.must_shown, self.must),
            "citation_precision": _mean(self.precision),
            "citation_recall": _mean(self.recall),
            "unanswerable": self.unanswerable,
            "refused": _share(self.refused, self.unanswerable),
            "claims": _mean(self.claims),
            "characters": _mean(self.characters),
            "p50_ms": _quantile(self.milliseconds, 0.5),
            "p95_ms": _quantile(self.milliseconds, 0.95),
            "rungs": dict(sorted(self.rungs.items())),
            "dropped": dict(sorted(self.dropped.items())),
        }


async def graded(cases: Sequence[Case], ask: Callable[[Case], Awaitable[Answer]]) -> dict[str, Any]:
    """Ask every case in turn, and return the figures overall, by category and of the gate on the claims that were shown."""
    overall, by_category = Grades(), dict[str, Grades]()
    shown: list[Claim] = []
    model = ""
    for case in cases:
        answer = await ask(case)
        model = answer.model or model
        overall.count(case, answer)
        by_category.setdefault(case.category or "none", Grades()).count(case, answer)
        shown.extend(answer.claims)
    return {
        "model": model or None,
        **overall.figures(),
        "categories": {name: grades.figures() for name, grades in sorted(by_category.items())},
        "injected": injected(shown),
    }


def injected(claims: Sequence[Claim]) -> dict[str, Any]:
    """Inject every kind of error into the source sentences of shown claims; return how many of each the gate caught.

    `true_dropped` is the share of rule-made faithful paraphrases that it refused. Kinds without a single case are left out.
    """
    grounds = Grounds({claim.passage.id: (claim.passage, claim.document) for claim in claims}, "")
    true = list(_sentences(claims))
    found: dict[str, dict[str, Any]] = {}
    for kind, drafts in {**_changed(true), **_exchanged(true)}.items():
        caught = [isinstance(check(draft, grounds), str) for draft in drafts]
        if caught:
            found[kind] = {"injected": len(caught), "caught": round(sum(caught) / len(caught), 4)}
    faithful = [_draft(one, text) for change in PARAPHRASES.values() for one in true for text in change(one)]
    lost = [isinstance(check(draft, grounds), str) for draft in faithful]
    return {"kinds": found, "paraphrases": len(lost), "true_dropped": _share(sum(lost), len(lost))}


def _sentences(claims: Iterable[Claim]) -> Iterable[Sentence]:
    """Yield each whole sentence behind the claims once."""
    seen: set[tuple[str, int]] = set()
    for claim in claims:
        for start, end in spans(claim.quote):
            at = (claim.passage.id, claim.start + start)
            text = claim.quote[start:end]
            if at not in seen and len(text.split()) >= _WORDS:
                seen.add(at)
                yield Sentence(text, claim.passage, claim.document)


def _changed(true: Sequence[Sentence]) -> dict[str, list[DraftClaim]]:
    """Return claims over true quotes whose text one error was put into, by kind."""
    strangers = names(f"{one.text}" for one in true)
    changes = mutations(strangers)
    if len(strangers) < FEWEST_NAMES:
        del changes["name"]
    return {
        kind: [_draft(one, text) for one in true for text in change(one) if text != one.text]
        for kind, change in changes.items()
    }


def _exchanged(true: Sequence[Sentence]) -> dict[str, list[DraftClaim]]:
    """Return true sentences with an altered quote, an unknown id, a link, or the id and quote of another passage."""
    quotes = [(one, text) for change in mutations(()).values() for one in true for text in change(one)]
    others = [(one, other) for one, other in itertools.pairwise(true) if one.passage.id != other.passage.id]
    return {
        "quote": [DraftClaim(one.text, one.passage.id, text) for one, text in quotes if text != one.text],
        "id": [DraftClaim(one.text, f"{one.passage.id}0", one.text) for one in true],
        "link": [_draft(one, f"{one.text.rstrip('.')} {_LINKS[at % len(_LINKS)]}.") for at, one in enumerate(true)],
        "swapped passage": [
            DraftClaim(one.text, other.passage.id, one.text)
            for one, other in others
            if one.text not in other.passage.text
        ],
        "swapped quote": [
            DraftClaim(one.text, other.passage.id, other.text)
            for one, other in others
            if one.text not in other.passage.text
        ],
    }


def _draft(one: Sentence, text: str) -> DraftClaim:
    return DraftClaim(text, one.passage.id, one.text)


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _mean(values: Sequence[float]) -> float | None:
    return round(statistics.fmean(values), 3) if values else None


def _quantile(values: Sequence[float], share: float) -> float | None:
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 1) if values else None
