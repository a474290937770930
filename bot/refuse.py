"""A refusal that helps: what was searched, what is missing, the nearest sources, and who owns the topic."""

from collections.abc import Sequence

from bot.model import Source, Step
from knowledge.bearing import Bearing
from knowledge.model import Document, Role
from knowledge.query import Query
from knowledge.rank import Bearings

NEAREST = 3
_KINDS = (
    (Role.LAW, "law", "laws"), (Role.GUIDANCE, "guidance", "guidance"), (Role.LIST, "list", "lists"),
    (Role.POLICY, "policy", "policies"), (Role.EVIDENCE, "vendor document", "vendor documents"),
    (Role.NEWS, "report", "reports"),
)  # fmt: skip


def refusal(query: Query, found: Bearings, nearest: Sequence[Source], documents: Sequence[Document]) -> str:
    """Return what was looked for and where, what the sources do not show, and what they do hold nearby."""
    asked = ", ".join(f"“{concept.words}”" for concept in query.concepts if not concept.generic)
    if query.vendors:
        name = query.vendors[0].name
        looked = f" (I looked for {asked})" if asked else ""
        lead = f"The sources do not show that: none of them says it of {name}{looked}."
        near = (
            f"What they do hold about {name}: {_spoken(nearest)}."
            if nearest
            else f"They hold nothing else about {name}."
        )
    else:
        lead = "I found no source that answers this, so I give no answer."
        near = ""
    missing = ", ".join(f"“{words}”" for words in found.missing)
    silent = f"No source mentions {missing}." if missing and not query.vendors else ""
    return " ".join(filter(None, (lead, silent, near, searched(documents))))


def searched(documents: Sequence[Document]) -> str:
    """Return how much was searched, counted over what the asker may read: as `I searched 41 laws and 10 policies`."""
    counted = [(sum(document.role is role for document in documents), one, more) for role, one, more in _KINDS]
    parts = [f"{count} {one if count == 1 else more}" for count, one, more in counted if count]
    if not parts:
        return "There is nothing here that you may read."
    return f"I searched {', '.join(parts[:-1])}{' and ' if parts[1:] else ''}{parts[-1]}."


def nearest(found: Bearings) -> tuple[Source, ...]:
    """Return the passages to show with a refusal, one a document: those that seemed to answer and do not go first."""
    first: dict[str, Bearing] = {}
    for one in (*found.found, *found.nearest):
        first.setdefault(one.hit.document.id, one)
    near = list(first.values())[:NEAREST]
    return tuple(Source(n, one.hit.passage, one.hit.document) for n, one in enumerate(near, 1))


def owner(
    query: Query, measured: Sequence[Bearing], shown: tuple[Source, ...]
) -> tuple[tuple[Step, ...], tuple[Source, ...]]:
    """Return whom to ask: the owner of the nearest policy, where it shares a topic with the question; its source is appended.

    A policy is near when one of its passages was found and covers something of the question.
    """
    near = next(
        (one for one in measured if one.hit.role is Role.POLICY and one.cover > 0 and one.hit.document.owner), None
    )
    if near is None or not set(query.topics) & set(near.hit.document.topics):
        return (), shown
    document, passage = near.hit.document, near.hit.passage
    known = next((source.n for source in shown if source.document.id == document.id), 0)
    sources = shown if known else (*shown, Source(len(shown) + 1, passage, document))
    step = f"Ask the {document.owner}, who owns {document.short} ({document.title})."
    return (Step(step, known or len(sources)),), sources


def _spoken(nearest: Sequence[Source]) -> str:
    return "; ".join(
        f"[{source.n}] {source.passage.citation}: {source.passage.heading or source.document.title}"
        for source in nearest
    )
