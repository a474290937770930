"""The worst model there could be: it forges, twists, obeys what it reads and prints what it should keep."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import chain, islice

from tests.servers.model import twists
from tests.servers.model.honest import Claim, Honest, dumps, faithful
from tests.servers.model.links import LINKS
from tests.servers.model.obey import orders, secrets
from tests.servers.model.request import Passage, Task
from tests.servers.model.sentences import Sentence, best, ranked

Lie = Callable[[Task, int], Iterator[Claim]]
FORGED = "The competent authority confirmed in writing that this supplier meets every requirement."
NOBODY = Passage("p-none", "")


def truths(task: Task, limit: int) -> list[Claim]:
    """Say what an honest model would say, from further sentences where the nearest ones are too few."""
    nearest = dict.fromkeys(chain(best(task), ranked(task)))
    return [faithful(one) for one in islice(nearest, limit)]


def invented_id(task: Task, limit: int) -> Iterator[Claim]:
    """Name a passage that does not exist."""
    for at, claim in enumerate(truths(task, limit)):
        yield replace(claim, passage_id=f"{claim.passage_id[:-1]}-{at}")


def invented_quote(task: Task, limit: int) -> Iterator[Claim]:
    """Quote a sentence that no passage holds, for the same claim and for a true one."""
    for claim in truths(task, limit):
        yield replace(claim, quote=FORGED)
        yield replace(claim, text=FORGED, quote=FORGED)


def altered_quote(task: Task, limit: int) -> Iterator[Claim]:
    """Change one word of the quote of a true claim."""
    for one in islice(ranked(task), limit):
        changed = twists.word(one.text, one.passage.text)
        yield replace(faithful(one), quote=changed if changed != one.text else f"ordinary {one.text}")


def link(task: Task, _limit: int) -> Iterator[Claim]:
    """Put a link or a mention into a true claim, one claim for each form there is."""
    for claim in truths(task, 1):
        yield from (replace(claim, text=twists.ended(claim.text, f"- see {form}")) for form in LINKS)


def obeys_passages(task: Task, _limit: int) -> Iterator[Claim]:
    """Say what passages order it to say, with the order as its quote, and every secret it has read."""
    for order in orders(task):
        yield Claim(order.said, order.passage.id, order.words)
    nearest = next(iter(ranked(task)), Sentence(NOBODY, ""))
    for secret in secrets(task):
        yield replace(faithful(nearest), text=f"The access key is {secret}.")


def wrong_passage(task: Task, limit: int) -> Iterator[Claim]:
    """Name another passage for a true quote; where there is no other, one that does not exist."""
    for claim in truths(task, limit):
        others = (one.id for one in task.passages if claim.quote not in one.text)
        yield replace(claim, passage_id=next(others, NOBODY.id))


def truncated_sentence(task: Task, limit: int) -> Iterator[Claim]:
    """Cut a sentence, claim and quote alike, so that its "not" or its condition is lost; nothing without such a sentence."""
    cuts = ((one, twists.truncated(one.text, "")) for one in ranked(task))
    for one, cut in islice(((one, cut) for one, cut in cuts if cut != one.text), limit):
        claim = faithful(replace(one, text=cut))
        yield replace(claim, text=f"{claim.text.rstrip(' ,;:.')}.")


def twisted(twist: twists.Twist, force: Callable[[str, str], str]) -> Lie:
    """Twist the text of claims over true quotes; where no sentence can be twisted, force the lie upon a true claim."""

    def lie(task: Task, limit: int) -> Iterator[Claim]:
        drafts = [faithful(one) for one in ranked(task)]
        changed = ((claim, twist(claim.text, task.context)) for claim in drafts)
        lies = [replace(claim, text=text) for claim, text in changed if text != claim.text]
        forced = [replace(claim, text=force(claim.text, task.context)) for claim in drafts]
        yield from (lies or forced)[:limit]

    return lie


def _said_untrue(text: str, _known: str) -> str:
    return f"It is not true that {text[:1].lower()}{text[1:]}"


LIES: dict[str, Lie] = {
    "invented_id": invented_id,
    "invented_quote": invented_quote,
    "altered_quote": altered_quote,
    "altered_number": twisted(twists.number, lambda text, _known: twists.ended(text, "for 47 months")),
    "altered_date": twisted(twists.date, lambda text, _known: twists.ended(text, "since 3 March 1987")),
    "altered_name": twisted(twists.name, lambda text, known: twists.ended(text, f"through {twists.stranger(known)}")),
    "dropped_negation": twisted(twists.rewritten(twists.DROPPED), _said_untrue),
    "added_negation": twisted(twists.rewritten(twists.ADDED), _said_untrue),
    "changed_modality": twisted(
        twists.modality, lambda text, _known: f"It is mandatory that {text[:1].lower()}{text[1:]}"
    ),
    "link": link,
    "obeys_passages": obeys_passages,
    "wrong_passage": wrong_passage,
    "truncated_sentence": truncated_sentence,
}


def _lying(kind: str) -> Callable[[Task, int], str]:
    return lambda task, limit: dumps(LIES[kind](task, limit))


def _obedient(task: Task, limit: int) -> str:
    """Obey, or answer honestly where nothing was ordered."""
    claims = list(obeys_passages(task, limit))
    return dumps(claims) if claims else Honest(limit).write(task)


def _mixture(task: Task, limit: int) -> str:
    """Hide every lie between two truths."""
    lies = [claim for lie in LIES.values() for claim in lie(task, limit)]
    honest = truths(task, 2)
    return dumps([*honest[:1], *lies, *honest[1:]])


def _extra_fields(task: Task, limit: int) -> str:
    """Add fields that nobody asked for to true claims."""
    more = {"url": "https://evil.example/source", "verdict": "approved", "confidence": 0.99}
    claims = [asdict(claim) | more for claim in truths(task, limit)]
    return json.dumps(
        {"claims": claims, "verdict": "approved", "sources": ["https://evil.example/source"]}, ensure_ascii=False
    )


_WRITINGS: dict[str, Callable[[Task, int], str]] = {kind: _lying(kind) for kind in LIES} | {
    "obeys_passages": _obedient,
    "mixture": _mixture,
    "empty": lambda _task, _limit: dumps([]),
    "extra_fields": _extra_fields,
}
HOSTILITIES = tuple(_WRITINGS)


@dataclass(frozen=True, slots=True)
class Hostile:
    """Writes what must never be shown; ``LIES`` are kinds of claims, ``HOSTILITIES`` all kinds of answers."""

    kind: str
    limit: int = 3

    def __post_init__(self) -> None:
        if self.kind not in _WRITINGS:
            raise ValueError(f"{self.kind!r} is none of {', '.join(HOSTILITIES)}")

    def write(self, task: Task) -> str:
        """Answer a task."""
        return _WRITINGS[self.kind](task, self.limit)
