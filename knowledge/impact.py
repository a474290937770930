"""Whose ground has moved: the kept answers that cite passages which a new edition changed or no longer has."""

from collections.abc import Iterable

from knowledge.report import Affected
from knowledge.store.receipts import Receipts
from knowledge.store.versions import Versions


def impact(versions: Versions, receipts: Receipts, before: frozenset[str], now: frozenset[str]) -> tuple[Affected, ...]:
    """Return the answers that cite passages of the versions `before` which those of `now` have not, most used first.

    A citation that still has a passage counts as changed, one that has none any more as vanished.
    """
    old = versions.cited(sorted(before - now))
    new = versions.cited(sorted(now - before))
    lost = {passage: citation for passage, citation in old.items() if passage not in new}
    cited = receipts.citing(lost)
    uses = {passage: len(answers) for passage, answers in cited.items()}
    standing = set(new.values())
    by_answer: dict[str, set[str]] = {}
    for passage, answers in cited.items():
        for answer in answers:
            by_answer.setdefault(answer, set()).add(passage)
    found = [_affected(receipts, answer, passages, lost, standing, uses) for answer, passages in by_answer.items()]
    return tuple(sorted(found, key=lambda one: (-one.uses, one.asked_at, one.answer_id)))


def _affected(  # noqa: PLR0913, PLR0917 - one row of a table, made in one place
    receipts: Receipts,
    answer: str,
    passages: Iterable[str],
    lost: dict[str, str],
    standing: set[str],
    uses: dict[str, int],
) -> Affected:
    kept = receipts.find(answer) or {}
    citations = {lost[passage] for passage in passages}
    return Affected(
        answer, str(kept.get("question", "")), str(kept.get("made_at", "")), tuple(sorted(citations & standing)),
        tuple(sorted(citations - standing)), sum(uses[passage] for passage in passages),
    )  # fmt: skip
