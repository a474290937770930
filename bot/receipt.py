"""An answer as plain JSON: the outside contract of `ask --json`, and the frozen record that is kept of it."""

import hashlib
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from typing import Any

from bot.model import Answer, AttachedFile, Claim, Question, Source
from bot.words import label
from knowledge.model import role_of


def as_json(answer: Answer) -> dict[str, Any]:
    """Return the answer as the outside contract names its parts."""
    return {
        "answer_id": answer.id,
        "question": answer.question,
        "understood": answer.understood or None,
        "outcome": answer.outcome.value,
        "edition": answer.edition,
        "as_of": answer.as_of.isoformat(),
        "rung": answer.rung,
        "refused": answer.refused,
        "reason": answer.reason or None,
        "level": answer.risk.level.value,
        "level_reasons": list(answer.risk.reasons),
        "findings": [
            {
                "finding": one.name,
                "category": one.category.value,
                "level": one.level.value,
                "why": one.why,
                "sources": list(one.sources),
            }
            for one in answer.risk.findings
        ],
        "summary": answer.summary,
        "claims": claims_json(answer.claims, answer.sources),
        "unknowns": list(answer.unknowns),
        "next_steps": [{"text": step.text, "source": step.source} for step in answer.next_steps],
        "conflicts": [
            {"sources": list(one.sources), "differs": one.differs, "precedence": one.precedence}
            for one in answer.conflicts
        ],
        "choices": list(answer.choices),
        "sources": [source_json(source) for source in answer.sources],
        "dropped": answer.dropped,
        "timings_ms": answer.timings_ms,
        "receipt_url": answer.receipt_url or None,
    }


def freeze(answer: Answer, question: Question, readable: frozenset[str]) -> dict[str, Any]:
    """Return the record that is kept: the answer, who asked it where, what made it, and each passage's hash as it stood.

    `quoted` gives, claim by claim, where in its passage the quote stands and the words it hangs on. `readable` are the
    labels that asker and place may read: a link to this receipt opens no more than these.
    """
    return {
        **as_json(answer),
        "quoted": [{"start": one.start, "end": one.end, "opening": one.opening} for one in answer.claims],
        "made_at": answer.made_at.isoformat() if answer.made_at else None,
        "before": [turn.text for turn in question.before if turn.text],
        "asker": question.asker.id,
        "place": {"name": question.place.name, "shared": question.place.labels is not None},
        "readable": sorted(readable),
        "model": answer.model or None,
        "searched": list(answer.searched),
        "vendor": answer.vendor or None,
        "caveat": version("caveat"),
        "passages": hashes(answer.sources),
        **({"files": [_file(one) for one in answer.files]} if answer.files else {}),
    }


def _file(one: AttachedFile) -> dict[str, Any]:
    return {"name": one.name, "sha256": one.sha256 or None, "unread": one.unread or None}


def claims_json(claims: Sequence[Claim], sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Return claims as the outside contract names their parts, each with the number of its source."""
    number = {source.passage.id: source.n for source in sources}
    return [
        {
            "text": claim.text,
            "note": claim.note or None,
            "role": claim.role.value,
            "quote": claim.quote,
            "passage_id": claim.passage.id,
            "source": number[claim.passage.id],
        }
        for claim in claims
    ]


def hashes(sources: Sequence[Source]) -> dict[str, dict[str, Any]]:
    """Return the hash and the place of each cited passage as it stood, by its id."""
    return {
        source.passage.id: {
            "sha256": hashlib.sha256(source.passage.text.encode()).hexdigest(),
            "start": source.passage.start,
            "end": source.passage.end,
        }
        for source in sources
    }


def source_json(source: Source) -> dict[str, Any]:
    """Return a numbered passage as the outside contract names its parts."""
    document = source.document
    return {
        "n": source.n,
        "document_id": document.id,
        "passage_id": source.passage.id,
        "citation": source.passage.citation,
        "heading": source.passage.heading,
        "context": source.passage.context or None,
        "title": document.title,
        "kind": document.kind.value,
        "role": role_of(document, source.passage).value,
        "jurisdiction": document.jurisdiction,
        "authority": document.authority,
        "published": _iso(document.published),
        "in_force_from": _iso(document.in_force_from),
        "applies_from": _iso(source.passage.applies_from or document.applies_from),
        "ends_on": _iso(source.passage.ends_on or document.ends_on),
        "as_of": _iso(document.as_of),
        "status": document.status.value,
        "standing": document.standing.value if document.standing else None,
        "wording": document.wording.value,
        "owner": document.owner or None,
        "label": label(document, source.passage),
        "url": document.url or None,
        "evidence_url": source.evidence_url or None,
        **({"attached": _attached(source)} if document.attached else {}),
    }


def _attached(source: Source) -> dict[str, Any]:
    """Return what no edition holds of a passage: the text itself, its page, and the hash of the file that it stands in."""
    passage = source.passage
    return {
        "name": source.document.title,
        "sha256": source.document.version,
        "text": passage.text,
        "page": passage.page,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
