"""The sentences of a card on what reviewers decided about its matches."""

from collections.abc import Iterable, Iterator, Mapping

from bot.words import day, plain
from knowledge.ruling import Verdict
from knowledge.screened import ListState, Ruled


def decided(ruled: Iterable[Ruled], lists: Iterable[ListState]) -> Iterator[str]:
    """Yield a sentence for each decision, once for all rows that it was made about."""
    titles = {state.id: state.title for state in lists}
    groups: dict[tuple[object, ...], list[Ruled]] = {}
    for one in ruled:
        same = (one.verdict, one.who, one.why, one.on, one.holds, one.found.party.name)
        groups.setdefault(same, []).append(one)
    for own in groups.values():
        yield _said(own, titles)


def _said(own: list[Ruled], titles: Mapping[str, str]) -> str:
    first = own[0]
    party = plain(first.found.party.name)
    on = ", ".join(dict.fromkeys(titles.get(one.found.list_id, one.found.list_id) for one in own))
    by = f"{plain(first.who) or 'a reviewer'} on {day(first.on)}"
    why = f" Why: {plain(first.why).rstrip('.')}." if first.why else ""
    out = first.verdict == Verdict.OUT
    if not first.holds:
        verb = "is not this vendor" if out else "is this vendor"
        return f"{by[:1].upper()}{by[1:]} decided that {party} ({on}) {verb}; the list's row has changed since, so the match is open again.{why}"
    if out:
        return f"{party} ({on}) is not this vendor, decided by {by}; the row counts for nothing here until the list changes it, and what law, policy and reports say of the name is shown all the same.{why}"
    return f"{party} ({on}) is this vendor, or owns it, confirmed by {by}.{why}"
